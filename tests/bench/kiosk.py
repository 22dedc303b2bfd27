"""The kiosk before a citizen: how soon it is there, what it costs at rest, and how long he waits for it.

It is a process of its own that draws into memory, with the fonts and pages of a full HD panel; its hall is
the real daemon with a simulated printer at a pty.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil

from drivers.transport.pty import BITS_PER_BYTE
from edge.control import ControlClient
from edge.demo.rig import LINE_S
from edge.ids import new_id
from tests.bench.at_the_desk import PRINTER_BAUD, Tap, tapped
from tests.bench.model import Figure, Result, Series
from tests.bench.stage import Stage
from tests.kiosk.process_kit import Driven, driven

START_LIMIT_MS = 3000.0
MEMORY_LIMIT_MB = 80.0
GROWTH_LIMIT_MB = 5.0  # K15
CPU_LIMIT_PERCENT = 1.0
PRINT_LIMIT_MS = 500.0  # K13
SLOW_BAUD = 9600  # what a printer's driver takes its line for, and old printers have from the factory
PRESSED_LIMIT_MS = 100.0  # K12
PAGE_LIMIT_MS = 200.0
DRAW_LIMIT_MS = 33.0  # K14
PATIENCE_S = 20.0
QUIET_S = 3.0  # before it is measured at rest: what the start, and the last touch, leave to do
_MB = 2**20

# The floors: a picture of that size on the glass, and a loop that only looks for events.
_PICTURE = """
import time, pygame
pygame.display.init()
surface = pygame.display.set_mode((1080, 1920))
surface.fill((255, 255, 255))
pygame.display.flip()
print("shown", flush=True)
for _ in range(200):
    began = time.perf_counter()
    surface.fill((250, 250, 250))
    pygame.display.flip()
    print("drawn", (time.perf_counter() - began) * 1000, flush=True)
while True:
    pygame.event.get()
    time.sleep(1 / 20)
"""


@dataclass(slots=True)
class _Seen:
    """What was measured while citizens took tickets."""

    begun: Series = field(default_factory=lambda: Series("tap → slip's first byte at the printer"))
    sent: Series = field(default_factory=lambda: Series("tap → all of it at the printer"))
    slow: Series = field(default_factory=lambda: Series(f"tap → all of it, {SLOW_BAUD} baud"))
    cut: Series = field(default_factory=lambda: Series("tap → printed, and told to cut it"))
    direct: Series = field(default_factory=lambda: Series("request without a kiosk → its first byte"))
    paced: Series = field(default_factory=lambda: Series("request without a kiosk → told to cut it"))
    pressed: Series = field(default_factory=lambda: Series("finger down → pressed"))
    pages: Series = field(default_factory=lambda: Series("finger up → next page"))
    whole: Series = field(default_factory=lambda: Series("a whole picture drawn"))
    work: Series = field(default_factory=lambda: Series("of that, the processor's time"))

    slip_bytes: int = 0  # of the longest

    def all(self) -> tuple[Series, ...]:
        slips = self.begun, self.direct, self.sent, self.slow, self.cut, self.paced
        return *slips, self.pressed, self.pages, self.whole, self.work

    def line_ms(self, baud: int) -> float:
        """What no slip can be below: its bytes on their way."""
        return self.slip_bytes * BITS_PER_BYTE / baud * 1000


async def measure(at: Stage, tickets: int, idle_s: float, changes: int) -> Result:
    async with AsyncExitStack() as stack:
        floor = stack.enter_context(_Floor())
        began_s = time.monotonic()
        kiosk = await stack.enter_async_context(driven(at.folder / "control.sock", at.folder))
        await kiosk.at("attract")
        start_ms = ((await _frames(kiosk))[0]["shown_s"] - began_s) * 1000
        rest = await _rest(kiosk, floor.process.pid, idle_s)
        seen = _Seen()
        await _citizens(at, kiosk, await tapped(stack, at), tickets, seen)
        await _slowly(at, kiosk, await tapped(stack, at, SLOW_BAUD), tickets, seen)
        warm = (await kiosk.say(f"pages {max(200, changes // 10)}"))["rss_mb"]
        memory = (await kiosk.say(f"pages {changes}"))["rss_mb"]
    first, flipped = "SDL's first picture", "one colour, flipped"
    begun, pressed, pages = seen.begun.ms(0.95), seen.pressed.ms(0.95), seen.pages.ms(0.95)
    direct, drawn, line = (
        seen.direct.ms(0.95),
        seen.whole.ms(0.95),
        f"its {seen.slip_bytes} bytes on the line",
    )
    usual, slow = seen.line_ms(PRINTER_BAUD), seen.line_ms(SLOW_BAUD)
    figures = (
        Figure("start → first picture", "ms", start_ms, floor.start_ms, first, below=START_LIMIT_MS),
        *rest,
        Figure("resident after that", "MB", memory, rest[1].floor, rest[1].floor_name, below=MEMORY_LIMIT_MB),
        Figure(f"grown in {changes:,} pages", "MB", memory - warm, below=GROWTH_LIMIT_MB),
        Figure("tap → print bytes begin, p95", "ms", begun, direct, "without a kiosk", below=PRINT_LIMIT_MS),
        Figure("tap → whole slip sent, p95", "ms", seen.sent.ms(0.95), usual, line, below=PRINT_LIMIT_MS),
        Figure(
            f"the same at {SLOW_BAUD} baud, p95", "ms", seen.slow.ms(0.95), slow, line, below=PRINT_LIMIT_MS
        ),
        Figure("tap → printed, to be cut, p95", "ms", seen.cut.ms(0.95), seen.paced.ms(0.95), "no kiosk"),
        Figure("finger down → pressed, p95", "ms", pressed, floor.draw_ms, flipped, below=PRESSED_LIMIT_MS),
        Figure("finger up → next page, p95", "ms", pages, floor.draw_ms, flipped, below=PAGE_LIMIT_MS),
        Figure("a whole picture, p95", "ms", drawn, floor.draw_ms, flipped, below=DRAW_LIMIT_MS),
    )
    notes = (
        f"{tickets} citizens, each from home to a ticket; {idle_s:.0f} s at rest; 1080 x 1920 into memory",
        "a finger's times are from when SDL has its event, and include the wait for the next look at it",
        f"a printer at {PRINTER_BAUD} baud; it is told to cut a slip once it says that all of it is printed, "
        f"at {LINE_S * 1000:.0f} ms a line",
    )
    return Result("The kiosk before a citizen", figures, seen.all(), notes)


async def _citizens(at: Stage, kiosk: Driven, tap: Tap, tickets: int, seen: _Seen) -> None:
    services = list(at.rig.settings.services)
    await _asked(at, tap, services[0])  # before its first slip a printer cuts off what may be in it
    for turn in range(tickets):
        first, second = await _slip(kiosk, tap, services[turn % len(services)], seen)
        seen.begun.values_s.append(tap.began_s - second["up_s"])
        seen.sent.values_s.append(tap.whole_s - second["up_s"])
        seen.cut.values_s.append(tap.told_to_cut_s - second["up_s"])
        asked_s = await _asked(at, tap, services[turn % len(services)])
        seen.direct.values_s.append(tap.began_s - asked_s)
        seen.paced.values_s.append(tap.told_to_cut_s - asked_s)
        frames = await _frames(kiosk)
        down_s, up_s = first["down_s"], first["up_s"]
        shown_s = [frame["shown_s"] for frame in frames if frame["shown_s"] > down_s]
        seen.pressed.values_s.append(shown_s[0] - down_s)
        pages_s = [frame["shown_s"] for frame in frames if frame["shown_s"] > up_s and frame["new_page"]]
        seen.pages.values_s.append(pages_s[0] - up_s)
    whole = [frame for frame in await _frames(kiosk) if frame["share"] == 1.0]
    seen.whole.values_s = [frame["draw_ms"] / 1000 for frame in whole]
    seen.work.values_s = [frame["cpu_ms"] / 1000 for frame in whole]


async def _slowly(at: Stage, kiosk: Driven, tap: Tap, tickets: int, seen: _Seen) -> None:
    """The same citizens at a printer whose line is slow."""
    services = list(at.rig.settings.services)
    for turn in range(tickets):
        _, second = await _slip(kiosk, tap, services[turn % len(services)], seen)
        seen.slow.values_s.append(tap.whole_s - second["up_s"])


class _Floor:
    """SDL alone, in a process of its own: what no kiosk can be below."""

    def __enter__(self) -> _Floor:
        env = {**os.environ, "SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
        began_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PICTURE], stdout=subprocess.PIPE, text=True, env=env
        )
        assert self.process.stdout
        self.process.stdout.readline()
        self.start_ms = (time.monotonic() - began_s) * 1000
        draws = sorted(float(self.process.stdout.readline().split()[1]) for _ in range(200))
        self.draw_ms = draws[190]
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


async def _rest(kiosk: Driven, floor: int, idle_s: float) -> Sequence[Figure]:
    await asyncio.sleep(QUIET_S)
    processes = psutil.Process(kiosk.process.pid), psutil.Process(floor)
    before = [_cpu_s(process) for process in processes]
    began_s = time.monotonic()
    await asyncio.sleep(idle_s)
    took_s = time.monotonic() - began_s
    cpu, floor_cpu = (
        (_cpu_s(process) - spent_s) / took_s * 100 for process, spent_s in zip(processes, before, strict=True)
    )
    memory, floor_memory = (process.memory_info().rss / _MB for process in processes)
    name = "SDL, looked at 20 times a second"
    return (
        Figure("at rest: processor", "% of a core", cpu, floor_cpu, name, below=CPU_LIMIT_PERCENT),
        Figure("at rest: resident", "MB", memory, floor_memory, name, below=MEMORY_LIMIT_MB),
    )


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _slip(kiosk: Driven, tap: Tap, service: str, seen: _Seen) -> tuple[dict[str, Any], dict[str, Any]]:
    """One citizen's ticket, once the printer has been told to cut it: the two touches that count."""
    tap.data.clear()
    touches = await _ticket(kiosk, service)
    await _cut(tap, touches[1]["up_s"])
    seen.slip_bytes = max(seen.slip_bytes, tap.whole_bytes)
    return touches


async def _ticket(kiosk: Driven, service: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """One citizen after another; the two touches that count."""
    if (await kiosk.look())["screen"] == "attract":
        await kiosk.tap("wake")
    touches = await kiosk.tap("open-services"), await kiosk.tap(f"take-{service}")
    await kiosk.at("ticket")
    await kiosk.tap("done")
    return touches


async def _frames(kiosk: Driven) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await kiosk.say("frames"))["frames"]
    return found


async def _asked(at: Stage, tap: Tap, service: str) -> float:
    """When the same was asked without a kiosk; its slip has been sent."""
    async with ControlClient(at.folder / "control.sock") as client:
        asked_s = time.monotonic()
        await client.request("ticket.take", {"service": service, "session": new_id()}, PATIENCE_S)
    await _cut(tap, asked_s)
    return asked_s


async def _cut(tap: Tap, after_s: float) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while tap.told_to_cut_s <= after_s:  # noqa: ASYNC110 a simulator sets no Event
            await asyncio.sleep(0.001)
