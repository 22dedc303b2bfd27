"""The disk of the record is really full while pages are open: what can be answered is, nothing is
acknowledged that is not kept, nothing that was written is lost, and it goes on by itself."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.console.web.words import WORDS
from edge.mqtt import connect
from edge.wire import Topics
from tests.console.accounts_kit import Answer, Browser
from tests.console.live_kit import alert, status
from tests.console.process_kit import console_at
from tests.console.stream_kit import listening
from tests.faults.disks import small_disk
from tests.integration.brokers import BrokerProcess, observing, running
from tests.integration.node import SmallNode
from tests.stores import outside

PAGES = ("/", "/halls/county", "/ratings", "/events", "/accounts", "/me", "/reports")
NOTE = '已去窗口 <看> "一下"'
TIMEOUT_S = 60.0
STUCK, UNKEPT = WORDS["stuck.text"][0], WORDS["sorry.unkept"][0]
HIDDEN = re.compile(r"data-stuck[^>]* hidden")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(
        tmp_path / "disk", "8m", "what follows from a full disk is tested by a record that refuses"
    ):
        yield tmp_path / "disk"


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[BrokerProcess]:
    with running("mosquitto", tmp_path) as process:
        yield process


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.05)


def fill(path: Path) -> None:
    """To the last byte."""
    with path.open("ab", buffering=0) as file:
        for size in (65_536, 512, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def fields_of(answer: Answer) -> dict[str, str]:
    """Of the form on the page that says that it was not done."""
    form = re.search(r'<form method="post" action="(/halls[^"]*)">(.*?)</form>', answer.text, re.S)
    assert form, answer.text
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[2]))
    found |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>\n(.*?)</textarea>', form[2], re.S))
    return {name: html.unescape(value) for name, value in found.items()}


async def post(browser: Browser, **fields: str) -> Answer:
    return await browser.post("/halls/county/alerts", None, **fields)


async def test_a_full_disk_loses_nothing_and_is_said(disk: Path, mosquitto: BrokerProcess) -> None:
    node, ballast, county = SmallNode([mosquitto.broker]), disk / "ballast", Topics("county", "node-9")
    path = disk / "hub.db"

    def all_is_kept() -> bool:
        return node.store.acked_seq == len(node.store.events)

    def recorded() -> int:
        ((count,),) = outside(path, f"SELECT count(*) FROM event WHERE epoch = '{node.store.epoch}'")
        return int(count)

    async with (
        console_at(mosquitto.url, disk) as console,
        console.browser() as browser,
        connect(mosquitto.broker, "other") as other,
        observing(mosquitto.broker, county.commands) as commands,
        node.running(),
    ):
        await other.publish(county.status, status(), retain=True)
        await other.publish(county.alert("idle-4"), alert("idle-4"), retain=True)
        node.store.append(500)
        await until(lambda: node.store.acked_seq == 500)
        csrf = (await browser.get("/halls/county")).csrf
        ack = {"csrf": csrf, "node": "node-9", "key": "idle-4", "note": NOTE}
        async with listening(browser, "hall_head:*") as heard:
            await heard.until(lambda: heard.states)
            assert heard.states[-1]["stuck"] is None

            fill(ballast)
            while all_is_kept():  # what is left of the file's own room
                node.store.append(500)
                await heard.until(lambda: all_is_kept() or heard.states[-1]["stuck"])
            await heard.until(lambda: heard.states[-1]["stuck"])
            assert node.store.acked_seq <= recorded() < len(node.store.events)

            for page in PAGES:
                answer = await browser.get(page)
                assert answer.status == 200, page
                assert STUCK in answer.text
                assert not HIDDEN.search(answer.text), page
            refused = await post(browser, **ack)
            assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
            assert UNKEPT in refused.text
            assert fields_of(refused) == ack
            refused = await browser.post("/accounts", None, csrf=csrf, name="new", role="viewer", hall="")
            assert refused.status == 503
            assert UNKEPT in refused.text
            refused = await browser.post(
                "/login", None, csrf=csrf, name="chief", password="it is none of a page's"
            )
            assert refused.status == 503
            assert "none of a page" not in refused.text
            assert not commands.messages, "nobody was asked for what could not be kept"

            ballast.unlink()
            await until(all_is_kept)
            await heard.until(lambda: heard.states[-1]["stuck"] is None)
            assert recorded() == len(node.store.events)
            assert HIDDEN.search((await browser.get("/")).text)
            asked = asyncio.create_task(post(browser, **ack))
            await commands.until(lambda: bool(commands.messages))
            assert json.loads(commands.messages[0].payload)["args"]["note"] == NOTE
            asked.cancel()  # this node answers nobody
