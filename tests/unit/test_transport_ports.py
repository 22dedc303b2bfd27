"""Which node a URL means, and what is made of udev's words. No udev runs here: its devices are made up."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from drivers.api import BadSettings, LinkLost
from drivers.transport import open_link, port_of, udev
from drivers.transport.ports import Change, MissedChanges, Node, Port
from drivers.transport.pty import Pty

BY_ID = "/dev/serial/by-id/usb-1a86-if00"
ADAPTER = Node("/dev/ttyUSB0", (BY_ID, "/dev/serial/by-path/pci-1-2.3"), "1a86", "7523", "1-2.3")
TWIN = Node("/dev/ttyUSB1", (), "1a86", "7523", "1-2.4")
ONBOARD = Node("/dev/ttyS0")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[Node]:
    """The nodes that udev knows of."""
    found = [ONBOARD, ADAPTER, TWIN]
    monkeypatch.setattr(udev, "nodes", lambda subsystem: iter(found if subsystem == "tty" else ()))
    return found


def port(url: str) -> Port:
    found = port_of(url)
    assert found is not None
    return found


# --- URLs ---
def test_a_line_without_a_node_has_no_port() -> None:
    assert port_of("tcp://192.0.2.1:9100") is None
    assert port_of("sim://printer") is None


@pytest.mark.parametrize(
    ("url", "is_pluggable"),
    [
        (f"serial://{BY_ID}?baud=9600", True),
        ("usblp:///dev/usb/lp0", True),
        ("serial://?vid=1a86&pid=7523", True),
        ("serial:///dev/ttyS0", False),
        ("serial:///dev/ttyAMA0", False),
        ("serial:///dev/pts/3", False),
        ("serial:///tmp/line", False),
    ],
)
def test_only_what_udev_can_tell_of_is_pluggable(url: str, is_pluggable: bool) -> None:
    assert port(url).is_pluggable is is_pluggable


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("serial://?pid=7523", "vid without pid"),
        ("serial://?vid=1a86&port=1-2", "vid without pid"),
        ("serial://?vid=86&pid=7523", "vid=86"),
        ("serial://?port=two", "port=two"),
        ("serial://?baud=9600", "no absolute path"),
        ("serial:///dev/ttyUSB0?port=1-2", "a path, and"),
        ("usblp:///dev/usb/lp0?vid=04b8&pid=0202", "a path, and"),
    ],
)
def test_a_place_that_cannot_be_meant_is_refused(url: str, reason: str) -> None:
    with pytest.raises(BadSettings, match=reason) as refused:
        port_of(url)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("serial:///dev/ttyUSB0", True),
        (f"serial://{BY_ID}", True),
        ("serial:///dev/serial/by-path/pci-1-2.3", True),
        ("serial://?vid=1A86&pid=7523&port=1-2.3&baud=9600", True),
        ("serial://?vid=1a86&pid=7523", True),
        ("serial://?port=1-2.3", True),
        ("serial:///dev/ttyUSB1", False),
        ("serial://?vid=1a86&pid=7523&port=1-2", False),
        ("serial://?vid=0403&pid=6001&port=1-2.3", False),
    ],
)
def test_a_node_fits_by_path_by_link_or_by_all_that_is_said_of_its_place(url: str, fits: bool) -> None:
    assert port(url).fits(ADAPTER) is fits


# --- finding ---
def test_a_place_is_looked_up_among_the_nodes_of_its_kind(there: list[Node]) -> None:
    assert port("serial://?vid=1a86&pid=7523&port=1-2.4").find() == "/dev/ttyUSB1"
    assert port("serial://?port=1-2.3").find() == "/dev/ttyUSB0"
    with pytest.raises(LinkLost) as missing:
        port("usblp://?port=1-2.3").find()
    assert missing.value.code == "port_missing"


def test_two_that_fit_are_told_apart_by_nobody(there: list[Node]) -> None:
    with pytest.raises(LinkLost, match="ttyUSB0, /dev/ttyUSB1") as loss:
        port("serial://?vid=1a86&pid=7523").find()
    assert loss.value.code == "port_ambiguous"
    assert "port=" in loss.value.remedy


async def test_a_path_is_followed_to_the_node(tmp_path: Path) -> None:
    link = tmp_path / "by-id"
    with Pty(symlink=link) as line:
        assert port(f"serial://{link}").find().startswith("/dev/pts/")
        line.unplug()
    with pytest.raises(LinkLost) as loss:
        port(f"serial://{link}").find()
    assert loss.value.code == "port_missing"


async def test_a_place_is_resolved_when_it_is_opened(there: list[Node]) -> None:
    url = "serial://?vid=1a86&pid=7523&port=1-2.3&baud=9600"
    with Pty() as first, Pty() as second:
        for line in (first, second):  # the adapter has come back under another name
            there[:] = [Node(line.path, (), "1a86", "7523", "1-2.3")]
            link = await open_link(url)
            await link.write(b"A012")
            assert await line.link.read() == b"A012"
            await link.close()
        there.clear()
        with pytest.raises(LinkLost):
            await open_link(url)


async def test_a_node_that_has_been_found_before_is_not_looked_up_again(there: list[Node]) -> None:
    there.clear()
    with Pty() as line:
        link = await open_link("usblp://?port=1-2.3", node=line.path)
        await link.close()


# --- udev's words ---
@dataclass
class Device:
    """As pyudev has one. Of a device that is gone the attributes cannot be read."""

    device_node: str | None
    device_path: str
    action: str = "add"
    properties: dict[str, str] = field(default_factory=dict)
    device_links: tuple[str, ...] = ()
    ids: tuple[str, str] | None = None
    keys: bytes | None = None  # of an input device: its bitmap as /sys has it

    @property
    def parent(self) -> object:
        attributes = {} if self.keys is None else {"capabilities/key": self.keys}
        return SimpleNamespace(attributes=attributes)

    def find_parent(self, subsystem: str, kind: str) -> object:
        assert (subsystem, kind) == ("usb", "usb_device")
        if self.ids is None:
            return None
        names = dict(zip(("idVendor", "idProduct"), self.ids, strict=True))
        return SimpleNamespace(attributes=SimpleNamespace(asstring=names.__getitem__))


USB = "/devices/pci0/usb1/1-2/1-2.3/1-2.3:1.0/ttyUSB0/tty/ttyUSB0"
PROPERTIES = {"ID_VENDOR_ID": "1A86", "ID_MODEL_ID": "7523"}


class Monitor:
    def __init__(self, script: list[Device | OSError]) -> None:
        self.script = script
        self.watched: list[str] = []
        self.started = False

    def filter_by(self, subsystem: str) -> None:
        self.watched.append(subsystem)

    def start(self) -> None:
        self.started = True

    def fileno(self) -> int:
        return 7

    def poll(self, timeout: float) -> Device | None:
        assert timeout == 0
        if not self.script:
            return None
        if isinstance(each := self.script.pop(0), OSError):
            raise each
        return each


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Monitor:
    monitor = Monitor([])
    monkeypatch.setattr(udev, "_CONTROL", tmp_path)
    monkeypatch.setattr("pyudev.Monitor.from_netlink", lambda _context: monitor)
    return monitor


def test_changes_carry_links_identity_and_socket(monitor: Monitor) -> None:
    watch = udev.Watch()
    monitor.script = [
        Device("/dev/ttyUSB0", USB, device_links=(BY_ID,), properties=PROPERTIES),
        Device("/dev/ttyUSB0", USB, ids=("1a86", "7523")),
        Device("/dev/ttyUSB0", USB, "remove", PROPERTIES),
        Device("/dev/ttyUSB0", USB, "change"),
        Device(None, USB),
        Device("/dev/ttyS0", "/devices/pnp0/00:00/tty/ttyS0"),
    ]
    plain = Node("/dev/ttyUSB0", (), "1a86", "7523", "1-2.3")
    assert watch.take() == [
        Change(False, Node("/dev/ttyUSB0", (BY_ID,), "1a86", "7523", "1-2.3")),
        Change(False, plain),
        Change(True, plain),
        Change(False, Node("/dev/ttyS0")),
    ]
    assert monitor.started
    assert set(monitor.watched) == {"tty", "input", "usbmisc", "usb"}
    assert watch.fileno() == 7


def test_a_loss_of_changes_is_told_and_any_other_error_too(monitor: Monitor) -> None:
    watch = udev.Watch()
    monitor.script = [OSError(errno.ENOBUFS, "full"), OSError(errno.EBADF, "closed")]
    with pytest.raises(MissedChanges):
        watch.take()
    with pytest.raises(OSError, match="closed"):
        watch.take()


def test_a_flood_of_changes_is_taken_in_parts(monitor: Monitor) -> None:
    watch = udev.Watch()
    monitor.script = [Device("/dev/ttyUSB0", USB) for _ in range(udev.MOST + 1)]
    assert [len(watch.take()), len(watch.take())] == [udev.MOST, 1]


def test_without_udevd_there_is_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(udev, "_CONTROL", tmp_path / "control")
    with pytest.raises(OSError, match="udev does not run"):
        udev.Watch()


def test_only_what_types_is_found_among_input_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bitmaps as an office keyboard, its media keys, a number pad and a mouse have them."""
    there = [
        Device(
            "/dev/input/event1", USB, keys=b"1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
        ),
        Device(
            "/dev/input/event2",
            USB,
            keys=b"3f000301ff 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17c000 677bfad941dfed "
            b"9ed68000004400 10000002",
        ),
        Device("/dev/input/event3", USB, keys=b"1000000000 e080000000000 1ffc"),
        Device("/dev/input/event4", USB, keys=b"1f0000 0 0 0 0"),
        Device("/dev/input/mouse0", USB, keys=b"1f0000 0 0 0 0"),
        Device("/dev/input/event5", USB),
    ]
    monkeypatch.setattr("pyudev.Context.list_devices", lambda _context, **_: iter(there))
    assert [node.path for node in udev.nodes("input")] == ["/dev/input/event1", "/dev/input/event3"]
    assert len(list(udev.nodes("tty"))) == len(there)


def test_the_nodes_of_this_machine_are_read_by_the_real_library() -> None:
    def some() -> Iterator[Node]:
        yield from udev.nodes("tty")

    if Path("/sys/class/tty/tty0").exists():  # not in every container
        assert any(node.path == "/dev/tty0" and not node.port for node in some())
