"""Which serial ports and USB printers this machine has, by the names that stay the same."""

from __future__ import annotations

import re
from pathlib import Path

from serial.tools import list_ports

from drivers.transport.ports import Node

MOST = 256  # ports: sixteen cards of sixteen
_DEV = Path("/dev")
_SOCKET = re.compile(r"[0-9]+-[0-9]+(\.[0-9]+)*")


def serial_ports() -> list[Node]:
    """Those with something behind them: soldered in, on a card or on the USB."""
    return [
        Node(
            info.device,
            links_of(info.device),
            f"{info.vid:04x}" if info.vid is not None else "",
            f"{info.pid:04x}" if info.pid is not None else "",
            _socket(info.location),
        )
        for info in sorted(list_ports.comports(), key=lambda each: each.device)[:MOST]
    ]


def usb_printers() -> list[Node]:
    """Of the kernel's own class, /dev/usb/lp*."""
    return [Node(str(path)) for path in sorted((_DEV / "usb").glob("lp*"))[:MOST]]


def links_of(path: str, root: Path = _DEV / "serial") -> tuple[str, ...]:
    """udev's names for it: those by the adapter's own number, then those by its place."""
    found = [
        str(link)
        for folder in ("by-id", "by-path")
        for link in sorted((root / folder).glob("*"))
        if str(link.resolve()) == path
    ]
    return tuple(found)


def _socket(location: str | None) -> str:
    found = _SOCKET.match(location or "")
    return found[0] if found else ""
