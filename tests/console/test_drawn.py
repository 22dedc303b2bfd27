"""What is drawn once for many, and how it is handed out: as new as the fleet, and a page at a time."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import make_mocked_request

from edge.console.accounts.roles import Role
from edge.console.desk import Desk
from edge.console.live.session import Live
from edge.console.record import Record
from edge.console.settings import ConsoleSettings
from edge.console.web import drawn as drawing
from edge.console.web import layers
from edge.console.web.app import make_app, served
from edge.console.web.drawn import AGES_S, Drawn
from edge.console.web.fragments import FRAGMENTS, Audience, Fragment, Place, touching
from edge.console.web.keys import LIVE, WALL
from edge.console.web.visit import Visit
from tests.console.accounts_kit import Clock
from tests.console.live_kit import COUNTY, queue, status
from tests.console.stream_kit import say

CHIEF, TOWN = Audience("zh", Role.MANAGER, ""), Audience("zh", Role.MANAGER, "county")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """Each place, as often as it was drawn."""
    found: list[Place] = []

    def draw(_fragment: Fragment, _app: web.Application, _visit: Visit, place: Place) -> str:
        found.append(place)
        return "<b>hall</b>"

    monkeypatch.setattr(Fragment, "draw", draw)
    return found


def application() -> tuple[web.Application, Clock]:
    app, clock = web.Application(), Clock()
    app[LIVE], app[WALL] = Live(), lambda: clock.now
    part = Fragment("card", 1, touching("queue"), lambda _app, _visit: (), lambda _app, _visit, _place: None)
    app[FRAGMENTS] = {"card": part}
    say(app[LIVE], COUNTY.status, status())
    return app, clock


def test_a_part_is_drawn_again_when_its_hall_is_new_or_its_ages_are_old(drawn: list[Place]) -> None:
    app, clock = application()
    parts, county = Drawn(app), ("county",)
    for _ in range(3):
        assert parts.part("card", county, CHIEF) == "<b>hall</b>"
    assert drawn == [county]
    parts.part("card", county, TOWN)
    assert len(drawn) == 2, "for another audience"
    say(app[LIVE], COUNTY.queue, queue(card=(1, 1.0)))
    parts.part("card", county, CHIEF)
    assert len(drawn) == 3
    clock.now += AGES_S
    parts.part("card", county, CHIEF)
    assert len(drawn) == 4
    clock.now -= 3600.0  # a clock that was set keeps nothing young
    parts.part("card", county, CHIEF)
    assert len(drawn) == 5


def test_what_is_kept_is_bounded(drawn: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MAX_CHARS", 20)
    app, _ = application()
    parts = Drawn(app)
    for audience in (CHIEF, TOWN, CHIEF):
        parts.part("card", ("county",), audience)
    assert len(drawn) == 3, "there is room for one"
    parts.part("card", ("county",), CHIEF)
    assert len(drawn) == 3


async def test_between_two_pages_others_have_their_turn() -> None:
    app, order, loop = web.Application(), list[str](), asyncio.get_running_loop()
    app[layers.TURN] = asyncio.Lock()

    async def page(_request: web.Request) -> web.Response:
        order.append("page")
        return web.Response()

    def turn() -> None:
        order.append("turn")
        if order.count("page") < 10:
            loop.call_soon(turn)

    loop.call_soon(turn)
    await asyncio.gather(*(layers.in_turn(make_mocked_request("GET", "/", app=app), page) for _ in range(10)))
    assert order.count("page") == 10
    assert "page page" not in " ".join(order)


async def test_a_page_that_is_sent_is_not_kept_with_its_connection(tmp_path: Path) -> None:
    answers: list[web.StreamResponse] = []

    async def note(_request: web.Request, answer: web.StreamResponse) -> None:
        answers.append(answer)

    Record(url := f"sqlite:///{tmp_path}/hub.db").close()
    with closing(Desk(url)) as desk:
        app = make_app(desk, ConsoleSettings())
        app.on_response_prepare.append(note)
        async with served(app, 0) as address, ClientSession(address) as browser:
            async with browser.get("/login") as got:
                assert "<main" in await got.text()
            (answer,) = answers
            assert isinstance(answer, web.Response)
            async with asyncio.timeout(60):
                while answer.body is not None:  # noqa: ASYNC110 it is sent, and tells nobody
                    await asyncio.sleep(0.01)
