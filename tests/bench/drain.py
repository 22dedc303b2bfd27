"""A backlog after an outage: how fast it reaches the broker, and how live what happens meanwhile stays.

The daemon has the backlog in its store and finds no broker; then the broker is back.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from edge.demo.processes import BIN
from edge.outbox import OutboxLimits
from edge.store import Store
from edge.wire import DayOpened, TicketCalled
from tests.bench.model import Figure, Result, Series
from tests.bench.observer import Observer
from tests.bench.stage import Stage, Toggles, hall_of, returning, unpaced
from tests.integration.brokers import BrokerProcess, Kind
from tests.store_kit import draft

RATE_LIMIT = 10_000.0  # events/s asked for
LIVE_LIMIT_MS = 100.0
BATCH = OutboxLimits().batch_events
PERIOD_S = (
    0.13  # between acts: retained state is told every 0.1 s at most, which is not what is measured here
)
QUIET_ACTS = 20  # after the drain, for comparison
APPEND = 200
PATIENCE_S = 120.0
BUSY_PERCENT = 60.0  # of a core: a daemon that uses less is waiting for something
FLOOR_TOPIC = "bare/drain"


@dataclass(slots=True)
class Live:
    """Acts of callers while the backlog drains: when pressed, and when seen as state, as first of the event
    and its copy, and as the event in its place."""

    state: Series
    event: Series
    in_order: Series
    pressed: list[tuple[float, str, str, bool]] = field(default_factory=list)  # (s, window, caller, paused)


async def measure(folder: Path, backlog: int, kind: Kind) -> Result:
    """The floor's loop tells the same batches to the same broker, before and after; the better one counts."""
    node = folder / "node"
    node.mkdir(parents=True)
    config = hall_of(folder, windows_a_line=1)
    await _fill(node / "hall.db", backlog)
    batches = folder / "batches"
    batches.write_bytes(b"\n".join(_batches(node / "hall.db")))
    async with returning(node, config, kind) as at:
        unpaced(at.rig)
        daemon, broker = psutil.Process(at.daemon.pid), psutil.Process(at.broker.pid)
        live = _live("live state while draining", "live events while draining", "the same in order of seq")
        quiet = _live(
            "live state, nothing to drain",
            "live events, nothing to drain",
            "the same in order of seq, nothing to drain",
        )
        await at.observer.until(lambda: bool(at.observer.on(at.topics.event)), PATIENCE_S)
        before = _cpu_s(daemon), _cpu_s(broker)
        toggles = Toggles()
        rate, took_s = await _drained(at, backlog, live, toggles)
        used = [(_cpu_s(p) - b) / took_s * 100 for p, b in zip((daemon, broker), before, strict=True)]
        await _acts(at, toggles, quiet, QUIET_ACTS)
        for each in (live, quiet):
            await at.observer.until(partial(_match, at, each), PATIENCE_S)
        floors = [await _floor(at.observer, at.broker, batches, backlog) for _ in range(2)]
    return _result(kind, backlog, rate, floor=max(floors), live=live, quiet=quiet, used=used)


def _live(state: str, event: str, in_order: str) -> Live:
    return Live(Series(state), Series(event), Series(in_order))


async def _fill(path: Path, backlog: int) -> None:
    """A day's acts that nobody was told of, and a new day, from which the hall's state begins."""
    store = await Store.open(path)
    try:
        for first in range(0, backlog - 1, APPEND):
            facts = [
                TicketCalled(ticket=f"A{n % 1000:03d}", window=str(n % 6 + 1), staff="1001", times=1)
                for n in range(first, min(first + APPEND, backlog - 1))
            ]
            await store.append([draft(fact) for fact in facts])
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
        await store.append([draft(DayOpened(day=today))])
    finally:
        await store.close()


def _batches(path: Path) -> Iterator[bytes]:
    """As the outbox makes them."""
    with closing(sqlite3.connect(path)) as db:
        texts = [text for (text,) in db.execute("SELECT text FROM event ORDER BY seq")]
    for start in range(0, len(texts), BATCH):
        joined = ",".join(t if isinstance(t, str) else t.decode() for t in texts[start : start + BATCH])
        yield f'{{"v":1,"events":[{joined}]}}'.encode()


async def _drained(at: Stage, backlog: int, live: Live, toggles: Toggles) -> tuple[float, float]:
    """(events/s as seen, s) from the first batch until the backlog's last event; acts go on meanwhile."""
    acts = asyncio.create_task(_acts(at, toggles, live, 10**9))
    counted = [0, 0, 0.0]  # messages looked at, events, time of the message that made the backlog full

    def full() -> bool:
        seen = at.observer.seen
        for message in seen[int(counted[0]) :]:
            if message.topic == at.topics.event and counted[1] < backlog:
                counted[1] += message.payload.count(b'{"epoch":')
                counted[2] = message.at_s
        counted[0] = len(seen)
        return counted[1] >= backlog

    try:
        await at.observer.until(full, PATIENCE_S)
    finally:
        acts.cancel()
        await asyncio.wait({acts})
    began_s = at.observer.on(at.topics.event)[0].at_s
    return counted[1] / (counted[2] - began_s), counted[2] - began_s


async def _acts(at: Stage, toggles: Toggles, live: Live, count: int) -> None:
    async def press(turn: int) -> None:
        desk = at.desk(turn)
        press, paused = await toggles.press(desk)
        live.pressed.append((press.began_s, desk.window, desk.caller_id, paused))

    async with asyncio.TaskGroup() as tasks:
        for turn in range(count):
            tasks.create_task(press(turn))
            await asyncio.sleep(PERIOD_S)


def _match(at: Stage, live: Live) -> bool:
    """To each press the first message after it that tells of it; whether all have been told."""
    states = {desk.window: at.observer.on(at.topics.window(desk.window)) for desk in at.rig.desks}
    in_order, copies = _told(at, at.topics.event), _told(at, at.topics.live)
    found: list[tuple[float, float, float]] = []
    for pressed_s, window, caller, paused in live.pressed:
        shown = b'"state":"paused"' if paused else b'"state":"open"'
        kind = "window.paused" if paused else "window.resumed"
        shown_s = [m.at_s for m in states[window] if m.at_s > pressed_s and shown in m.payload]
        told_s, copy_s = (
            [s for s, e in told if s > pressed_s and e["by"] == caller and e["kind"] == kind]
            for told in (in_order, copies)
        )
        if not (shown_s and told_s):
            return False
        first_s = min([told_s[0], *copy_s[:1]])
        found.append((shown_s[0] - pressed_s, first_s - pressed_s, told_s[0] - pressed_s))
    for state_s, event_s, in_order_s in found:
        live.state.values_s.append(state_s)
        live.event.values_s.append(event_s)
        live.in_order.values_s.append(in_order_s)
    return True


def _told(at: Stage, topic: str) -> list[tuple[float, dict[str, str]]]:
    return [
        (message.at_s, event)
        for message in at.observer.on(topic)
        for event in json.loads(message.payload)["events"]
        if event["kind"] in {"window.paused", "window.resumed"}
    ]


async def _floor(observer: Observer, broker: BrokerProcess, batches: Path, backlog: int) -> float:
    """events/s of the bare loop, as seen by the same observer."""
    start = len(observer.seen)
    argv = ["-m", "tests.bench.bare", "drain", str(broker.port), FLOOR_TOPIC, str(batches)]
    process = await asyncio.create_subprocess_exec(BIN / "python", *argv)
    total = len(batches.read_bytes().splitlines())
    await observer.until(lambda: len(observer.on(FLOOR_TOPIC, start)) >= total, PATIENCE_S)
    await process.wait()
    seen = observer.on(FLOOR_TOPIC, start)
    return backlog / (seen[-1].at_s - seen[0].at_s)


def _result(
    kind: Kind, backlog: int, rate: float, *, floor: float, live: Live, quiet: Live, used: list[float]
) -> Result:
    limit = OutboxLimits().replay_per_s
    waits = limit is not None and max(used) < BUSY_PERCENT
    binds = f"the outbox's limit of {limit:,.0f}/s, for the hub's sake" if waits else "the processors"
    return Result(
        f"Drain after an outage, {kind}: {backlog:,} events",
        (
            Figure(
                f"drain, {kind}",
                "events/s",
                rate,
                floor,
                "bare loop",
                at_least=RATE_LIMIT,
                note=f"bound by {binds}",
            ),
            Figure(
                f"live state while draining, {kind}, p99",
                "ms",
                live.state.p99,
                quiet.state.p99,
                "nothing to drain",
                below=LIVE_LIMIT_MS,
            ),
            Figure(
                f"live events while draining, {kind}, p99",
                "ms",
                live.event.p99,
                quiet.event.p99,
                "nothing to drain",
                below=LIVE_LIMIT_MS,
                note=f"as copies; in their places in the order of seq p99 {live.in_order.p99:,.0f} ms",
            ),
        ),
        (live.state, live.event, live.in_order, quiet.state, quiet.event),
        (
            f"processor while draining: daemon {used[0]:.0f} %, {kind} {used[1]:.0f} % of a core; no hub",
            f"an act every {PERIOD_S * 1000:.0f} ms at six windows in turn: {len(live.pressed)} meanwhile",
        ),
    )


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
