"""Events searched and as they come, and the trail: for whom they are, page by page, whatever is asked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path

import pytest

from edge.console.accounts.roles import Role
from edge.console.live.session import now
from edge.console.record import Record
from edge.console.web.keys import LIVE
from edge.console.web.pages.events import ROWS
from edge.wire import EventBatch
from tests.console import live_kit as say
from tests.console.accounts_kit import Browser, Pages, served
from tests.console.test_pages_device import logged_in

STARTED = 1_790_000_000.0


def told(seq: int, kind: str, **fact: object) -> dict[str, object]:
    stamp = {"epoch": say.HEX, "seq": seq, "id": f"{seq:032x}", "at": STARTED + seq, "boot": say.HEX}
    return stamp | {"mono": float(seq), "clock_ok": True, "by": "node", "kind": kind} | fact


def record(pages: Pages, hall: str, *events: dict[str, object]) -> None:
    batch = EventBatch(events=list(events)).model_dump_json().encode()
    with Record(pages.store) as kept:
        kept.apply([(hall, "node-1", batch)])


@asynccontextmanager
async def full(folder: Path) -> AsyncIterator[Pages]:
    """A centre with more than a page of events, a town with two."""
    async with served(folder) as pages:
        calls = [
            told(n, "ticket.called", ticket=f"A{n:03}", window="1", staff="101", times=1)
            for n in range(1, 71)
        ]
        rated = told(71, "rating.given", act="d/A070", ticket="A070", window="1", staff="101", level=1, raw=1)
        record(pages, "county", *calls, rated)
        opened = told(1, "day.opened", day="2026-11-30", again=False, were={"A": True})
        record(pages, "town", opened, told(2, "notice.set", text="<b>hi</b>"))
        yield pages


async def read(browser: Browser, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200, answer.text
    return answer.text


async def test_pages_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    async with full(tmp_path) as pages:
        browser = await logged_in(pages, "boss", Role.MANAGER)
        first = await read(browser, "/events?hall=county")
        older = re.search(r'href="(/events\?[^"]*before[^"]*)"', first)
        assert older
        second = await read(browser, unescape(older[1]))
        seen = re.findall(r">(A\d{3})</span>|(A\d{3})", first + second)
        tickets = {name for pair in seen for name in pair if name}
        assert tickets == {f"A{n:03}" for n in range(1, 71)}
        assert len(re.findall("ticket.called</td>", first)) == ROWS - 1, "and the rating"


async def test_one_ticket_is_found_with_all_that_befell_it(tmp_path: Path) -> None:
    async with full(tmp_path) as pages:
        text = await read(await logged_in(pages, "boss", Role.MANAGER), "/events?hall=county&ticket=A070")
        assert "ticket.called</td>" in text
        assert "rating.given</td>" in text
        assert "A069" not in text


async def test_ratings_are_not_for_technicians(tmp_path: Path) -> None:
    async with full(tmp_path) as pages:
        browser = await logged_in(pages, "li", Role.TECHNICIAN)
        assert "rating.given" not in await read(browser, "/events?hall=county&ticket=A070")
        assert (await browser.get("/events?kind=rating.given")).status == 403


async def test_who_is_of_one_hall_finds_nothing_of_another(tmp_path: Path) -> None:
    async with full(tmp_path) as pages:
        pages.account("town-boss", Role.MANAGER, "town")
        browser = await pages.logged_in("town-boss")
        text = await read(browser, "/events")
        assert "day.opened</td>" in text
        assert "A070" not in text
        assert (await browser.get("/events?hall=county")).status == 403
        place = f"{STARTED + 60}~county~node-1~{say.HEX}~60"
        assert (await browser.get("/events", params={"before": place})).status == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("ticket=%27%20OR%201%3D1--", 200),
        ("text=%25%5F%00", 200),
        ("before=nonsense", 400),
        ("before=nan~county~node-1~ff~1", 400),
        ("from=yesterday", 400),
        ("from=9999-12-31T23:59&to=0001-01-01T00:00", 200),
        ("kind=no.such.kind", 200),
        ("hall=../../etc", 200),
    ],
)
async def test_strange_questions_find_nothing_and_break_nothing(
    tmp_path: Path, query: str, status: int
) -> None:
    async with full(tmp_path) as pages:
        browser = await logged_in(pages, "boss", Role.MANAGER)
        answer = await browser.get(f"/events?{query}")
        assert answer.status == status
        assert "ticket.called</td>" not in answer.text
        assert "A070" in await read(browser, "/events?hall=county")


async def test_a_stranger_s_text_is_text(tmp_path: Path) -> None:
    async with full(tmp_path) as pages:
        text = await read(await logged_in(pages, "boss", Role.MANAGER), "/events?hall=town")
        assert "<b>hi" not in text
        assert "&lt;b&gt;hi" in text
        assert re.search(r">again</span> 否</span>", text), "yes and no are words"
        assert ">were</span> A true<" in text


async def test_what_comes_is_shown_as_it_comes(tmp_path: Path) -> None:
    async with full(tmp_path) as pages:
        live = pages.app[LIVE]
        live.tail.take(
            ("county", "node-1"),
            say.batch(say.event(72, ticket="B001"), say.event(73, "rating.given")),
            now(),
        )
        boss = await logged_in(pages, "boss", Role.MANAGER)
        tail = (await read(boss, "/events")).split('data-live="events_tail"')[1]
        assert "True" not in tail
        assert "B001" in tail
        assert "rating.given" in tail
        technician = await logged_in(pages, "li", Role.TECHNICIAN)
        assert "rating.given" not in (await read(technician, "/events")).split('data-live="events_tail"')[1]


async def test_the_trail_says_who_did_what(tmp_path: Path) -> None:
    async with full(tmp_path) as pages:
        await logged_in(pages, "boss", Role.MANAGER)
        auditor = await logged_in(pages, "zhao", Role.AUDITOR)
        text = await read(auditor, "/audit?account=boss")
        assert "boss" in text
        assert "login" in text
        assert "zhao</td>" not in text
        assert '<span class="soft small">管理</span>' in text
        assert "<td>完成</td>" in text
        assert (await auditor.get("/audit?before=x")).status == 400
        assert (await auditor.get(f"/audit?before={10**30}")).status == 400
        for role in (Role.VIEWER, Role.MANAGER, Role.TECHNICIAN):
            other = await logged_in(pages, f"a-{role}", role)
            assert (await other.get("/audit")).status == 403
