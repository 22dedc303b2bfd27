"""Home Assistant's discovery at a real broker: told, taken back, told again; and by who leads only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge.console.engine import lock_for_writing
from edge.console.home_assistant import announcer as module
from edge.console.home_assistant.announcer import Announcer
from edge.console.home_assistant.entities import config_topic
from edge.console.home_assistant.settings import HomeAssistantTable
from edge.console.home_assistant.told import Told
from edge.console.live.model import Fleet
from edge.console.record import Record
from edge.mqtt import Connection, Session, connect
from edge.wire import Topics
from tests.console.home_assistant_rules import check
from tests.console.live_kit import COUNTY, NOON, about, status
from tests.integration.brokers import BrokerProcess, Observer, observing, running
from tests.stores import outside, store_url

PREFIX = "homeassistant"
FILTER = f"{PREFIX}/device/+/config"
NODE, PRINTER, PAD = (
    config_topic(PREFIX, "county", "node-1", *names) for names in ((), ("printer",), ("pad",))
)
TOWN = config_topic(PREFIX, "town", "node-1")
TIMEOUT_S = 60.0
ON = HomeAssistantTable()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[BrokerProcess]:
    with running("mosquitto", tmp_path) as process:
        yield process


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.02)


@dataclass
class HomeAssistant:
    """What it has heard, as the broker keeps it: an empty payload takes a device away."""

    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # topics in order, those taken away too

    async def listen(self, observer: Observer) -> None:
        while True:
            for message in await observer.connection.receive(100):
                self.said.append(message.topic)
                self.there.pop(message.topic, None)
                if message.payload:
                    self.there[message.topic] = json.loads(message.payload)
                    check(message.topic, self.there[message.topic])

    async def has(self, *topics: str) -> None:
        await until(lambda: set(self.there) == set(topics))


@contextlib.asynccontextmanager
async def home_assistant(broker: BrokerProcess) -> AsyncIterator[HomeAssistant]:
    home = HomeAssistant()
    async with observing(broker.broker, FILTER) as observer, asyncio.TaskGroup() as tasks:
        task = tasks.create_task(home.listen(observer))
        yield home
        task.cancel()


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.01)


@dataclass
class Centre:
    """A record, and what its leading console knows of the halls."""

    broker: BrokerProcess
    path: Path
    fleet: Fleet = field(default_factory=Fleet)

    def __post_init__(self) -> None:
        Record(store_url(self.path)).close()

    def hears(self, topics: Topics, payload: bytes = b"", **more: Any) -> None:
        self.fleet.take(topics.status, status(), NOON, kept=True)
        self.fleet.take(topics.about, payload or about(**more), NOON, kept=True)

    @contextlib.asynccontextmanager
    async def telling(self, settings: HomeAssistantTable | None = ON) -> AsyncIterator[None]:
        told = Told(store_url(self.path), lock_for_writing)
        with contextlib.closing(told):
            session = Session([self.broker.broker], module.CLIENT_ID, delay=lambda _: 0.05)
            task = asyncio.create_task(Announcer(self.fleet, session, told, settings).run())
            yield
            assert not task.done(), task.exception()
            task.cancel()
            await asyncio.wait({task})

    def kept(self) -> int:
        return kept_at(self.path)


def kept_at(path: Path) -> int:
    return len(outside(path, "SELECT topic FROM discovery"))


@pytest.fixture
def centre(mosquitto: BrokerProcess, tmp_path: Path) -> Centre:
    return Centre(mosquitto, tmp_path / "record.db")


async def test_a_hall_is_told_and_what_it_has_no_more_is_taken_back(centre: Centre) -> None:
    async with home_assistant(centre.broker) as home:
        async with centre.telling():
            centre.hears(COUNTY)
            await home.has(NODE, PRINTER, PAD)
            name = home.there[PRINTER]["device"]["name"]
            centre.hears(COUNTY, devices=[{"id": "printer", "driver": "printer", "name": "{{ 1 }}"}])
            await home.has(NODE, PRINTER)
            assert home.there[PRINTER]["device"]["name"] != name
            centre.fleet.take(COUNTY.about, b"no json", NOON, kept=False)
            centre.fleet.take(Topics("town", "node-1").status, status(), NOON, kept=False)
            centre.hears(Topics("town", "node-1"), devices=[])
            await home.has(NODE, PRINTER, TOWN)  # what cannot be read takes nothing away
        assert centre.kept() == 3


async def test_a_node_that_is_surely_gone_is_taken_back_also_after_a_restart(centre: Centre) -> None:
    async with home_assistant(centre.broker) as home:
        async with centre.telling():
            centre.hears(COUNTY)
            centre.hears(Topics("town", "node-1"), devices=[])
            await home.has(NODE, PRINTER, PAD, TOWN)
        centre.fleet = Fleet()
        async with centre.telling():
            centre.fleet.look_at_all()
            centre.hears(COUNTY)
            await asyncio.sleep(0.2)  # some looks: the town may only not have been heard yet
            assert TOWN in home.there
            centre.fleet.looked_at_all()
            centre.hears(COUNTY)
            await until(lambda: TOWN not in home.there)
            await until(lambda: "town" not in str(outside(centre.path, "SELECT topic FROM discovery")))


@pytest.mark.usefixtures("both_stores")
async def test_what_is_switched_off_is_taken_back_whatever_the_prefix_was(centre: Centre) -> None:
    centre.hears(COUNTY)
    centre.hears(Topics("town", "node-1"), devices=[])
    async with home_assistant(centre.broker) as home, connect(centre.broker.broker, "other") as other:
        strange = config_topic(PREFIX, "of", "somebody-else")
        await other.publish(strange, json.dumps(stranger()).encode(), retain=True)
        async with centre.telling():
            await home.has(NODE, PRINTER, PAD, TOWN, strange)
        async with centre.telling(HomeAssistantTable(halls=("town",))):
            await home.has(TOWN, strange)
        async with centre.telling(HomeAssistantTable(prefix="ha/2")):
            await home.has(strange)
            await until(lambda: centre.kept() == 4)
        async with centre.telling(None):
            await until(lambda: centre.kept() == 0)
        assert set(home.there) == {strange}, "what another has published there is nobody's to take away"
        async with observing(centre.broker.broker, "ha/2/#") as left:
            await left.quiet(0.2)
            assert not left.messages


async def test_all_is_told_again_when_home_assistant_or_the_broker_has_started(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.0)  # it says so in the very turn in which a look begins
    centre.hears(COUNTY)
    async with centre.telling():
        async with home_assistant(centre.broker) as home, connect(centre.broker.broker, "ha") as birth:
            await home.has(NODE, PRINTER, PAD)
            told = len(home.said)
            await birth.publish(f"{PREFIX}/status", b"offline")
            await birth.publish(f"{PREFIX}/status", b"online")
            await until(lambda: len(home.said) == told + 3)
            await asyncio.sleep(0.1)
            assert len(home.said) == told + 3, "once each"
        centre.broker.kill()
        centre.broker.start()
        async with home_assistant(centre.broker) as home:
            await home.has(NODE, PRINTER, PAD)


async def test_no_more_than_a_bound_and_nothing_that_is_not_kept_first(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MAX_DEVICES", 2)
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    outside(centre.path, "ALTER TABLE discovery RENAME TO away")
    centre.hears(COUNTY)
    async with home_assistant(centre.broker) as home, centre.telling():
        await until(lambda: "the record cannot be used" in caplog.text)
        assert not home.said
        outside(centre.path, "ALTER TABLE away RENAME TO discovery")
        await home.has(NODE, PRINTER)
        await until(lambda: "more than 2 devices" in caplog.text)
        assert centre.kept() == 2


def stranger() -> dict[str, Any]:
    sensor = {"platform": "sensor", "state_topic": "x", "unique_id": "x"}
    return {"device": {"identifiers": ["x"]}, "origin": {"name": "x"}, "components": {"x": sensor}}


# The real program, in a hurry: these times are of an installation.
CODE = """
import edge.console.lease as lease
lease.RENEW_S, lease.VALID_S, lease.TAKE_OVER_S, lease.LOOK_S = 0.5, 4.0, 5.0, 0.2
from edge.console.cli import main; main()
"""


@contextlib.contextmanager
def console(broker: BrokerProcess, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    config = path.with_suffix(".toml")
    config.write_text("[home_assistant]\n", encoding="utf-8")
    arguments = ["--broker", broker.url, "--store", store_url(path), "--no-web", "--config", str(config)]
    process = subprocess.Popen([sys.executable, "-c", CODE, *arguments], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_only_who_leads_tells_and_who_takes_over_tells_again(
    mosquitto: BrokerProcess, tmp_path: Path
) -> None:
    path = tmp_path / "record.db"

    async def node_says(node: Connection) -> None:
        await node.publish(COUNTY.status, status(), retain=True)
        await node.publish(COUNTY.about, about(), retain=True)

    async with connect(mosquitto.broker, "node") as node, home_assistant(mosquitto) as home:
        await node_says(node)
        with console(mosquitto, path) as one:
            await home.has(NODE, PRINTER, PAD)
            with console(mosquitto, path):
                await node.publish(COUNTY.about, about(devices=[]), retain=True)
                await home.has(NODE)
                await until(lambda: kept_at(path) == 1)  # else the other takes the same back once more
                one.kill()
                told = len(home.said)
                await until(lambda: len(home.said) > told)
                assert set(home.said[told:]) == {NODE}
                await node_says(node)
                await home.has(NODE, PRINTER, PAD)
