"""Each event once: under any duplication, loss and reordering, followed by what the hub asks for."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.console.batch import BadBatch, parse
from edge.console.record import Record
from edge.console.rule import Verdict, judge
from tests.integration.node import batch, event

EPOCHS = st.sampled_from(["a" * 32, "b" * 32, "c" * 32])
SEQS = st.integers(1, 12)


@contextmanager
def opened() -> Iterator[tuple[Record, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.db"
        with Record(f"sqlite:///{path}") as record:
            yield record, path


# --- the rule ---
@given(last=st.dictionaries(EPOCHS, st.integers(0, 12)), epoch=EPOCHS, seq=SEQS)
def test_every_event_is_exactly_one_of_next_known_and_beyond(
    last: dict[str, int], epoch: str, seq: int
) -> None:
    verdict = judge(last, epoch, seq)
    known = last.get(epoch, 0)
    assert (verdict is Verdict.APPLY) == (seq == known + 1)
    assert (verdict is Verdict.DUPLICATE) == (seq <= known)
    assert (verdict is Verdict.GAP) == (seq > known + 1)


@given(st.lists(st.tuples(EPOCHS, SEQS), max_size=60))
def test_whatever_comes_each_is_applied_once_and_in_order(arrivals: list[tuple[str, int]]) -> None:
    last: dict[str, int] = {}
    applied: dict[str, list[int]] = {}
    for epoch, seq in arrivals:
        if judge(last, epoch, seq) is Verdict.APPLY:
            last[epoch] = seq
            applied.setdefault(epoch, []).append(seq)
    for epoch, seqs in applied.items():
        assert seqs == list(range(1, last[epoch] + 1))


# --- the record ---
@st.composite
def deliveries(draw: st.DrawFn) -> tuple[int, list[list[list[int]]]]:
    """(how many events there are, calls of batches of seqs in a row: cut, repeated, lost, in any order)."""
    count = draw(st.integers(1, 30))
    span = st.tuples(st.integers(1, count), st.integers(1, 10)).map(
        lambda cut: list(range(cut[0], min(cut[0] + cut[1], count + 1)))
    )
    return count, draw(st.lists(st.lists(span, min_size=1, max_size=4), max_size=12))


@settings(max_examples=60)
@given(deliveries())
def test_the_record_has_each_once_after_any_delivery_and_a_backfill(
    plan: tuple[int, list[list[list[int]]]],
) -> None:
    count, calls = plan
    epoch = "a" * 32
    key = ("h", "n", epoch)
    events = {seq: event(epoch, seq) for seq in range(1, count + 1)}
    with opened() as (record, path):
        acknowledged = 0
        for call in calls:
            done = record.apply([("h", "n", batch(events[seq] for seq in seqs)) for seqs in call])[key]
            assert done.last >= acknowledged
            acknowledged = done.last
            assert _kept(path) == [events[seq] for seq in range(1, acknowledged + 1)]
            assert done.seen == max(seq for seqs in call for seq in seqs)
        if acknowledged < count:
            record.apply([("h", "n", batch(events[seq] for seq in range(acknowledged + 1, count + 1)))])
        assert record.lasts([key]) == {key: count}
        assert _kept(path) == list(events.values())


def _kept(path: Path) -> list[dict[str, object]]:
    db = sqlite3.connect(path)
    try:
        return [json.loads(body) for (body,) in db.execute("SELECT body FROM event ORDER BY seq")]
    finally:
        db.close()


# --- what a batch may be ---
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
SPOILT = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("epoch", "seq", "id", "at", "boot", "mono", "clock_ok", "by", "kind"), JSON),
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_rubbish_never_raises_anything_else(payload: bytes) -> None:
    with suppress(BadBatch):
        parse(payload)


@settings(max_examples=60)
@given(st.lists(st.none() | SPOILT | JSON, min_size=1, max_size=8), st.integers(0, 7))
def test_events_spoilt_in_any_way_neither_stop_the_node_nor_disturb_their_neighbours(
    faults: list[object], sound_at: int
) -> None:
    """None: a sound event. As long as one of them has its place, all are counted: recorded or rejected."""
    epoch = "a" * 32
    faults[sound_at % len(faults)] = None
    sent: list[object] = []
    for seq, fault in enumerate(faults, 1):
        sound = event(epoch, seq)
        if isinstance(fault, dict):
            sent.append({**sound, **{k: v for k, v in fault.items() if k not in ("epoch", "seq")}})
        else:
            sent.append(sound if fault is None else fault)
    with opened() as (record, path):
        done = record.apply([("h", "n", batch(sent))])
        assert done["h", "n", epoch].last == len(sent)
        kept = _kept(path)
        for fault, item in zip(faults, sent, strict=True):
            assert fault is not None or item in kept
