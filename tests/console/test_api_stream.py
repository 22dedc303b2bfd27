"""The API's stream: all there is, then what changes, in the models of the API; and what was missed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from hypothesis import given
from hypothesis import strategies as st

from edge.console.accounts import sessions
from edge.console.accounts.roles import Role
from edge.console.api.base import KINDS
from edge.console.api.operations import EVENTS_TOLD, ROOT
from edge.console.live.session import Live, now
from edge.console.live.things import Key
from edge.console.web import past, streams
from edge.console.web import stream as streaming
from edge.console.web.api.stream import Program as Listener
from edge.console.web.api.tellings import PREFIX
from edge.console.web.fragments import FRAGMENTS, Audience, Selection
from edge.console.web.keys import LIVE
from edge.console.web.past import Past
from edge.console.web.streams import STREAMS
from edge.wire import Topics
from tests.console.accounts_kit import Pages, served, writing
from tests.console.api_kit import Program, judge, token_of
from tests.console.live_kit import COUNTY, about, alert, device, health, queue, status, window
from tests.console.stream_kit import PATIENCE_S, listening, reading, say

VALLEY = Topics("valley", "node-1")


@dataclass
class Heard:
    """`events`: name and data, in order; each is what the API says it is. `last`: the newest id."""

    answer: ClientResponse
    events: list[tuple[str, Any]] = field(default_factory=list)
    last: str = ""
    over: bool = False

    async def read(self) -> None:
        name = ""
        async for line in self.answer.content:
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "id":
                self.last = value
            elif key == "data":
                data = json.loads(value)
                if name != "ended":
                    judge(EVENTS_TOLD[name].__name__, data)
                self.events.append((name, data))
        self.over = True

    def of(self, kind: str) -> list[Any]:
        return [data for name, data in self.events if name == kind]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 of many things, none of which tells
                await asyncio.sleep(0.01)

    async def synced(self) -> None:
        await self.until(lambda: self.of("synced"))


@asynccontextmanager
async def told(pages: Pages, token: str, query: str = "", last: str = "") -> AsyncIterator[Heard]:
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last} if last else {})
    async with (
        ClientSession(pages.address, timeout=ClientTimeout(total=None)) as session,
        session.get(f"{ROOT}/stream{query}", headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"] == "text/event-stream"
        heard = Heard(answer)
        async with reading(heard.read):
            yield heard


def halls(live: Live) -> None:
    live.note(live.fleet.found(now()))
    for topics in (COUNTY, VALLEY):
        say(live, topics.status, status())
        say(live, topics.health, health())
        say(live, topics.about, about())
        say(live, topics.queue, queue(card=(3, 240.0)))
        say(live, topics.device("pad"), device("pad"))
        say(live, topics.window("w1"), window("w1"))
        say(live, topics.alert("paper"), alert("paper"))


@asynccontextmanager
async def county(folder: Path, role: Role = Role.VIEWER, hall: str = "") -> AsyncIterator[tuple[Pages, str]]:
    async with served(folder) as pages:
        halls(pages.app[LIVE])
        pages.account("li", role, hall)
        yield pages, token_of(pages.store, "li", pages.clock.now)


async def test_all_there_is_comes_first_and_then_what_changes(tmp_path: Path) -> None:
    async with county(tmp_path) as (pages, token), told(pages, token) as heard:
        await heard.synced()
        assert heard.events[0] == ("begin", {"resumed": False})
        for kind, count in (
            ("hall", 2),
            ("node", 2),
            ("device", 4),
            ("window", 2),
            ("queue", 2),
            ("alert", 2),
        ):
            assert len(heard.of(kind)) == count, kind  # of devices one is known by name only
        live, before = pages.app[LIVE], len(heard.events)
        say(live, COUNTY.device("pad"), device("pad", "backoff"))
        await heard.until(lambda: len(heard.of("device")) == 5)
        assert heard.of("device")[-1]["state"] == "backoff"
        say(live, COUNTY.alert("paper"), b"")
        await heard.until(lambda: heard.of("gone"))
        assert heard.of("gone") == [{"kind": "alert", "hall": "county", "node": "node-1", "name": "paper"}]
        assert {name for name, _ in heard.events[before:]} <= {"device", "hall", "gone", "synced", "state"}
        say(live, VALLEY.status, b"")
        await heard.until(lambda: len(heard.of("gone")) == 4)
        assert {each["kind"] for each in heard.of("gone")[1:]} == {"hall", "node", "queue"}


async def test_only_what_is_asked_for_and_may_be_seen_is_told(tmp_path: Path) -> None:
    async with county(tmp_path, Role.MANAGER, "county") as (pages, token):
        live = pages.app[LIVE]
        async with told(pages, token) as heard, told(pages, token, "?hall=county&kind=queue,alert") as few:
            await heard.synced()
            await few.synced()
            say(live, VALLEY.queue, queue(card=(9, 1.0)))
            say(live, COUNTY.queue, queue(card=(9, 1.0)))
            await heard.until(lambda: heard.of("queue")[-1]["items"][0]["waiting"] == 9)
            await few.until(lambda: few.of("queue")[-1]["items"][0]["waiting"] == 9)
        things = [data for name, data in heard.events if name in ("hall", "device", "queue", "alert", "node")]
        assert {each["hall"] for each in things} == {"county"}
        assert {name for name, _ in few.events} <= {"begin", "queue", "alert", "synced", "state"}
        async with ClientSession(pages.address) as session:
            program = Program(session, token)
            assert (await program.get("/stream?hall=valley")).status == 404
            assert (await program.get("/stream?kind=secret")).status == 400
            assert (await program.get("/stream?kind=hall,,node")).status == 400
            assert (await Program(session).get("/stream")).status == 401


async def test_who_comes_back_in_time_is_told_what_was_missed_and_else_all(tmp_path: Path) -> None:
    async with county(tmp_path) as (pages, token):
        live = pages.app[LIVE]
        async with told(pages, token) as heard:
            await heard.synced()
        say(live, COUNTY.device("pad"), device("pad", "faulted"))
        say(live, VALLEY.alert("paper"), b"")
        await asyncio.sleep(0)  # and it is told to nobody
        async with told(pages, token, "?kind=device,alert,queue", heard.last) as again:
            await again.until(lambda: again.of("device") and again.of("gone") and again.of("synced"))
            assert again.events[0] == ("begin", {"resumed": True})
            assert [each["state"] for each in again.of("device")] == ["faulted"]
            assert [(each["hall"], each["name"]) for each in again.of("gone")] == [("valley", "paper")]
            assert again.of("queue") == []
        for stranger in (f"{'0' * 12}-1", "x", f"{heard.last}0", heard.last.partition("-")[0] + "--1"):
            async with told(pages, token, "?kind=queue", stranger) as anew:
                await anew.synced()
                assert anew.events[0] == ("begin", {"resumed": False}), stranger
                assert len(anew.of("queue")) == 2


async def test_its_limits_are_those_of_the_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_CLIENTS", 3)
    monkeypatch.setattr(streams, "MAX_EACH", 2)
    async with county(tmp_path) as (pages, token), ClientSession(pages.address) as session:
        pages.account("chief")
        browser, program = await pages.logged_in("chief"), Program(session, token)
        async with told(pages, token), told(pages, token):
            refused = await program.get("/stream")
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
            async with listening(browser, "hall_card:*"):
                assert pages.app[STREAMS].open == 3
                other = Program(session, token_of(pages.store, "li", pages.clock.now))
                assert (await other.get("/stream")).status == 503
                assert (await other.get("/halls")).status == 200


async def test_it_ends_with_its_token_and_beats_until_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BEAT_S", 0.1)
    async with county(tmp_path) as (pages, token), told(pages, token, "?kind=queue") as heard:
        await heard.until(lambda: len(heard.of("state")) > 2)
        with writing(pages.store) as db:
            sessions.end_all(db, "li")
        await heard.until(lambda: heard.of("ended") and heard.over)


async def test_a_browser_that_is_logged_in_may_listen_too_but_not_by_the_pages_door(tmp_path: Path) -> None:
    async with county(tmp_path) as (pages, _):
        pages.account("chief")
        browser = await pages.logged_in("chief")
        async with browser.session.get(f"{ROOT}/stream?kind=queue") as answer:
            assert (answer.status, await answer.content.readline()) == (200, b"retry: 2000\n")
        assert (await browser.get("/stream?f=api.queue:*")).status == 400


async def test_what_many_ask_for_is_there_once(tmp_path: Path) -> None:
    """A county's things are some thousands: 200 programs that ask for all of them share them."""
    async with county(tmp_path) as (pages, _):
        streams_of, fragments = pages.app[STREAMS], pages.app[FRAGMENTS]
        all_of_it = tuple(Selection(fragments[PREFIX + kind], (), wild=True) for kind in KINDS)
        clients = []
        for n in range(2):
            client = Listener(Audience("zh", Role.VIEWER, ""), str(n), all_of_it, lambda: True)
            streams_of.tick(pages.app[LIVE])
            streams_of.join(client)
            clients.append(client)
        one, other = (list(client.rest) for client in clients)
        assert len(one) == len(other) > 10
        assert all(a is b for a, b in zip(one, other, strict=True))
        assert not any(client.due for client in clients)


@given(st.lists(st.sets(st.integers(0, 9).map(lambda n: Key("queue", f"h{n}")), max_size=6), max_size=40))
def test_what_was_missed_is_whole_or_not_known(turns: list[set[Key]]) -> None:
    """`MOST` bounds it, and nothing within it is left out."""
    told_of, places = Past(), list[str]()
    for keys in turns:
        places.append(told_of.place)
        told_of.add(keys)
    for n, place in enumerate(places):
        missed = told_of.since(place)
        assert missed == set().union(*turns[n:])
    assert told_of.since(told_of.place) == set()
    assert Past().since(told_of.place) is None


def test_it_remembers_no_more_than_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "MOST", 100)
    told_of = Past()
    first = told_of.place
    for n in range(1000):
        told_of.add({Key("queue", f"h{n}-{each}") for each in range(9)})
    assert told_of._size <= 100 and len(told_of._turns) == 10
    assert told_of.since(first) is None
    told_of.add({Key("queue", f"x{n}") for n in range(500)})
    assert (told_of._size, len(told_of._turns)) == (0, 0)
