"""A page that lives: what it is told, when, and what it is not."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator, MutableMapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

import pytest
from aiohttp import ClientConnectionResetError, ClientError, web

from edge.console.accounts import sessions
from edge.console.accounts.roles import Role
from edge.console.live.session import Live, now
from edge.console.settings import ConsoleSettings, HallTable
from edge.console.web import stream as streaming
from edge.console.web import streams
from edge.console.web.fragments import (
    FRAGMENTS,
    Audience,
    Fragment,
    Place,
    Selection,
    Values,
    touching,
)
from edge.console.web.keys import DESK, LIVE
from edge.console.web.streams import STREAMS
from edge.console.web.visit import Visit
from edge.wire import Topics
from tests.console.accounts_kit import Browser, Pages, served, writing
from tests.console.live_kit import COUNTY, about, alert, device, health, queue, status
from tests.console.stream_kit import PATIENCE_S, listening, say

VALLEY = Topics("valley", "node-1")
SCRIPT = "<script>alert(1)</script>"
NEVER_S = 3600.0


def halls(live: Live) -> None:
    live.note(live.fleet.found(now()))
    for topics in (COUNTY, VALLEY):
        say(live, topics.status, status())
        say(live, topics.health, health())
        say(live, topics.queue, queue(card=(3, 240.0)))


async def test_a_page_shows_the_halls_and_each_change_of_them(tmp_path: Path) -> None:
    settings = ConsoleSettings(hall=(HallTable(id="missing", name="还没来的大厅"),))
    async with served(tmp_path, settings) as pages:
        live = pages.app[LIVE]
        halls(live)
        pages.account("chief")
        browser = await pages.logged_in("chief")
        page = (await browser.get("/")).text
        for hall in ("county", "valley", "missing"):
            assert f'data-live="hall_card:{hall}"' in page
        assert "还没来的大厅" in page
        async with listening(browser, "hall_card:*") as heard:
            await heard.until(lambda: len(heard.parts) == 3)
            assert heard.parts["hall_card:county"].strip() in page  # the same, by the same template
            heard.puts.clear()
            say(live, COUNTY.queue, queue(card=(17, 900.0)))
            await heard.until(lambda: ">17<" in heard.parts["hall_card:county"])
            assert ">15 分钟<" in heard.parts["hall_card:county"]
            say(live, COUNTY.about, about(hall_name="县中心"))
            await heard.until(lambda: "县中心" in heard.parts["hall_card:county"])
            assert set(heard.puts) == {"hall_card:county"}
            say(live, Topics("new", "n").status, status())
            await heard.until(lambda: "hall_card:new" in heard.parts)
        async with listening(browser, "hall_card:county", query="&lang=en") as heard:
            await heard.until(lambda: "County centre" in heard.parts.get("hall_card:county", ""))


async def test_what_is_old_is_said_to_be(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        live = pages.app[LIVE]
        halls(live)
        pages.account("chief")
        async with listening(await pages.logged_in("chief"), "hall_card:*") as heard:
            await heard.until(lambda: len(heard.parts) == 2 and heard.states)
            assert heard.states[-1]["away"] is None
            say(live, COUNTY.status, status("lost"))
            await heard.until(lambda: "节点失联" in heard.parts["hall_card:county"])
            assert " stale" not in heard.parts["hall_card:valley"]
            live.note(live.fleet.lost(now()))
            await heard.until(lambda: heard.states[-1]["away"] is not None)
            await heard.until(lambda: "与消息服务器断开" in heard.parts["hall_card:valley"])


async def test_a_stranger_s_text_is_text(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        live = pages.app[LIVE]
        halls(live)
        say(live, COUNTY.about, about(hall_name=SCRIPT))
        say(live, COUNTY.alert("a"), alert("a", zh=f'{SCRIPT}" onload="x', detail=SCRIPT))
        pages.account("chief")
        browser = await pages.logged_in("chief")
        assert SCRIPT not in (await browser.get("/")).text
        async with listening(browser, "hall_card:*") as heard:
            await heard.until(lambda: len(heard.parts) == 2)
            card = heard.parts["hall_card:county"]
            assert "&lt;script&gt;" in card and SCRIPT not in card and 'onload="' not in card


async def test_a_manager_of_one_hall_is_told_nothing_of_another(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        live = pages.app[LIVE]
        halls(live)
        pages.account("li", hall="county")
        browser = await pages.logged_in("li")
        assert "valley" not in (await browser.get("/")).text
        assert (await browser.get("/stream?f=hall_card:valley")).status == 403
        async with listening(browser, "hall_card:*") as heard:
            await heard.until(lambda: "hall_card:county" in heard.parts)
            say(live, VALLEY.queue, queue(card=(17, 900.0)))
            say(live, VALLEY.status, b"")
            say(live, COUNTY.queue, queue(card=(17, 900.0)))
            await heard.until(lambda: ">17<" in heard.parts["hall_card:county"])
            assert set(heard.parts) == {"hall_card:county"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/stream", 204),
        ("/stream?f=nothing:county", 400),
        ("/stream?f=hall_card", 400),
        ("/stream?f=hall_card:a:b", 400),
        ("/stream?f=*", 400),
        ("/stream?" + "&".join(f"f=hall_card:h{n}" for n in range(65)), 400),
    ],
)
async def test_what_is_no_part_of_a_page_is_refused(tmp_path: Path, path: str, expected: int) -> None:
    async with served(tmp_path) as pages:
        pages.account("chief")
        assert (await (await pages.logged_in("chief")).get(path)).status == expected
        assert (await pages.browser().get(path)).status == 303


async def test_there_are_limits_and_who_leaves_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BEAT_S", NEVER_S)
    monkeypatch.setattr(streams, "MAX_CLIENTS", 3)
    monkeypatch.setattr(streams, "MAX_EACH", 2)
    async with served(tmp_path) as pages:
        pages.account("chief")
        first, second = await pages.logged_in("chief"), await pages.logged_in("chief")
        async with listening(first, "hall_card:*"), listening(first, "hall_card:*"):
            refused = await first.get("/stream?f=hall_card:*")
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
            async with listening(second, "hall_card:*"):
                assert (await second.get("/stream?f=hall_card:*")).status == 503
                assert (await second.get("/")).status == 200
        async with asyncio.timeout(PATIENCE_S):  # without a beat
            while await asked(second) == 503:  # noqa: ASYNC110 nobody tells
                await asyncio.sleep(0.01)


async def test_a_crowd_is_turned_away_before_it_costs_a_look_into_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BEAT_S", NEVER_S)  # at a beat the record is looked into
    monkeypatch.setattr(streams, "MAX_CLIENTS", 3)
    path = "/stream?f=hall_card:*"
    async with served(tmp_path) as pages:
        names = [f"manager-{number}" for number in range(5)]
        for name in names:
            pages.account(name)
        browsers = [await pages.logged_in(name) for name in names]
        async with AsyncExitStack() as stack:
            for browser in browsers[:3]:
                await stack.enter_async_context(listening(browser, "hall_card:*"))
            with monkeypatch.context() as patch:
                patch.delattr(type(pages.app[DESK]), "read")
                refused = await asyncio.gather(*(each.get(path) for each in browsers * 20))
            assert {(each.status, each.headers["Retry-After"]) for each in refused} == {(503, "5")}
            assert {each.headers["Connection"] for each in refused} == {"close"}
            assert pages.app[STREAMS].open == 3
            assert (await browsers[-1].get("/")).status == 200
        async with asyncio.timeout(PATIENCE_S):
            while await asked(browsers[-1]) == 503:  # noqa: ASYNC110 nobody tells
                await asyncio.sleep(0.01)


async def asked(browser: Browser) -> int:
    """The status of a stream that is left at once."""
    async with browser.session.get("/stream?f=hall_card:*") as answer:
        return answer.status


async def gone(pages: Pages) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while pages.app[STREAMS].open:  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.01)


async def test_it_ends_with_its_session_and_when_the_account_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BEAT_S", 0.1)
    async with served(tmp_path) as pages:
        pages.account("chief")
        pages.account("li", Role.VIEWER)
        out, other = await pages.logged_in("li"), await pages.logged_in("chief")
        async with listening(out, "hall_card:*") as heard, listening(other, "hall_card:*") as stays:
            await heard.until(lambda: len(heard.states) > 2)
            with writing(pages.store) as db:
                sessions.end_all(db, "li")
            await heard.until(lambda: heard.ended and heard.over)
            beats = len(stays.states)
            await stays.until(lambda: len(stays.states) > beats + 2)
            assert not stays.ended
        await gone(pages)


async def test_who_takes_nothing_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "WRITE_S", 0.3)
    async with served(tmp_path) as pages:
        live = pages.app[LIVE]
        halls(live)
        large = Counted(words="x" * 200_000)
        add(pages, large.fragment)
        pages.account("chief")
        browser = await pages.logged_in("chief")
        cookie = "; ".join(f"{each.key}={each.value}" for each in browser.session.cookie_jar)
        host, port = pages.address.removeprefix("http://").split(":")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            slow.connect((host, int(port)))
            slow.sendall(f"GET /stream?f=counted:* HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
            async with asyncio.timeout(PATIENCE_S):
                while not pages.app[STREAMS].open:  # noqa: ASYNC110 nobody tells
                    await asyncio.sleep(0.01)
                seq = 0
                while pages.app[STREAMS].open:
                    seq += 1
                    say(live, COUNTY.queue, queue(card=(seq, 1.0)))
                    await asyncio.sleep(0.05)
        assert (await browser.get("/")).status == 200


async def test_who_has_left_before_the_first_word_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    prepare, left = web.StreamResponse.prepare, []

    async def has_left(response: web.StreamResponse, request: web.BaseRequest) -> object:
        if request.path == "/stream":
            left.append(request.path)
            raise ClientConnectionResetError
        return await prepare(response, request)

    async with served(tmp_path) as pages:
        pages.account("chief")
        browser = await pages.logged_in("chief")
        monkeypatch.setattr(web.StreamResponse, "prepare", has_left)
        with pytest.raises(ClientError):
            await browser.get("/stream?f=hall_card:*")
        assert left
        assert (await browser.get("/")).status == 200
        assert pages.app[STREAMS].open == 0
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


class Counted:
    """A part of each hall that counts how often it is drawn."""

    def __init__(self, words: str = "") -> None:
        self.drawn = 0
        self.words = words
        self.fails = False
        self.fragment = Fragment(
            name="counted",
            depth=3,
            touched=touching("node", "queue", "device", depth=2),
            places=places,
            values=self.values,
        )

    def values(self, app: web.Application, _visit: Visit, place: Place) -> Values | None:
        self.drawn += 1
        if self.fails:
            raise ZeroDivisionError
        node = app[LIVE].fleet.node(*place[:2])
        if node is None or (place[2] != "all" and place[2] not in node.devices):
            return None
        queue_now = node.queue.good if node.queue else None
        return {"words": f"{queue_now} {node.stale} {self.words}"}


def places(app: web.Application, _visit: Visit) -> Iterator[Place]:
    for hall in app[LIVE].fleet.halls():
        for node in hall.nodes:
            yield from ((hall.hall, node.node, device) for device in (*node.devices, "all"))


def add(pages: Pages, fragment: Fragment) -> None:
    cast("MutableMapping[str, Fragment]", pages.app[FRAGMENTS])[fragment.name] = fragment


@pytest.fixture(autouse=True)
def _template(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part that counts is drawn without a template of its own."""

    def draw(fragment: Fragment, app: web.Application, visit: Visit, place: Place) -> str:
        if fragment.name != "counted":
            return whole(fragment, app, visit, place)
        values = fragment.values(app, visit, place)
        return f"<p>{values['words']}</p>" if values else ""

    whole = Fragment.draw
    monkeypatch.setattr(Fragment, "draw", draw)


async def test_it_is_drawn_once_for_all_who_see_the_same(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        live = pages.app[LIVE]
        halls(live)
        counted = Counted()
        add(pages, counted.fragment)
        pages.account("chief")
        pages.account("boss")
        pages.account("wang", Role.VIEWER)
        opened = [await pages.logged_in(name) for name in ("chief", "chief", "boss", "wang")]
        async with (
            listening(opened[0], "counted:county:*") as a,
            listening(opened[1], "counted:county:*") as b,
            listening(opened[2], "counted:county:node-1:all") as c,
            listening(opened[3], "counted:*") as d,
        ):
            for each in (a, b, c, d):
                await each.comes("counted:county:node-1:all")
            counted.drawn = 0
            for each in (a, b, c, d):
                each.parts.clear()
            say(live, COUNTY.queue, queue(card=(99, 1.0)))
            for each in (a, b, c, d):
                await each.comes("counted:county:node-1:all")
            assert counted.drawn == 2  # for managers of all halls, and for those who look on


async def test_a_message_holds_what_others_have_drawn_and_a_little_more(tmp_path: Path) -> None:
    """So that none of many who come at once keeps the others waiting, and none gets it in many pieces."""
    async with served(tmp_path) as pages:
        live, counted = pages.app[LIVE], Counted()
        halls(live)
        for number in range(60):
            say(live, COUNTY.device(f"d{number}"), device(f"d{number}"))
        add(pages, counted.fragment)
        live.take_changed()  # nothing ticks meanwhile
        audience, opened = Audience("zh", Role.MANAGER, ""), pages.app[STREAMS]
        selection = Selection(counted.fragment, ("county",), wild=True)
        for name in ("a", "b"):
            client = streams.Client(audience, name, (selection,), lambda: True)
            opened.join(client)
            assert (opened.message(client) or b"").startswith(b"event: state\n")
            sent = json.loads((opened.message(client) or b"").partition(b"data: ")[2])
            assert len(sent) == counted.drawn == streams.DRAWN_AT_ONCE * (1 if name == "a" else 2)


async def test_what_a_change_touches_further_down_comes_and_goes(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        live = pages.app[LIVE]
        halls(live)
        say(live, COUNTY.device("pad"), device("pad"))
        add(pages, Counted().fragment)
        pages.account("chief")
        async with listening(await pages.logged_in("chief"), "counted:county:node-1:*") as heard:
            await heard.until(lambda: len(heard.parts) == 2)
            say(live, COUNTY.device("board"), device("board"))
            await heard.until(lambda: heard.parts.get("counted:county:node-1:board"))
            say(live, COUNTY.device("pad"), b"")
            await heard.until(lambda: heard.parts["counted:county:node-1:pad"] == "")
            say(live, COUNTY.status, b"")
            await heard.until(lambda: set(heard.parts.values()) == {""})


async def test_a_part_that_cannot_be_drawn_harms_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(tmp_path) as pages:
        live = pages.app[LIVE]
        halls(live)
        counted = Counted()
        counted.fails = True
        add(pages, counted.fragment)
        pages.account("chief")
        async with listening(await pages.logged_in("chief"), "counted:*", "hall_card:*") as heard:
            await heard.until(lambda: "hall_card:county" in heard.parts)
            say(live, COUNTY.queue, queue(card=(17, 900.0)))
            await heard.until(lambda: ">17<" in heard.parts["hall_card:county"])
        assert "cannot be drawn" in caplog.text
