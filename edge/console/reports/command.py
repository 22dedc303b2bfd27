"""What `hall-console report` does: make a report, keep it where it is published, write its files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from edge.console.engine import RecordError, open_engine, transact
from edge.console.record import Record
from edge.console.reports.files import write
from edge.console.reports.kept import corrections, keep, kept
from edge.console.reports.making import NoData, make, today
from edge.console.reports.period import NoPeriod, NotBegun, Period
from edge.console.reports.reading import reading
from edge.console.reports.settings import BadSettings, ReportSettings
from edge.console.reports.sheets import Report

MADE, NOTHING, CANNOT = 0, 1, 2  # exit statuses


@dataclass(frozen=True, slots=True)
class Wish:
    store: str
    out: Path
    hall: str = ""
    settings: Path | None = None
    publish: bool = False
    version: int | None = None  # of those published: write that one again


@dataclass(frozen=True, slots=True)
class Done:
    """An exit status, and lines for people."""

    status: int
    lines: tuple[str, ...]


def produce(kind: str, text: str, wish: Wish, now: Callable[[], float] = time.time) -> Done:
    try:
        period = Period.asked(kind, text)
        settings = ReportSettings.load(wish.settings)
        if wish.version is not None:
            return _again(period, wish, wish.version)
        if wish.publish:
            return _publish(period, settings, wish, now())
        return _done(wish.out, _made(period, settings, wish, now()))
    except (NotBegun, NoData) as error:
        return Done(NOTHING, (str(error),))
    except (NoPeriod, BadSettings, RecordError) as error:
        return Done(CANNOT, (f"做不出报表 · no report: {error}",))
    except OSError as error:
        return Done(CANNOT, (f"文件写不了 · the files cannot be written: {error}",))


def _made(period: Period, settings: ReportSettings, wish: Wish, now_s: float) -> Report:
    """A month says what has changed of the month before since that was published."""
    with reading(wish.store) as db:
        report = make(db, period, settings, now_s, wish.hall)
        before = kept(db, period.previous) if period.kind == "month" and not wish.hall else None
        if before is None:
            return report
        late = corrections(before.report, _or_none(db, period.previous, settings, now_s))
        return replace(report, sheets=(*report.sheets, late))


def _or_none(db: Connection, period: Period, settings: ReportSettings, now_s: float) -> Report | None:
    try:
        return make(db, period, settings, now_s)
    except NoData:
        return None


def _publish(period: Period, settings: ReportSettings, wish: Wish, now_s: float) -> Done:
    """The files first: what the record calls published is there to be read."""
    if wish.hall:
        return Done(
            CANNOT,
            ("发布的是全部大厅的，不要带 --hall · what is published is of all halls: leave out --hall",),
        )
    if not period.is_over(today(settings, now_s)):
        return Done(
            NOTHING,
            (f"{period.text} 还没有结束，不能发布 · {period.text} is not over: nothing is published",),
        )
    report = _made(period, settings, wish, now_s)
    with reading(wish.store) as db:
        newest = kept(db, period)
    is_new = newest is None or newest.digest != report.digest
    version = (newest.version if newest else 0) + is_new
    done = _done(wish.out / period.text / f"v{version}", report)
    if is_new:
        _keep(wish.store, period, report, version, now_s)
    words = "已发布 published" if is_new else "没有变化 unchanged"
    return Done(MADE, (*done.lines, f"{words}: {period.text} v{version}, SHA-256 {report.digest}"))


def _keep(store: str, period: Period, report: Report, version: int, now_s: float) -> None:
    Record(store).close()  # a record of an older version gets its tables
    engine = open_engine(store)
    try:
        transact(engine, lambda db: keep(db, period, report, version, now_s))
    finally:
        engine.dispose()


def _again(period: Period, wish: Wish, version: int) -> Done:
    with reading(wish.store) as db:
        found = kept(db, period, version)
    if found is None:
        words = f"{period.text} 没有第 {version} 版 · there is no version {version} of {period.text}"
        return Done(NOTHING, (words,))
    return _done(wish.out, found.report)


def _done(folder: Path, report: Report) -> Done:
    paths = write(report, folder)
    return Done(MADE, (" · ".join(report.title), *_lacks(report), f"  → {folder}: {len(paths)} 个文件 files"))


def _lacks(report: Report) -> Iterator[str]:
    """What is missing, and what is put right, in a line each."""
    for hall, node, zh, en, count, detail in report.sheet("missing").rows:
        where = "/".join(str(name) for name in (hall, node) if name)
        yield f"  缺 {where}: {zh} · {en}: {count} {detail}".rstrip()
    late = next((sheet.rows for sheet in report.sheets if sheet.key == "corrections"), ())
    if late:
        yield f"  {late[0][0]} 更正 {len(late)} 处 · {len(late)} corrections to {late[0][0]}"
