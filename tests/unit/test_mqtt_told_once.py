"""What the log has of a broker that goes away: the loss once, whatever comes between, and the return once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from edge import mqtt
from edge.broker import Broker
from edge.mqtt import BrokerLost, Connection, Session

URL = "mqtt://10.0.0.1"


class World:
    """Each attempt ends as the next word says: refused, or connected until it is lost."""

    def __init__(self, *attempts: str) -> None:
        self.left = list(attempts)

    @asynccontextmanager
    async def connect(self, *_: object) -> AsyncIterator[Silent]:
        if self.left[0] == "refused":
            raise BrokerLost(f"refused, {len(self.left)} to go")
        yield Silent()

    async def serve(self, _connection: Connection) -> None:
        if self.left[0] == "lost":
            raise BrokerLost("the cable is out")

    def next(self, _failures: int) -> float:
        self.left.pop(0)
        return 0.0


class Silent:
    async def wait_lost(self) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize("stable_s", [-1.0, 1000.0], ids=["after long service", "after a moment"])
async def test_a_loss_is_told_once_and_the_return_with_its_code(
    stable_s: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World("refused", "refused", "lost", "refused", "refused", "refused", "served")
    monkeypatch.setattr(mqtt, "connect", world.connect)
    monkeypatch.setattr(mqtt, "STABLE_S", stable_s)
    caplog.set_level(logging.INFO)
    await Session([Broker.parse(URL)], "n1", delay=world.next).run(world.serve)
    told = [(each.levelname, vars(each)["code"], each.getMessage().split(":")[0]) for each in caplog.records]
    away, back = ("WARNING", "broker_lost", "broker lost"), ("INFO", "broker_lost", "mqtt")
    assert told == [away, back, away, back]
