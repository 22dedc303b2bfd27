"""Which ports there are, by the kernel's lists and udev's links."""

from __future__ import annotations

from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.transport import listing
from drivers.transport.listing import links_of, serial_ports, usb_printers
from drivers.transport.ports import Node


def info(
    device: str, vid: int | None = None, pid: int | None = None, location: str | None = None
) -> ListPortInfo:
    made = ListPortInfo(device)
    made.vid, made.pid, made.location = vid, pid, location
    return made


def test_ports_are_told_with_their_adapter_and_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [info("/dev/ttyUSB0", 0x1A86, 0x7523, "1-2.3:1.0"), info("/dev/ttyS0")]
    monkeypatch.setattr(list_ports, "comports", lambda: there)
    assert serial_ports() == [Node("/dev/ttyS0"), Node("/dev/ttyUSB0", (), "1a86", "7523", "1-2.3")]


def test_a_ports_own_number_comes_before_its_place(tmp_path: Path) -> None:
    port, other = tmp_path / "ttyUSB0", tmp_path / "ttyUSB1"
    for folder, name, node in (
        ("by-path", "pci-0", port),
        ("by-id", "usb-A1", port),
        ("by-id", "usb-B2", other),
    ):
        node.touch()
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).symlink_to(node)
    assert links_of(str(port), tmp_path) == (f"{tmp_path}/by-id/usb-A1", f"{tmp_path}/by-path/pci-0")
    assert links_of("/dev/ttyS0", tmp_path / "none") == ()


def test_printers_are_those_of_the_kernels_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_DEV", tmp_path)
    assert usb_printers() == []
    (tmp_path / "usb").mkdir()
    for name in ("lp0", "lp1", "hiddev0"):
        (tmp_path / "usb" / name).touch()
    assert usb_printers() == [Node(f"{tmp_path}/usb/lp0"), Node(f"{tmp_path}/usb/lp1")]
