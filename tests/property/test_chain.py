"""Whatever is done to one kept act, the walk finds it, and names it first."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge.console.audit import audit as audit_record
from edge.console.record import Record
from edge.store import Store
from edge.store.audit import audit
from edge.wire import ACTS, Misfit, flat_json, genesis
from edge.wire.walk import Finding, Kept, Walk
from tests.chain_kit import chained, sealed
from tests.integration.node import batch
from tests.store_kit import act, day, draft, telemetry

EPOCH = "e" * 32
LAST = 24
EVENTS = chained(EPOCH, LAST, telemetry=5)
KEPT = [Kept(e["seq"], e["id"], e["kind"], e["at"], flat_json(e).encode(), e["kind"] in ACTS) for e in EVENTS]
ACT_SEQS = [kept.seq for kept in KEPT if kept.act]


def first(rows: list[Kept]) -> Finding | None:
    walk = Walk(EPOCH, 0)
    for kept in rows:
        walk.take(kept)
    walk.end(LAST, EVENTS[-1]["link"])
    return walk.first


def at(seq: int, row: Kept) -> list[Kept]:
    return [row if kept.seq == seq else kept for kept in KEPT]


def test_what_nobody_touched_fits() -> None:
    assert first(KEPT) is None


def test_every_bit_of_an_act() -> None:
    """Of its text, seal and all; one act for all, since the text is the only thing that differs."""
    seq = ACT_SEQS[3]
    text = KEPT[seq - 1].text
    for bit in range(8 * len(text)):
        spoilt = text[: bit // 8] + bytes([text[bit // 8] ^ 1 << bit % 8]) + text[bit // 8 + 1 :]
        found = first(at(seq, replace(KEPT[seq - 1], text=spoilt)))
        assert found is not None
        assert found.seq == seq, f"bit {bit} of {text!r}"


@given(st.sampled_from(ACT_SEQS), st.data())
def test_any_bit_of_any_act(seq: int, data: st.DataObject) -> None:
    text = KEPT[seq - 1].text
    bit = data.draw(st.integers(0, 8 * len(text) - 1))
    spoilt = text[: bit // 8] + bytes([text[bit // 8] ^ 1 << bit % 8]) + text[bit // 8 + 1 :]
    found = first(at(seq, replace(KEPT[seq - 1], text=spoilt)))
    assert found is not None
    assert found.seq == seq


@given(st.integers(1, LAST), st.integers(1, LAST))
def test_a_run_taken_out(one: int, other: int) -> None:
    low, high = sorted((one, other))
    found = first([kept for kept in KEPT if not low <= kept.seq <= high])
    assert found is not None
    assert (found.misfit, found.seq) == (Misfit.MISSING, low)


@given(st.integers(1, LAST), st.integers(1, LAST))
def test_a_run_taken_out_and_the_rest_moved_up(one: int, other: int) -> None:
    """As well as somebody can who makes no links anew: the seqs of the rows close the gap."""
    low, high = sorted((one, other))
    left = [kept for kept in KEPT if not low <= kept.seq <= high]
    found = first([replace(kept, seq=seq) for seq, kept in enumerate(left, 1)])
    assert found is not None
    assert found.seq >= low


@given(st.sampled_from(list(itertools.combinations(ACT_SEQS, 2))))
def test_two_swapped(pair: tuple[int, int]) -> None:
    low, high = pair
    swapped = list(KEPT)
    swapped[low - 1], swapped[high - 1] = replace(KEPT[high - 1], seq=low), replace(KEPT[low - 1], seq=high)
    found = first(swapped)
    assert found is not None
    assert (found.misfit, found.seq) == (Misfit.ORDER, low)


@given(st.sampled_from(ACT_SEQS), st.booleans())
def test_one_put_in(seq: int, with_link: bool) -> None:
    """In the place of `seq`, with all behind it moved down; with a link of its own that is right."""
    events = [*EVENTS[: seq - 1], EVENTS[seq - 1] | {"ticket": "Z999", "id": "f" * 32}, *EVENTS[seq - 1 :]]
    if with_link:
        events[seq - 1] = sealed(events[seq - 1], events[seq - 1]["follows"])
    rows = [
        Kept(n, e["id"], e["kind"], e["at"], flat_json(e).encode(), e["kind"] in ACTS)
        for n, e in enumerate(events, 1)
    ]
    found = first(rows)
    assert found is not None
    assert found.seq == (seq + 1 if with_link else seq)


@given(st.sampled_from(ACT_SEQS))
def test_one_forged_with_a_link_of_its_own_is_betrayed_by_what_follows(seq: int) -> None:
    forged = sealed(EVENTS[seq - 1] | {"staff": "李四"}, EVENTS[seq - 1]["follows"])
    found = first(at(seq, replace(KEPT[seq - 1], text=flat_json(forged).encode())))
    assert found is not None
    later = [act for act in ACT_SEQS if act > seq]
    assert found.seq == (later[0] if later else seq)  # the last by the link that the hub has of it


def test_another_nodes_chain() -> None:
    walk = Walk("d" * 32, 0)
    walk.take(KEPT[0])
    assert walk.first is not None
    assert walk.first.seq == 1
    assert genesis("d" * 32, 0) != genesis(EPOCH, 0) != genesis(EPOCH, 1)


# --- in the databases themselves ---
@pytest.fixture(scope="module")
def node() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hall.db"
        asyncio.run(made(path))
        yield path


async def made(path: Path) -> None:
    store = await Store.open(path)
    await store.append([draft(day(1))])
    for n in range(1, LAST):
        await store.append([draft(telemetry(n) if n % 5 == 0 else act(n))])
    await store.close()


@pytest.fixture(scope="module")
def hub() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hub.db"
        with Record(f"sqlite:///{path}") as record:
            record.apply([("h1", "n1", batch(EVENTS))])
        yield path


def flipped(value: Any, bit: int) -> Any:
    """What SQLite would read where one bit of it had turned; None where that cannot be."""
    if isinstance(value, int):
        return value ^ 1 << bit % 8
    raw = struct.pack(">d", value) if isinstance(value, float) else value.encode()
    bit %= 8 * len(raw)
    spoilt = raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :]
    return struct.unpack(">d", spoilt)[0] if isinstance(value, float) else spoilt


def flip(path: Path, column: str, seq: int, bit: int) -> bool:
    """Whether the database takes it."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        (value,) = db.execute(f"SELECT {column} FROM event WHERE seq = ?", (seq,)).fetchone()
        new = flipped(value, bit)
        cast = "CAST(? AS TEXT)" if isinstance(new, bytes) else "?"
        try:
            db.execute(f"UPDATE event SET {column} = {cast} WHERE seq = ?", (new, seq))
        except (sqlite3.IntegrityError, OverflowError):
            return False
        db.commit()
        return True


def spoilt_copy(whole: Path, column: str, seq: int, bit: int, look: Callable[[Path], Finding | None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / whole.name
        shutil.copy(whole, path)
        assert look(path) is None
        if flip(path, column, seq, bit):
            found = look(path)
            assert found is not None, (column, seq, bit)
            assert found.seq == seq or column == "seq"


NODE_COLUMNS = ("seq", "span", "id", "kind", "act", "at", "text")
HUB_COLUMNS = ("seq", "epoch", "node", "id", "kind", "at", "body")
BITS = st.integers(0, 8 * 600)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(NODE_COLUMNS), st.sampled_from([s for s in range(1, LAST) if (s - 1) % 5 or s == 1]), BITS
)
def test_any_bit_of_any_act_in_a_nodes_database(node: Path, column: str, seq: int, bit: int) -> None:
    spoilt_copy(node, column, seq, bit, lambda path: audit(path).first)


@settings(max_examples=60, deadline=None)
@example("body", 1, 2096)  # an act that has lost its link looks like one from before the chain
@given(st.sampled_from(HUB_COLUMNS), st.sampled_from(ACT_SEQS), BITS)
def test_any_bit_of_any_act_in_the_hubs_record(hub: Path, column: str, seq: int, bit: int) -> None:
    def look(path: Path) -> Finding | None:
        chains = [audited.walk for audited in audit_record(f"sqlite:///{path}")]
        ours = [walk.first for walk in chains if walk.epoch == EPOCH and walk.first]
        return next(iter(ours), next((walk.first for walk in chains if walk.first), None))

    spoilt_copy(hub, column, seq, bit, look)
