"""Somebody sees to an alert of a device: told on its topic, kept as an act, forgotten when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from drivers.api import NotKept
from edge.alerts import Alerts
from edge.ids import new_id
from edge.store import Store, StoreFull
from edge.supervision.part import NoSupervision
from edge.supervision.verbs import AcknowledgeArgs, AlertVerbs
from edge.uplink import Uplink
from edge.wire import Alert, Reply, Request
from tests.store_kit import flat, told
from tests.unit.hall_kit import demo_settings, until
from tests.unit.warning_kit import Broker, Stepped

KEY = "device-printer"
OUT = Alert(
    key=KEY, severity="error", since=1.0, zh="缺纸", en="no paper", remedy_zh="换纸", remedy_en="put paper in"
)


@dataclass
class Node:
    alerts: Alerts
    verbs: AlertVerbs
    store: Store
    broker: Broker = field(default_factory=Broker)

    async def acknowledge(self, key: str = KEY, by: str = "王工", note: str = "去换纸") -> Reply:
        request = Request(id=new_id(), verb="alert.acknowledge")
        return await self.verbs.acknowledge(AcknowledgeArgs(key=key, by=by, note=note), request, "hub")

    async def stands(self, alert: Alert | None) -> None:
        """Of a source that has no patience."""
        self.alerts.put("camera", KEY, alert)
        await until("it is told", lambda: (KEY in self.broker.alerts) == (alert is not None))

    async def facts(self) -> list[dict[str, Any]]:
        return [flat(row) for row in await told(self.store)]


@asynccontextmanager
async def node(folder: Path) -> AsyncIterator[Node]:
    clock, store = Stepped(), await Store.open(folder / "hall.db")
    alerts = Alerts(demo_settings(folder), [], [KEY], clock)
    found = Node(alerts, AlertVerbs(NoSupervision(), alerts, store, clock), store)
    running = asyncio.create_task(alerts.run(cast("Uplink", found.broker)))
    try:
        yield found
    finally:
        running.cancel()
        await asyncio.wait({running})
        await store.close()


async def test_who_sees_to_it_is_told_and_kept_until_it_is_over(tmp_path: Path) -> None:
    async with node(tmp_path) as here:
        await here.stands(OUT)
        reply = await here.acknowledge()
        assert (reply.result, reply.data) == ("done", {"key": KEY})
        await until("it is told", lambda: here.broker.alerts[KEY].acknowledged_by == "王工")
        assert here.broker.alerts[KEY].note == "去换纸"
        assert here.alerts.raised() == [here.broker.alerts[KEY]]
        (fact,) = await here.facts()
        assert (fact["kind"], fact["key"], fact["name"], fact["note"], fact["by"]) == (
            ("alert.acknowledged", KEY, "王工", "去换纸", "hub")
        )
        kept = await here.store.answer_for(reply.id)
        assert kept is not None, "a repeated request gets this answer"
        again = await here.acknowledge(by="李工")
        assert (again.code, again.zh) == ("acknowledged", "王工 已经确认了这条告警")
        open_ = OUT.model_copy(update={"zh": "盖子开着", "en": "the cover is open"})
        here.alerts.put("camera", KEY, open_)
        await until("it is told", lambda: here.broker.alerts[KEY].zh == "盖子开着")
        assert here.broker.alerts[KEY].acknowledged_by == "王工", "who sees to it sees to what follows"
        await here.stands(None)
        await here.stands(OUT)
        assert here.broker.alerts[KEY].acknowledged_by == "", "the next time is another matter"


async def test_what_is_not_raised_cannot_be_taken_on(tmp_path: Path) -> None:
    async with node(tmp_path) as here:
        assert (await here.acknowledge()).code == "unknown_warning"
        await here.stands(OUT)
        assert (await here.acknowledge("device-pad")).code == "unknown_warning"
        assert await here.facts() == []


async def test_what_cannot_be_kept_is_not_taken_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise StoreFull("no space left")

    async with node(tmp_path) as here:
        await here.stands(OUT)
        monkeypatch.setattr(here.store, "append", full)
        with pytest.raises(NotKept):
            await here.acknowledge()
        assert [alert.acknowledged_by for alert in here.alerts.raised()] == [""]
