"""Reports and workbooks for the pages, each made in a process of its own and of low priority.

A year's two million events, and openpyxl's 20 MB, are nothing for the process that serves the pages. It is
told what to make by its standard input, so that nobody reads the record's password in the list of processes,
and answers by its standard output. It does not outlive whoever waits for it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from edge.console.reports.aside import run_aside
from edge.console.reports.period import Kind
from edge.console.reports.sheets import Report

PROGRAM = "from edge.console.reports.apart import main; main()"
LIMIT_S = 120.0  # a year of a large centre takes some ten; whoever waits longer has left
WAITING = 4  # who may wait for their turn: one is made at a time, since each takes a processor


class CannotMake(Exception):
    """Its text says why, for people, in both languages."""


class Busy(CannotMake):
    """Others wait already. Next: ask again in a moment."""


class Wanted(BaseModel):
    """`report`: the JSON of one, of which a workbook is wanted; else what is to be made."""

    model_config = ConfigDict(frozen=True)

    report: str = ""
    store: str = ""
    kind: Kind = "month"
    period: str = ""
    hall: str = ""
    settings: Path | None = None
    now_s: float = 0.0


class Apart:
    """`store`: the record's address. `settings`: those of reports."""

    def __init__(self, store: str, settings: Path | None = None) -> None:
        self._store = store
        self._settings = settings
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def report(self, kind: Kind, period: str, hall: str, now_s: float) -> Report:
        """Of the record as it is now. Raises CannotMake."""
        wanted = Wanted(
            store=self._store, kind=kind, period=period, hall=hall, settings=self._settings, now_s=now_s
        )
        return Report.from_json((await self._made(wanted)).decode())

    async def workbook(self, report: Report) -> bytes:
        """As XLSX. Raises CannotMake."""
        return await self._made(Wanted(report=report.as_json()))

    async def _made(self, wanted: Wanted) -> bytes:
        if self._waiting >= WAITING:
            raise Busy("正在做别的报表，请稍后再试。 · Others are being made: please try again shortly.")
        self._waiting += 1
        try:
            async with self._turn:
                return await _run(wanted)
        finally:
            self._waiting -= 1


async def _run(wanted: Wanted) -> bytes:
    given = wanted.model_dump_json().encode()
    try:
        ended = await run_aside((sys.executable, "-c", PROGRAM), LIMIT_S, given=given)
    except TimeoutError:
        raise CannotMake(
            f"{LIMIT_S:.0f} 秒内没有做完，请稍后再试。 · "
            f"Not made within {LIMIT_S:.0f} s: please try again later."
        ) from None
    if ended.status:
        lines = ended.err.decode(errors="replace").strip().splitlines() or ["?"]
        raise CannotMake(lines[-1])
    return ended.out


def main() -> None:
    """The process: what is wanted in, what is made out; why not, in the last line of its errors."""
    wanted = Wanted.model_validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(_workbook(wanted.report) if wanted.report else _report(wanted))


def _workbook(report: str) -> bytes:
    from edge.console.reports.book import workbook  # noqa: PLC0415 openpyxl: only here

    return workbook(Report.from_json(report))


def _report(wanted: Wanted) -> bytes:
    from edge.console.reports.command import Wish, produce  # noqa: PLC0415 likewise

    with tempfile.TemporaryDirectory() as folder:
        wish = Wish(wanted.store, Path(folder), wanted.hall, wanted.settings)
        done = produce(wanted.kind, wanted.period, wish, lambda: wanted.now_s)
        if done.status:
            sys.exit(" ".join(done.lines))
        return (Path(folder) / "report.json").read_bytes()
