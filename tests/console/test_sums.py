"""What the pages count: folded from the record, the same however often and by whom it is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, text
from typer.testing import CliRunner

from edge.console import tables
from edge.console.cli import app
from edge.console.engine import open_engine
from edge.console.record import Record
from edge.console.reports.watched import Device
from edge.console.sums import follower as following
from edge.console.sums.asking import (
    Total,
    by_hour,
    days,
    hours_by_weekday,
    one_day,
    ratings_between,
    today,
    waits_error,
)
from edge.console.sums.devices import availability, device_history, period_of
from edge.console.sums.follower import Follower
from edge.console.sums.keeping import forget
from edge.console.sums.model import UNKNOWN_HOUR
from tests.report_kit import CHINA, Node, keep, wall
from tests.stores import store_url

pytestmark = pytest.mark.usefixtures("both_stores")

DAY = date(2026, 10, 8)  # a Thursday


@contextmanager
def counted(url: str) -> Iterator[Connection]:
    """The record with its sums up to date."""
    with closing(Follower(url, CHINA)) as follower:
        follower.catch_up()
    engine = open_engine(url, read_only=True)
    try:
        with engine.connect() as db:
            yield db
    finally:
        engine.dispose()


def busy_day(node: Node, day: str = "2026-10-08") -> None:
    """Two at tax, one of whom rates; one who does not come."""
    node.day(day)
    node.tell("staff.logged_in", window="1", staff="1001")
    for number, waits_s in ((1, 600.0), (2, 1200.0), (3, 60.0)):
        ticket = f"A{number:03d}"
        node.take(ticket)
        node.call(ticket, "1", waits_s)
        if number == 3:
            node.tell("ticket.no_show", 60.0, ticket=ticket, window="1", staff="1001")
        else:
            node.serve(ticket, "1", 300.0, level=2 if number == 1 else None)
    node.tell("staff.logged_out", window="1", staff="1001", reason="key")


def told(node: Node, ticket: str, p50_s: int | None, waits_s: float) -> None:
    fact = {"number": 1, "session": ticket, "can_show": True, "priority": "", "wait_p50_s": p50_s}
    node.tell("ticket.reserved", ticket=ticket, service="land", **fact)
    node.tell("ticket.printed", ticket=ticket, copies=1)
    node.call(ticket, "2", waits_s)


def test_a_day_is_counted(tmp_path: Path) -> None:
    node = Node()
    busy_day(node)
    with counted(keep(tmp_path / "r.db", node)) as db:
        assert today(db, DAY) == {
            "county": Total(3, 3, 2, 1, 3, 1860.0, 1200.0, 0, 0.0, good=0, bad=1, missed=1)
        }
        assert today(db, DAY, "other") == {}
        day = one_day(db, "county", DAY)
        desk = day.windows["1"]
        assert (desk.called, desk.served, desk.no_show, desk.levels) == (3, 2, 1, {2: 1})
        assert desk.missed == {"time_limit": 1}
        assert desk.staffed_s == day.open[0][1] - day.open[0][0] == 600 + 1200 + 60 + 60 + 2 * 300 + 35
        assert {hour: flow.arrivals for hour, flow in by_hour(day).items()} == {8: 3}
        assert by_hour(day, "land") == {}


def test_a_wait_belongs_to_the_hour_of_its_call(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.take("A001")
    node.call("A001", "1", 2 * 3600.0)
    node.call("A001", "1", 60.0)  # a further call is no further wait
    with counted(keep(tmp_path / "r.db", node)) as db:
        flows = by_hour(one_day(db, "county", DAY))
        assert [(hour, flow.arrivals, flow.called, flow.wait_s) for hour, flow in flows.items()] == [
            (8, 1, 0, 0.0),
            (10, 0, 1, 7200.0),
        ]


def test_what_was_told_of_a_wait_is_compared_with_it(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    for ticket, p50_s, waits_s in (("D001", 600, 900.0), ("D002", 600, 500.0), ("D003", None, 50.0)):
        told(node, ticket, p50_s, waits_s)
    with counted(keep(tmp_path / "r.db", node)) as db:
        total = waits_error(db, "", DAY, DAY)["county"]
        assert (total.wait_n, total.told_n, total.mean_told_err_s) == (3, 2, 200.0)


def test_ratings_are_counted_once_an_act_with_their_reasons(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.take("A001")
    node.call("A001", "3", 60.0)
    by = {"act": "2026-10-08/A001", "ticket": "A001", "window": "3", "staff": "1003"}
    for _ in range(2):
        node.tell("rating.given", **by, level=1, raw=1, reasons=[2, 7, 2])
    with counted(keep(tmp_path / "r.db", node)) as db:
        desk = ratings_between(db, DAY, DAY)["county", "3"]
        assert (desk.levels, desk.reasons) == ({1: 1}, {"1/2": 1, "1/7": 1})
        assert ratings_between(db, DAY, DAY, window="4") == {}


def test_a_clock_that_was_set_makes_no_wait_and_no_hour(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.take("A001")
    node.drift = 86_400.0 * 365
    node.call("A001", "1", 300.0)
    with counted(keep(tmp_path / "r.db", node)) as db:
        flow = by_hour(one_day(db, "county", DAY))[UNKNOWN_HOUR]
        assert (flow.called, flow.wait_s) == (1, 300.0)


def test_days_and_weekdays(tmp_path: Path) -> None:
    one, two = Node(), Node(node="side")
    for day in ("2026-10-08", "2026-10-09", "2026-10-15"):
        busy_day(one, day)
    busy_day(two)
    with counted(keep(tmp_path / "r.db", one, two)) as db:
        found = days(db, "county", DAY, date(2026, 10, 10))
        assert {day.day: total.arrivals for (_, day), total in found.items()} == {8: 6, 9: 3}
        weekly = hours_by_weekday(db, "county", DAY, date(2026, 10, 31))
        assert weekly.days == {3: 2, 4: 1}
        assert sum(flow.arrivals for (weekday, _), flow in weekly.flows.items() if weekday == 3) == 9


def test_what_comes_after_is_added_and_a_new_follower_goes_on(tmp_path: Path) -> None:
    """Each time by another follower, which knows nothing of the one before."""
    node, url = Node(), store_url(tmp_path / "r.db")
    busy_day(node)
    busy_day(node, "2026-10-09")
    events, node.events = node.events, []
    for event in events:
        node.events = [event]
        keep(tmp_path / "r.db", node)
        with counted(url):
            pass
    node.events = events
    once = keep(tmp_path / "once.db", node)
    with counted(url) as db, counted(once) as other:
        wanted = select(tables.day_sum).order_by(tables.day_sum.c.seq)
        assert db.execute(wanted).all() == other.execute(wanted).all()
        assert len(db.execute(wanted).all()) == 2


def test_counting_goes_on_over_small_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node()
    for day in ("2026-10-08", "2026-10-09"):
        busy_day(node, day)
    whole = keep(tmp_path / "a.db", node)
    with counted(whole) as db:
        expected = db.execute(select(tables.day_sum)).all()
    monkeypatch.setattr(following, "CHUNK", 3)
    with counted(keep(tmp_path / "b.db", node)) as db:
        assert db.execute(select(tables.day_sum)).all() == expected


def test_an_epoch_after_another_on_the_same_day_is_added(tmp_path: Path) -> None:
    """A node that got a new database goes on with the day; both halves are of it."""
    old, new = Node(), Node(epoch="f")
    busy_day(old)
    busy_day(new)
    with counted(keep(tmp_path / "r.db", old, new)) as db:
        assert today(db, DAY)["county"].arrivals == 6


def test_two_that_count_at_once_count_nothing_twice(tmp_path: Path) -> None:
    node = Node()
    busy_day(node)
    url = keep(tmp_path / "r.db", node)
    with closing(Follower(url, CHINA)) as one, closing(Follower(url, CHINA)) as two:
        for _ in range(3):
            one.step()
            two.step()
        busy_day(node, "2026-10-09")
        keep(tmp_path / "r.db", node)
        two.catch_up()
        one.catch_up()
    with counted(url) as db:
        assert [total.arrivals for total in days(db, "", DAY, date(2026, 10, 9)).values()] == [3, 3]


def test_a_damaged_event_is_passed_over_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    node = Node()
    busy_day(node)
    url = keep(tmp_path / "r.db", node)
    engine = open_engine(url)
    with engine.begin() as db:
        db.execute(text("UPDATE event SET body = 'gone' WHERE kind = 'ticket.called'"))
    engine.dispose()
    with counted(url) as db:
        assert today(db, DAY)["county"].arrivals == 3
        assert today(db, DAY)["county"].called == 0
    assert [record.message for record in caplog.records if "not counted" in record.message] != []
    assert len([record for record in caplog.records if "not counted" in record.message]) == 1


def test_recount_makes_again_what_somebody_has_damaged(tmp_path: Path) -> None:
    node = Node()
    busy_day(node)
    url = keep(tmp_path / "r.db", node)
    with counted(url) as db:
        before = db.execute(select(tables.day_sum)).all()
    engine = open_engine(url)
    with engine.begin() as db:
        db.execute(text("UPDATE day_sum SET arrivals = 99, body = '{'"))
        db.execute(delete(tables.device_change))
    with engine.connect() as db:
        assert one_day(db, "county", DAY).windows == {}  # left out, and not an error of the page
    engine.dispose()
    done = CliRunner().invoke(app, ["recount", "--store", url])
    assert done.exit_code == 0, done.output
    assert f"{len(node.events)} events" in done.output
    with counted(url) as db:
        assert db.execute(select(tables.day_sum)).all() == before


def test_recount_refuses_what_is_no_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    done = CliRunner().invoke(app, ["recount", "--store", f"sqlite:///{tmp_path}/nowhere.db"])
    assert done.exit_code == 2
    assert "cannot be counted anew" in caplog.text
    assert not (tmp_path / "nowhere.db").exists()


def test_a_follower_notices_that_another_began_anew(tmp_path: Path) -> None:
    node = Node()
    busy_day(node)
    url = keep(tmp_path / "r.db", node)
    with closing(Follower(url, CHINA)) as follower:
        assert follower.catch_up() == len(node.events)
        with Record(url) as record:
            record.forget_sums("county")
        assert follower.catch_up() == len(node.events)
    engine = open_engine(url)
    with engine.begin() as db:
        forget(db, "other")
        assert db.execute(select(tables.sum_cursor.c.last_seq)).scalar_one() == len(node.events)
    engine.dispose()


def change(node: Node, state: str, after_s: float = 0.0, device: str = "printer-1", *codes: str) -> None:
    node.tell("device.changed", after_s, device=device, state=state, conditions=list(codes))


def test_devices_have_a_history_and_a_share(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.tell("staff.logged_in", window="1", staff="1001")
    change(node, "online")
    change(node, "backoff", 3600.0, "printer-1", "no_reply")
    change(node, "online", 1800.0)
    node.tell("staff.logged_out", 3600.0, window="1", staff="1001", reason="key")
    with counted(keep(tmp_path / "r.db", node)) as db:
        period = period_of(DAY, DAY, CHINA, wall("2026-10-08 12:00"))
        assert period == (wall("2026-10-08 00:00"), wall("2026-10-08 12:00"))
        newest = device_history(db, Device("county", "desk", "printer-1"), period)
        assert [(each.state, each.conditions) for each in newest] == [
            ("online", ()),
            ("backoff", ("no_reply",)),
            ("online", ()),
        ]
        (found,) = availability(db, "county", DAY, DAY, period)
        assert found.device == Device("county", "desk", "printer-1")
        assert found.found.open_rate == pytest.approx(7200 / 9000)
        assert [each.state for each in found.stretches] == ["up", "down", "up"]


def test_a_device_that_stands_since_long_is_known(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-09-01")
    change(node, "online")
    node.day("2026-10-08")
    with counted(keep(tmp_path / "r.db", node)) as db:
        period = period_of(date(2026, 10, 7), date(2026, 10, 7), CHINA, wall("2026-10-09 00:00"))
        (found,) = availability(db, "county", date(2026, 10, 7), date(2026, 10, 7), period)
        assert found.found.rate == 1.0
        assert [(each.begin, each.end) for each in found.stretches] == [period]


def test_old_changes_of_devices_go(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    change(node, "online")
    change(node, "backoff", 86_400.0)
    url = keep(tmp_path / "r.db", node)
    later = wall("2026-10-08 12:00") + following.KEEP_CHANGES_S
    with closing(Follower(url, CHINA, now=lambda: later)) as follower:
        follower.catch_up()
    with counted(url) as db:
        assert db.execute(select(tables.device_change.c.state)).scalars().all() == ["backoff"]


def test_hostile_names_are_bounded(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    for number in range(450):
        node.tell("ticket.no_show", ticket="A001", window=f"{number}" + "x" * 5000, staff="1")
    change(node, "on\0line" * 20, 0.0, "<b>" * 100, "c" * 500)
    with counted(keep(tmp_path / "r.db", node)) as db:
        windows = one_day(db, "county", DAY).windows
        assert len(windows) == 401
        assert windows["…"].no_show == 50
        row = db.execute(select(tables.device_change)).one()
        assert (len(row.device), len(row.state), "\0" in row.state) == (64, 32, False)
        assert json.loads(row.conditions) == ["c" * 64]
