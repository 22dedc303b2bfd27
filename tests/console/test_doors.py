"""Connections without end: pages are answered all the same, and what is open stays open."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from edge.console.live.session import now
from edge.console.web import doors
from edge.console.web.doors import DOORS
from edge.console.web.keys import LIVE
from tests.console.accounts_kit import served
from tests.console.live_kit import COUNTY, queue, status
from tests.console.stream_kit import listening, say


async def test_who_opens_many_and_asks_nothing_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "MAX_CONNECTIONS", 20)
    async with served(tmp_path) as pages:
        pages.account("chief")
        browser = await pages.logged_in("chief")
        live = pages.app[LIVE]
        live.note(live.fleet.found(now()))
        say(live, COUNTY.status, status())
        host, port = pages.address.removeprefix("http://").split(":")
        async with listening(browser, "hall_card:*") as heard, contextlib.AsyncExitStack() as stack:
            await heard.comes("hall_card:county")
            for _ in range(10):
                opened = await asyncio.gather(*(asyncio.open_connection(host, int(port)) for _ in range(10)))
                for _, writer in opened:
                    stack.callback(writer.close)
            for _ in range(3):
                assert (await pages.browser().get("/healthz")).status == 200
                assert (await browser.get("/")).status == 200
            assert pages.app[DOORS].turned_away >= 70
            say(live, COUNTY.queue, queue(card=(17, 60.0)))  # the stream is at work, and was not closed
            await heard.until(lambda: ">17<" in heard.parts["hall_card:county"])


async def test_where_all_are_at_work_who_comes_is_sent_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "MAX_CONNECTIONS", 1)
    async with served(tmp_path) as pages:
        pages.account("chief")
        browser = await pages.logged_in("chief")
        host, port = pages.address.removeprefix("http://").split(":")
        async with listening(browser, "fleet_figures") as heard:
            await heard.comes("fleet_figures")
            reader, writer = await asyncio.open_connection(host, int(port))
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
            assert not heard.over
