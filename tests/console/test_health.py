"""`/healthz`: what a proxy and a monitor learn, and no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from edge.console import tables
from edge.console.engine import RecordError
from edge.console.live.session import now
from edge.console.web import pulse
from edge.console.web.keys import DESK, LIVE
from edge.console.web.pulse import PULSE, RECORDER
from edge.console.weight import weigh
from tests.console.accounts_kit import served, writing
from tests.console.metrics_kit import Leader


async def test_it_says_whether_all_that_it_needs_answers(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        browser, live = pages.browser(), pages.app[LIVE]
        answer = await browser.get("/healthz")
        well = {"status": "ok", "leads": False, "broker": "up", "record": "up"}
        assert (answer.status, json.loads(answer.text)) == (200, well)
        live.note(live.fleet.lost(now()))
        answer = await browser.get("/healthz")
        assert (answer.status, json.loads(answer.text)) == (
            503, well | {"status": "degraded", "broker": "away"}
        )  # fmt: skip


async def test_it_says_when_the_record_keeps_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        keeping = pages.app[DESK].keeping
        with pytest.raises(RecordError), keeping.attempt("recorder"):
            raise RecordError("full") from OperationalError("", {}, Exception())
        answer = await pages.browser().get("/healthz")
        assert (answer.status, json.loads(answer.text)["record"]) == (503, "keeps nothing")
        assert "hall_console_record_keeps 0.0" in (await pages.browser().get("/metrics")).text


async def test_it_says_who_leads(tmp_path: Path) -> None:
    async with served(tmp_path, recorder=Leader()) as pages:
        assert pages.app[RECORDER]
        assert json.loads((await pages.browser().get("/healthz")).text)["leads"] is True


@pytest.mark.usefixtures("both_stores")
async def test_the_record_is_weighed_with_what_is_not_counted_yet(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        with writing(pages.store) as db:
            for node, counted in (("a", 3), ("b", None)):
                row = {"hall": "county", "node": node, "epoch": "e"}
                db.execute(insert(tables.cursor), row | {"last_seq": 10})
                if counted is not None:
                    sums = {"last_seq": counted, "last_at": 0.0, "day_seq": 0}
                    db.execute(insert(tables.sum_cursor), row | sums)
            weight = weigh(db)
        assert weight.uncounted == 17
        assert weight.size_bytes > 10_000
        found = await pages.app[PULSE].weight()
        assert found and found.uncounted == 17


async def test_a_record_that_is_away_is_told_in_time_and_asked_once(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        browser = pages.browser()
        assert (await browser.get("/healthz")).status == 200
        (tmp_path / "hub.db").rename(tmp_path / "gone.db")
        pages.app[DESK]._reading.dispose()
        assert (await browser.get("/healthz")).status == 200  # as it was just now
        pages.clock.now += pulse.KEPT_S
        answer = await browser.get("/healthz")
        assert (answer.status, json.loads(answer.text)["record"]) == (503, "away")
        assert "hub.db" not in answer.text
