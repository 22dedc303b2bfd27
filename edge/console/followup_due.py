"""Which follow-ups are to be reminded of: each once in the log, and as alerts of the node that rated.

Both alerts are the whole present of their topic: raised while there is anything to tell, cleared when all of
it has been done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, insert, select

from edge.console import tables
from edge.console.followup import CHINA, FollowUp, followups, is_open, local_day
from edge.console.own_alerts import FOLLOWUP_DUE, FOLLOWUP_OVERDUE
from edge.rules.deadlines import Deadline
from edge.rules.followup import REMINDED, Standing, deadline, standing
from edge.rules.followup_steps import unknown_words
from edge.wire import Alert, Topics
from edge.wire.plain import plain

Severity = Literal["warning", "error"]
FOLLOWUP_WORDS: Mapping[str, tuple[Severity, dict[str, str]]] = {
    FOLLOWUP_DUE: (
        "warning",
        {
            "zh": "有差评的整改快到期限",
            "en": "follow-ups of bad ratings are due soon or today",
            "remedy_zh": "在中心运行 hall-console followup list，按期办理下一步",
            "remedy_en": "run hall-console followup list at the hub, and take their next steps in time",
        },
    ),
    FOLLOWUP_OVERDUE: (
        "error",
        {
            "zh": "有差评的整改已逾期",
            "en": "follow-ups of bad ratings are overdue",
            "remedy_zh": "在中心运行 hall-console followup list --overdue，马上办理",
            "remedy_en": "run hall-console followup list --overdue at the hub, and take their next steps now",
        },
    ),
}
NAMED = 5  # follow-ups that an alert names; all are in the list
WINDOW_CHARS = 16  # of a window's id in a reminder: what a stranger wrote must not fill a line of the log
SHORT_ID = 8  # characters that people copy; 2 of 100,000 are alike once in a county's lifetime


@dataclass(frozen=True, slots=True)
class Reminder:
    followup: FollowUp
    standing: Standing
    due: Deadline

    @property
    def key(self) -> tuple[str, int, str]:
        """What is told once: this deadline, and how it stands to it."""
        return self.followup.id, len(self.followup.case.steps), self.standing

    def __str__(self) -> str:
        zh, en = unknown_words(self.due)
        window = plain(str(self.followup.rating.get("window")))[:WINDOW_CHARS]
        return f"{self.followup.id[:SHORT_ID]} {window} {self.due.day}{zh}{en}"


@dataclass(frozen=True, slots=True)
class Look:
    """`untold`: reminders to be told and then marked. `alerts`: payload by topic, empty to clear."""

    at: float
    untold: tuple[Reminder, ...]
    alerts: Mapping[str, bytes]


def look(db: Connection, now: float) -> Look:
    told_table, table = tables.followup_told, tables.followup
    rows = db.execute(select(told_table).where(is_open(told_table.c.id)))
    told = {(row.id, row.number, row.standing): row.told_at for row in rows}
    reminders = list(_reminders(followups(db, open_only=True), now))
    alerts: dict[str, bytes] = {}
    for row in db.execute(select(table.c.hall, table.c.node).distinct()):
        node = (row.hall, row.node)
        here = [each for each in reminders if each.followup.node == node]
        late = [each for each in here if each.standing is Standing.OVERDUE]
        early = [each for each in here if each.standing is not Standing.OVERDUE]
        for key, about in ((FOLLOWUP_OVERDUE, late), (FOLLOWUP_DUE, early)):
            since = min((told.get(each.key, now) for each in about), default=now)
            alerts[Topics(*node).alert(key)] = _alert(key, about, since)
    untold = tuple(each for each in reminders if each.key not in told)
    return Look(now, untold, alerts)


def mark_told(db: Connection, found: Look) -> None:
    for each in found.untold:
        row = dict(zip(("id", "number", "standing"), each.key, strict=True))
        db.execute(insert(tables.followup_told), row | {"told_at": found.at})


def _reminders(open_ones: Sequence[FollowUp], now: float) -> Iterable[Reminder]:
    for each in open_ones:
        stands = standing(each.case, local_day(each.case.limits, now), CHINA)
        due = deadline(each.case, CHINA)
        if due and stands in REMINDED:
            yield Reminder(each, stands, due)


def _alert(key: str, about: Sequence[Reminder], since: float) -> bytes:
    if not about:
        return b""
    named = "; ".join(map(str, about[:NAMED])) + ("; …" if len(about) > NAMED else "")
    severity, words = FOLLOWUP_WORDS[key]
    alert = Alert(key=key, severity=severity, since=since, detail=f"{len(about)}: {named}", **words)
    return alert.model_dump_json().encode()
