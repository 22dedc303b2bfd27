"""Which device node of this machine a URL means: by its path or a link to it, or by its place on the USB.

    serial:///dev/serial/by-id/usb-1a86_USB_Serial-if00-port0?baud=9600
    serial://?vid=1a86&pid=7523&port=1-2.3&baud=9600

A path or link is what the URL names. Else `vid` and `pid`, `port` or all three are looked up at each opening:
`port` is the socket as the kernel counts it (bus, then a number for each hub on the way).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drivers.transport.losses import lost
from drivers.transport.query import Query

SUBSYSTEMS = {"serial": "tty", "usblp": "usbmisc", "evdev": "input"}  # by the scheme of a URL
OPTIONS = "vid, pid, port"
_HEX = "[0-9A-Fa-f]{4}"
_SOCKET = r"[0-9]+-[0-9]+(\.[0-9]+)*"
# Soldered in, or a pseudo-terminal, which udev does not know.
_FIXED = re.compile(r"/dev/(pts/.*|tty(S|AMA)[0-9]+)")


@dataclass(frozen=True, slots=True)
class Node:
    """A device node that there is or was. `links` are udev's names for it, by-id and by-path among them."""

    path: str
    links: tuple[str, ...] = ()
    vid: str = ""  # four hex digits, lower case; "" where it is not on the USB
    pid: str = ""
    port: str = ""  # the socket: "1-2.3"


@dataclass(frozen=True, slots=True)
class Change:
    gone: bool
    node: Node


class MissedChanges(Exception):
    """The kernel's queue of changes was full. Next: compare everything with what is there now."""


class Watch(Protocol):
    """What tells of changes; its file is readable where there are some."""

    def fileno(self) -> int: ...
    def take(self) -> Sequence[Change]:
        """Raises MissedChanges, OSError."""
        ...


@dataclass(frozen=True, slots=True)
class Port:
    """What a URL says of the node; without a path it is looked up among those of `subsystem`."""

    url: str
    subsystem: str
    path: str = ""
    vid: str = ""
    pid: str = ""
    port: str = ""

    @property
    def is_pluggable(self) -> bool:
        """Whether udev can tell of it."""
        return not self.path or (self.path.startswith("/dev/") and not _FIXED.fullmatch(self.path))

    def fits(self, node: Node) -> bool:
        """Whether this is the node, be it there or just gone."""
        if self.path:
            return self.path in (node.path, *node.links) or os.path.realpath(self.path) == node.path
        wanted = ((self.vid, node.vid), (self.pid, node.pid), (self.port, node.port))
        return all(mine in ("", its) for mine, its in wanted)

    def find(self) -> str:
        """The node's own path now, with no link in it. Raises LinkLost: "port_missing", "port_ambiguous"."""
        if self.path:
            path = os.path.realpath(self.path)
            if not Path(path).exists():
                raise lost(self.url, "port_missing", f"no {self.path}")
            return path
        from drivers.transport import udev  # noqa: PLC0415 pyudev is loaded where something is looked up

        found = sorted(node.path for node in udev.nodes(self.subsystem) if self.fits(node))
        if not found:
            raise lost(self.url, "port_missing", "nothing there fits")
        if len(found) > 1:
            raise lost(self.url, "port_ambiguous", ", ".join(found))
        return found[0]


def parse(query: Query) -> Port:
    """Takes its options out of the query. Raises BadSettings."""
    scheme, path = query.parts.scheme, query.parts.path
    vid, pid = query.matching("vid", _HEX, "1a86").lower(), query.matching("pid", _HEX, "7523").lower()
    port = query.matching("port", _SOCKET, "1-2.3")
    place = bool(vid or pid or port)
    if query.parts.netloc or not (path.startswith("/") or (place and not path)):
        hint = f"Write three slashes: {scheme}:///dev/…, or {scheme}://?vid=1a86&pid=7523&port=1-2.3."
        raise query.bad("no absolute path", hint)
    if path and place:
        raise query.bad("a path, and vid, pid or port beside it", "Keep one of the two.")
    if bool(vid) != bool(pid):
        raise query.bad("vid without pid, or pid without vid", "Give both; `lsusb` shows them as vid:pid.")
    return Port(query.url, SUBSYSTEMS[scheme], path, vid, pid, port)
