"""Follow-ups in the record: opened once by a bad rating, only added to, and reminded of once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from edge.console import followup, tables
from edge.console.engine import open_engine
from edge.console.followup import FollowUp, Overtaken, add_step, followups
from edge.console.followup_limits import load_limits
from edge.console.record import Record
from edge.rules.followup import Finding, Stage, Step
from edge.wire import Alert
from tests.followup_kit import EPOCH, at, rating
from tests.integration.node import batch
from tests.stores import outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")

MONDAY = "2026-03-02 09:00"
DUE, OVERDUE = (f"hall/1/h1/n1/alert/{key}" for key in ("followup_due", "followup_overdue"))


@dataclass
class Hub:
    """The record, with a clock that the test sets."""

    path: Path
    now: float = at(MONDAY)
    record: Record = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self, region: str = "five-days") -> None:
        self.record = Record(store_url(self.path), lambda: self.now, load_limits(region))

    def came(self, *events: dict[str, Any], node: str = "n1") -> None:
        self.record.apply([("h1", node, batch(events))])

    def ask(self, question: Callable[[Connection], Any]) -> Any:
        engine = open_engine(store_url(self.path))
        try:
            with engine.begin() as db:
                return question(db)
        finally:
            engine.dispose()

    def all(self) -> list[FollowUp]:
        found: list[FollowUp] = self.ask(followups)
        return found

    def step(self, followup: FollowUp, stage: Stage, day: str = "2026-03-02", **more: Any) -> None:
        taken = Step(stage, date.fromisoformat(day), "李", **more)
        self.ask(lambda db: add_step(db, followup, taken, self.now))

    def reminded(self) -> list[tuple[str, str]]:
        """What is told now, and marked: the follow-up's first characters and how it stands."""
        found = self.record.due_followups()
        self.record.mark_reminded(found)
        return [(each.followup.id[-1], str(each.standing)) for each in found.untold]

    def alert(self, topic: str) -> Alert | None:
        payload = self.record.due_followups().alerts[topic]
        return Alert.model_validate_json(payload) if payload else None


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path / "record.db")
    yield hub
    hub.record.close()


# --- opened ---
def test_bad_ratings_open_a_follow_up_each_and_no_other_event_does(hub: Hub) -> None:
    hub.came(*(rating(seq, level) for seq, level in enumerate((5, 4, 3, 2, 1), 1)))
    hub.came(rating(6, 1, kind="rating.missed"))
    found = hub.all()
    assert [each.rating["level"] for each in found] == [2, 1]
    assert {each.case.stage for each in found} == {Stage.NEW}
    assert {each.node for each in found} == {("h1", "n1")}


def test_a_rating_that_comes_again_opens_nothing_more(hub: Hub) -> None:
    hub.came(rating(1, 1), rating(2, 2))
    hub.came(rating(1, 1), rating(2, 2))
    hub.record.close()
    hub.open()
    hub.came(rating(2, 2), rating(3, 5))
    hub.came({**rating(1, 1), "epoch": "f" * 32})  # the same event, under another place
    assert len(hub.all()) == 2


def test_what_is_not_kept_opens_nothing(hub: Hub) -> None:
    hub.came(rating(2, 1))  # beyond a gap
    assert hub.all() == []
    hub.came(rating(1, 5), rating(2, 1))
    assert len(hub.all()) == 1


@pytest.mark.parametrize("level", ["1", None, [1], 1.5, 0, 6])
def test_a_level_that_is_none_opens_nothing(hub: Hub, level: object) -> None:
    hub.came({**rating(1, 1), "level": level})
    assert hub.all() == []
    assert outside(hub.path, "SELECT count(*) FROM event") == [(1,)]


@pytest.mark.parametrize(
    ("now", "told", "day"),
    [
        ("2026-03-03 00:30", rating(1, 1), "2026-03-02"),  # rated the evening before
        ("2026-03-02 07:59", rating(1, 1), "2026-03-02"),  # it is still 1 March by UTC
        ("2026-03-20 09:00", rating(1, 1), "2026-03-02"),  # the node was away for long
        (MONDAY, rating(1, 1, day="1970-01-01", clock_ok=False), "2026-03-02"),
        (MONDAY, rating(1, 1, day="2031-01-01"), "2026-03-02"),  # a clock that is ahead
        (MONDAY, {**rating(1, 1), "act": "?"}, "2026-03-02"),
        (MONDAY, {**rating(1, 1), "act": None}, "2026-03-02"),
    ],
)
def test_the_day_is_the_halls_where_it_can_be_known(
    hub: Hub, now: str, told: dict[str, Any], day: str
) -> None:
    hub.now = at(now)
    hub.came(told)
    assert [str(each.case.day) for each in hub.all()] == [day]


def test_a_case_keeps_the_limits_that_it_was_opened_under(hub: Hub) -> None:
    hub.came(rating(1, 1))
    hub.record.close()
    hub.open("fifteen-days")
    hub.came(rating(2, 1))
    assert [each.case.limits.name for each in hub.all()] == ["five-days", "fifteen-days"]


def test_a_record_of_the_version_before_is_taken_on(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    Record(store_url(path)).close()
    for table in ("followup", "followup_step", "followup_told"):
        outside(path, f"DROP TABLE {table}")
    outside(path, "UPDATE version SET version = 2")
    hub = Hub(path)
    hub.came(rating(1, 1))
    assert len(hub.all()) == 1
    assert outside(path, "SELECT version FROM version") == [(tables.VERSION,)]
    hub.record.close()


# --- steps ---
def test_steps_are_kept_with_who_and_when(hub: Hub) -> None:
    hub.came(rating(1, 1))
    hub.step(hub.all()[0], Stage.VERIFIED, finding=Finding.PARTLY, note="已回电")
    hub.now = at("2026-03-03 10:00")
    hub.step(hub.all()[0], Stage.RECTIFY_BY, "2026-03-03", until=date(2026, 3, 10))
    assert hub.all()[0].case.steps == (
        Step(Stage.VERIFIED, date(2026, 3, 2), "李", Finding.PARTLY, note="已回电"),
        Step(Stage.RECTIFY_BY, date(2026, 3, 3), "李", until=date(2026, 3, 10)),
    )
    rows = outside(hub.path, "SELECT number, stage, taken_at FROM followup_step ORDER BY number")
    assert rows == [(1, "verified", at(MONDAY)), (2, "rectify_by", at("2026-03-03 10:00"))]


def test_of_two_who_take_a_step_at_once_one_is_told(hub: Hub) -> None:
    hub.came(rating(1, 1))
    (seen,) = hub.all()
    hub.step(seen, Stage.VERIFIED, finding=Finding.CONFIRMED)
    with pytest.raises(Overtaken):
        hub.step(seen, Stage.VERIFIED, finding=Finding.UNFOUNDED)
    assert [step.finding for step in hub.all()[0].case.steps] == [Finding.CONFIRMED]


# --- reminders: five-days is verified in 2 working days, answered in 4, and reminds 1 before ---
def test_each_deadline_is_reminded_of_before_at_and_after_it_once(hub: Hub) -> None:
    hub.came(rating(1, 1))
    told = []
    for day in ("02", "03", "03", "04", "05", "06", "07"):
        hub.now = at(f"2026-03-{day} 10:00")
        told += [(day, *each) for each in hub.reminded()]
    assert told == [("03", "1", "soon"), ("04", "1", "due"), ("05", "1", "overdue")]

    hub.step(hub.all()[0], Stage.VERIFIED, "2026-03-07", finding=Finding.CONFIRMED)
    assert hub.reminded() == [("1", "overdue")], "of the next deadline, 6 March"


def test_a_clock_that_is_set_back_reminds_nobody_again(hub: Hub) -> None:
    hub.came(rating(1, 1))
    told = []
    for day in ("04", "03", "04", "05", "02", "05"):
        hub.now = at(f"2026-03-{day} 10:00")
        told += hub.reminded()
    assert sorted(told) == [("1", "due"), ("1", "overdue"), ("1", "soon")]


def test_a_hub_that_was_off_for_days_tells_only_how_it_stands_now(hub: Hub) -> None:
    hub.came(rating(1, 1))
    hub.now = at("2026-03-20 10:00")
    assert hub.reminded() == [("1", "overdue")]


def test_what_was_not_marked_is_told_again(hub: Hub) -> None:
    hub.came(rating(1, 1))
    hub.now = at("2026-03-05 10:00")
    assert len(hub.record.due_followups().untold) == 1  # and then the hub ends
    assert hub.reminded() == [("1", "overdue")]


def test_the_alerts_are_raised_changed_and_cleared(hub: Hub) -> None:
    hub.came(rating(1, 1))
    assert (hub.alert(DUE), hub.alert(OVERDUE)) == (None, None)

    hub.now = raised = at("2026-03-03 10:00")
    hub.reminded()
    due = hub.alert(DUE)
    assert due
    assert (due.severity, due.since, due.detail) == ("warning", raised, "1: 00000000 3 2026-03-04")

    hub.now = late = at("2026-03-05 10:00")
    hub.reminded()
    hub.now = at("2026-03-09 10:00")
    overdue = hub.alert(OVERDUE)
    assert overdue
    assert (overdue.severity, overdue.since, hub.alert(DUE)) == ("error", late, None)

    for stage in (Stage.VERIFIED, Stage.EXPLAINED, Stage.FED_BACK, Stage.CLOSED):
        finding = Finding.CONFIRMED if stage is Stage.VERIFIED else None
        hub.step(hub.all()[0], stage, "2026-03-09", finding=finding)
    assert (hub.alert(DUE), hub.alert(OVERDUE)) == (None, None)


def test_the_alerts_are_those_of_the_node_that_rated(hub: Hub) -> None:
    hub.came(rating(1, 1))
    hub.came({**rating(1, 2), "id": "a" * 32}, node="n2")
    hub.now = at("2026-03-20 10:00")
    alerts = hub.record.due_followups().alerts
    assert {topic for topic, payload in alerts.items() if payload} == {OVERDUE, OVERDUE.replace("n1", "n2")}
    assert len(json.loads(alerts[OVERDUE])["detail"]) < 100


def test_an_alert_names_a_few_and_counts_all(hub: Hub) -> None:
    hub.came(*(rating(seq, 1) for seq in range(1, 31)))
    hub.now = at("2026-03-20 10:00")
    overdue = hub.alert(OVERDUE)
    assert overdue
    assert overdue.detail.startswith("30: ")
    assert overdue.detail.count("2026-03-04") == 5
    assert overdue.detail.endswith("…")


# --- damage ---
@pytest.mark.parametrize("body", ["", "not JSON", "[]", '{"window": "\\u001b[31m"}'])
def test_a_follow_up_whose_event_was_spoilt_is_still_followed(hub: Hub, body: str) -> None:
    hub.came(rating(1, 1))
    hub.now = at("2026-03-20 10:00")
    outside(hub.path, f"UPDATE event SET body = '{body}'")
    assert hub.reminded() == [("1", "overdue")]
    outside(hub.path, "DELETE FROM event")
    overdue = hub.alert(OVERDUE)
    assert overdue
    assert overdue.detail == "1: 00000000 None 2026-03-04"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE followup SET limits = 'x' WHERE seq = 1",
        "UPDATE followup SET limits = '{}' WHERE seq = 1",
        "UPDATE followup SET limits = replace(limits, ': 2', ': \"2\"') WHERE seq = 1",
        "UPDATE followup SET day = 'tomorrow' WHERE seq = 1",
        f"INSERT INTO followup_step VALUES ('{1:032x}', 1, 'liked', '2026-03-02', '', '', '', '', 0)",
    ],
)
def test_a_follow_up_that_was_spoilt_does_not_stop_the_others(
    hub: Hub, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    hub.came(rating(1, 1), rating(2, 1))
    outside(hub.path, damage)
    hub.now = at("2026-03-20 10:00")
    caplog.clear()
    followup._tell.cache_clear()
    assert hub.reminded() == [("2", "overdue")]
    assert hub.reminded() == []
    assert caplog.text.count("cannot be read, and is left out") == 1


def test_follow_ups_leave_the_event_and_the_chain_alone(hub: Hub) -> None:
    told = rating(1, 1)
    hub.came(told)
    hub.step(hub.all()[0], Stage.VERIFIED, finding=Finding.UNFOUNDED)
    ((body,),) = outside(hub.path, "SELECT body FROM event")
    assert json.loads(body) == told
    assert hub.record.lasts([("h1", "n1", EPOCH)]) == {("h1", "n1", EPOCH): 1}
