"""A year's report: 301,105 acts from a hub's record, against the mere reading of the same rows."""

from __future__ import annotations

import asyncio
import math
import resource
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from edge.console.reports.files import write
from edge.console.reports.making import make
from edge.console.reports.period import Kind, Period
from edge.console.reports.reading import epochs, reading, rows
from edge.console.reports.settings import ReportSettings
from edge.console.reports.sheets import Report
from tests.bench.model import Figure, Result, Series
from tests.bench.record_of_a_year import ACTS, YEAR
from tests.bench.record_of_a_year import write as write_record

T = TypeVar("T")
LIMIT_S = 10.0  # for a year of the centre
MEBI = 1 << 20


async def measure(folder: Path, acts: int) -> Result:
    return await asyncio.to_thread(_measure, folder, acts)


def _measure(folder: Path, acts: int) -> Result:
    """Reading and report in turns, twice each, so that both find the same in the system's cache."""
    folder.mkdir(parents=True)
    url = f"sqlite:///{folder}/record.db"
    events = write_record(url, acts)
    floor, year = Series("reading the year's rows"), Series("a year's report")
    processor_s = math.inf
    for _ in range(2):
        assert _timed(floor, lambda: _read(url)) == events
        began_s = time.process_time()
        report = _timed(year, lambda: _made(url, "year", str(YEAR)))
        processor_s = min(processor_s, time.process_time() - began_s)
    files, month = Series("its XLSX, CSV and JSON"), Series("a month's report")
    _timed(files, lambda: write(report, folder / "out"))
    _timed(month, lambda: _made(url, "month", f"{YEAR}-12"))
    counted = report.sheet("halls").totals
    assert counted is not None
    assert counted[3] == acts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(
        f"Reports: {acts:,} acts, {events:,} events, {(folder / 'record.db').stat().st_size / MEBI:,.0f} MiB",
        (
            Figure(
                "a year's report",
                "s",
                min(year.values_s),
                min(floor.values_s),
                "reading its rows",
                below=LIMIT_S if acts >= ACTS else None,
                note=f"of it {processor_s:.1f} s of processor; memory of the process at most {peak:.0f} MiB",
            ),
            Figure("its files", "s", files.values_s[0]),
            Figure("a month's report", "s", month.values_s[0]),
        ),
        (floor, year, files, month),
        ("from the events themselves, as `hall-console report` does it; twice, and the better one counts",),
    )


def _timed(series: Series, work: Callable[[], T]) -> T:
    began_s = time.perf_counter()
    done = work()
    series.values_s.append(time.perf_counter() - began_s)
    return done


def _read(url: str) -> int:
    with reading(url) as db:
        return sum(1 for key in epochs(db) for _ in rows(db, key, 1))


def _made(url: str, kind: Kind, text: str) -> Report:
    now_s = datetime(YEAR + 1, 1, 1, 2).timestamp()
    with reading(url) as db:
        return make(db, Period.parse(kind, text), ReportSettings(), now_s)
