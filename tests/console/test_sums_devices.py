"""What is read of devices for a period: the same as if all that was ever told of them were looked through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Row, delete, insert, inspect, select, text

from edge.console import tables
from edge.console.engine import open_engine
from edge.console.record import Record
from edge.console.sums.devices import BACK_S, rows_of
from tests.stores import store_url

pytestmark = pytest.mark.usefixtures("both_stores")

BEGIN_S = 100 * 86_400.0  # of the period, which is a month
PERIOD = BEGIN_S, BEGIN_S + 30 * 86_400.0
EPOCHS = [(hall, node, epoch * 32) for hall in ("county", "other") for node in ("a", "b") for epoch in "ef"]

_near = st.sampled_from((BEGIN_S - BACK_S, BEGIN_S, PERIOD[1])).flatmap(
    lambda at: st.sampled_from((at - 1, at, at + 1))
)
_told = st.tuples(
    st.sampled_from(EPOCHS),
    st.sampled_from(("caller-1", "pad-1", "printer", "屏-1")),
    st.one_of(_near, st.floats(0.0, PERIOD[1] + 86_400.0)),  # a clock that was set goes back too
    st.sampled_from(("online", "backoff")),
)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Engine]:
    Record(url := store_url(tmp_path / "r.db")).close()
    engine = open_engine(url)
    yield engine
    engine.dispose()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(_told, max_size=40))
def test_the_newest_before_are_found_as_by_looking_at_all(
    record: Engine, told: Sequence[tuple[tuple[str, str, str], str, float, str]]
) -> None:
    _write(record, told)
    with record.connect() as db:
        for hall in ("county", "other"):
            everything = select(tables.device_change).where(tables.device_change.c.hall == hall)
            plain = _plain(db.execute(everything).all())
            assert [(row.node, row.epoch, row.seq) for row in rows_of(db, hall, PERIOD)] == plain


def test_a_record_of_before_gets_the_index(record: Engine, tmp_path: Path) -> None:
    with record.begin() as db:
        db.execute(text("DROP INDEX device_change_last"))
        db.execute(text("UPDATE version SET version = 6"))
    Record(store_url(tmp_path / "r.db")).close()
    names = {index["name"] for index in inspect(record).get_indexes("device_change")}
    assert names == {index.name for index in tables.device_change.indexes}


def _write(record: Engine, told: Sequence[tuple[tuple[str, str, str], str, float, str]]) -> None:
    names, seqs = ("hall", "node", "epoch"), dict.fromkeys(EPOCHS, 0)
    rows = []
    for key, device, at, state in told:
        seqs[key] += 1
        fact = {"device": device, "at": at, "before_at": at - 1, "state": state, "conditions": json.dumps([])}
        rows.append(dict(zip(names, key, strict=True)) | {"seq": seqs[key]} | fact)
    with record.begin() as db:
        for table in (tables.device_change, tables.cursor):
            db.execute(delete(table))
        for key, last in seqs.items():
            db.execute(insert(tables.cursor), dict(zip(names, key, strict=True)) | {"last_seq": last})
        if rows:
            db.execute(insert(tables.device_change), rows)


def _plain(rows: Sequence[Row[Any]]) -> list[tuple[str, str, int]]:
    """By node, epoch and seq: what was told shortly before the period or in it, and the last before that."""
    since_s, until_s = PERIOD[0] - BACK_S, PERIOD[1]
    found = {(row.node, row.epoch, row.seq) for row in rows if since_s <= row.at < until_s}
    older = sorted(
        (row for row in rows if row.at < since_s),
        key=lambda row: (row.node, row.epoch, row.device, row.seq),
    )
    for _, its in groupby(older, key=lambda row: (row.node, row.epoch, row.device)):
        *_, last = its
        found.add((last.node, last.epoch, last.seq))
    return sorted(found)
