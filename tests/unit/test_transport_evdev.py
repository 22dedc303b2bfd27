"""Input devices: the library opens and grabs them, the loop reads them. This machine may have none."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.api import BadSettings, LinkLost
from drivers.hid.sim import event
from drivers.transport import check_url, open_link, udev
from drivers.transport.evdev import InputLink
from drivers.transport.ports import Node
from drivers.transport.pty import Pty

BY_ID = "evdev:///dev/input/by-id/usb-pad-event-kbd"
WANTED = "evdev://?vid=0c2e&pid=0B6A"


# --- the URL ---
@pytest.mark.parametrize(
    "url",
    [BY_ID, WANTED, f"{WANTED}&port=1-2.3", f"{BY_ID}?fault=bytewise", "input:///x"],
)
def test_a_url_that_can_work(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *("evdev://pad", "evdev://", "evdev://?vid=0c2e", "evdev://?vid=xyz&pid=1", f"{BY_ID}?pid=1"),
        *(f"{BY_ID}?baud=9600", f"{WANTED}&phys=usb-1/input0", "evdev://?vid=12345&pid=0b6a"),
        *("input://pad", "input://", "input:///pad?baud=9600"),
    ],
)
def test_a_url_that_cannot(url: str) -> None:
    with pytest.raises(BadSettings) as bad:
        check_url(url)
    assert bad.value.remedy


# --- reading ---
@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield near, far


async def test_the_kernels_bytes_come_as_they_are(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    link = InputLink("evdev:///dev/input/event0", near.fileno(), lambda: None)
    sent = event(1, 30, 1) + event(0, 0, 0)
    far.send(sent)
    assert await link.read() == sent
    await link.close()
    await link.close()


async def test_an_unplugged_device_is_a_lost_link(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """read(2) of a device that is gone: errno 19."""
    near, far = ends
    link = InputLink("evdev:///dev/input/event0", near.fileno(), lambda: None)
    far.send(b"x")

    def gone(fd: int, size: int) -> bytes:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    monkeypatch.setattr(os, "read", gone)
    with pytest.raises(LinkLost) as loss:
        await link.read()
    monkeypatch.undo()
    assert (loss.value.code, bool(loss.value.remedy)) == ("unplugged", True)
    await link.close()


async def test_nothing_can_be_said_to_it(ends: tuple[socket.socket, socket.socket]) -> None:
    link = InputLink("evdev:///dev/input/event0", ends[0].fileno(), lambda: None)
    with pytest.raises(LinkLost, match="takes no data"):
        await link.write(b"x")
    await link.close()


async def test_closing_wakes_who_reads_and_a_device_that_cannot_close_is_no_error(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    def shut() -> None:
        raise OSError(errno.ENODEV, "gone")

    link = InputLink("evdev:///dev/input/event0", ends[0].fileno(), shut)
    reading = asyncio.create_task(link.read())
    await asyncio.sleep(0)
    await link.close()
    with pytest.raises(LinkLost):
        await reading


# --- the library ---
@dataclass
class FakeDevice:
    path: str
    fd: int
    phys: str = "usb-1/input0"
    grab_error: int = 0
    name: str = "pad"
    grabbed: bool = False
    closed: bool = False

    def grab(self) -> None:
        if self.grab_error:
            raise OSError(self.grab_error, os.strerror(self.grab_error))
        self.grabbed = True

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeEvdev:
    """As the library, of which only this is used."""

    devices: dict[str, FakeDevice | int] = field(default_factory=dict)  # by path; a number is its errno

    def InputDevice(self, path: str, readonly: bool) -> FakeDevice:  # noqa: N802 the library's name
        assert readonly
        found = self.devices.get(path, errno.ENOENT)
        if isinstance(found, int):
            raise OSError(found, os.strerror(found))
        return found


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeEvdev:
    fake = FakeEvdev()
    monkeypatch.setitem(sys.modules, "evdev", fake)
    return fake


PATH = "/dev/input/by-id/usb-pad-event-kbd"


async def test_a_path_is_opened_and_grabbed(
    library: FakeEvdev, ends: tuple[socket.socket, socket.socket]
) -> None:
    device = library.devices[PATH] = FakeDevice(PATH, ends[0].fileno())
    link = await open_link(BY_ID)
    assert device.grabbed
    sent = event(1, 2, 1)
    ends[1].send(sent)
    assert await link.read() == sent
    await link.close()
    assert device.closed


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOENT, "port_missing"),
        (errno.ENODEV, "port_missing"),
        (errno.EACCES, "input_denied"),
        (errno.EBUSY, "input_busy"),
        (errno.EIO, "unplugged"),
    ],
)
async def test_each_reason_why_it_does_not_open_has_its_condition(
    library: FakeEvdev, number: int, code: str
) -> None:
    library.devices[PATH] = number
    with pytest.raises(LinkLost) as loss:
        await open_link(BY_ID)
    assert (loss.value.code, bool(loss.value.remedy)) == (code, True)


async def test_a_device_that_another_program_has_grabbed_is_let_go(
    library: FakeEvdev, ends: tuple[socket.socket, socket.socket]
) -> None:
    device = library.devices[PATH] = FakeDevice(PATH, ends[0].fileno(), grab_error=errno.EBUSY)
    with pytest.raises(LinkLost) as loss:
        await open_link(BY_ID)
    assert (loss.value.code, device.closed) == ("input_busy", True)


async def test_what_is_no_input_device_is_a_wrong_setting(library: FakeEvdev) -> None:
    library.devices[PATH] = errno.ENOTTY
    with pytest.raises(BadSettings, match="not an input device"):
        await open_link(BY_ID)


async def test_a_machine_without_the_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    with pytest.raises(LinkLost) as loss:
        await open_link(BY_ID)
    assert loss.value.code == "input_library"
    assert "pip install evdev-binary" in loss.value.remedy


async def test_the_real_library_knows_a_path_that_is_not_there() -> None:
    pytest.importorskip("evdev")
    with pytest.raises(LinkLost) as loss:
        await open_link("evdev:///dev/input/by-id/nobody-has-this")
    assert loss.value.code == "port_missing"


async def test_the_real_library_knows_what_is_no_input_device(tmp_path: Path) -> None:
    pytest.importorskip("evdev")
    path = tmp_path / "plain"
    path.write_bytes(b"")
    with pytest.raises(BadSettings, match="not an input device"):
        await open_link(f"evdev://{path}")


# --- finding ---
async def test_a_keyboard_is_found_by_its_place(
    library: FakeEvdev, ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [Node(f"/dev/input/event{n}", (), "0c2e", "0b6a", f"1-{n}") for n in (1, 2)]
    monkeypatch.setattr(udev, "nodes", lambda subsystem: iter(nodes if subsystem == "input" else ()))
    device = library.devices["/dev/input/event2"] = FakeDevice("/dev/input/event2", ends[0].fileno())
    with pytest.raises(LinkLost) as twins:
        await open_link(WANTED)
    assert twins.value.code == "port_ambiguous"
    link = await open_link(f"{WANTED}&port=1-2")
    assert device.grabbed
    await link.close()
    nodes.clear()
    with pytest.raises(LinkLost) as missing:
        await open_link(WANTED)
    assert missing.value.code == "port_missing"
    link = await open_link(WANTED, node="/dev/input/event2")
    await link.close()


# --- a simulator's pty ---
async def test_a_pty_takes_its_place_and_what_was_said_before_is_gone(tmp_path: Path) -> None:
    with Pty(tmp_path / "pad") as line:
        await line.link.write(event(1, 2, 1))
        link = await open_link(f"input://{tmp_path}/pad")
        data = bytes(range(256))  # a terminal must change none of them
        await line.link.write(data)
        assert await link.read() == data
        line.unplug()
        with pytest.raises(LinkLost) as loss:
            await link.read()
        assert loss.value.code == "unplugged"
        await link.close()
        with pytest.raises(LinkLost) as missing:
            await open_link(f"input://{tmp_path}/pad")
        assert missing.value.code == "port_missing"


async def test_a_file_is_no_pty(tmp_path: Path) -> None:
    (tmp_path / "pad").write_bytes(b"")
    with pytest.raises(BadSettings):
        await open_link(f"input://{tmp_path}/pad")
