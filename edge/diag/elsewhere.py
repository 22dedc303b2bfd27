"""A silent device's port, asked at other speeds and for other kinds while the daemon lets go of it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from drivers.api import DriverError
from drivers.checking.words import Text
from drivers.transport import port_of
from edge.diag.evidence import Elsewhere, Evidence
from edge.diag.gathering import ASK_TIMEOUT_S, Ask
from edge.diag.judging import causes
from edge.diag.judging.rules import cause_of
from edge.diag.probing.line import LONGEST_S, look
from edge.diag.probing.probes import PROBES
from edge.diag.remedies import explained

RELEASED_S = 3 * LONGEST_S  # a busy machine is slower; without an end of ours the daemon takes it back
LISTEN_S = 0.2  # whoever speaks unasked has been heard by the driver
_KINDS = frozenset(probe.driver for probe in PROBES)  # which are asked at each of their speeds
_UNHEARD = frozenset({causes.NEVER_HEARD.code, causes.NO_SENSE.code, causes.WRONG_SPEED.code})
_NOBODY = Text(
    "换了常用速率、按各种已知设备问过，都没有应答：多半是没通电或线没接好",
    "asked at all usual speeds and as every known kind of device: nobody answers; likely power or cable",
)


async def asked(ask: Ask, seen: Evidence) -> Evidence:
    """`seen`, and who answers at its port where that has never made sense. Only on the node itself."""
    alone = len(seen.line.devices) == 1
    if seen.scheme != "serial" or not alone or seen.line.family not in _KINDS:
        return seen
    if cause_of(seen).code not in _UNHEARD:
        return seen
    device = {"device": seen.line.line}
    reply = await ask("device.release", {**device, "for_s": RELEASED_S}, ASK_TIMEOUT_S)
    if reply.result != "done":
        return replace(seen, elsewhere=Elsewhere(said=Text(reply.zh, reply.en)))
    try:
        return replace(seen, elsewhere=await _answered(seen.line.url))
    finally:
        await ask("device.restart", device, ASK_TIMEOUT_S)


async def _answered(url: str) -> Elsewhere:
    try:
        port = port_of(url)
        path = port.find() if port else urlsplit(url).path
        answer = await look(lambda baud: f"serial://{path}?baud={baud}", LISTEN_S)
    except DriverError as error:
        cause, _ = explained(error)
        return Elsewhere(said=cause)
    if answer.probe is None or answer.told is None:
        return Elsewhere(said=_NOBODY)
    said = answer.told.evidence
    at = Text(f"{answer.baud} 波特：{said.zh}", f"at {answer.baud} baud: {said.en}")
    return Elsewhere(answer.probe.driver, answer.baud, at)
