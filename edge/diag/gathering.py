"""Evidence as it is gathered from a daemon: a line is asked for once, whoever is on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from drivers.api import DriverError
from drivers.transport import port_of
from edge.diag.evidence import Checked, Evidence, Holder, Line, Piece
from edge.diag.judging.rules import UP
from edge.diag.probing.holders import holders
from edge.diag.recognising import garbled, stranger
from edge.diag.rights import Rights, rights_of, service_user
from edge.wire import Check, Reply

ASK_TIMEOUT_S = 5.0  # it only reads memory
CHECK_TIMEOUT_S = 25.0  # a device is asked for 15 s at most, a page printed within 20
AT_ONCE = 2  # lines: each asking is kept with a synced write, behind which a call would wait
_ON_LINES = frozenset({"caller", "buttons", "pad", "strip"})  # whose asking takes the time of a shared line

Ask = Callable[[str, dict[str, Any], float], Awaitable[Reply]]


class Refused(Exception):
    """The daemon has an answer of its own."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.en)
        self.reply = reply


async def one(ask: Ask, device: str, level: Check, *, is_here: bool) -> Evidence:
    """`is_here`: the daemon is on this machine, so that programs which hold its ports are seen. Raises
    Refused."""
    line = Line.model_validate(await _told(ask, "device.line", {"device": device}))
    checked, refusal = await _checked(ask, device, level)
    if checked:  # what it was asked just now is counted, too
        line = Line.model_validate(await _told(ask, "device.line", {"device": device}))
    return await _seen(ask, line, checked, refusal, is_here=is_here)


async def everyone(ask: Ask, *, is_here: bool) -> list[Evidence]:
    """All devices at the internal level. Devices on shared lines are judged by what they said: each question
    would keep a call waiting. Raises Refused."""
    status = await _told(ask, "status", {})
    names = [str(each["device"]) for each in status.get("devices", [])]
    found: dict[str, list[Evidence]] = {}
    turn = asyncio.Semaphore(AT_ONCE)
    lines: dict[str, Line] = {}
    for name in names:
        if name not in lines:
            line = Line.model_validate(await _told(ask, "device.line", {"device": name}))
            lines |= {each.device: line for each in line.devices}

    async def of(line: Line) -> None:
        async with turn:
            found[line.line] = await _on(ask, line, is_here=is_here)

    await asyncio.gather(*(of(line) for line in {each.line: each for each in lines.values()}.values()))
    return [seen for line in found.values() for seen in line]


async def _on(ask: Ask, line: Line, *, is_here: bool) -> list[Evidence]:
    shared, head = len(line.devices) > 1, line.devices[0]
    checked, refusal = None, ("", "")
    if not shared and head.kind not in _ON_LINES and head.state in UP:  # else its driver asks all the time
        checked, refusal = await _checked(ask, head.device, "internal")
        line = Line.model_validate(await _told(ask, "device.line", {"device": head.device}))
    first = await _seen(
        ask, line.model_copy(update={"device": head.device}), checked, refusal, is_here=is_here
    )
    others = (line.model_copy(update={"device": each.device}) for each in line.devices[1:])
    return [first, *(replace(first, line=each, checked=None, refusal=("", "")) for each in others)]


async def _seen(
    ask: Ask, line: Line, checked: Checked | None, refusal: tuple[str, str], *, is_here: bool
) -> Evidence:
    frames = await ask("device.frames", {"device": line.device}, ASK_TIMEOUT_S)
    told = frames.data.get("frames", []) if frames.result == "done" else []
    pieces = [Piece.model_validate(each) for each in told]
    return Evidence(
        line=line,
        now_s=time.time(),
        checked=checked,
        holders=held(line) if is_here else (),
        rights=denied(line) if is_here else None,
        stranger=stranger(line.family, pieces),
        garbled=garbled(line.family, pieces),
        refusal=refusal,
    )


async def _checked(ask: Ask, device: str, level: Check) -> tuple[Checked | None, tuple[str, str]]:
    reply = await ask("device.check", {"device": device, "level": level}, CHECK_TIMEOUT_S)
    if reply.result == "done":
        return Checked.model_validate(reply.data), ("", "")
    if reply.code == "unsupported":  # nothing can be seen of it; a camera's looks are its own
        return await _checked(ask, device, "internal") if level == "external" else (None, ("", ""))
    return None, (reply.zh, reply.en)


async def _told(ask: Ask, verb: str, args: dict[str, Any]) -> dict[str, Any]:
    reply = await ask(verb, args, ASK_TIMEOUT_S)
    if reply.result != "done":
        raise Refused(reply)
    return reply.data


def denied(line: Line) -> Rights | None:
    """Of its port, where the daemon says that it may not open it."""
    if not _codes(line) & {"port_denied", "input_denied"}:
        return None
    try:
        port = port_of(line.url)
        return rights_of(port.find(), service_user()) if port else None
    except (DriverError, OSError):  # it is not there any more
        return None


def _codes(line: Line) -> set[str]:
    return {each.code for device in line.devices[:1] for each in device.conditions}


def held(line: Line) -> tuple[Holder, ...]:
    """Other programs that have its port, where the daemon says that one is in the way."""
    if not _codes(line) & {"port_busy", "input_busy"}:
        return ()
    return holders_of(line.url)


def holders_of(url: str) -> tuple[Holder, ...]:
    try:
        port = port_of(url)
        paths: Iterable[str] = [port.find()] if port else []
    except DriverError:  # it is not there, or its URL is wrong: both are told elsewhere
        return ()
    return tuple(holders(tuple(paths)).values())
