"""The record: each event once, nothing acknowledged that is not kept, nothing overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import edge.console.record
from edge.console.engine import RecordError
from edge.console.record import Record
from tests.integration.node import batch, event
from tests.stores import only_sqlite, outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")

EPOCH = "e" * 32
KEY = ("h1", "n1", EPOCH)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def record(path: Path) -> Iterator[Record]:
    with Record(store_url(path), now=lambda: 9.0) as opened:
        yield opened


def seqs(path: Path) -> list[int]:
    return [seq for (seq,) in outside(path, "SELECT seq FROM event ORDER BY epoch, seq")]


def payload(first: int, last: int, epoch: str = EPOCH) -> bytes:
    return batch(event(epoch, seq) for seq in range(first, last + 1))


def test_a_batch_is_kept_with_its_cursor(record: Record, path: Path) -> None:
    events = [event(EPOCH, seq, note="中文") for seq in (1, 2, 3)]
    done = record.apply([("h1", "n1", batch(events))])
    assert (done[KEY].last, done[KEY].applied, done[KEY].seen) == (3, 3, 3)
    assert record.lasts([KEY]) == {KEY: 3}
    rows = outside(path, "SELECT hall, node, epoch, seq, id, kind, at, body FROM event ORDER BY seq")
    assert [row[:7] for row in rows] == [
        ("h1", "n1", EPOCH, e["seq"], e["id"], "ticket.called", 1.7e9) for e in events
    ]
    assert [json.loads(row[7]) for row in rows] == events


def test_nodes_halls_and_epochs_do_not_meet(record: Record, path: Path) -> None:
    other = "f" * 32
    record.apply([("h1", "n1", payload(1, 2)), ("h1", "n2", payload(1, 3)), ("h2", "n1", payload(1, 4))])
    record.apply([("h1", "n1", payload(1, 5, other))])
    expected = {KEY: 2, ("h1", "n2", EPOCH): 3, ("h2", "n1", EPOCH): 4, ("h1", "n1", other): 5}
    assert record.lasts(expected) == expected
    assert outside(path, "SELECT count(*) FROM event") == [(14,)]


def test_what_came_before_is_dropped_and_still_answered(record: Record, path: Path) -> None:
    first = payload(1, 5)
    record.apply([("h1", "n1", first)])
    done = record.apply([("h1", "n1", first), ("h1", "n1", payload(6, 7)), ("h1", "n1", first)])
    assert (done[KEY].last, done[KEY].applied, done[KEY].duplicates) == (7, 2, 10)
    assert seqs(path) == [1, 2, 3, 4, 5, 6, 7]
    assert outside(path, "SELECT * FROM conflict") == []


def test_nothing_beyond_a_gap_is_kept(record: Record, path: Path) -> None:
    done = record.apply([("h1", "n1", payload(1, 2)), ("h1", "n1", payload(4, 6))])
    assert (done[KEY].last, done[KEY].seen) == (2, 6)
    assert seqs(path) == [1, 2]
    assert record.apply([("h1", "n1", payload(3, 3))])[KEY].last == 3


def test_a_new_epoch_begins_at_one(record: Record) -> None:
    done = record.apply([("h1", "n1", payload(5, 6))])
    assert (done[KEY].last, done[KEY].applied) == (0, 0)


def test_another_event_in_a_place_that_is_taken_is_kept_apart(
    record: Record, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    original = event(EPOCH, 1, level=1)
    record.apply([("h1", "n1", batch([original]))])
    other_id, other_body = event(EPOCH, 1, level=5), {**original, "level": 5}
    for _ in range(3):
        record.apply([("h1", "n1", batch([other_id])), ("h1", "n1", batch([other_body]))])
    assert json.loads(outside(path, "SELECT body FROM event")[0][0]) == original
    kept = [json.loads(body) for (body,) in outside(path, "SELECT body FROM conflict")]
    assert sorted(kept, key=str) == sorted([other_id, other_body], key=str)
    assert "is now another one" in caplog.text


def test_a_conflict_within_one_call_is_seen(record: Record, path: Path) -> None:
    record.apply([("h1", "n1", batch([event(EPOCH, 1)])), ("h1", "n1", batch([event(EPOCH, 1)]))])
    assert outside(path, "SELECT count(*) FROM event") == [(1,)]
    assert outside(path, "SELECT count(*) FROM conflict") == [(1,)]


def test_telemetry_that_the_node_dropped_after_it_was_recorded_is_no_conflict(
    record: Record, path: Path
) -> None:
    original = event(EPOCH, 1, kind="device.changed")
    record.apply([("h1", "n1", batch([original]))])
    record.apply([("h1", "n1", batch([event(EPOCH, 1, kind="dropped")]))])
    assert outside(path, "SELECT kind FROM event") == [("device.changed",)]
    assert outside(path, "SELECT * FROM conflict") == []


def test_a_malformed_event_is_kept_apart_and_does_not_stop_its_node(
    record: Record, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = {**event(EPOCH, 2), "id": "?"}
    done = record.apply([("h1", "n1", batch([event(EPOCH, 1), bad, event(EPOCH, 3)]))])
    assert done[KEY].last == 3
    assert seqs(path) == [1, 3]
    ((seq, raw, reason),) = outside(path, "SELECT seq, raw, reason FROM rejected")
    assert (seq, json.loads(raw)) == (2, bad)
    assert "id" in reason
    assert "cannot be read" in caplog.text
    record.apply([("h1", "n1", batch([event(EPOCH, 1), bad, event(EPOCH, 3)]))])
    assert outside(path, "SELECT count(*) FROM rejected") == [(1,)]


def test_a_batch_that_cannot_be_placed_is_kept_once_and_never_acknowledged(
    record: Record, path: Path
) -> None:
    for _ in range(3):
        assert record.apply([("h1", "n1", b"\xff\x00rubbish"), ("h1", "n1", payload(1, 1))])[KEY].last == 1
    assert outside(path, "SELECT epoch, seq, raw FROM rejected") == [("", 0, "\\xff\\x00rubbish")]


def test_rubbish_is_bounded(record: Record, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge.console.record, "MAX_UNPLACED", 5)
    record.apply([("h1", "n1", str(n).encode()) for n in range(50)])
    record.apply([("h1", "n2", str(n).encode()) for n in range(50)])
    assert outside(path, "SELECT node, count(*) FROM rejected GROUP BY node ORDER BY node") == [
        ("n1", 5),
        ("n2", 5),
    ]


def test_what_a_node_can_no_longer_tell_is_recorded_as_missing(
    record: Record, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record.apply([("h1", "n1", payload(1, 2))])
    done = record.apply([("h1", "n1", payload(4, 5))], {KEY: 9})  # not yet the one that it spoke of
    assert done[KEY].last == 2
    done = record.apply([("h1", "n1", payload(9, 12))], {KEY: 9})
    assert (done[KEY].last, done[KEY].applied) == (12, 4)
    assert outside(path, "SELECT first_seq, last_seq, seen_at FROM missing") == [(3, 8, 9.0)]
    assert seqs(path) == [1, 2, 9, 10, 11, 12]
    assert "missing" in caplog.text


FULL = {
    "sqlite": ("CREATE TRIGGER no BEFORE UPDATE ON cursor BEGIN SELECT RAISE(ABORT, 'disk is full'); END",),
    "postgresql": (
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'disk is full'; END $$",
        "CREATE TRIGGER no BEFORE UPDATE ON cursor FOR EACH ROW EXECUTE FUNCTION no()",
    ),
}


def test_a_failed_write_keeps_nothing(both_stores: str, record: Record, path: Path) -> None:
    """Events and cursor stand or fall together."""
    record.apply([("h1", "n1", payload(1, 2))])
    for sql in FULL[both_stores]:
        outside(path, sql)
    with pytest.raises(RecordError, match="disk is full"):
        record.apply([("h1", "n1", payload(3, 5))])
    assert seqs(path) == [1, 2]
    assert record.lasts([KEY]) == {KEY: 2}
    outside(path, "DROP TRIGGER no" + (" ON cursor" if both_stores == "postgresql" else ""))
    assert record.apply([("h1", "n1", payload(3, 5))])[KEY].last == 5


def test_a_record_opened_again_goes_on(path: Path) -> None:
    for first in (1, 4, 7):
        with Record(store_url(path)) as record:
            assert record.apply([("h1", "n1", payload(first, first + 2))])[KEY].last == first + 2


@only_sqlite
def test_commits_are_synced_and_logged_ahead(record: Record) -> None:
    with record._engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert db.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_commits_at_postgresql_are_synced_whatever_it_is_set_to(both_stores: str, record: Record) -> None:
    if both_stores == "postgresql":
        with record._engine.connect() as db:
            assert db.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


@only_sqlite
def test_what_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is not a database, but long enough to be taken for one " * 50)
    newer = tmp_path / "newer"
    with Record(f"sqlite:///{newer}"):
        pass
    outside(newer, "UPDATE version SET version = 99")
    for url, reason in {
        f"sqlite:///{tmp_path}/no/such/directory/db": "Check that its directory is there",
        f"sqlite:///{tmp_path}/text": "not a database",
        f"sqlite:///{newer}": "newer than this program",
        "postgresql://hall:secret@127.0.0.1:1/db": r"hall:\*\*\*@.*lets this user in",
        "postgresql://host": "sqlite:///PATH",
        "mysql://host/db": "mysql: a record's address is sqlite:///PATH",
        "sqlite://": "sqlite:///PATH",
        "record.db": "sqlite:///PATH",
    }.items():
        with pytest.raises(RecordError, match=reason):
            Record(url)
