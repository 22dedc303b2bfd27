"""Availability of devices, from the changes that a node tells: by hand."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.console.reports.devices import Change, Hours, Stretch, availability, histories, starts, united
from edge.console.reports.sheets import Value
from tests.report_kit import Node, keep, wall
from tests.unit.test_reports_month import made, row

HOUR = 3600.0


def told(*changes: tuple[float, str, str]) -> list[Change]:
    return [Change(seq, hours * HOUR, device, state) for seq, (hours, device, state) in enumerate(changes, 1)]


def stretches(
    changes: list[Change], last: float, ended: float | None = None
) -> dict[str, list[tuple[float, float, str]]]:
    """In hours. `ended`: of the last event before a start."""
    found = histories(changes, lambda _: ended and ended * HOUR, last * HOUR)
    return {
        device: [(each.begin / HOUR, each.end / HOUR, each.state) for each in its]
        for device, its in found.items()
    }


def test_a_state_holds_until_the_next_and_the_last_until_the_newest_event() -> None:
    changes = told((1, "p", "online"), (3, "p", "backoff"), (4, "p", "degraded"))
    assert stretches(changes, 6) == {"p": [(1, 3, "up"), (3, 4, "down"), (4, 6, "degraded")]}


def test_what_is_down_in_another_way_is_the_same_outage() -> None:
    changes = told((1, "p", "backoff"), (2, "p", "faulted"), (3, "p", "online"))
    assert stretches(changes, 4) == {"p": [(1, 3, "down"), (3, 4, "up")]}


def test_a_state_told_twice_is_a_start_before_which_nothing_is_known() -> None:
    changes = told((1, "p", "online"), (1, "s", "online"), (10, "s", "backoff"), (10.01, "p", "online"))
    assert starts(changes) == {0, 2}  # with what was told just before
    assert stretches(changes, 12, ended=5) == {
        "p": [(1, 5, "up"), (10.01, 12, "up")],
        "s": [(1, 5, "up"), (10, 12, "down")],
    }


def test_a_device_that_is_slow_after_a_start_is_no_second_start_and_one_that_is_gone_is_unknown() -> None:
    changes = told(
        (1, "p", "online"),
        (1, "slow", "online"),
        (1, "gone", "online"),
        (10, "p", "online"),
        (10.1, "slow", "online"),
    )
    assert starts(changes) == {0, 3}
    assert stretches(changes, 12, ended=5)["gone"] == [(1, 5, "up")]


def test_conditions_of_a_device_that_works_are_no_outage() -> None:
    first = Change(1, HOUR, "p", "online")
    low = Change(2, 2 * HOUR, "p", "online", ("paper_low",))
    assert starts([first, low]) == {0}
    assert stretches([first, low], 3) == {"p": [(1, 3, "up")]}


def test_rates_outages_and_repair_by_hand() -> None:
    """Of 24 hours: 2 unknown, 16 up (2 of them degraded), 6 down in two outages; open 8 to 18."""
    its = [
        Stretch(2 * HOUR, 9 * HOUR, "up"),
        Stretch(9 * HOUR, 10 * HOUR, "down"),
        Stretch(10 * HOUR, 12 * HOUR, "degraded"),
        Stretch(12 * HOUR, 17 * HOUR, "down"),
        Stretch(17 * HOUR, 24 * HOUR, "up"),
    ]
    found = availability(its, (0.0, 24 * HOUR), Hours([(8 * HOUR, 12 * HOUR), (11 * HOUR, 18 * HOUR)]))
    assert (found.up_s, found.degraded_s, found.down_s, found.unknown_s) == (
        16 * HOUR,
        2 * HOUR,
        6 * HOUR,
        2 * HOUR,
    )
    assert (found.outages, found.longest_s, found.mttr_s) == (2, 5 * HOUR, 3 * HOUR)
    assert (found.rate, found.open_rate) == (16 / 22, 4 / 10)


def test_an_outage_is_cut_at_the_month_s_edges_and_repaired_where_it_ends() -> None:
    its = [Stretch(0.0, 10.0, "down"), Stretch(10.0, 90.0, "up"), Stretch(90.0, 120.0, "down")]
    found = availability(its, (5.0, 100.0), Hours([]))
    assert (found.down_s, found.outages, found.longest_s, found.repaired) == (15.0, 2, 10.0, [10.0])
    assert found.open_rate is None


def test_an_outage_whose_end_nobody_saw_is_not_repaired() -> None:
    its = [Stretch(0.0, 10.0, "down"), Stretch(50.0, 90.0, "up")]
    assert availability(its, (0.0, 100.0), Hours([])).mttr_s is None


def test_spans_are_united() -> None:
    assert united([(5, 7), (1, 3), (2, 4), (7, 8)]) == [(1, 4), (5, 8)]


def test_open_hours_within_a_stretch() -> None:
    hours = Hours([(8, 12), (14, 18)])
    wanted = {
        (0, 24): 8,
        (9, 15): 4,
        (12, 14): 0,
        (8, 12): 4,
        (0, 8): 0,
        (18, 24): 0,
        (10, 11): 1,
        (13, 13): 0,
    }
    assert {span: hours.within(*span) for span in wanted} == wanted


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)).map(sorted).map(tuple), max_size=8))
def test_open_hours_are_those_counted_one_by_one(spans: list[tuple[int, int]]) -> None:
    is_open = [any(begin <= hour < end for begin, end in spans) for hour in range(100)]
    hours = Hours(spans)
    for begin in range(0, 100, 7):
        for end in range(begin, 100, 11):
            assert hours.within(begin, end) == sum(is_open[begin:end])


def test_in_a_report(tmp_path: Path) -> None:
    """Open on the 8th from 8:00 to 18:00 by its staff; the printer is down from 9:00 to 11:00."""
    node = Node()
    node.day("2026-10-08")
    node.tell("device.changed", device="printer", state="online", conditions=[])
    node.tell("staff.logged_in", window="1", staff="1001")
    node.tell("device.changed", HOUR, device="printer", state="backoff", conditions=["offline"])
    node.tell("device.changed", 2 * HOUR, device="printer", state="online", conditions=[])
    node.tell("staff.logged_out", 7 * HOUR, window="1", staff="1001", reason="key")
    node.tell("notice.set", 2 * HOUR, text="")  # the newest event: at 20:00
    found = row(made(keep(tmp_path / "r.db", node)).sheet("devices"), "county", "desk", "printer")
    wanted: dict[str, Value] = {
        "Availability": round(10 / 12, 6),
        "Availability in open hours": 0.8,
        "Up, h": 10.0,
        "Down, h": 2.0,
        "Unknown, h": 31 * 24 - 12.0,
        "Outages": 1,
        "Mean time to repair, min": 120.0,
    }
    assert {name: found[name] for name in wanted} == wanted


def test_a_hall_that_logs_out_by_the_day_s_end_was_open_until_its_last_act(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.tell("device.changed", device="printer", state="online", conditions=[])
    node.tell("staff.logged_in", window="1", staff="1001")
    node.take("A001")
    node.call("A001", "1", 4 * HOUR)
    node.at = wall("2026-10-09 08:00")
    node.tell("staff.logged_out", window="1", staff="1001", reason="day_end")
    node.tell("day.opened", day="2026-10-09")
    node.tell("device.changed", device="printer", state="backoff", conditions=[])
    node.tell("notice.set", HOUR, text="")
    found = row(made(keep(tmp_path / "r.db", node)).sheet("devices"), "county", "desk", "printer")
    assert found["Availability in open hours"] == 1.0
    assert found["Availability"] == 0.96  # 24 of 25 hours
