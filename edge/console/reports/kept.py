"""Published reports: each version stays as it was, and what comes late is a correction in the next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, inspect, select

from edge.console import tables
from edge.console.reports.period import Period
from edge.console.reports.sheets import Column, Report, Row, Sheet
from edge.console.reports.volume import HALL, NODE, UNIT, WINDOW

CORRECTED = (
    "Acts",
    "Ratings",
    "Bad ratings",
    "Withdrawn on appeal",
    "No-shows",
    "Transfers",
)  # what is counted; rates follow from it


@dataclass(frozen=True, slots=True)
class Kept:
    version: int
    made_at: float
    digest: str
    report: Report


def kept(db: Connection, period: Period, version: int | None = None) -> Kept | None:
    """The newest version, or that one; None where there is none. A record of before has no such table."""
    table = tables.report.c
    if not inspect(db).has_table(tables.report.name):
        return None
    query = select(table.version, table.made_at, table.digest, table.body)
    query = query.where(table.kind == period.kind, table.period == period.text)
    query = query.where(table.version == version) if version is not None else query
    row = db.execute(query.order_by(table.version.desc()).limit(1)).first()
    return Kept(row.version, row.made_at, row.digest, Report.from_json(row.body)) if row else None


@dataclass(frozen=True, slots=True)
class Version:
    """Of a published report, without what it says. `kind` and `period` as they are asked for."""

    kind: str
    period: str
    version: int
    made_at: float
    digest: str


def versions(db: Connection, most: int) -> list[Version]:
    """The latest periods first, and of each the newest version."""
    columns = tables.report.c
    wanted = (columns.kind, columns.period, columns.version, columns.made_at, columns.digest)
    order = (columns.period.desc(), columns.kind, columns.version.desc())
    return [Version(*row) for row in db.execute(select(*wanted).order_by(*order).limit(most))]


def keep(db: Connection, period: Period, report: Report, version: int, now_s: float) -> None:
    """Fails where that version is there already: none is ever overwritten."""
    values = {"kind": period.kind, "period": period.text, "version": version, "made_at": now_s}
    values |= {"digest": report.digest, "body": report.as_json()}
    db.execute(insert(tables.report), values)


def corrections(published: Report, now: Report | None) -> Sheet:
    """What has changed of a period since it was published, by window: events that came late. None: the record
    has nothing of it any more."""
    columns = (
        Column("期间", "Period", "text"),
        HALL,
        NODE,
        UNIT,
        WINDOW,
        Column("项目", "Figure (zh)", "text"),
        Column("项目（英文）", "Figure", "text"),
        Column("原报", "Published"),
        Column("更正为", "Corrected"),
    )
    before, after = _figures(published), _figures(now)
    rows: list[Row] = [
        (published.period, *key, before.get(key, 0), after.get(key, 0))
        for key in sorted(before.keys() | after.keys(), key=str)
        if before.get(key, 0) != after.get(key, 0)
    ]
    return Sheet.of("corrections", ("更正", "Corrections"), columns, rows)


def _figures(report: Report | None) -> dict[Row, int]:
    """By hall, node, unit, window, and the figure's two names."""
    if report is None:
        return {}
    windows = report.sheet("windows")
    wanted = [(index, column) for index, column in enumerate(windows.columns) if column.en in CORRECTED]
    found: dict[Row, int] = {}
    for row in windows.rows:
        for index, column in wanted:
            value = row[index]
            found[(*row[:4], column.zh, column.en)] = value if isinstance(value, int) else 0
    return found
