"""Lines of bytes to devices; the only importers of pyserial, evdev and pyudev.

A link is chosen by its URL alone:

    serial:///dev/ttyUSB0?baud=9600&parity=N&stop=1&rtscts=0
    serial://?vid=1a86&pid=7523&port=1-2.3&baud=9600    by its place on the USB, see `drivers.transport.ports`
    usblp:///dev/usb/lp0
    tcp://192.168.1.50:9100
    tls://192.168.1.60:443?ca=/etc/hall-edge/terminals.pem
    host://192.168.1.60         a machine, whose ports its driver knows and dials (`drivers.dialer`)
    lan://                      the network: its driver knows the machines and dials them
    evdev:///dev/input/by-id/…   a keyboard, held exclusively (`drivers.transport.evdev`)
    input:///run/pad             the bytes of a keyboard from a simulator's pty
    alsa://plughw:CARD=Device    a sound card (`drivers.transport.alsa`)
    wav:///tmp/hall.wav          a file in a loudspeaker's place (`drivers.transport.wavfile`)
    sim://printer?…              a simulator at the far end of a null modem
    sim://printer?sick=late      one whose answers are sick (`drivers.transport.sick`)
    …?fault=lossy&loss=0.01      any of them, made worse (`drivers.transport.faults`)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from drivers.api import Link, Simulator
from drivers.transport.faults import faulty
from drivers.transport.faults import parse as parse_faults
from drivers.transport.ports import SUBSYSTEMS, Port
from drivers.transport.ports import parse as parse_port
from drivers.transport.query import Query

Simulate = Callable[[str, Mapping[str, str]], Simulator]
_Open = Callable[[], Awaitable[Link]]


async def open_link(url: str, simulate: Simulate | None = None, node: str = "") -> Link:
    """Open `url`; who opens it closes it. `simulate` makes a family's simulator; None: none are allowed.
    `node` is what `port_of(url).find()` has said, where that was asked before.

    Raises BadSettings for a URL that cannot work, and whatever `simulate` raises; LinkLost with cause and
    remedy for a line that is not there.
    """
    query = Query(url, node)
    faults = parse_faults(query)
    link = await _opener(query, simulate)()
    return link if faults is None else faulty(link, faults)


def check_url(url: str) -> None:
    """Raises BadSettings where `open_link` would for the URL's own sake; opens nothing."""
    query = Query(url)
    parse_faults(query)
    _opener(query, _no_simulators)


def port_of(url: str) -> Port | None:
    """The device node that `url` means, None for a line that has none, as over the network."""
    query = Query(url)
    return parse_port(query) if query.parts.scheme in SUBSYSTEMS else None


def _opener(query: Query, simulate: Simulate | None) -> _Open:
    opener = _OPENERS.get(query.parts.scheme)
    if opener is None:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise query.bad(f"unknown scheme {query.parts.scheme!r}", f"The schemes are {known}.")
    return opener(query, simulate)


# Each imports its module only where a hall has such a device: the daemon's memory is budgeted.
def _serial(query: Query, _simulate: Simulate | None) -> _Open:
    from drivers.transport import serial  # noqa: PLC0415 see above

    settings = serial.parse(query)
    return lambda: serial.open_serial(query.url, settings)


def _usblp(query: Query, _simulate: Simulate | None) -> _Open:
    from drivers.transport import usblp  # noqa: PLC0415 see above

    settings = usblp.parse(query)
    return lambda: usblp.open_usblp(query.url, settings)


def _tcp(query: Query, _simulate: Simulate | None) -> _Open:
    from drivers.transport import host, tcp  # noqa: PLC0415 see above

    settings = tcp.parse(query)
    return lambda: host.open_host(query.url, settings)


def _evdev(query: Query, _simulate: Simulate | None) -> _Open:
    from drivers.transport import evdev  # noqa: PLC0415 see above

    port = evdev.parse(query)
    return lambda: evdev.open_evdev(query.url, port, query.node)


def _input(query: Query, _simulate: Simulate | None) -> _Open:
    from drivers.transport import evdev  # noqa: PLC0415 see above

    path = evdev.parse_path(query)
    return lambda: evdev.open_input(query.url, path)


def _alsa(query: Query, _simulate: Simulate | None) -> _Open:
    from drivers.transport import alsa  # noqa: PLC0415 see above

    settings = alsa.parse(query)
    return lambda: alsa.open_alsa(query.url, settings)


def _wav(query: Query, _simulate: Simulate | None) -> _Open:
    from drivers.transport import wavfile  # noqa: PLC0415 see above

    settings = wavfile.parse(query)
    return lambda: wavfile.open_wav(query.url, settings)


def _sim(query: Query, simulate: Simulate | None) -> _Open:
    from drivers.transport import sick, sim  # noqa: PLC0415 see above

    ills = sick.parse(query)
    family, options = sim.parse(query)
    if simulate is None:
        raise query.bad("simulators are not allowed here", "Give the device's real URL, or allow simulators.")

    async def opened() -> Link:
        simulator = simulate(family, options)
        return sim.SimLink(query.url, simulator if ills is None else sick.Sick(simulator, *ills))

    return opened


def _no_simulators(_family: str, _options: Mapping[str, str]) -> Simulator:
    raise NotImplementedError  # check_url makes no simulator


_OPENERS: dict[str, Callable[[Query, Simulate | None], _Open]] = {
    "serial": _serial,
    "usblp": _usblp,
    "tcp": _tcp,
    "tls": _tcp,
    "host": _tcp,
    "lan": _tcp,
    "evdev": _evdev,
    "input": _input,
    "alsa": _alsa,
    "wav": _wav,
    "sim": _sim,
}
SCHEMES = tuple(_OPENERS)
