"""Events looked for: every one that is wanted once, newest first, over all pages, whatever clocks said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, text

from edge.console import tables
from edge.console.engine import open_engine
from edge.console.finding import events as finding
from edge.console.finding.events import Event, Found, find
from edge.console.finding.wanted import BadCursor, Cursor, Wanted
from edge.console.record import Record
from tests.report_kit import Node, keep, wall
from tests.stores import only_sqlite, outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    engine = open_engine(url, read_only=True)
    try:
        with engine.connect() as db:
            yield db
    finally:
        engine.dispose()


def day(node: Node, number: int = 3) -> None:
    node.day("2026-10-08")
    for n in range(1, number + 1):
        ticket = f"A{n:03d}"
        node.take(ticket)
        node.call(ticket, str(n % 3), 60.0)
        node.serve(ticket, str(n % 3), 60.0, level=5)
    node.tell("device.changed", device="printer-1", state="backoff", conditions=["paper_end"])
    node.tell("camera.fault", camera="cam-1", fault="dark", on=True, details={})


def all_pages(db: Connection, wanted: Wanted, limit: int) -> list[Event]:
    """As somebody turns them, each by the address of the one before."""
    found: list[Event] = []
    for _ in range(1000):
        page = find(db, wanted, limit)
        found += page.events
        if page.more is None:
            return found
        wanted = Wanted(**{name: getattr(wanted, name) for name in Wanted.__slots__} | {
            "before": Cursor.parse(page.more.text)
        })  # fmt: skip
    raise AssertionError("no end")


def seqs(found: Found | list[Event]) -> list[int]:
    return [each.seq for each in (found.events if isinstance(found, Found) else found)]


def test_a_page_is_the_newest_and_the_next_goes_on(tmp_path: Path) -> None:
    node = Node()
    day(node)
    count = len(node.events)
    with opened(keep(tmp_path / "r.db", node)) as db:
        page = find(db, Wanted(hall="county"), 4)
        assert seqs(page) == [count, count - 1, count - 2, count - 3]
        assert (page.looked, page.complete) == (4, True)
        for limit in (1, 3, 200):
            assert seqs(all_pages(db, Wanted(hall="county"), limit)) == list(range(count, 0, -1))


def test_each_question_finds_what_it_asks(tmp_path: Path) -> None:
    node, other = Node(), Node(hall="town", epoch="f")
    day(node)
    day(other, 1)
    url = keep(tmp_path / "r.db", node, other)

    def kinds(wanted: Wanted) -> list[str]:
        with opened(url) as db:
            found = find(db, wanted, 200)
            assert found.complete
            return [f"{each.hall} {each.kind}" for each in found.events]

    act = ("rating.given", "service.finished", "service.started", "ticket.called", "ticket.printed")
    assert kinds(Wanted(hall="county", ticket="A002")) == [
        f"county {kind}" for kind in (*act, "ticket.reserved")
    ]
    assert sorted(kinds(Wanted(kinds=("day.opened",)))) == ["county day.opened", "town day.opened"]
    assert kinds(Wanted(hall="town", kinds=("rating.given", "day.opened"))) == [
        "town rating.given",
        "town day.opened",
    ]
    assert kinds(Wanted(device="printer-1", hall="town")) == ["town device.changed"]
    assert kinds(Wanted(device="cam-1", hall="town")) == ["town camera.fault"]
    assert kinds(Wanted(text="PAPER_End", hall="town")) == ["town device.changed"]
    assert len(kinds(Wanted(window="1", staff="1001"))) == 8
    assert kinds(Wanted(node="nobody", kinds=("day.opened",))) == []
    since = wall("2026-10-08 08:01")
    assert len(kinds(Wanted(hall="town", until_s=since))) == 3
    assert len(kinds(Wanted(hall="town", since_s=since))) == len(other.events) - 3
    assert len(kinds(Wanted())) == len(node.events) + len(other.events)


def test_events_of_wrong_clocks_stand_in_their_order_at_their_node(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    for drift in (0.0, -1.79e9, 2.3e9, 0.0):
        node.drift = drift
        node.tell("window.paused", 60.0, window="1", staff="1001")
    with opened(keep(tmp_path / "r.db", node)) as db:
        assert seqs(all_pages(db, Wanted(hall="county", node="desk"), 2)) == [5, 4, 3, 2, 1]
        assert seqs(all_pages(db, Wanted(hall="county"), 2)) == [4, 5, 2, 1, 3]


def test_a_node_with_two_databases_is_read_from_the_newer(tmp_path: Path) -> None:
    old, new = Node(epoch="f"), Node(epoch="a")
    old.day("2026-10-08")
    new.day("2026-10-09")
    old.tell("window.paused", window="1", staff="1")
    new.tell("window.paused", window="1", staff="1")
    with opened(keep(tmp_path / "r.db", old, new)) as db:
        for limit in (1, 2, 3, 10):
            found = all_pages(db, Wanted(hall="county", node="desk"), limit)
            assert [(each.epoch[0], each.seq) for each in found] == [("a", 2), ("a", 1), ("f", 2), ("f", 1)]


def test_what_is_rare_is_looked_for_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next page looks on, until it is found."""
    node = Node()
    node.day("2026-10-08")
    for n in range(300):
        node.tell("window.paused", window="needle" if n == 7 else "1", staff="1001")
    monkeypatch.setattr(finding, "LOOKED", 100)
    with opened(keep(tmp_path / "r.db", node)) as db:
        first = find(db, Wanted(hall="county", window="needle"))
        assert (first.events, first.looked, first.complete) == ((), 100, False)
        assert first.more is not None
        assert seqs(all_pages(db, Wanted(hall="county", window="needle"), 10)) == [9]


def test_equal_times_in_many_halls_are_each_told_once(tmp_path: Path) -> None:
    nodes = [Node(hall=f"h{n}", node=f"n{n % 2}", epoch=f"{n:x}") for n in range(5)]
    for node in nodes:
        node.day("2026-10-08")
        for _ in range(3):
            node.tell("window.paused", window="1", staff="1001")
    with opened(keep(tmp_path / "r.db", *nodes)) as db:
        found = all_pages(db, Wanted(), 3)
        assert len(found) == len({(each.hall, each.seq) for each in found}) == 20
        assert found == sorted(found, key=lambda e: (e.at, e.hall, e.node, e.epoch, e.seq), reverse=True)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(hall="' OR 1=1 --", ticket="' OR 1=1 --"),
        Wanted(kinds=("x' UNION SELECT body FROM event --",)),
        Wanted(hall="county", text="%"),
        Wanted(hall="county", window="_"),
    ],
)
def test_what_people_type_is_no_sql(tmp_path: Path, wanted: Wanted) -> None:
    node = Node()
    day(node)
    with opened(keep(tmp_path / "r.db", node)) as db:
        assert find(db, wanted).events == ()


@only_sqlite
def test_a_damaged_event_is_shown_as_it_is(tmp_path: Path) -> None:
    node = Node()
    day(node)
    path = tmp_path / "r.db"
    url = keep(path, node)
    engine = open_engine(url)
    with engine.begin() as db:
        db.execute(text("UPDATE event SET body = CAST(x'ff7b' AS TEXT) WHERE seq = 2"))
        db.execute(text("UPDATE event SET body = x'00ff' WHERE seq = 3"))
    engine.dispose()
    with opened(url) as db:
        bodies = {each.seq: (each.body, each.told) for each in find(db, Wanted(hall="county"), 200).events}
        assert bodies[2] == ("\ufffd{", {})
        assert bodies[3] == ("\0\ufffd", {})
        assert find(db, Wanted(hall="county", ticket="A001")).complete


@given(st.text(max_size=40) | st.from_regex(r"[0-9.e]{1,9}~[a-z]~[a-z]~[a-f]~-?[0-9]{1,30}", fullmatch=True))
def test_a_cursor_is_one_of_ours_or_refused(typed: str) -> None:
    try:
        found = Cursor.parse(typed)
    except BadCursor:
        return
    assert Cursor.parse(found.text) == found


def plan_of(engine: Engine, ask: Callable[[Connection], object]) -> list[str]:
    said: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *a: said.append((a[2], a[3])))
    with engine.connect() as db:
        ask(db)
        plans = [db.connection.cursor().execute(f"EXPLAIN QUERY PLAN {sql}", args).fetchall()
                 for sql, args in list(said)]  # fmt: skip
    return [str(row[3]) for plan in plans for row in plan]


@only_sqlite
@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(hall="county"),
        Wanted(hall="county", kinds=("a", "b"), since_s=1.0, until_s=2e9),
        Wanted(kinds=("a", "b")),
        Wanted(hall="county", node="desk"),
        Wanted(hall="county", before=Cursor(1.8e9, "county", "desk", "e" * 32, 5)),
    ],
)
def test_no_question_reads_the_whole_record_or_sorts_it(tmp_path: Path, wanted: Wanted) -> None:
    node = Node()
    day(node)
    engine = open_engine(keep(tmp_path / "r.db", node))
    plans = plan_of(engine, lambda db: find(db, wanted))
    engine.dispose()
    assert plans
    assert not [plan for plan in plans if "SCAN event" in plan or "TEMP B-TREE FOR ORDER" in plan], plans


@only_sqlite
def test_a_record_of_before_gets_the_indexes(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    url = store_url(path)
    Record(url).close()
    engine = open_engine(url)
    with engine.begin() as db:
        for name in ("event_hall_at", "event_hall_kind_at"):
            db.execute(text(f"DROP INDEX {name}"))
        db.execute(tables.version.update().values(version=4))
    engine.dispose()
    Record(url).close()
    names = {row[0] for row in outside(path, "SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert {"event_kind_at", "event_hall_at", "event_hall_kind_at"} <= names
