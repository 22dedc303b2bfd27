"""The API over a console with a month of records: what it tells, to whom, and how it says no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from yarl import URL

from edge.console.accounts.roles import Role, may
from edge.console.api.openapi import openapi
from edge.console.api.operations import OPERATIONS, ROOT, STREAM
from edge.console.web.keys import LIVE
from edge.wire import Topics
from tests.console.accounts_kit import served
from tests.console.api_kit import PLACES, Program, routes, token_of
from tests.console.kit import ACCOUNTS, NOW_S, Console, Kept, console
from tests.console.live_kit import alert
from tests.console.stream_kit import say

COUNTY = Topics("county", "desk")
# The page on which a person finds the same.
PAGES = {
    "/halls": "/",
    "/halls/{hall}": "/halls/{hall}",
    "/halls/{hall}/devices": "/halls/{hall}",
    "/halls/{hall}/devices/{node}/{device}": "/halls/{hall}/devices/{node}/{device}",
    "/halls/{hall}/devices/{node}/{device}/history": "/halls/{hall}/devices/{node}/{device}",
    "/halls/{hall}/availability": "/halls/{hall}",
    "/queues": "/",
    "/alerts": "/",
    "/ratings": "/ratings",
    "/followups": "/ratings",
    "/followups/{id}": "/ratings/{id}",
    "/events": "/events",
    "/reports": "/reports",
    "/reports/{kind}/{period}/{version}": "/reports/{kind}/{period}/{version}",
    "/audit": "/audit",
}


@asynccontextmanager
async def program(
    folder: Path, record: Kept, name: str = "manager"
) -> AsyncIterator[tuple[Console, Program]]:
    async with console(folder, record=record) as here, ClientSession(here.address) as session:
        yield here, Program(session, token_of(here.store, name, NOW_S))


def path(operation: str, here: Console, **other: str) -> str:
    return operation.format(**PLACES | {"id": here.followup} | other)


def test_it_is_openapi_and_every_operation_is_in_it() -> None:
    made: dict[str, Any] = openapi()
    assert made["openapi"].startswith("3.1.")
    validate(made, cls=OpenAPIV31SpecValidator)
    described = {
        (method.upper(), where.removeprefix(ROOT)) for where, each in made["paths"].items() for method in each
    }
    assert described == {(each.method, each.path) for each in OPERATIONS}
    ids = [each.id for each in OPERATIONS]
    assert len(set(ids)) == len(ids)


async def test_what_is_served_is_what_is_described_and_anybody_may_read_that(
    tmp_path: Path, record: Kept
) -> None:
    async with console(tmp_path, record=record) as here, ClientSession(here.address) as session:
        described = {(each.method, each.path) for each in OPERATIONS}
        assert routes(here.app) == described | {("GET", "/openapi.json")}
        async with session.get(f"{ROOT}/openapi.json") as answer:
            assert (answer.status, await answer.json()) == (200, openapi())


async def test_every_role_may_ask_by_the_api_what_it_may_see_on_a_page(tmp_path: Path, record: Kept) -> None:
    async with console(tmp_path, record=record) as here, ClientSession(here.address) as session:
        for name in ACCOUNTS:
            asks = Program(session, token_of(here.store, name, NOW_S))
            for operation in OPERATIONS:
                if operation.method != "GET" or operation is STREAM:
                    continue
                for hall in ("county", "town") if "{hall}" in operation.path else ("county",):
                    own = path(operation.path, here, hall=hall, **_desk(hall))
                    page = path(PAGES[operation.path], here, hall=hall, **_desk(hall))
                    options: dict[str, Any] = {"allow_redirects": False, "cookies": here.cookie(name)}
                    async with session.get(page, **options) as seen:
                        session.cookie_jar.clear()
                        said = await asks.get(own)
                        assert said.status == seen.status, (name, own, page, said.body)
                    refused = not may(
                        ACCOUNTS[name], operation.act, hall if "{hall}" in operation.path else ""
                    )
                    assert (said.status == 403) >= refused, (name, own)


def _desk(hall: str) -> dict[str, str]:
    return {} if hall == "county" else {"node": "node-1"}


@pytest.mark.parametrize("name", ACCOUNTS)
async def test_every_role_may_change_by_the_api_what_it_may_change_on_a_page(
    tmp_path: Path, record: Kept, name: str
) -> None:
    async with program(tmp_path, record, name) as (here, asks):
        for operation in OPERATIONS:
            if operation.method != "POST":
                continue
            allowed = may(ACCOUNTS[name], operation.act, "county" if "{hall}" in operation.path else "")
            said = await asks.post(path(operation.path, here), {"surely": "nothing"})
            assert said.status == (400 if allowed else 403), (name, operation.id)


async def test_without_a_token_nothing_is_told_and_a_browser_may_only_read(
    tmp_path: Path, record: Kept
) -> None:
    jar = CookieJar(unsafe=True)  # also of addresses, which have no names
    async with (
        console(tmp_path, record=record) as here,
        ClientSession(here.address, cookie_jar=jar) as session,
    ):
        nobody = Program(session)
        for operation in OPERATIONS:
            where = path(operation.path, here)
            said = await nobody.ask(operation.method, where, "{}" if operation.method == "POST" else None)
            assert said.status == 401, operation.id
            assert said.headers["WWW-Authenticate"].startswith("Bearer")
            for wrong in ("hall_" + "x" * 43, "x", "", "hall_" + "é" * 43):
                assert (await Program(session, wrong or "-").get("/halls")).status == 401
        session.cookie_jar.update_cookies(here.cookie("manager"), URL(here.address))
        assert (await nobody.get("/halls")).status == 200
        assert (await nobody.post("/reports", {"kind": "month", "period": "2026-09"})).status == 401


async def test_the_halls_are_told_as_the_pages_show_them(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record) as (_, asks):
        halls = {each["hall"]: each for each in (await asks.get("/halls")).body["items"]}
        county = halls["county"]
        assert county["name"] == {"zh": "县政务服务中心", "en": "County centre"}
        assert (county["waiting"], county["longest_wait_s"], county["windows_open"]) == (10, 900, 5)
        assert (county["standing"], county["alerts_raised"]) == ("bad", 2)
        assert halls["town"]["stale"]["why"] == "lost"
        detail = (await asks.get("/halls/county")).body
        assert {key: detail[key] for key in county} == county
        assert len(detail["windows"]) == 6
        assert detail["today"]["arrivals"] > 0
        assert [each["faults"] for each in detail["cameras"] if each["faults"]] == [["dark"]]


async def test_devices_come_with_their_conditions_in_words(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record) as (_, asks):
        devices = {each["device"]: each for each in (await asks.get("/halls/county/devices")).body["items"]}
        printer = devices["printer-1"]
        assert (printer["state"], printer["standing"], printer["family"]) == ("degraded", "warn", "printer")
        (condition,) = printer["conditions"]
        assert (condition["code"], condition["words"]["en"]) == ("paper_near", "paper is low")
        assert (await asks.get("/halls/county/devices/desk/printer-1")).body == printer
        history = (await asks.get("/halls/county/devices/desk/printer-1/history")).body
        assert history["items"][0]["state"] in ("online", "degraded", "backoff")
        times = [each["at"] for each in history["items"]]
        assert times == sorted(times, reverse=True) and len(times) > 10
        found = (await asks.get("/halls/county/availability?from=2026-10-01&to=2026-10-14")).body["items"]
        assert {each["device"] for each in found} == {
            "printer-1",
            "caller-1",
            "caller-2",
            "pad-1",
            "pad-2",
            "board-1",
        }
        assert all(0.5 < each["rate"] <= 1 for each in found)


async def test_queues_and_alerts_are_those_of_the_hall_that_is_asked_for(
    tmp_path: Path, record: Kept
) -> None:
    async with program(tmp_path, record) as (_, asks):
        queues = {each["service"]: each for each in (await asks.get("/queues?hall=county")).body["items"]}
        assert (queues["social"]["waiting"], queues["social"]["longest_wait_s"]) == (6, 900)
        assert queues["estate"]["name"]["en"] == "Real estate"
        alerts = (await asks.get("/alerts")).body["items"]
        assert [each["severity"] for each in alerts] == ["error", "warning"]
        assert (await asks.get("/alerts?hall=town")).body["items"] == []
        assert (await asks.get("/queues?hall=nowhere")).status == 404


async def test_ratings_and_what_follows_the_bad_ones(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record) as (here, asks):
        told = (await asks.get("/ratings?from=2026-09-14&to=2026-10-14")).body
        assert told["ratings"] == sum(told["levels"].values()) > 100
        assert 0.9 < told["good_share"] < 1
        assert sum(each["missed"] for each in told["windows"]) == told["acts"] - told["ratings"]
        assert any(each["words"]["en"] for each in told["reasons"])
        open_ones = (await asks.get("/followups")).body["items"]
        everything = (await asks.get("/followups?open=false")).body["items"]
        assert 0 < len(open_ones) < len(everything)
        assert all(each["standing"] != "closed" for each in open_ones)
        one = (await asks.get(f"/followups/{here.followup}")).body
        assert one["level"] in (1, 2) and one["stage"] == "new"
        assert one in open_ones


async def test_events_are_leafed_through_by_their_cursor(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record) as (_, asks):
        seen: list[tuple[str, int]] = []
        where = "/events?hall=town&kind=ticket.called&limit=7"
        first = page = (await asks.get(where)).body
        while True:
            seen += [(each["epoch"], each["seq"]) for each in page["items"]]
            if page["next"] is None:
                break
            page = (await asks.get(f"{where}&before={page['next']}")).body
        assert len(seen) == len(set(seen)) > 50
        assert first["items"][0]["told"]["kind"] == "ticket.called"
        whole = (await asks.get("/events?hall=town&kind=ticket.called&limit=200")).body
        assert [(each["epoch"], each["seq"]) for each in whole["items"]] == seen[:200]
        assert (await asks.get("/events?from=2026-10-14T09:00:00&limit=5")).body["items"]


async def test_who_sees_no_ratings_finds_none_among_the_events(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record, "technician") as (_, asks):
        page = (await asks.get("/events?hall=county&limit=200")).body
        assert page["items"] and not [each for each in page["items"] if each["kind"].startswith("rating.")]
        assert (await asks.get("/events?kind=rating.given")).status == 403


async def test_reports_as_they_were_published_and_made_now(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record) as (_, asks):
        (listed,) = (await asks.get("/reports")).body["items"]
        told = (await asks.get("/reports/month/2026-09/1")).body
        assert (told["digest"], told["version"], told["final"]) == (listed["digest"], 1, True)
        assert {"windows", "devices"} <= {sheet["key"] for sheet in told["sheets"]}
        made = (await asks.post("/reports", {"kind": "month", "period": "2026-10", "hall": "town"})).body
        assert (made["version"], made["hall"], made["final"]) == (0, "town", False)
        wrong = await asks.post("/reports", {"kind": "month", "period": "2026-13"})
        assert (wrong.status, wrong.body["errors"][0]["name"]) == (400, "period")
        assert (await asks.get("/reports/month/2026-09/2")).status == 404


async def test_the_audit_has_what_programs_did_too(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record, "auditor") as (here, asks):
        manager = Program(asks.session, token_of(here.store, "manager", NOW_S))
        await manager.post("/reports", {"kind": "month", "period": "2027-01"})
        await manager.post("/halls/county/alerts/desk/device-pad-2/acknowledge", {"note": "x"})
        page = (await asks.get("/audit?limit=2")).body
        assert [each["result"] for each in page["items"]] == ["rejected: no_broker", "refused"]
        assert {each["account"] for each in page["items"]} == {"manager"}
        assert [each["detail"] for each in page["items"]] == ["[a test] x", "[a test]"]
        assert page["next"] == page["items"][-1]["number"]


async def test_an_alert_is_taken_on_with_a_note(tmp_path: Path, record: Kept) -> None:
    async with program(tmp_path, record) as (here, asks):
        where = "/halls/county/alerts/desk/queue_long:card/acknowledge"
        assert (await asks.post(where, {"note": "x"})).status == 404  # it is not raised
        state = {"kind": "queue_long", "about": "card", "level": "red", "value": 40.0, "to": "manager"}
        say(here.app[LIVE], COUNTY.alert("queue_long:card"), alert("queue_long:card", warning=state))
        said = await asks.post(where, {"note": "我去看看"})
        assert (said.body["result"], said.body["code"]) == ("rejected", "no_broker")  # the kit has none
        assert said.body["words"]["zh"]
        assert (await asks.post(where, {"note": "x" * 201})).status == 400
        assert (await asks.post(where, {"note": "a\nb"})).status == 400


async def test_what_is_not_there_is_told_as_a_problem_too(tmp_path: Path) -> None:
    async with served(tmp_path) as pages, ClientSession(pages.address) as session:
        pages.account("li")
        asks = Program(session, token_of(pages.store, "li", pages.clock.now))
        for where in ("/nowhere", "/halls/No%20Hall", "/halls/county", "/halls/county/devices/a/b/c"):
            assert (await asks.get(where)).status == 404, where
        refused = await asks.ask("PUT", "/halls", "{}")
        assert (refused.status, refused.headers["Allow"]) == (405, "GET")
        assert (await asks.ask("POST", "/reports", "x" * 100_000)).status == 413
        assert (await asks.ask("POST", "/reports", "{")).status == 400
        assert (await asks.ask("POST", "/reports", None)).status == 415
        deep = "[" * 20_000
        assert (await asks.ask("POST", "/reports", deep)).status == 400


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("/events?limit=0", "limit"),
        ("/events?limit=many", "limit"),
        ("/events?colour=red", "colour"),
        ("/events?before=nowhere", "before"),
        ("/events?from=9999-99-99", "from"),
        ("/events?to=0.5", "to"),
        ("/ratings?from=20261001", "from"),
        ("/ratings?from=2026-10-14&to=2026-10-01", "from, to"),
        ("/ratings?from=1999-01-01&to=2026-10-01", "from, to"),
        ("/audit?before=-1", "before"),
        ("/halls?x=1", "x"),
    ],
)
async def test_what_is_not_right_is_told_by_its_name_in_both_languages(
    tmp_path: Path, where: str, name: str
) -> None:
    async with served(tmp_path) as pages, ClientSession(pages.address) as session:
        pages.account("zhao", Role.AUDITOR)
        asks = Program(session, token_of(pages.store, "zhao", pages.clock.now))
        said = await asks.get(where)
        assert said.status == 400
        assert [each["name"] for each in said.body["errors"]] == [name]
        assert said.body["detail"] == said.body["detail_zh"] != said.body["detail_en"]
        english = await asks.get(f"{where}&lang=en")
        assert english.body["detail"] == said.body["detail_en"]
