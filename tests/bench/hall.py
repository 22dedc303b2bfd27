"""The whole hall at work: 52 windows on nine lines, a call a second in all, every act to its rating.

Measured three times in the same run: with all well, then with one strip and one terminal dead, which must
change no other window's latency, and at last how soon it was known that the terminal is dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from drivers.bus68.sim import BusSim
from drivers.bus68.sim_devices import CALL, EVALUATE, Press
from drivers.heartbeat.sim import HeartbeatSim
from drivers.transport.sick import Ills
from drivers.xfs4iot.sim import TerminalSim
from edge.control import ControlClient
from edge.demo.full import full_config
from edge.demo.rig import Desk
from edge.demo.run import CONFIG
from tests.bench.model import Figure, Result, Series
from tests.bench.stage import BYTE_S, FUNCTION, PAUSE, Stage, stage, taken

CALLS_A_SECOND = 1.0
STRIP_LIMIT_MS = 300.0
TERMINAL_LIMIT_MS = 20_000.0
SILENCE_S = 0.08  # after an acknowledgement, by the callers' manual
KEY_BYTES = 11  # FF 68 L L 68 addr func key cs 16, and its first byte twice
STRIP_BYTES = 34  # of "请 A012 号" for sixteen columns
ANSWER_S = 0.017  # a strip draws, and answers with six bytes
DISPLAY_BYTES = 13  # the caller's own display, told after the strip
STEPS_S = (1.0, 1.5, 1.0)  # from the call to the start, to the end, to the rating
START = 0x0A
PATIENCE_S = 10.0
CALLED = re.compile(r"请 ?[A-Z]\d{3,4}")


def bound_calls() -> float:
    """Calls a second that a line can carry at most: key, acknowledgement, silence, text, answer, display."""
    line_s = (2 * KEY_BYTES + STRIP_BYTES + DISPLAY_BYTES) * BYTE_S
    return 1 / (line_s + SILENCE_S + ANSWER_S)


def floor_s() -> float:
    """From a key's last byte to the first of the strip's text: acknowledgement and silence between."""
    return KEY_BYTES * BYTE_S + SILENCE_S + BYTE_S


@dataclass(slots=True)
class Day:
    """A part of the day."""

    series: Series  # from the first press
    heard: Series  # of those whose first frame was taken: nobody spoke at the same time
    repeated: int = 0  # keys that were sent more than once: two had talked at once
    missed: int = 0  # calls that no strip showed
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


async def measure(folder: Path, calls: int) -> Result:
    """`calls` in each of the two parts, at each window as often, by chance which is next."""
    folder.mkdir(parents=True)
    config = folder / "full.toml"
    config.write_text(full_config(CONFIG.read_text(encoding="utf-8"), cameras=0), encoding="utf-8")
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(stage(folder / "node", config))
        at.rig.printer.line_s = 0.0
        await take(at, 3 * calls)  # some windows serve few: nobody shall call in vain
        well = await _day(at, "call key's last byte → strip shows the number", at.rig.desks, calls)
        dead = at.rig.desks[0]
        dead.strip.silent = True
        await dead.caller.press(PAUSE, FUNCTION)  # a text that it does not answer: from now on it is known
        terminals = await stack.enter_async_context(_dead_terminals(at))
        others = [desk for desk in at.rig.desks if desk is not dead]
        ill = await _day(at, "the same with a strip and two terminals dead", others, calls)
        seen_s = await terminals
        violations = sum(len(bus.violations) for bus in at.rig.of(BusSim).values())
    return _result(well, ill, seen_s, violations)


def _result(well: Day, ill: Day, seen_s: dict[str, float], violations: int) -> Result:
    floor_ms, name = 1000 * floor_s(), "ack's bytes, silence, a byte"
    return Result(
        "The whole hall: 52 windows on nine lines, a call a second",
        (
            Figure("call → strip, p50", "ms", well.series.p50, floor_ms, name),
            Figure("call → strip, p99", "ms", well.series.p99, floor_ms, name, below=STRIP_LIMIT_MS),
            Figure("call → strip, others dead, p50", "ms", ill.series.p50, well.series.p50, "all well"),
            Figure(
                "call → strip, others dead, p99", "ms", ill.series.p99, floor_ms, name, below=STRIP_LIMIT_MS
            ),
            *(
                Figure(f"{kind} dead → told", "ms", 1000 * took_s, below=TERMINAL_LIMIT_MS)
                for kind, took_s in sorted(seen_s.items())
            ),
        ),
        (well.series, well.heard, ill.series, ill.heard),
        (
            f"a line carries {bound_calls():.1f} calls a second at most, with nothing else on it; this is "
            f"{CALLS_A_SECOND / 9:.2f} a line, with start, end and rating after each",
            "counted from the first press: who presses while a strip answers is garbled, and the caller "
            "sends again after 250 ms ± 20 % (assumed), which no program can shorten",
            f"keys sent more than once: {well.repeated} and {ill.repeated}; calls that no strip showed: "
            f"{well.missed} and {ill.missed}; the lines saw {violations} breaches of the silence",
        ),
    )


async def take(at: Stage, tickets: int) -> None:
    """Tickets for everybody who will be called, on paper, of each service in turn."""
    services = list(at.rig.settings.services)
    async with ControlClient(at.folder / "control.sock") as client:
        for number in range(tickets):
            reply = await client.request("ticket.take", {"service": services[number % len(services)]}, 30.0)
            if reply.result != "done":
                raise RuntimeError(f"ticket {number}: {reply.result} {reply.code}")


async def calls_of(at: Stage, name: str, calls: int) -> Series:
    """From the call key's last byte to the strip, at all windows, by chance which is next."""
    return (await _day(at, name, at.rig.desks, calls)).series


async def _day(at: Stage, name: str, desks: Sequence[Desk], calls: int) -> Day:
    day, began_s = Day(Series(name), Series(f"{name}, heard at once")), _now_s()
    chance = random.Random(name)
    turns = [desk for _ in range(-(-calls // len(desks))) for desk in chance.sample(desks, len(desks))]
    for number, desk in enumerate(turns[:calls]):
        # At a random moment of its second, as people press: in step with nothing.
        await asyncio.sleep(began_s + (number + chance.random()) / CALLS_A_SECOND - _now_s())
        task = asyncio.create_task(_act(day, desk))
        day.tasks.add(task)
    await asyncio.gather(*day.tasks)
    return day


async def _act(day: Day, desk: Desk) -> None:
    """Call, and serve whoever comes."""
    before = len(desk.strip.shown)
    press = await _key(day, desk, CALL)
    try:
        shown_s = await _called(desk, before)
    except TimeoutError:
        day.missed += 1
        return
    day.series.values_s.append(shown_s - press.began_s - KEY_BYTES * BYTE_S)
    if press.sent == 1 and press.acknowledged_s is not None:
        day.heard.values_s.append(day.series.values_s[-1])
    for pause_s, key in zip(STEPS_S, (START, EVALUATE, None), strict=True):
        await asyncio.sleep(pause_s)
        if key is not None:
            await _key(day, desk, key)
    await desk.pad.rate(3)


async def _called(desk: Desk, before: int) -> float:
    """When the strip began to show a call, after the texts it had shown `before`. Raises TimeoutError."""

    def shown() -> list[float]:
        return [at_s for at_s, text in desk.strip.shown[before:] if CALLED.search(text)]

    async with asyncio.timeout(PATIENCE_S):
        while not shown():  # noqa: ASYNC110 a simulator sets no Event
            await asyncio.sleep(0.002)
    return shown()[0]


async def _key(day: Day, desk: Desk, key: int) -> Press:
    press = await taken(desk, key=key)
    day.repeated += press.sent > 1
    return press


@contextlib.asynccontextmanager
async def _dead_terminals(at: Stage) -> AsyncIterator[asyncio.Task[dict[str, float]]]:
    """One of each kind takes commands and answers no more; when the broker was told so, by family."""
    since, began_s, dead = len(at.observer.seen), _now_s(), {}
    device, terminal = next(iter(at.rig.of(TerminalSim).items()))
    terminal.hangs |= {"", *terminal.services}
    dead["xfs4iot"] = device
    device = next(iter(at.rig.of(HeartbeatSim)))
    at.rig.sick[device].ills = Ills(mute=True)
    dead["heartbeat"] = device

    def told(device: str) -> float | None:
        """A state that is not online, or a condition that stands with it."""
        for message in at.observer.on(at.topics.device(device), since):
            status = json.loads(message.payload)
            if status["state"] != "online" or status["conditions"]:
                return message.at_s
        return None

    async def watch() -> dict[str, float]:
        await at.observer.until(lambda: all(told(device) for device in dead.values()), 60.0)
        return {family: (told(device) or 0.0) - began_s for family, device in dead.items()}

    task = asyncio.create_task(watch())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _now_s() -> float:
    return asyncio.get_running_loop().time()
