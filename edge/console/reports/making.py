"""A report, made from the record as it is now."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from edge.console.engine import RecordError
from edge.console.reports import honours, volume
from edge.console.reports.fees import fee_sheets
from edge.console.reports.missing import damaged, silent
from edge.console.reports.period import Period
from edge.console.reports.reading import epochs, read
from edge.console.reports.settings import ReportSettings
from edge.console.reports.sheets import Report
from edge.console.reports.warned import warned, warning_sheet
from edge.console.reports.watched import watched
from edge.workdays import is_workday


class NoData(RecordError):
    """The record has nothing of that period. Its text is for people, in both languages."""


def today(settings: ReportSettings, now_s: float) -> date:
    return datetime.fromtimestamp(now_s, settings.zone).date()


def make(db: Connection, period: Period, settings: ReportSettings, now_s: float, hall: str = "") -> Report:
    """`now_s`: wall time. Raises NotBegun, NoData, RecordError."""
    day = today(settings, now_s)
    period.begun(day)
    span = period.seconds(settings.zone, now_s)
    halls = {id_: name for id_, name in settings.halls.items() if hall in ("", id_)}
    nodes = read(db, period, *span, hall)
    if not any(node.days for node in nodes):
        of = f" {hall}" if hall else ""
        raise NoData(f"{period.text}{of} 没有任何记录 · the record has nothing of {period.text}{of}")
    lacks = [*silent(nodes, halls, [d for d in period.days(day) if is_workday(d)])]
    lacks += damaged(db, span, epochs(db, hall))
    lacks = [lack for lack in lacks if hall in ("", lack.hall)]
    if period.kind == "quarter":
        sheets, notes = honours.honour_sheets(nodes, settings.honours), honours.NOTES
    else:
        is_open = {
            node.hall: [s for each in nodes if each.hall == node.hall for s in each.open] for node in nodes
        }
        devices = watched(db, span, is_open, hall)
        sheets = [*volume.volume_sheets(nodes, halls)]
        sheets += fee_sheets(each for node in nodes for each in node.fees.items())
        sheets.append(volume.device_sheet(devices))
        sheets.append(warning_sheet(warned(db, span, hall)))
        notes = volume.NOTES
    days = list(period.days(day))
    return Report(
        period.kind,
        period.text,
        hall,
        period.is_over(day),
        days[-1].isoformat() if days else "",
        (*sheets, volume.missing_sheet(lacks)),
        notes,
    )
