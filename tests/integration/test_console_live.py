"""The whole way: a node at a real broker, the console's own process, and a page that lives."""

from __future__ import annotations

from pathlib import Path

from edge.console.web.words import WORDS
from edge.mqtt import connect
from tests.console.live_kit import COUNTY, device, health, queue, status
from tests.console.process_kit import console_at
from tests.console.stream_kit import listening
from tests.integration.brokers import BrokerProcess


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
                broker.kill()
                await heard.until(lambda: heard.states[-1]["away"])
                await heard.until(lambda: WORDS["stale.broker"][0] in heard.parts["hall_head:county"])
                assert (await browser.get("/halls/county")).status == 200
                broker.start()
                await heard.until(lambda: heard.states[-1]["away"] is None)
        async with connect(broker.broker, "node") as node, listening(browser, "hall_head:*") as heard:
            await node.publish(COUNTY.status, status(), retain=True)
            await node.publish(COUNTY.queue, queue(card=(7, 60.0)), retain=True)
            await heard.until(lambda: ">7<" in heard.parts.get("hall_head:county", ""))
            await heard.until(lambda: WORDS["stale.broker"][0] not in heard.parts["hall_head:county"])
