"""What people wait for: a caller's key until the strip changes, a ticket button until the slip is cut."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from drivers.api import Link
from drivers.bus68.sim import BusSim
from drivers.printer.sim import PrinterSim
from drivers.transport import open_link
from drivers.transport.sim import serve_pty
from edge.demo.rig import LINE_S
from tests.bench.model import Figure, Result, Series
from tests.bench.stage import BYTE_S, Stage, Toggles

PRINTER_BAUD = 115_200  # as the demo's configuration has it

KEY_BYTES = 11  # FF 68 L L 68 addr func digit key cs 16
SILENCE_S = 0.08  # after an acknowledgement, by the callers' manual
STRIP_LIMIT_MS = 130.0
PRINT_LIMIT_MS = 500.0
PATIENCE_S = 10.0
BETWEEN_KEYS_S = 0.3  # strip, its answer and the caller's display are through: the bus is idle again
BETWEEN_TICKETS_S = 0.3
INITIALISE = b"\x1b@"  # ESC @, the first of a slip
PRINT_DONE = b"\x1dr\x01"  # GS r 1, behind its last line and its code
CUT = b"\x1dV"  # GS V, once it is known to be printed (Epson ESC/POS reference)


async def strip(at: Stage, keys: int) -> Result:
    """Pause and resume at six windows in turn, each on an idle bus."""
    series = Series("key's last byte → strip's first byte")
    toggles = Toggles()
    for turn in range(keys):
        desk = at.desk(turn)
        before = await _still(desk.strip.shown)
        press, _ = await toggles.press(desk)
        await _longer(desk.strip.shown, before)
        series.values_s.append(desk.strip.shown[before][0] - press.began_s - KEY_BYTES * BYTE_S)
    violations = len(at.rig.of(BusSim)["line-1"].violations)
    floor_ms = 1000 * (KEY_BYTES * BYTE_S + SILENCE_S + BYTE_S)
    floor_name = "ack's bytes, silence, a byte"
    return Result(
        "Caller's key → strip's bytes, idle bus at 9600 baud",
        (
            Figure("key → strip, p50", "ms", series.p50, floor_ms, floor_name),
            Figure("key → strip, p99", "ms", series.p99, floor_ms, floor_name, below=STRIP_LIMIT_MS),
        ),
        (series,),
        (
            f"floor, computed: {KEY_BYTES} bytes of acknowledgement and the strip's first byte at 9600 baud, "
            f"and {SILENCE_S * 1000:.0f} ms of silence between: {floor_ms:.1f} ms",
            f"the simulated line saw {violations} breaches of that silence; each costs a repeat (240 ms) and "
            "is thought to come where the simulator is scheduled more than 4 ms late for the acknowledgement",
        ),
    )


class Tap:
    """A printer at the end of a line that notes what comes down it: when a slip began, when all of it was
    there and in how many bytes, and when it was told to cut it."""

    def __init__(self, printer: PrinterSim) -> None:
        self.printer = printer
        self.data = bytearray()
        self.began_s = 0.0
        self.whole_s = 0.0
        self.whole_bytes = 0
        self.told_to_cut_s = 0.0

    async def run(self, link: Link) -> None:
        await self.printer.run(_TapLink(link, self))

    def note(self, data: bytes) -> None:
        self.data += data
        now_s, new = asyncio.get_running_loop().time(), self.data[-len(data) - 2 :]
        if INITIALISE in new and self.began_s <= self.told_to_cut_s:
            self.began_s = now_s
        if PRINT_DONE in new and self.whole_s < self.began_s:
            self.whole_s = now_s
            end = self.data.rindex(PRINT_DONE) + len(PRINT_DONE)
            self.whole_bytes = end - self.data.rindex(INITIALISE, 0, end)
        if CUT in new:
            self.told_to_cut_s = now_s


class _TapLink:
    """The link as the printer has it."""

    def __init__(self, link: Link, tap: Tap) -> None:
        self._link, self._tap = link, tap

    @property
    def url(self) -> str:
        return self._link.url

    async def read(self) -> bytes:
        data = await self._link.read()
        self._tap.note(data)
        return data

    async def write(self, data: bytes) -> None:
        await self._link.write(data)

    async def close(self) -> None:
        await self._link.close()


async def ticket(at: Stage, tickets: int) -> Result:
    """Buttons in turn, one citizen at a time; after each slip its bytes once more to a printer without us."""
    cut, sent = Series("button's last byte → slip cut"), Series("button's last byte → printer told to cut")
    own = Series("the printer's own time for the same bytes")
    async with AsyncExitStack() as stack:
        tap = await tapped(stack, at)
        again = PrinterSim(line_s=LINE_S)
        line = await stack.enter_async_context(serve_pty(again, at.folder / "again", PRINTER_BAUD))
        direct = await open_link(f"serial://{line.path}?baud={PRINTER_BAUD}")
        stack.push_async_callback(direct.close)
        buttons = len(at.rig.settings.services)
        for turn in range(tickets):
            tap.data.clear()
            slips, button = len(tap.printer.slips), turn % buttons + 1
            press = await at.rig.panel.press(button)
            await _longer(tap.printer.slips, slips)
            tapped_s = press.began_s + KEY_BYTES * BYTE_S
            cut.values_s.append(tap.printer.slips[slips].at_s - tapped_s)
            sent.values_s.append(tap.told_to_cut_s - tapped_s)
            own.values_s.append(await _again(direct, again, bytes(tap.data)))
            await asyncio.sleep(BETWEEN_TICKETS_S)
    floor_name = "printer's own time"
    return Result(
        "Ticket: button → slip",
        (
            Figure("ticket: button → slip cut, p50", "ms", cut.p50, own.p50, floor_name),
            Figure("ticket: button → slip cut, p99", "ms", cut.p99, own.p99, floor_name),
            Figure("ticket: button → print bytes sent, p95", "ms", sent.ms(0.95), below=PRINT_LIMIT_MS),
        ),
        (cut, own, sent),
        (
            f"the simulated printer takes {LINE_S * 1000:.0f} ms a line, its bytes come at "
            f"{PRINTER_BAUD} baud; a ticket is reserved and kept before anything is printed",
        ),
    )


async def tapped(stack: AsyncExitStack, at: Stage, baud: int = PRINTER_BAUD) -> Tap:
    """Puts the tap into the printer's line: unplugged at one end, plugged in at the other. It can be put
    there again with a line of another speed."""
    tap = Tap(at.rig.printer)
    line = at.rig.ptys["printer"]
    line.unplug()
    start = len(at.observer.seen)
    at.rig.ptys["printer"] = await stack.enter_async_context(serve_pty(tap, Path(line.path), baud))

    def is_back() -> bool:
        """Its loss has been told, and then its return: a status on its way from before is neither."""
        statuses = at.observer.on(at.topics.device("printer"), start)
        online = [b'"state":"online"' in status.payload for status in statuses]
        return False in online and online[-1]

    await at.observer.until(is_back)
    return tap


async def _again(line: Link, printer: PrinterSim, data: bytes) -> float:
    """Seconds from the first byte to the cut."""
    slips = len(printer.slips)
    began_s = asyncio.get_running_loop().time()
    await line.write(data)
    await _longer(printer.slips, slips)
    return printer.slips[slips].at_s - began_s


async def _still(things: Sequence[object]) -> int:
    """How many there are, when for BETWEEN_KEYS_S there were no more: what got no answer is repeated sooner,
    and would be taken for what the next key brings."""
    count = -1
    async with asyncio.timeout(PATIENCE_S):
        while count < len(things):
            count = len(things)
            await asyncio.sleep(BETWEEN_KEYS_S)
    return count


async def _longer(things: Sequence[object], than: int) -> None:
    """Until there are more. Looked at every millisecond: what is waited for carries its own time."""
    async with asyncio.timeout(PATIENCE_S):
        while len(things) <= than:  # noqa: ASYNC110 a simulator sets no Event
            await asyncio.sleep(0.001)
