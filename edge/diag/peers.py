"""A device's simulator alone, at the end of a line of this machine: what `hallctl sim` serves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from drivers.api import BadSettings, Simulator
from drivers.registry import Registry
from drivers.transport import open_link, sick
from drivers.transport.query import Query
from drivers.transport.sim import STOP_TIMEOUT_S, run_simulator, serve_pty, serve_tcp

LOOPBACK = "127.0.0.1"  # a simulator is for the machine where it runs, and never a device of the network
LINES = 32  # connections at once: a terminal has one for each service, 16 at the most


@dataclass(frozen=True, slots=True)
class Place:
    """Where it listens: at a pty where nothing is said, or where its family has no serial lines at a TCP port
    that is free. `baud`: of a serial port, and what a pty's line carries; None: 9600, and a pty without a
    speed."""

    pty: Path | None = None
    tcp: int | None = None
    port: Path | None = None
    baud: int | None = None


def made(family: str, options: Mapping[str, str]) -> tuple[Simulator, frozenset[str]]:
    """The simulator that `sim://family?options` means, and the kinds of lines that its family lives on.
    Raises BadSettings; BadDevice where there is no such family."""
    registry = Registry(allow=[family], allow_sim=True)
    links = registry.driver(family).spec.links
    query = Query(f"sim://{family}?{urlencode(options)}" if options else f"sim://{family}")
    ills = sick.parse(query)
    simulator = registry.simulate(family, query.rest())
    return (simulator if ills is None else sick.Sick(simulator, *ills)), links


@contextlib.asynccontextmanager
async def served(
    family: str, simulator: Simulator, links: frozenset[str], place: Place
) -> AsyncIterator[str]:
    """It listens, and what yields is the URL for a device of the configuration. Raises LinkLost, OSError and
    BadSettings where it cannot."""
    if place.port is not None:
        async with _at_port(simulator, place) as url:
            yield url
    elif place.tcp is not None or (place.pty is None and not links & {"serial", "input"}):
        _needs(family, links, {"tcp", "lan"})
        async with serve_tcp(simulator, LOOPBACK, place.tcp or 0, lines=LINES) as (host, port):
            _tell_port(simulator, host, port)
            yield f"rtsp://{host}:{port}/cam-1/sub" if "lan" in links else f"tcp://{host}:{port}"
    else:
        _needs(family, links, {"serial", "input"})
        async with serve_pty(simulator, place.pty, place.baud) as line:
            speed = f"?baud={place.baud}" if place.baud else ""
            yield f"serial://{line.path}{speed}" if "serial" in links else f"input://{line.path}"


@contextlib.asynccontextmanager
async def _at_port(simulator: Simulator, place: Place) -> AsyncIterator[str]:
    """At a serial port, whose cable leads to the machine that is tried."""
    link = await open_link(f"serial://{place.port}?baud={place.baud or 9600}")
    life = asyncio.create_task(run_simulator(simulator, link))
    try:
        yield link.url
    finally:
        life.cancel()
        await asyncio.wait([life], timeout=STOP_TIMEOUT_S)
        await link.close()


def _needs(family: str, links: frozenset[str], lines: set[str]) -> None:
    if not links & lines:
        raise BadSettings(
            f"{family} lives on {', '.join(sorted(links))} alone, and not on {' or '.join(sorted(lines))}",
            remedy=f"Write url = sim://{family} into a configuration, and run it with --allow-sim.",
        )


def _tell_port(simulator: Simulator, host: str, port: int) -> None:
    """A terminal tells where its services are."""
    inner: Any = simulator.simulator if isinstance(simulator, sick.Sick) else simulator
    if hasattr(inner, "host") and hasattr(inner, "port"):
        inner.host, inner.port = host, port
