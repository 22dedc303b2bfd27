"""The record of a year that reports are measured on: what nodes tell, and every act of it is counted."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from edge.console.record import Record
from edge.console.reports.lines import READ, kind_of, matcher, plainly
from edge.console.sums.follower import Follower
from edge.wire import FACTS, Stamp, seal_of
from tests.bench import yearly_report
from tests.bench.record_of_a_year import ALONE, COPIED, ZONE, copy, events_of, write
from tests.integration.node import batch
from tests.store_kit import outside


def test_its_events_are_such_as_a_node_tells(tmp_path: Path) -> None:
    events = write(f"sqlite:///{tmp_path}/r.db", acts=40)
    rows = outside(tmp_path / "r.db", "SELECT kind, at, body FROM event")
    assert len(rows) == events
    for kind, at, body in rows:
        flat = json.loads(body)
        fact, stamp = FACTS.validate_python(flat), Stamp.model_validate(flat)
        assert (fact.kind, stamp.at) == (kind, at)
        assert (seal_of(body.encode()) is not None) == fact.is_act
        told = [name for name in flat if name in type(fact).model_fields]
        assert told == [name for name in type(fact).model_fields if name in told], "in their order"
    assert {kind for kind, *_ in rows} - {"day.opened", "rating.missed", "device.changed"} <= {
        kind_of(fact) for fact in READ
    }


def test_what_a_node_tells_is_read_without_json(tmp_path: Path) -> None:
    write(f"sqlite:///{tmp_path}/r.db", acts=40)
    facts = {kind_of(fact): fact for fact in READ}
    rows = outside(tmp_path / "r.db", "SELECT kind, body FROM event")
    for fact, body in [(facts[kind], body) for kind, body in rows if kind in facts]:
        found = matcher(fact, READ[fact])(body)
        assert found is not None, body
        assert found.groups() == plainly(READ[fact], body)


async def test_every_act_is_counted_and_reading_is_the_floor(tmp_path: Path) -> None:
    result = await yearly_report.measure(tmp_path / "report", acts=300)  # which asserts it
    assert [len(series.values_s) for series in result.series] == [2, 2, 1, 1]
    assert result.figures[0].floor is not None
    assert result.figures[0].met is None, "asked for of a whole year only"


def test_halls_that_are_copied_are_as_if_their_nodes_had_told_it(tmp_path: Path) -> None:
    """The hub's own way: each event by its record, and counted by its follower."""
    halls = ("county", "town-01", "town-02")
    url = f"sqlite:///{tmp_path}/r.db"
    write(url, acts=100, places=(ALONE,))
    counted(url)
    copy(url, len(halls))
    told = f"sqlite:///{tmp_path}/told.db"
    with Record(told) as record:
        for number, hall in enumerate(halls, 1):
            its = [json.loads(row[-1]) for row in events_of(100, number=number)]
            record.apply([(hall, "desk", batch(its[at : at + 500])) for at in range(0, len(its), 500)])
    counted(told)
    for table in COPIED:
        all_of_it = f"SELECT * FROM {table.name} ORDER BY hall, epoch, {list(table.primary_key)[-1].name}"
        rows = outside(tmp_path / "r.db", all_of_it)
        assert rows == outside(tmp_path / "told.db", all_of_it)
        assert len({row[0] for row in rows}) == len(halls)
    structure = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    assert outside(tmp_path / "r.db", structure) == outside(tmp_path / "told.db", structure)


def counted(url: str) -> None:
    with closing(Follower(url, ZONE, now=lambda: 0.0)) as follower:
        follower.catch_up()
