"""What the benchmarks of the daemon stand on: broker, observer, simulators at ptys, daemon, hub."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from drivers.bus68.sim import BusSim
from drivers.bus68.sim_devices import Press
from edge.demo.full import tickets_config
from edge.demo.processes import BIN, START_TIMEOUT_S, Process, start_daemon, start_hub
from edge.demo.rig import Desk, Rig, rig_of
from edge.demo.run import CONFIG
from edge.wire import Topics
from tests.bench.observer import Observer, observer
from tests.integration.brokers import BrokerProcess, Kind

BYTE_S = 10 / 9600  # a byte at 9600 baud, 8N1
FUNCTION = 0x0F  # the caller's key for pause, resume and login, told apart by the digits before it
STAFF = "1001"
PAUSE, RESUME = "0", "2"
HUB_NICE = 19
SETTLE_S = 1.0  # for what follows the start: birth, retained topics, first acknowledgements


@dataclass(slots=True)
class Stage:
    folder: Path
    broker: BrokerProcess
    observer: Observer
    rig: Rig
    daemon: Process
    topics: Topics

    def desk(self, number: int) -> Desk:
        """One after the other, round and round."""
        return self.rig.desks[number % len(self.rig.desks)]


@contextlib.asynccontextmanager
async def stage(folder: Path, config: Path | None = None, *, hub: bool = True) -> AsyncIterator[Stage]:
    """All at work, staff logged in at every window, and quiet again. Parts are ended by process id."""
    folder.mkdir(parents=True, exist_ok=True)
    config = config or hall_of(folder)
    broker = BrokerProcess("nats", folder)
    async with AsyncExitStack() as stack:
        broker.start()
        stack.callback(broker.kill)
        eyes = await stack.enter_async_context(observer(broker.port))
        if hub:
            recorder, _ = await start_hub(folder, broker.url)
            stack.push_async_callback(recorder.stop)
            _step_back(recorder)
        rig = await stack.enter_async_context(rig_of(config, folder, broker.url))
        daemon = await start_daemon(config, folder, rig.env)
        stack.push_async_callback(daemon.stop)
        ready = Stage(folder, broker, eyes, rig, daemon, _topics(rig))
        await eyes.until(lambda: bool(eyes.on(ready.topics.status)))
        await log_in(rig.desks)
        await asyncio.sleep(SETTLE_S)
        yield ready


@contextlib.asynccontextmanager
async def returning(folder: Path, config: Path, kind: Kind) -> AsyncIterator[Stage]:
    """The daemon at work with what is in its store, its broker away until now, and back when it is yielded.

    The daemon stands still while the broker starts, so that the observer is sure to be there before it.
    """
    broker = BrokerProcess(kind, folder)
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(rig_of(config, folder, broker.url))
        daemon = await start_daemon(config, folder, rig.env)
        stack.push_async_callback(daemon.stop)
        await log_in(rig.desks)
        os.kill(daemon.pid, signal.SIGSTOP)
        try:
            broker.start()
            stack.callback(broker.kill)
            eyes = await stack.enter_async_context(observer(broker.port))
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
        yield Stage(folder, broker, eyes, rig, daemon, _topics(rig))


@contextlib.asynccontextmanager
async def bare_loop(
    folder: Path, line: str, port: int, topic: str, database: str = ""
) -> AsyncIterator[Process]:
    """`tests.bench.bare` between a line and the broker, once it has opened the line."""
    argv = [
        str(BIN / "python"),
        "-m",
        "tests.bench.bare",
        line,
        str(port),
        topic,
        *([database] if database else []),
    ]
    process = Process(f"bare loop {topic}", argv, folder / "bare.log")
    await process.started(lambda: f"{topic} is ready\n" in process.said())
    try:
        yield process
    finally:
        await process.stop()


def hall_of(folder: Path, windows: int = 6, windows_a_line: int = 6) -> Path:
    """The demo's ticket desk: printer, panel, and so many windows with caller, pad and strip.

    A bus at 9600 baud takes ten keys a second at most (12 bytes of acknowledgement and 80 ms of silence), so
    twenty a second come from several lines, as in a hall that has nine of them.
    """
    path = folder / "hall.toml"
    text = tickets_config(CONFIG.read_text(encoding="utf-8"), windows, windows_a_line)
    path.write_text(text, encoding="utf-8")
    return path


async def log_in(desks: Sequence[Desk]) -> None:
    """Lines open a moment after the socket, so the first presses may not be taken. Raises TimeoutError."""
    async with asyncio.timeout(START_TIMEOUT_S):
        for desk in desks:
            await taken(desk, STAFF)


async def taken(desk: Desk, digits: str = "", key: int = FUNCTION) -> Press:
    """The key, until the caller takes it: it gives up where its frames are garbled too often.
    Returns the first press, since the wait of who presses begins there."""
    first = press = await desk.caller.press(digits, key)
    while press.acknowledged_s is None:
        press = await desk.caller.press(digits, key)
    return first


class Toggles:
    """Pause and resume in turn at each window: keys that always cause an event and change the strip."""

    def __init__(self) -> None:
        self._paused: set[str] = set()

    async def press(self, desk: Desk) -> tuple[Press, bool]:
        """The (first) press, and whether the window is paused by it. Raises TimeoutError."""
        pause = desk.window not in self._paused
        (self._paused.add if pause else self._paused.discard)(desk.window)
        async with asyncio.timeout(START_TIMEOUT_S):
            return await taken(desk, PAUSE if pause else RESUME), pause


def _step_back(hub: Process) -> None:
    """The hub's place is another machine: here it gives way to node, broker and observer."""
    for thread in psutil.Process(hub.pid).threads():
        os.setpriority(os.PRIO_PROCESS, thread.id, HUB_NICE)


def unpaced(rig: Rig) -> None:
    """Bytes take no time on the simulated lines: a frame is there at once."""
    for bus in rig.of(BusSim).values():
        bus.line.byte_s = 0.0


def _topics(rig: Rig) -> Topics:
    return Topics(rig.settings.hall.id, rig.settings.node.id)
