"""What the script of a page makes of the stream, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from edge.console.accounts import sessions
from edge.console.accounts.roles import Role
from edge.console.live.session import Live, now
from edge.console.web import stream
from edge.console.web.keys import LIVE
from edge.wire import Topics
from tests.console.accounts_kit import PASSWORD, Pages, served, writing
from tests.console.browser.judging import ZH, Tab, tab
from tests.console.live_kit import COUNTY, alert, health, queue, status
from tests.console.stream_kit import say

pytestmark = pytest.mark.asyncio(loop_scope="session")
CARD = '[data-live="hall_card:county"]'
STATE = "[data-live-state]"
TOWN = Topics("town", "node-1")
SENT = """(form) => form.addEventListener("submit", (event) => {
  event.preventDefault();
  globalThis.__sent = form.elements.note.value;
})"""


def county(live: Live) -> None:
    live.note(live.fleet.found(now()))
    say(live, COUNTY.status, status())
    say(live, COUNTY.health, health())
    say(live, COUNTY.queue, queue(card=(3, 240.0)))


@asynccontextmanager
async def overview(chromium: Browser, folder: Path) -> AsyncIterator[tuple[Tab, Pages]]:
    async with served(folder) as pages:
        pages.clock.now = now().wall_s
        county(pages.app[LIVE])
        pages.account("li", Role.VIEWER)
        async with tab(chromium, ZH, pages.address, {}) as it:
            await it.open("/login")
            await it.page.fill("[name=name]", "li")
            await it.page.fill("[name=password]", PASSWORD)
            await it.page.click("main button")
            await it.page.wait_for_url("**/")
            yield it, pages


async def live(page: Page) -> None:
    await expect(page.locator(STATE)).to_have_text("实时")


async def test_a_page_follows_what_changes_for_as_long_as_its_session_lasts(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEAT_S", 0.2)
    async with overview(chromium, tmp_path) as (it, pages):
        await live(it.page)
        await a_change_is_seen_without_a_reload(it, pages.app[LIVE])
        await what_is_typed_stays(it.page, pages.app[LIVE])
        await the_worst_hall_comes_first(it.page, pages.app[LIVE])
        await a_hall_that_comes_back_has_its_place(it, pages.app[LIVE])
        with writing(pages.store) as db:
            sessions.end_all(db, "li")
        await it.page.wait_for_url("**/login**")


async def a_change_is_seen_without_a_reload(it: Tab, fleet: Live) -> None:
    say(fleet, COUNTY.queue, queue(card=(41, 900.0)))
    await expect(it.page.locator(f"{CARD} b >> nth=0")).to_have_text("41")
    link = it.page.locator(CARD)
    await link.focus()
    say(fleet, COUNTY.queue, queue(card=(42, 900.0)))
    await expect(it.page.locator(f"{CARD} b >> nth=0")).to_have_text("42")
    await expect(link).to_be_focused()
    say(fleet, COUNTY.alert("paper"), alert("paper"))
    await expect(it.page.locator(".said")).to_have_text("county: 缺纸")
    assert await it.faults() == []
    await link.evaluate("(each) => each.blur()")


async def what_is_typed_stays(page: Page, fleet: Live) -> None:
    """By a part that is put into the page beside the hall's own."""
    form = "<form><input name=csrf value=''><input name=note><button>go</button></form>"
    await page.evaluate(
        "([card, form]) => { document.querySelector(card).insertAdjacentHTML('beforeend', form); }",
        [CARD, form],
    )
    await page.locator(f"{CARD} [name=note]").fill("half a sen")
    say(fleet, COUNTY.queue, queue(card=(44, 900.0)))
    await page.wait_for_timeout(700)
    assert await page.input_value(f"{CARD} [name=note]") == "half a sen"
    await page.locator(f"{CARD} form").evaluate(SENT)
    await page.locator(f"{CARD} button").click(delay=100)
    assert await page.evaluate("globalThis.__sent") == "half a sen"
    await page.evaluate("document.activeElement.blur()")
    await expect(page.locator(f"{CARD} b >> nth=0")).to_have_text("44")


async def the_worst_hall_comes_first(page: Page, fleet: Live) -> None:
    """Unless somebody is about to choose one."""
    cards = page.locator("[data-live-list] > a")
    say(fleet, TOWN.status, status())
    say(fleet, TOWN.health, health())
    await expect(cards).to_contain_text(["county", "town"])
    await cards.first.hover()
    say(fleet, COUNTY.alert("paper"), b"")
    await expect(cards.first).not_to_contain_text("有故障")
    say(fleet, TOWN.alert("paper"), alert("paper"))
    await expect(cards.last).to_contain_text("有故障")
    await page.wait_for_timeout(1_200)  # cards are put in their order each second
    await expect(cards).to_contain_text(["county", "town"])
    await page.locator("h1").hover()
    await expect(cards).to_contain_text(["town", "county"])


async def a_hall_that_comes_back_has_its_place(it: Tab, fleet: Live) -> None:
    """As where the console has just started, and is asked before it knows its halls."""
    await it.open("/halls/county")
    await live(it.page)
    head = it.page.locator('[data-live="hall_head:county"]')
    await expect(head).to_be_visible()
    say(fleet, COUNTY.status, b"")
    await expect(head).to_be_hidden()
    county(fleet)
    await expect(head).to_be_visible()


async def test_a_server_that_says_nothing_more_greys_the_page_and_it_comes_back(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with overview(chromium, tmp_path) as (it, _):
        await live(it.page)
        monkeypatch.setattr(stream, "BEAT_S", 60.0)
        await it.page.clock.install()
        await it.page.reload()
        await live(it.page)
        await it.page.clock.run_for(17_000)
        await expect(it.page.locator(STATE)).to_contain_text("连接已断，以下是断开前的情况（自 ")
        await expect(it.page.locator("main.stale")).to_be_visible()
