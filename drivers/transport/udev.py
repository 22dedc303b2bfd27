"""What the kernel and udev know of device nodes; the only importer of pyudev, loaded only where needed."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyudev

from drivers.transport.ports import Change, MissedChanges, Node

WATCHED = ("tty", "input", "usbmisc", "usb")
MOST = 64  # changes taken at once, so that a hub full of devices leaves room for the rest of the loop
_CONTROL = Path("/run/udev/control")  # of udevd: without it libudev's monitor is silent for ever
_SOCKET = re.compile(r"[0-9]+-[0-9]+(\.[0-9]+)*")


def nodes(subsystem: str) -> Iterator[Node]:
    """Those that are there. It reads /sys, and udev's own names where udev runs."""
    for device in pyudev.Context().list_devices(subsystem=subsystem):
        if node := _node(device):
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
