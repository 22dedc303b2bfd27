"""Machines of the hall's network: those that are named, and cameras, which answer a question to all."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Collection, Sequence

from drivers.api import DriverError
from drivers.camera.discovery import Camera, discover
from drivers.checking.words import Text
from drivers.transport import open_link
from drivers.xfs4iot.discovery import ask_publisher
from drivers.xfs4iot.settings import TerminalSettings
from edge.diag.probing.found import Finding
from edge.diag.probing.holders import connected
from edge.diag.probing.line import asked
from edge.diag.probing.ports import HELD, found
from edge.diag.probing.probes import PROBES, Probe

CONNECT_S = 2.0  # a machine of the hall's own network answers within milliseconds
MOST_HOSTS = 64  # named on a command line

_AWAY = Text(
    "检查地址、电源和网线；防火墙要放行", "Check address, power and cable; a firewall has to let it through."
)
_IN_USE = Text(
    "本机已有程序连着它，没有动它", "a program of this machine is connected to it, and it was left alone"
)
_LOGIN = Text(
    "写进 cameras 设备，登录名和密码放在凭据文件里；看流地址用厂家的网页",
    "Write it under the device `cameras`, its login into the file of credentials; its own pages tell the "
    "address of its stream.",
)


async def machine(host: str, settings: TerminalSettings | None = None) -> list[Finding]:
    """What answers at this machine: a printer, a board, a terminal; a finding that says so where nobody
    does."""
    taken = connected()
    probes = [_ask(host, probe, taken) for probe in PROBES if probe.tcp_port is not None]
    answers = await asyncio.gather(*probes, _terminal(host, settings or TerminalSettings()))
    here = {each.url: each for each in answers if each is not None}
    nobody = Text("没有已知设备应答", "no known device answers")
    return list(here.values()) or [Finding("network", host, "silent", evidence=nobody, next=_AWAY)]


async def _ask(host: str, probe: Probe, taken: Collection[tuple[str, int]]) -> Finding | None:
    url, place = f"tcp://{_bracketed(host)}:{probe.tcp_port}", f"{host}:{probe.tcp_port}"
    if any((address, probe.tcp_port) in taken for address in await _addresses(host)):
        return Finding("network", place, "held", url, evidence=_IN_USE, next=HELD)
    try:
        link = await open_link(f"{url}?connect_timeout_s={CONNECT_S}")
        try:
            _, told = await asked(link, probe)
        finally:
            await link.close()
    except DriverError:  # nobody listens there: the machine may be another
        return None
    return found("network", place, url, probe, told) if told else None


async def _terminal(host: str, settings: TerminalSettings) -> Finding | None:
    """Its publishers, asked on all their ports at the same time."""

    async def vendor(port: int) -> str | None:
        try:
            async with asyncio.timeout(settings.answer_timeout_s):
                link = await open_link(f"tcp://{_bracketed(host)}:{port}?connect_timeout_s={CONNECT_S}")
                publisher = await ask_publisher(link, settings, time.monotonic, owns=True)
        except (DriverError, TimeoutError):  # nobody there, or none that publishes services
            return None
        names = ", ".join(sorted(place.name for place in publisher.places))
        return f"{publisher.vendor}: {names}"

    told = [each for each in await asyncio.gather(*map(vendor, settings.ports)) if each is not None]
    if not told:
        return None
    evidence = Text(f"XFS4IoT 服务：{told[0]}", f"XFS4IoT services of {told[0]}")
    return Finding(
        "network", host, "found", f"host://{_bracketed(host)}", "xfs4iot", "xfs4iot-terminal", evidence
    )


async def cameras(listen_s: float) -> list[Finding]:
    discovery = await discover(listen_s=listen_s)
    mute = [
        Finding("camera", name, "failed", evidence=Text.same(reason), next=_AWAY)
        for name, reason in discovery.mute.items()
    ]
    return [*sorted(map(_camera, discovery.cameras), key=lambda each: each.place), *mute]


def _camera(camera: Camera) -> Finding:
    named = ", ".join(filter(None, (camera.match.scope("name"), camera.match.scope("hardware"))))
    evidence = Text(f"摄像机（ONVIF）：{named}", f"a camera (ONVIF): {named}")
    return Finding("camera", camera.best.host, "found", "", "camera", "rtsp-cameras", evidence, _LOGIN)


async def _addresses(host: str) -> list[str]:
    """[] where nobody knows the name: that it cannot be reached is said by who tries."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(address[0]) for *_, address in found]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def hosts(named: Sequence[str]) -> Sequence[str]:
    """Each once."""
    return tuple(dict.fromkeys(named))[:MOST_HOSTS]
