"""The chain at the hub: an act that does not fit as it comes is kept, marked, and told once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.console import tables
from edge.console.links import Unfit, alert_of
from edge.console.record import Record
from edge.store import Store
from edge.wire import Alert, Misfit
from tests.chain_kit import chained, genesis, sealed
from tests.integration.node import batch, event
from tests.store_kit import act, draft, telemetry, told
from tests.stores import outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")

EPOCH = "e" * 32
KEY = ("h1", "n1", EPOCH)
Events = list[dict[str, Any]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def record(path: Path) -> Iterator[Record]:
    with Record(store_url(path), now=lambda: 9.0) as opened:
        yield opened


def unfit(path: Path) -> list[tuple[int, str]]:
    return outside(path, "SELECT seq, misfit FROM unfit ORDER BY seq")


def came(record: Record, events: Events, *, each: int = 7) -> int:
    """In batches of `each`; up to where they are kept."""
    for start in range(0, len(events), each):
        done = record.apply([("h1", "n1", batch(events[start : start + each]))])
    return done[KEY].last


def test_what_follows_one_another_is_just_kept(record: Record, path: Path) -> None:
    assert came(record, chained(EPOCH, 50, telemetry=3)) == 50
    assert unfit(path) == []
    assert outside(path, "SELECT seq, length(link) FROM chain") == [(50, 64)]
    assert record.untold() == []


def test_a_chain_that_begins_late_says_so_itself(record: Record, path: Path) -> None:
    assert came(record, chained(EPOCH, 40, after=20, telemetry=4)) == 40
    # seq 20 is telemetry: the last act before the chain is 19
    assert unfit(path) == [(21, "order")]


@pytest.mark.parametrize("each", [3, 100])
def test_a_node_that_began_its_chain_late_fits(record: Record, path: Path, each: int) -> None:
    assert came(record, chained(EPOCH, 40, after=19, telemetry=4), each=each) == 40
    assert unfit(path) == []


def test_a_node_without_chains_is_no_fault(record: Record, path: Path) -> None:
    assert came(record, [event(EPOCH, seq) for seq in range(1, 20)]) == 19
    assert unfit(path) == []


def altered(events: Events) -> Events:
    events[9]["staff"] = "李四"
    return events


def forged(events: Events) -> Events:
    """Altered, and its link made anew: then the next follows another."""
    events[9] = sealed(events[9] | {"staff": "李四"}, events[9]["follows"])
    return events


def stripped(events: Events) -> Events:
    del events[9]["follows"], events[9]["link"]
    return events


def replaced(events: Events) -> Events:
    events[9] = event(EPOCH, 10, kind="dropped")
    return events


def unreadable(events: Events) -> Events:
    events[9]["id"] = "?"
    return events


def another(events: Events) -> Events:
    events[0] = sealed(events[0], genesis("f" * 32))
    return [*events[:1], *chained(EPOCH, 30)[1:]]


@pytest.mark.parametrize("each", [1, 100])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (altered, [(10, "content")]),
        (forged, [(11, "order")]),
        (stripped, [(10, "unlinked"), (11, "order")]),
        (replaced, [(11, "order")]),
        (unreadable, [(11, "missing")]),
        (another, [(1, "order"), (2, "order")]),
    ],
)
def test_what_does_not_fit_is_kept_and_marked(
    record: Record, path: Path, change: Any, found: list[tuple[int, str]], each: int
) -> None:
    events = change(chained(EPOCH, 30))
    assert came(record, events, each=each) == 30
    assert unfit(path) == found
    kept = [json.loads(body) for (body,) in outside(path, "SELECT body FROM event ORDER BY seq")]
    assert kept == [each for each in events if each["id"] != "?"]
    (first,) = record.untold()
    assert (first.key, first.seq, first.misfit) == (KEY, *found[0])


def test_what_the_node_could_not_tell_is_a_hole_in_the_chain(record: Record, path: Path) -> None:
    events = chained(EPOCH, 30)
    record.apply([("h1", "n1", batch(events[:5]))])
    record.apply([("h1", "n1", batch(events[8:]))], {KEY: 9})
    assert unfit(path) == [(9, "missing")]


def test_it_is_told_once(record: Record, path: Path) -> None:
    events = stripped(altered(chained(EPOCH, 30)))
    events[19]["staff"] = "王五"
    came(record, events)
    untold = record.untold()
    assert [each.seq for each in untold] == [10]
    record.mark_told(untold)
    came(record, events)  # a backfill of the same
    assert record.untold() == []
    assert unfit(path) == [(10, "unlinked"), (11, "order"), (20, "content")]


def test_the_alert_is_for_people() -> None:
    topic, payload = alert_of(Unfit(KEY, 10, "rating.given", Misfit.CONTENT, 9.0))
    alert = Alert.model_validate_json(payload)
    assert topic == "hall/1/h1/n1/alert/chain_broken"
    assert "seq 10, rating.given" in alert.detail
    assert "被改动过" in alert.detail
    assert "hall-console verify" in alert.remedy_zh
    assert "hall-console verify" in alert.remedy_en


def test_a_record_from_before_takes_chains_up(record: Record, path: Path) -> None:
    came(record, chained(EPOCH, 6, after=6))
    for sql in ("DROP TABLE chain", "DROP TABLE unfit", "UPDATE version SET version = 1"):
        outside(path, sql)
    with Record(store_url(path)) as newer:
        assert came(newer, chained(EPOCH, 12, after=6)) == 12
    assert unfit(path) == []
    assert outside(path, "SELECT version FROM version") == [(tables.VERSION,)]


async def test_what_a_nodes_store_tells_fits_to_the_byte(record: Record, path: Path, tmp_path: Path) -> None:
    """The hub writes a body of its own: its bytes must be those that the node took its link of."""
    store = await Store.open(tmp_path / "hall.db")
    numbers = (0.1, 1 / 3, 1e-7, 12345678.875, 1.7e9 + 1e-6, 0.0, 1e16, 5e-324)
    facts = [act(7), telemetry(), act(8).model_copy(update={"staff": '"\\/\x7f\u2028 中\n𠮷'})]
    for n, number in enumerate(numbers):
        await store.append([draft(fact, mono=number, at=1.7e9 + n / 3) for fact in facts])
    rows = await told(store)
    record.apply([("h1", "n1", b'{"v":1,"events":[' + b",".join(row.text for row in rows) + b"]}")])
    assert unfit(path) == []
    bodies = [body.encode() for (body,) in outside(path, "SELECT body FROM event ORDER BY seq")]
    assert bodies == [row.text for row in rows]
    await store.close()
