"""What a report lacks is named: silent halls and nodes, days, gaps, what does not fit; in its own month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from edge.console.engine import RecordError
from edge.console.record import Record
from edge.console.reports.acts import Node as Counted
from edge.console.reports.missing import Lack, silent
from edge.console.reports.sheets import Row
from tests.integration.node import batch
from tests.report_kit import Node, keep, wall
from tests.stores import only_sqlite, outside
from tests.unit.test_reports_month import made

pytestmark = pytest.mark.usefixtures("both_stores")

DAYS = [date(2026, 10, day) for day in (8, 9, 10, 12, 13)]


def counted(hall: str, node: str, *days: int) -> Counted:
    return Counted(hall, node, days={f"2026-10-{day:02d}" for day in days})


def test_a_hall_that_is_not_expected_is_judged_once_it_has_spoken() -> None:
    assert list(silent([counted("town", "desk")], {}, DAYS)) == [Lack("town", "", "hall_silent", 5)]


def test_days_are_of_a_hall_and_nodes_of_their_own() -> None:
    nodes = [counted("county", "a", 8, 10), counted("county", "b", 9), counted("county", "c")]
    assert list(silent(nodes, {"county": "中心"}, DAYS)) == [
        Lack("county", "c", "node_silent", 5),
        Lack("county", "", "days", 2, "2026-10-12…2026-10-13"),
    ]


def test_on_the_first_morning_nothing_lacks_yet() -> None:
    assert list(silent([], {"county": "中心"}, [])) == []


def test_a_rest_day_with_a_record_is_no_fault_and_one_without_is_not_named() -> None:
    nodes = [counted("county", "a", 8, 9, 10, 11, 12, 13)]  # the 11th is a Sunday
    assert list(silent(nodes, {}, DAYS)) == []


# --- from a record ---
def worked() -> Node:
    node = Node()
    for day in ("2026-09-30", "2026-10-08", "2026-11-02"):
        node.day(day)
        for ticket in ("A001", "A002"):
            node.take(ticket)
            node.call(ticket, "1", 60)
            node.serve(ticket, "1", 300, level=5)
    return node


def lacks(url: str, month: str, what: str) -> Sequence[Row]:
    now = wall("2026-12-01 02:00")
    return [row for row in made(url, month, now).sheet("missing").rows if row[3] == what]


def seqs(node: Node, month: str) -> list[int]:
    begin = wall(f"{month}-01 00:00")
    return [each["seq"] for each in node.events if begin <= each["at"] < begin + 30 * 86_400]


def test_events_that_are_gone_are_of_the_month_in_which_they_were(tmp_path: Path) -> None:
    node = worked()
    url = f"sqlite:///{tmp_path}/r.db"
    first, last = seqs(node, "2026-10")[4], seqs(node, "2026-10")[6]
    with Record(url) as record:
        record.apply([(*node.key, batch(node.events[: first - 1]))])
        key = (*node.key, node.epoch)
        record.apply([(*node.key, batch(node.events[last:]))], resume={key: last + 1})
    what = "events are gone, also from the node"
    assert [row[4:] for row in lacks(url, "2026-10", what)] == [(3, f"seq {first}…{last}")]
    assert lacks(url, "2026-09", what) == []
    assert lacks(url, "2026-11", what) == []


def test_events_that_could_not_be_read(tmp_path: Path) -> None:
    node = worked()
    spoilt = seqs(node, "2026-10")[5]
    node.events[spoilt - 1]["at"] = "noon"
    url = keep(tmp_path / "r.db", node)
    assert [row[4:] for row in lacks(url, "2026-10", "events that could not be read")] == [
        (1, f"seq {spoilt}")
    ]
    assert lacks(url, "2026-09", "events that could not be read") == []


@pytest.mark.parametrize(
    ("table", "values", "what"),
    [
        (
            "unfit",
            "'content', 'rating.given', 0, 1",
            "acts that do not fit into their chain, perhaps altered",
        ),
        ("conflict", "'d', 0, '{}'", "another event came under a place that was taken"),
    ],
)
def test_what_does_not_fit_is_counted_in_its_month(
    tmp_path: Path, table: str, values: str, what: str
) -> None:
    node = worked()
    url = keep(tmp_path / "r.db", node)
    for seq in seqs(node, "2026-10")[:2]:
        place = f"'county', 'desk', '{node.epoch}', {seq}"
        outside(tmp_path / "r.db", f"INSERT INTO {table} VALUES ({place}, {values})")
    assert [row[:2] + row[4:5] for row in lacks(url, "2026-10", what)] == [("county", "desk", 2)]
    assert lacks(url, "2026-11", what) == []


def test_telemetry_that_made_room_is_said(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.tell("dropped")
    url = keep(tmp_path / "r.db", node)
    assert [row[4] for row in lacks(url, "2026-10", "changes of devices made room for acts")] == [1]


def test_one_hall_s_report_names_that_hall_s_lacks_only(tmp_path: Path) -> None:
    county, town = worked(), Node("town", "desk", "f")
    town.day("2026-10-08")
    town.tell("dropped")
    url = keep(tmp_path / "r.db", county, town)
    report = made(url, "2026-10", wall("2026-12-01 02:00"), "county")
    assert {row[0] for row in report.sheet("missing").rows} == {"county"}
    assert [row[0] for row in report.sheet("halls").rows] == ["county"]
    both = made(url, "2026-10", wall("2026-12-01 02:00"))
    assert [row[:4] for row in both.sheet("halls").rows] == [
        ("county", "", "已报 yes", 2),
        ("town", "", "已报 yes", 0),  # it was open, and nobody came
    ]
    november = made(url, "2026-11", wall("2026-12-01 02:00"))
    assert [row[:4] for row in november.sheet("halls").rows] == [
        ("county", "", "已报 yes", 2),
        ("town", "", "缺报 missing", None),
    ]


@only_sqlite  # the other keeps no text that is none
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("'no json'", "is damaged ('no json' …): run hall-console verify"),
        ("CAST(x'ff' AS TEXT)", "Could not decode"),
    ],
)
def test_a_record_that_was_damaged_is_refused_with_words(tmp_path: Path, body: str, words: str) -> None:
    node = worked()
    url = keep(tmp_path / "r.db", node)
    seq = seqs(node, "2026-10")[3]
    outside(tmp_path / "r.db", f"UPDATE event SET body = {body} WHERE seq = {seq}")
    with pytest.raises(RecordError, match=re.escape(words)):
        made(url)


@pytest.mark.parametrize("promise", ["soon", None, -5, 1e999, [1], {}])
def test_what_a_node_says_wrongly_of_a_promise_is_no_promise(tmp_path: Path, promise: object) -> None:
    node = worked()
    for event in node.events:
        if event["kind"] == "service.finished":
            event["promise_min"] = promise
    totals = made(keep(tmp_path / "r.db", node)).sheet("halls").totals
    assert totals is not None
    assert totals[3] == 2
    assert totals[-5:-3] == (0, None)
