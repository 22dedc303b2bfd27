"""What is wrong with the rows of the roster: windows and services that there are not, hours that overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import combinations, product

from drivers.checking.problems import Problem, did_you_mean
from drivers.checking.values import show
from drivers.checking.words import Text
from edge.rules.roster import RESTDAYS, WEEKDAYS, WORKDAYS
from edge.settings.fields import repeated
from edge.settings.tables import RosterTable, WindowTable


def roster_problems(
    rows: Mapping[int, RosterTable], windows: Mapping[int, WindowTable], services: Set[str]
) -> Iterator[Problem]:
    """`services`: all that the file declares."""
    known = {window.id: window for window in windows.values()}
    for index, row in rows.items():
        for name, wanted, there in (
            ("windows", row.windows, known.keys()),
            ("services", row.services, services),
        ):
            for place, each in enumerate(wanted):
                if each not in there:
                    reason = Text("没有这一项", "is not there")
                    key = f"roster[{index}].{name}[{place}]"
                    yield Problem(key, show(each), reason, did_you_mean(each, there))
        for name, values in (("days", row.days), ("windows", row.windows), ("services", row.services)):
            yield from repeated(f"roster[{index}].{name}", values)
        yield from _unable(f"roster[{index}]", row, [known[id_] for id_ in row.windows if id_ in known])
        yield from _overlaps(f"roster[{index}]", row, row)
    for (first, one), (second, other) in combinations(rows.items(), 2):
        if _share_a_window(one, other) and _share_a_day(one, other):
            yield from _overlaps(f"roster[{second}]", other, one, f"roster[{first}]")


def _unable(key: str, row: RosterTable, windows: list[WindowTable]) -> Iterator[Problem]:
    """Services that none of the row's windows has. Of a row of all windows nothing is said."""
    able = {service for window in windows for service in window.services}
    for place, service in enumerate(row.services if windows else ()):
        if service not in able:
            reason = Text("这些窗口都不办", "is of none of its windows")
            yield Problem(f"{key}.services[{place}]", show(service), reason, did_you_mean(service, able))


def _overlaps(key: str, row: RosterTable, other: RosterTable, name: str = "") -> Iterator[Problem]:
    """Each of its hours that meets one of the other's, or another of its own."""
    for place, span in enumerate(row.hours):
        others = other.hours if row is not other else row.hours[:place]
        clash = next((each for each in others if _meet(span, each)), None)
        if clash:
            where = f"{name} {clash}".strip()
            reason = Text(f"与 {where} 重叠", f"overlaps {where}")
            hint = Text("同一窗口同一时间只写一次", "one row for a window at a time")
            yield Problem(f"{key}.hours[{place}]", show(span), reason, hint)


def _meet(span: str, other: str) -> bool:
    """Times of day compare as text."""
    (begin, end), (other_begin, other_end) = span.split("-"), other.split("-")
    return begin < other_end and other_begin < end


def _share_a_window(row: RosterTable, other: RosterTable) -> bool:
    return not row.windows or not other.windows or bool(set(row.windows) & set(other.windows))


def _share_a_day(row: RosterTable, other: RosterTable) -> bool:
    """A date stands in the place of other days, and a weekday may be worked or not."""
    return any(
        day == each or (day in _KINDS and each in WEEKDAYS) or (each in _KINDS and day in WEEKDAYS)
        for day, each in product(row.days, other.days)
    )


_KINDS = (WORKDAYS, RESTDAYS)
