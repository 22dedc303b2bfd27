"""Everything that can be looked at from here, at the same time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.transport.listing import serial_ports, usb_printers
from drivers.transport.ports import Node
from edge.diag.probing.found import Finding
from edge.diag.probing.inputs import typing
from edge.diag.probing.network import cameras, hosts, machine
from edge.diag.probing.ports import printers, serial

CAMERAS_S = 4.0  # that cameras may take to answer; discovery's own time

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`ports`: these serial ports alone, and nothing else of this machine; () all that there are."""

    ports: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    cameras: bool = True
    listen_s: float = 1.0


async def scan(wanted: Wanted) -> list[Finding]:
    """In the order of a report: serial ports, printers, input devices, machines, cameras."""
    ports = [Node(path) for path in wanted.ports] or serial_ports()
    everything = not wanted.ports
    parts = await asyncio.gather(
        serial(ports, wanted.listen_s),
        printers(usb_printers() if everything else ()),
        _typing(everything),
        *(machine(host) for host in hosts(wanted.hosts)),
        *([cameras(CAMERAS_S)] if wanted.cameras and everything else []),
    )
    return [each for part in parts for each in part]


async def _typing(everything: bool) -> Sequence[Finding]:
    if not everything:
        return ()
    try:
        from drivers.transport import udev  # noqa: PLC0415 libudev may be missing, as in a container

        return typing(sorted(udev.nodes("input"), key=lambda node: node.path))
    except (ImportError, OSError) as error:
        _log.warning("input devices cannot be listed: %s", error)
        return ()
