"""The whole way: a node at a real broker, the console's own process, and a page that lives."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

from aiohttp import ClientSession

from edge.console.web.words import WORDS
from edge.mqtt import Connection, connect
from tests.console.accounts_kit import Browser
from tests.console.api_kit import token_of
from tests.console.live_kit import COUNTY, HEX, device, health, queue, status
from tests.console.metrics_kit import of
from tests.console.process_kit import ConsoleProcess, console_at
from tests.console.stream_kit import PATIENCE_S, listening
from tests.integration.brokers import BrokerProcess
from tests.integration.node import batch, event


async def test_a_change_is_on_the_page_and_a_broker_that_goes_is_said(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    async with console_at(broker.url, tmp_path) as console, console.browser() as browser:
        async with connect(broker.broker, "node") as node:
            await node.publish(COUNTY.status, status(), retain=True)
            await node.publish(COUNTY.health, health(), retain=True)
            async with listening(browser, "hall_head:*", "device_state:county:*") as heard:
                await heard.comes("hall_head:county")
                await node.publish(COUNTY.device("pad"), device("pad"), retain=True)
                await heard.comes("device_state:county:node-1:pad")
                await node.publish(COUNTY.device("pad"), device("pad", "faulted"), retain=True)
                await heard.until(
                    lambda: WORDS["state.faulted"][0] in heard.parts["device_state:county:node-1:pad"]
                )
                await node.publish("hall/1/county/node-1/device/<b>", b"nobody's", retain=True)
                await node.publish(COUNTY.device("big"), b"x" * 200_000, retain=True)
                await heard.comes("device_state:county:node-1:big")
                await monitored(browser, node)
                await programmed(console, tmp_path, node)
                broker.kill()
                await heard.until(lambda: heard.states[-1]["away"])
                assert (await browser.get("/healthz")).status == 503
                await heard.until(lambda: WORDS["stale.broker"][0] in heard.parts["hall_head:county"])
                assert (await browser.get("/halls/county")).status == 200
                broker.start()
                await heard.until(lambda: heard.states[-1]["away"] is None)
                assert (await browser.get("/healthz")).status == 200
        async with connect(broker.broker, "node") as node, listening(browser, "hall_head:*") as heard:
            await node.publish(COUNTY.status, status(), retain=True)
            await node.publish(COUNTY.queue, queue(card=(7, 60.0)), retain=True)
            await heard.until(lambda: ">7<" in heard.parts.get("hall_head:county", ""))
            await heard.until(lambda: WORDS["stale.broker"][0] not in heard.parts["hall_head:county"])


async def monitored(browser: Browser, node: Connection) -> None:
    """Whether it can work, and what it has done, as a monitor reads it."""
    well = {"status": "ok", "leads": True, "broker": "up", "record": "up"}
    async with asyncio.timeout(PATIENCE_S):
        while json.loads((answer := await browser.get("/healthz")).text)["leads"] is False:  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.1)  # its pages are served before it leads
    assert (answer.status, json.loads(answer.text)) == (200, well)
    await node.publish(COUNTY.event, batch(event(HEX, seq) for seq in (1, 2, 3)))
    async with asyncio.timeout(PATIENCE_S):
        while of((await browser.get("/metrics")).text, "hall_console_events_applied_total") < 3:  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.1)
    text = (await browser.get("/metrics")).text
    assert of(text, "hall_console_leads") == 1
    assert of(text, "hall_console_devices", hall="county", state="faulted") == 1
    assert of(text, "hall_console_streams_open") == 1


async def programmed(console: ConsoleProcess, folder: Path, node: Connection) -> None:
    """A program is told of the same changes."""
    token = token_of(f"sqlite:///{folder}/hub.db", "chief", time.time())
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(console.address, headers=headers) as session:
        async with session.get("/api/v1/stream?kind=device") as answer, asyncio.timeout(PATIENCE_S):
            async for line in answer.content:
                if line.startswith(b"event: synced"):
                    await node.publish(COUNTY.device("pad"), device("pad", "degraded"), retain=True)
                elif b'"device":"pad"' in line and b'"degraded"' in line:
                    break
        async with session.get("/api/v1/halls/county/devices/node-1/pad") as one:
            assert (await one.json())["state"] == "degraded"
