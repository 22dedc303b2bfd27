"""What a node tells to who asks again and again: events, and lines of its log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from edge.ids import new_id
from edge.inspection.tailing import MAX_TOLD, TailArgs, Tailing
from edge.log import TAIL_CHARS, TAIL_LINES, setup
from edge.store import Store
from edge.wire import Request
from tests.store_kit import SMALL, draft


@pytest.fixture
def logs() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    setup(stream=StringIO())
    yield logging.getLogger("device")
    root.handlers[:] = before
    root.setLevel(level)


async def told(tailing: Tailing, verb: str, **args: Any) -> dict[str, Any]:
    handler = tailing.events if verb == "events" else tailing.log
    reply = await handler(TailArgs(**args), Request(id=new_id(), verb=f"node.{verb}"), "local-0")
    assert reply.result == "done"
    return reply.data


async def test_events_from_the_last_answer_on_each_once(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    tailing = Tailing(store)
    assert await told(tailing, "events") == {"seq": 0, "events": []}
    await store.append([draft() for _ in range(MAX_TOLD + 30)])
    newest = await told(tailing, "events", count=2)
    assert [each["seq"] for each in newest["events"]] == [MAX_TOLD + 29, MAX_TOLD + 30]
    assert (await told(tailing, "events", since=newest["seq"]))["events"] == []
    some = await told(tailing, "events", since=0)
    rest = await told(tailing, "events", since=some["seq"])
    seqs = [each["seq"] for part in (some, rest) for each in part["events"]]
    assert seqs == list(range(1, MAX_TOLD + 31))
    anew = await told(tailing, "events", since=9_999, count=1)  # of another database
    assert [each["seq"] for each in anew["events"]] == [MAX_TOLD + 30]
    await store.close()


async def test_lines_of_the_log_are_bounded_and_bear_nothing_of_a_persons(logs: logging.Logger) -> None:
    tailing = Tailing(None)  # type: ignore[arg-type] # the log needs no store
    logs.warning("lost %s", "11010519491231002X", extra={"device": "printer"})
    logs.debug("not told")
    line = (await told(tailing, "log"))["lines"][0]
    assert (line["seq"], line["level"], line["text"]) == (1, "WARNING", "device: lost [id] device=printer")
    for number in range(TAIL_LINES + 50):
        logs.info("%d %s", number, "x" * 2 * TAIL_CHARS)
    some = await told(tailing, "log", since=1)
    assert len(some["lines"]) == MAX_TOLD and {len(each["text"]) for each in some["lines"]} == {TAIL_CHARS}
    assert some["lines"][0]["seq"] > 2, "older ones are gone, which its number tells"
    rest = await told(tailing, "log", since=some["seq"])
    assert rest["lines"][0]["seq"] == some["seq"] + 1 and rest["seq"] == TAIL_LINES + 51
    assert (await told(tailing, "log", since=rest["seq"]))["lines"] == []
    assert len((await told(tailing, "log", since=99_999, count=3))["lines"]) == 3
