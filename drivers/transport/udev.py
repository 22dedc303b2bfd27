"""What the kernel and udev know of device nodes; the only importer of pyudev, loaded only where needed."""

from __future__ import annotations

import errno
import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyudev

from drivers.transport.ports import Change, MissedChanges, Node

WATCHED = ("tty", "input", "usbmisc", "usb")
MOST = 64  # changes taken at once, so that a hub full of devices leaves room for the rest of the loop
_CONTROL = Path("/run/udev/control")  # of udevd: without it libudev's monitor is silent for ever
# linux/input-event-codes.h: the digits, the three rows of letters, and the number block's digits.
_TYPED = (
    *range(2, 12),
    *range(16, 26),
    *range(30, 39),
    *range(44, 51),
    *range(71, 74),
    *range(75, 78),
    *range(79, 83),
)
_SOCKET = re.compile(r"[0-9]+-[0-9]+(\.[0-9]+)*")


def nodes(subsystem: str) -> Iterator[Node]:
    """Those that are there; of input devices those that type, since the others are nobody's here. It reads
    /sys, and udev's own names where udev runs."""
    for device in pyudev.Context().list_devices(subsystem=subsystem):
        if (node := _node(device)) and (subsystem != "input" or _types(device)):
            yield node


class Watch:
    """Changes as they come, after udev has made its links and set the permissions."""

    def __init__(self) -> None:
        """Raises OSError where udev does not run, as in most containers."""
        if not _CONTROL.exists():
            raise FileNotFoundError(errno.ENOENT, "udev does not run here", str(_CONTROL))
        self._monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        for subsystem in WATCHED:
            self._monitor.filter_by(subsystem)
        self._monitor.start()

    def fileno(self) -> int:
        return int(self._monitor.fileno())

    def take(self) -> Sequence[Change]:
        """Those that have come, MOST at the most. Raises MissedChanges once after a loss, else OSError."""
        found = []
        for _ in range(MOST):
            try:
                device = self._monitor.poll(0)
            except OSError as error:
                if error.errno == errno.ENOBUFS:  # netlink(7): messages were dropped
                    raise MissedChanges from error
                raise
            if device is None:
                break
            if device.action in ("add", "remove") and (node := _node(device)):
                found.append(Change(device.action == "remove", node))
        return found


def _node(device: pyudev.Device) -> Node | None:
    """None for what has no node. Of a device just gone only its properties are left, not its attributes."""
    if not device.device_node:
        return None
    port = next((part for part in reversed(device.device_path.split("/")) if _SOCKET.fullmatch(part)), "")
    vid, pid = device.properties.get("ID_VENDOR_ID", ""), device.properties.get("ID_MODEL_ID", "")
    if port and not (vid and pid) and (parent := device.find_parent("usb", "usb_device")):
        vid, pid = (parent.attributes.asstring(name) for name in ("idVendor", "idProduct"))
    return Node(device.device_node, tuple(device.device_links), vid.lower(), pid.lower(), port)


def _types(device: pyudev.Device) -> bool:
    """As pads, number pads and scanners do. What is for mouse or media keys of the same device does not."""
    if not device.device_node.startswith("/dev/input/event") or device.parent is None:
        return False
    words = device.parent.attributes.get("capabilities/key", b"").split()  # hexadecimal, the highest first
    keys = sum(int(word, 16) << (struct.calcsize("P") * 8 * n) for n, word in enumerate(reversed(words)))
    return any(keys >> key & 1 for key in _TYPED)
