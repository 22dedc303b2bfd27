"""Which cameras are there: asked on every IPv4 interface at the same time, by WS-Discovery.

Sources: WS-Discovery, April 2005, §2.4 (group and port) and §3.1 (an answer waits up to APP_MAX_DELAY,
500 ms); SOAP-over-UDP 1.1 (OASIS, 2009), Appendix A: once more after a random time, and after twice that.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import random
import socket
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import psutil

from drivers.camera.discovery_codec import KINDS, Match, RefusalCode, Refused, probe, read
from drivers.camera.onvif_address import Place, at_home, same_host
from drivers.camera.onvif_address import read as read_url

GROUP, PORT = "239.255.255.250", 3702
PROBES = 3  # of each kind: one that the network loses costs no camera
MIN_DELAY_S, MAX_DELAY_S, UPPER_DELAY_S = 0.05, 0.25, 0.5  # SOAP-over-UDP, Appendix A
LISTEN_S = 4.0  # after the last probe: 0.5 s that a camera may wait, its repetitions, and a slow one's work
BUFFER = 4 * 1024 * 1024  # bytes that may wait for us: 146 cameras that answer six probes at once, 4 KB each
MAX_CAMERAS = 1024  # a county's; a hall has some 146
MAX_INTERFACES = 32  # a socket each; a hall's machine has two or three
MAX_ANSWERS = 64  # of one address: six probes, each answered three times, and as many again
MAX_PEERS = 2 * MAX_CAMERAS
MAX_TOLD = 100  # refusals in the log, one for each machine and reason; they are all counted


@dataclass(frozen=True, slots=True)
class Interface:
    """One IPv4 address of this machine: an interface may have several, for cameras of several networks."""

    name: str  # "eth0"
    address: str
    network: ipaddress.IPv4Network

    def __str__(self) -> str:
        return f"{self.name} ({self.address})"

    def holds(self, host: str) -> bool:
        try:
            return ipaddress.IPv4Address(host) in self.network
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Sighting:
    """One way to a camera: whence it answered, and on which interface."""

    interface: str
    host: str  # the sender of its answer
    device: Place | None  # its device service, at that host; None where it told no address
    wrong: str = ""  # with the address as it was told
    on_link: bool = True  # False: its address is none of the interface's network, so it may be out of reach


@dataclass(frozen=True, slots=True)
class Camera:
    """All that its answers told; `sightings` has one entry for each host and interface."""

    match: Match
    sightings: tuple[Sighting, ...]

    @property
    def best(self) -> Sighting:
        """The one to use: on the network of its interface, its address told rightly, the first of these."""
        return min(self.sightings, key=lambda each: (each.device is None, not each.on_link, bool(each.wrong)))


@dataclass(frozen=True, slots=True)
class Discovery:
    cameras: tuple[Camera, ...]
    interfaces: tuple[Interface, ...]  # that could be asked on
    mute: dict[str, str] = field(default_factory=dict)  # interface and its address, and why it could not be
    refused: dict[RefusalCode, int] = field(default_factory=dict)  # datagrams


def interfaces() -> list[Interface]:
    """Every IPv4 address of this machine but the loopback's, of interfaces that are up."""
    states = psutil.net_if_stats()
    found = [
        Interface(
            name, entry.address, ipaddress.IPv4Network((entry.address, entry.netmask or 32), strict=False)
        )
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
        if entry.family == socket.AF_INET and (name not in states or states[name].isup)
    ]
    return [each for each in found if not each.network.is_loopback][:MAX_INTERFACES]


def delays(chance: random.Random) -> Iterator[float]:
    """Seconds before each repetition."""
    delay_s = chance.uniform(MIN_DELAY_S, MAX_DELAY_S)
    for _ in range(PROBES - 1):
        yield delay_s
        delay_s = min(2 * delay_s, UPPER_DELAY_S)


async def discover(
    on: Sequence[Interface] | None = None,
    *,
    listen_s: float = LISTEN_S,
    log: logging.Logger | logging.LoggerAdapter[logging.Logger] | None = None,
    chance: random.Random | None = None,
) -> Discovery:
    """Ask on these interfaces, or on all. Ends `listen_s` after the last probe; raises nothing: an interface
    that cannot be asked on is told in the result."""
    log = log or logging.getLogger(__name__)
    gathering = _Gathering(log)
    listeners: list[_Listener] = []
    mute: dict[str, str] = {}
    try:
        for interface in (interfaces() if on is None else on)[:MAX_INTERFACES]:
            try:
                listeners.append(await _listen(interface, gathering))
            except OSError as error:
                mute[str(interface)] = error.strerror or type(error).__name__
        await _ask(listeners, mute, chance or random.SystemRandom())
        await asyncio.sleep(listen_s)
    finally:
        for listener in listeners:
            listener.close()
    for name, reason in mute.items():
        log.warning("cameras cannot be looked for on %s: %s", name, reason)
    asked = tuple(each.interface for each in listeners if str(each.interface) not in mute)
    return Discovery(gathering.cameras(), asked, mute, dict(gathering.refused))


async def _ask(listeners: Sequence[_Listener], mute: dict[str, str], chance: random.Random) -> None:
    for delay_s in (0.0, *delays(chance)):
        await asyncio.sleep(delay_s)
        for listener in listeners:
            if reason := listener.ask():
                mute[str(listener.interface)] = reason
            else:
                mute.pop(str(listener.interface), None)


async def _listen(interface: Interface, gathering: _Gathering) -> _Listener:
    """Raises OSError."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        line.setblocking(False)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)  # or what the kernel allows, rmem_max
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface.address))
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)  # the hall's network, not beyond
        line.bind((interface.address, 0))
        loop = asyncio.get_running_loop()
        _, listener = await loop.create_datagram_endpoint(lambda: _Listener(interface, gathering), sock=line)
    except BaseException:
        line.close()
        raise
    return listener


class _Listener(asyncio.DatagramProtocol):
    """One interface: its probes, and what comes back to the socket that they were sent from."""

    def __init__(self, interface: Interface, gathering: _Gathering) -> None:
        self.interface = interface
        self._gathering = gathering
        self._ids = [f"urn:uuid:{uuid.uuid4()}" for _ in KINDS]
        self._ours = frozenset(self._ids)
        self._probes = [probe(each, kind) for each, kind in zip(self._ids, KINDS, strict=True)]
        self._transport: asyncio.DatagramTransport | None = None
        self._error = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # which 3.11's own is not by its class

    def ask(self) -> str:
        """Send each probe once; why that was not possible, or ""."""
        assert self._transport is not None
        self._error = ""
        for data in self._probes:
            self._transport.sendto(data, (GROUP, PORT))
        return self._error

    def error_received(self, exc: Exception) -> None:
        self._error = exc.strerror or "" if isinstance(exc, OSError) else type(exc).__name__

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._gathering.take(data, addr[0], self.interface, self._ours)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class _Gathering:
    """Cameras by their endpoint references, from whichever interface they answer on, however often."""

    def __init__(self, log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
        self.refused: Counter[RefusalCode] = Counter()
        self._log = log
        self._told: set[tuple[str, RefusalCode]] = set()
        self._answers: Counter[str] = Counter()
        self._found: dict[str, tuple[Match, dict[tuple[str, str], Sighting]]] = {}

    def take(self, data: bytes, host: str, interface: Interface, ours: frozenset[str]) -> None:
        try:
            self._admit(host)
            for match in read(data, ours):
                self._add(match, host, interface)
        except Refused as refusal:
            self.refused[refusal.code] += 1
            if (host, refusal.code) not in self._told and len(self._told) < MAX_TOLD:
                self._told.add((host, refusal.code))
                self._log.warning("%s on %s is not taken for a camera: %s", host, interface.name, refusal)

    def _admit(self, host: str) -> None:
        if self._answers[host] >= MAX_ANSWERS:
            raise Refused("too_many", f"more than {MAX_ANSWERS} answers")
        if len(self._answers) >= MAX_PEERS and host not in self._answers:
            raise Refused("too_many", f"more than {MAX_PEERS} machines answer")
        self._answers[host] += 1

    def _add(self, match: Match, host: str, interface: Interface) -> None:
        key = match.endpoint or f"host:{host}"
        if key not in self._found and len(self._found) >= MAX_CAMERAS:
            raise Refused("too_many", f"more than {MAX_CAMERAS} cameras")
        _, sightings = self._found.setdefault(key, (match, {}))
        if len(sightings) < MAX_INTERFACES:
            sightings.setdefault((interface.name, host), sight(match, host, interface))

    def cameras(self) -> tuple[Camera, ...]:
        return tuple(Camera(match, tuple(ways.values())) for match, ways in self._found.values())


def sight(match: Match, host: str, interface: Interface) -> Sighting:
    """Of the addresses that it told the one at the host that answered, over HTTP rather than HTTPS; else the
    first, led back to that host."""
    places = [place for each in match.addresses if (place := read_url(each)) and place.scheme != "rtsp"]
    places.sort(key=lambda place: (not same_host(place.host, host), place.scheme != "http"))
    told = at_home(places[0].url, replace(places[0], host=host)) if places else None  # no other port is known
    on_link = interface.holds(host)
    if told is None:
        return Sighting(interface.name, host, None, "no address of its services was told", on_link)
    return Sighting(interface.name, host, told.place, told.wrong, on_link)
