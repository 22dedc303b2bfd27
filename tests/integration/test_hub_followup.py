"""Follow-ups at real brokers: a bad rating raises an alert, which goes when all has been done."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import edge.console.hub
from edge.console.cli import app
from edge.wire import Alert, Topics
from tests.followup_kit import rating
from tests.integration.brokers import BrokerProcess, observing
from tests.integration.hub_kit import hub_at
from tests.integration.node import batch
from tests.stores import outside

TOPICS = Topics("h1", "n1")
OVERDUE = TOPICS.alert("followup_overdue")
STEPS = [["verified", "--finding", "confirmed"], ["explained"], ["fed_back"], ["closed"]]


async def test_a_bad_rating_is_told_while_it_is_overdue_and_once_in_the_log(
    broker: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(edge.console.hub, "REMIND_S", 0.05)
    path = tmp_path / "record.db"
    async with observing(broker.broker) as observer:
        async with hub_at(broker.broker, path):
            while not observer.on(TOPICS.ack):  # until this hub listens
                events = batch([rating(1, 1, day="2020-03-02")])
                await observer.connection.publish(TOPICS.event, events)
                await observer.quiet(0.2)
            await observer.until(lambda: bool(observer.on(OVERDUE)))
            while not outside(path, "SELECT * FROM followup_told"):  # else the next hub tells it once more
                await observer.quiet(0.05)
            await observer.quiet(0.3)
        (raised,) = observer.on(OVERDUE)
        detail = Alert.model_validate_json(raised).detail
        assert detail == "1: 00000000 3 2020-03-09"  # five working days, a weekend between

        async with hub_at(broker.broker, path):  # another one: it stands as it stood
            await observer.until(lambda: len(observer.on(OVERDUE)) == 2)
            assert observer.on(OVERDUE)[1] == raised
            for step in STEPS:
                given = ["followup", "step", "0000", *step, "--by", "李", "--store", f"sqlite:///{path}"]
                done = CliRunner().invoke(app, given)
                assert done.exit_code == 0, done.output
            await observer.until(lambda: observer.on(OVERDUE)[-1] == b"")
    assert caplog.text.count("follow-up overdue: 00000000 3 2020-03-09") == 1
