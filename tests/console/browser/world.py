"""A county as people use it: a broker, a hall's node that tells and answers, a record up to this hour, and
the console's own process."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from typer.testing import CliRunner

from edge.console.accounts.roles import Account, Role
from edge.console.cli import app
from edge.console.followup import add_step, followups
from edge.rules.followup import Finding, Stage, Step
from edge.wire import Reply, Request, Topics
from tests.console import live_kit as say
from tests.console.accounts_kit import make_account, writing
from tests.console.fleet import told_of_centre
from tests.console.kit import a_month
from tests.console.process_kit import ConsoleProcess, console_on
from tests.integration.brokers import BrokerProcess, running
from tests.integration.node import SmallNode
from tests.report_kit import CHINA

HALL, NODE = "county", "desk"
HEALTH_S = 20.0  # a node that is silent for 90 s is called so
WAITING = 4  # bad ratings of which nobody has taken up the matter yet
REFUSED = {"code": "unknown_verb", "zh": "没有这个命令", "en": "no such command"}


class CentreNode:
    """The node of the centre: its uplink is the real one, what it tells is made up. `asked`: what it was
    asked to do, by whom it was asked."""

    def __init__(self, broker: BrokerProcess) -> None:
        self.topics = Topics(HALL, NODE)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        told = told_of_centre(self.topics, time.time())
        del told[self.topics.status]  # which the uplink says itself
        self.node = SmallNode([broker.broker], hall=HALL, name=NODE, configured=told)
        self.node.handle = self._answer
        self._alerts: dict[str, dict[str, Any]] = {}
        for topic, payload in told.items():
            self.node.uplink.retain(topic, payload)

    def raise_alert(self, key: str, zh: str, en: str, **more: Any) -> None:
        self._alerts[key] = {"since": time.time(), "zh": zh, "en": en} | more
        self._tell(key)

    def end_alert(self, key: str) -> None:
        del self._alerts[key]
        self.node.uplink.clear(self.topics.alert(key))

    def device(self, device: str, state: str, *codes: str) -> None:
        conditions = [{"code": code, "severity": "error", "since": time.time()} for code in codes]
        payload = say.device(device, state, since=time.time(), conditions=conditions)
        self.node.uplink.retain(self.topics.device(device), payload)

    async def run(self) -> None:
        """Until cancelled."""
        async with self.node.running():
            while True:
                await asyncio.sleep(HEALTH_S)
                self.node.uplink.retain(self.topics.health, say.health(time.time()))

    def _tell(self, key: str) -> None:
        self.node.uplink.retain(self.topics.alert(key), say.alert(key, **self._alerts[key]))

    async def _answer(self, request: Request, client: str) -> Reply:
        if request.verb == "backfill":
            return await self.node.serve(request, client)
        self.asked.append((request.verb, dict(request.args)))
        match request.verb:
            case "alert.acknowledge":
                taken = {"acknowledged_by": request.args["by"], "note": request.args["note"]}
                self._alerts[request.args["key"]] |= taken
                self._tell(request.args["key"])
            case "camera.show":
                return Reply(id=request.id, result="done", data={"jpeg": _jpeg(request.args["which"])})
            case "device.restart" | "device.test_print" | "camera.accept":
                pass
            case "device.frames":
                return Reply(id=request.id, result="done", data={"frames": []})
            case "device.statistics":
                return Reply(id=request.id, result="done", data={"statistics": {"HoursPoweredCount": 12}})
            case _:
                return Reply(id=request.id, result="rejected", **REFUSED)
        return Reply(id=request.id, result="done")


def _jpeg(which: str) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (320, 180), "#888" if which == "before" else "#111").save(picture, "JPEG")
    return base64.b64encode(picture.getvalue()).decode()


class World:
    def __init__(self, broker: BrokerProcess, node: CentreNode, console: ConsoleProcess, month: date) -> None:
        """`month`: of which there is a published report."""
        self.broker, self.node, self.console, self.month = broker, node, console, month

    @property
    def address(self) -> str:
        return self.console.address

    def invited(self, name: str, shown: str) -> str:
        """The link by which a manager of the hall chooses a password, as who invites gets it."""
        options = ["--store", self.console.store, "--at", self.address]
        who = [name, "--role", "manager", "--hall", HALL, "--shown", shown]
        done = CliRunner().invoke(app, ["account", "invite", *who, *options])
        assert done.exit_code == 0, done.output
        return done.output.split()[0]

    def technician(self, name: str, secret: str) -> None:
        make_account(self.console.store, Account(name, f"{name} 工", Role.TECHNICIAN), secret)


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    now = datetime.now(CHINA)
    month = (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    store = a_month(folder, now.timestamp(), month, (now.date() - month).days + 1)
    _close_most(store, now.timestamp())
    make_account(store, Account("chief", "主管", Role.MANAGER))
    with running("mosquitto", folder) as broker:
        node = CentreNode(broker)
        telling = asyncio.create_task(node.run())
        try:
            async with console_on(store, broker.url, folder) as console:
                yield World(broker, node, console, month)
        finally:
            telling.cancel()
            await asyncio.wait({telling})


def _close_most(store: str, now_s: float) -> None:
    """Of the bad ratings of a month all but the newest are settled."""
    with writing(store) as db:
        for found in followups(db)[:-WAITING]:
            case, day = found.case, found.case.day
            steps = [Step(Stage.VERIFIED, day, "wang", Finding.CONFIRMED)]
            steps += [Step(stage, day, "wang") for stage in (Stage.RECTIFIED, Stage.FED_BACK, Stage.CLOSED)]
            for step in steps:
                add_step(db, replace(found, case=case), step, now_s)
                case = case.after(step)
