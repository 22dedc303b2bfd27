"""Overview and hall, as people with each role see them, also where strangers wrote what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.console.accounts.roles import Role
from edge.console.live.session import now
from edge.console.settings import ConsoleSettings, HallTable
from edge.console.web.keys import LIVE
from edge.wire import Topics
from tests.console import live_kit as say
from tests.console.accounts_kit import Pages, served

COUNTY, TOWN = Topics("county", "node-1"), Topics("town", "node-1")
EXPECTED = ConsoleSettings(hall=(HallTable(id="village", name="村服务点", name_en="Village point"),))
SCRIPT = "<script>alert(1)</script>"


def tell(pages: Pages, topic: str, payload: bytes) -> None:
    pages.app[LIVE].fleet.take(topic, payload, now(), kept=False)


def fill(pages: Pages) -> None:
    """A centre with something wrong, a township's hall that is well."""
    for topics in (COUNTY, TOWN):
        tell(pages, topics.status, say.status())
        tell(pages, topics.health, say.health())
    tell(pages, COUNTY.about, say.about())
    tell(pages, COUNTY.queue, say.queue(card=(3, 600.0)))
    tell(pages, COUNTY.window("w1"), say.window("w1", ticket="A012", phase="serving", waiting=3))
    tell(pages, COUNTY.device("pad"), say.device("pad"))
    wrong = {"code": "paper_out", "severity": "error", "since": 1.0}
    tell(pages, COUNTY.device("printer"), say.device("printer", "degraded", conditions=[wrong]))
    tell(pages, COUNTY.alert("printer.paper_out"), say.alert("printer.paper_out"))


async def test_the_overview_says_first_who_needs_somebody(tmp_path: Path) -> None:
    async with served(tmp_path, EXPECTED) as pages:
        fill(pages)
        pages.account("boss")
        text = (await (await pages.logged_in("boss")).get("/")).text
        order = [text.index(f'href="/halls/{hall}" data-live') for hall in ("county", "village", "town")]
        assert order == sorted(order)
        assert "县政务服务中心" in text
        assert "缺纸" in text
        assert "从未收到这个大厅的消息" in text, "one that is configured and has never been heard"


async def test_a_hall_shows_windows_waits_devices_and_what_to_do(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        fill(pages)
        pages.account("boss")
        browser = await pages.logged_in("boss")
        text = (await browser.get("/halls/county")).text
        for words in ("1 号窗口", "A012", "办理中", "身份证", "缺纸", "换纸", "10 分钟"):
            assert words in text, words
        assert '/halls/county/devices/node-1/printer"' in text
        english = (await browser.get("/halls/county?lang=en")).text
        for words in ("County centre", "Serving", "Identity cards", "no paper", "10 min"):
            assert words in english, words


async def test_who_is_of_one_hall_sees_no_other(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        fill(pages)
        pages.account("town-boss", Role.MANAGER, "town")
        browser = await pages.logged_in("town-boss")
        text = (await browser.get("/")).text
        assert "/halls/town" in text
        assert "county" not in text
        assert "缺纸" not in text
        assert (await browser.get("/halls/county")).status == 403


@pytest.mark.parametrize("hall", ["nowhere", "..%2f..%2fetc", "County", "a" * 65])
async def test_a_hall_that_is_none_is_not_found(tmp_path: Path, hall: str) -> None:
    async with served(tmp_path) as pages:
        pages.account("boss")
        assert (await (await pages.logged_in("boss")).get(f"/halls/{hall}")).status == 404


async def test_what_strangers_wrote_is_text_and_stays_short(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        fill(pages)
        tell(pages, COUNTY.window("w2"), say.window("w2", ticket=SCRIPT, staff="x" * 900))
        tell(pages, COUNTY.device("caller"), b"\xff\xfe not json")
        tell(pages, COUNTY.device("strip"), say.device("printer"))
        tell(pages, COUNTY.alert("x"), say.alert("x", zh=SCRIPT, detail="\x1b[2J" + "y" * 5000))
        pages.account("boss")
        text = (await (await pages.logged_in("boss")).get("/halls/county")).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
        assert "\x1b" not in text
        assert "x" * 300 not in text
        assert "y" * 300 not in text
        assert "消息无法读取" in text
        assert "冒用了别人的名字" in text
        assert "A012" in text, "what is sound is shown beside it"


async def test_a_node_that_is_lost_is_shown_as_it_was(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        fill(pages)
        tell(pages, COUNTY.status, say.status("lost"))
        pages.app[LIVE].fleet.tick(now())
        pages.account("boss")
        text = (await (await pages.logged_in("boss")).get("/halls/county")).text
        assert "节点失联，以下是失联前的情况" in text
        assert "A012" in text


async def test_nobody_calls_a_hall_well_that_is_not_heard(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        tell(pages, TOWN.status, say.status())
        tell(pages, TOWN.health, say.health())
        pages.account("boss")
        browser = await pages.logged_in("boss")
        for path in ("/", "/halls/town"):
            assert "一切正常" in (await browser.get(path)).text, path
        tell(pages, TOWN.status, say.status("lost"))
        pages.app[LIVE].fleet.tick(now())
        for path in ("/", "/halls/town"):
            assert "一切正常" not in (await browser.get(path)).text, path
