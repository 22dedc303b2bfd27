"""What kiosks are told of the services while they answer, while they do not, and while somebody else does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from edge.settings import load
from edge.upstream.part import SERVICES_AWAY, Around, NoServices, services_of
from edge.upstream.port import Refused
from edge.upstream.sandbox.faults import Fault
from edge.upstream.sandbox.service import Service
from edge.upstream.work import OnlineServices
from edge.wire import Alert
from edge.wire.kiosk import KioskOnline
from tests.unit.registry_kit import WHOLE, entry_points, write
from tests.unit.rules_kit import CHINA
from tests.upstream.kit import Ahead, sandbox, visit

ONLINE = """
[upstream]
url = "{url}"
timeout_s = 10
services = ["cases", "tax"]
[[extended]]
hours = "00:00-24:00"
zh = "全天"
[[extended]]
hours = "{hours}"
zh = "不是现在"
"""


class Halls:
    """The machine's clock and the hall's, which a test may set ahead."""

    def __init__(self, folder: Path, url: str) -> None:
        self.clock = Ahead()
        hour = datetime.now(CHINA).hour
        other_hours = f"{(hour + 6) % 24:02d}:00-{(hour + 7) % 24:02d}:00"
        path = write(folder / "hall.toml", WHOLE + ONLINE.format(url=url, hours=other_hours))
        self.settings = load(path, allow_sim=True, env={}, entry_points=entry_points())
        self.raised: dict[str, Alert] = {}
        other: Any = MagicMock(clock=self.clock)
        around = Around(other, other, other, other, other, other, self)
        services = services_of(self.settings, self.clock, around)
        assert isinstance(services, OnlineServices)
        self.services = services

    def put(self, source: str, key: str, alert: Alert | None) -> None:
        assert (source, key) == ("node", SERVICES_AWAY)
        self.raised = {key: alert} if alert else {}

    @property
    def online(self) -> KioskOnline:
        return KioskOnline.model_validate(self.services.view())


@asynccontextmanager
async def hall(folder: Path, service: Service) -> AsyncIterator[Halls]:
    async with sandbox(service) as url:
        found = Halls(folder, url)
        try:
            yield found
        finally:
            await found.services.close()


async def test_who_is_well_is_told_with_notices_and_what_lasts_now(tmp_path: Path) -> None:
    async with hall(tmp_path, Service()) as found:
        assert not found.online.sandbox, "nobody knows yet"
        assert await found.services.look()
        online = found.online
        assert (online.up, online.since, online.sandbox) == (True, "", True)
        assert online.services == ("cases", "tax")
        assert len(online.notices) == 2
        assert [each.zh for each in online.announcements] == ["全天"]


@pytest.mark.parametrize("fault", ["down", "error", "nonsense", "schema"])
async def test_who_is_away_is_told_since_when_and_is_back_by_himself(
    tmp_path: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service()
    async with hall(tmp_path, service) as found:
        assert await found.services.look()
        service.faults.faults = [Fault(fault)]
        for _ in range(2):
            assert not await found.services.look()
        online = found.online
        assert not online.up
        assert len(online.since) == len("12:34")
        assert online.notices, "what was told stays"
        assert found.raised[SERVICES_AWAY].detail, "with its cause"
        assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 1, "once, with its cause"
        service.faults.faults = []
        found.clock.ahead_s += 16
        assert await found.services.look()
        assert (found.online.up, found.online.since, found.raised) == (True, "", {})


async def test_notices_that_are_nonsense_grey_nothing(tmp_path: Path) -> None:
    service = Service()
    service.faults.faults = [Fault("nonsense", only=frozenset({"notices"}))]
    async with hall(tmp_path, service) as found:
        assert await found.services.look()
        assert found.online.up
        assert found.online.notices == ()


async def test_a_clock_that_is_off_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    service = Service()
    service.faults.clock_s = 3600
    async with hall(tmp_path, service) as found:
        for _ in range(2):
            assert await found.services.look()
        assert found.online.up, "they answer, whatever the time"
        (said,) = [record.getMessage() for record in caplog.records if "behind theirs" in record.getMessage()]
        assert "timedatectl" in said
        service.faults.clock_s = 0
        await found.services.look()
        assert "agree again" in caplog.text


async def test_whose_visit_is_over_is_forgotten_there_too(tmp_path: Path) -> None:
    service = Service()
    async with hall(tmp_path, service) as found:
        client, people = found.services.client, found.services.people
        subject = await visit(client)
        people.forget(people.came(subject, 900))
        async with asyncio.timeout(60):
            while service.visits:  # noqa: ASYNC110 a sandbox sets no Event
                await asyncio.sleep(0.01)
        with pytest.raises(Refused) as caught:
            await client.cases_of(subject)
        assert caught.value.code == "visit_over"


async def test_a_node_without_them_has_nothing_to_show(tmp_path: Path) -> None:
    path = write(tmp_path / "hall.toml", WHOLE)
    settings = load(path, allow_sim=True, env={}, entry_points=entry_points())
    services = services_of(settings, Ahead(), Around(*[MagicMock()] * 7))
    assert isinstance(services, NoServices)
    await services.run()
    await services.close()
    assert (services.all(), KioskOnline.model_validate(services.view())) == ([], KioskOnline())
