"""The console's figures for Prometheus: right, bounded, and for those who may read them."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import pytest
from aiohttp import ClientSession
from prometheus_client import Metric

from edge.console import metrics as figures
from edge.console.errors import Errors, counted
from edge.console.settings import ConsoleSettings, HallTable, MetricsTable, WebTable
from edge.console.web.keys import ERRORS, LIVE
from edge.console.web.pages import metrics as page
from edge.wire import Topics
from tests.console.accounts_kit import Browser, Pages, served
from tests.console.kit import Kept, console
from tests.console.live_kit import COUNTY, alert, device, health, later, queue, status
from tests.console.metrics_kit import Leader, faults, of, read, values
from tests.console.stream_kit import listening, say

TOKEN = "a token that only Prometheus has"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test looks again sooner than any monitor."""
    monkeypatch.setattr(page, "KEPT_S", 0.0)


def browser(pages: Pages, headers: dict[str, str]) -> Browser:
    opened = pages.browser()
    opened.headers |= headers
    return opened


async def scraped(pages: Pages) -> str:
    return await scraped_by(pages.browser())


async def scraped_by(looker: Browser) -> str:
    answer = await looker.get("/metrics")
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


async def test_each_hall_is_told_as_it_is(tmp_path: Path) -> None:
    settings = ConsoleSettings(hall=(HallTable(id="missing"),))
    async with served(tmp_path, settings) as pages:
        live = pages.app[LIVE]
        say(live, COUNTY.status, status())
        say(live, COUNTY.health, health(outbox=outbox(oldest_age_s=12.5)))
        say(live, COUNTY.queue, queue(card=(3, 240.0), tax=(2, 900.0)))
        say(live, COUNTY.device("printer"), device("printer"))
        say(live, COUNTY.device("pad"), device("pad", "backoff"))
        say(live, COUNTY.device("odd"), b"{")
        say(live, COUNTY.alert("paper"), alert("paper", "warning"))
        say(live, Topics("county", "node-2").status, status("lost"))
        text = await scraped(pages)
    assert of(text, "hall_console_tickets_waiting", hall="county") == 5
    assert of(text, "hall_console_longest_wait_seconds", hall="county") == 900
    assert of(text, "hall_console_record_lag_seconds", hall="county") == 12.5
    assert of(text, "hall_console_data_age_seconds", hall="county") < 60
    for state, count in (("ready", 1), ("lost", 1), ("silent", 0)):
        assert of(text, "hall_console_nodes", hall="county", state=state) == count
    for state, count in (("online", 1), ("backoff", 1), ("unreadable", 1), ("faulted", 0)):
        assert of(text, "hall_console_devices", hall="county", state=state) == count
    assert of(text, "hall_console_alerts", hall="county", severity="warning") == 1
    assert of(text, "hall_console_halls", hall="county", standing="warn") == 1
    assert of(text, "hall_console_halls", hall="missing", standing="off") == 1
    assert frozenset({("hall", "missing")}) not in values(text)["hall_console_data_age_seconds"]


def outbox(**more: float) -> dict[str, float]:
    names = ("rows", "bytes", "oldest_age_s", "acked_seq", "last_seq", "dropped")
    return dict.fromkeys(names, 0) | more


async def test_the_console_itself_is_told(tmp_path: Path, record: Kept) -> None:
    async with (
        console(tmp_path, record=record, recorder=Leader()) as here,
        ClientSession(here.address, cookies=here.cookie("manager")) as session,
    ):
        looker = Browser(session)
        assert (await looker.get("/")).status == 200
        assert (await looker.get("/halls/nowhere/x")).status == 404
        async with listening(looker, "hall_card:*") as heard:
            await heard.comes("hall_card:county")
            text = await scraped_by(looker)
    assert of(text, "hall_console_leads") == 1
    assert of(text, "hall_console_events_applied_total") == 301
    assert of(text, "hall_console_events_duplicate_total") == 7
    assert of(text, "hall_console_streams_open") == 1
    assert of(text, "hall_console_record_up") == 1
    assert of(text, "hall_console_record_size_bytes") > 1_000_000
    assert of(text, "hall_console_uncounted_events") == 0
    assert of(text, "hall_console_http_requests_total", route="/", method="GET", status="200") == 1
    lost = {"route": "(no such page)", "method": "GET", "status": "404"}
    assert of(text, "hall_console_http_requests_total", **lost) == 1
    name = "hall_console_http_request_duration_seconds"
    assert of(text, f"{name}_count", route="/") == 1
    assert of(text, f"{name}_bucket", route="/", le="+Inf") == 1
    assert frozenset({("route", "/stream")}) not in values(text)[f"{name}_count"]


async def test_the_linter_of_prometheus_has_nothing_to_say(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        say(pages.app[LIVE], COUNTY.status, status())
        say(pages.app[LIVE], COUNTY.health, health())
        found = read(await scraped(pages))
    assert len(found) > 25
    assert faults(found) == []


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("hall_waits_ms", "gauge", "a unit abbreviated"),
        ("hall_waits_minutes", "gauge", "not in base units"),
        ("hall_waits_total", "gauge", "_total, and no counter"),
        ("hall_waits_count", "gauge", "a suffix of histograms"),
        ("hall_gauge", "gauge", "its type in its name"),
        ("hallWaits", "gauge", "no snake_case"),
    ],
)
def test_the_linter_finds_what_it_is_for(name: str, kind: str, why: str) -> None:
    assert any(why in said for said in faults([Metric(name, "Waits", kind)]))
    assert faults([Metric(name, "", kind)])[0].endswith("no help text")


async def test_a_hostile_broker_adds_no_names_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MAX_HALLS", 20)
    settings = ConsoleSettings(hall=(HallTable(id="county"),))
    async with served(tmp_path, settings) as pages:
        live, halls = pages.app[LIVE], set[str]()
        for turn in range(4):
            for n in range(30):
                topics = Topics(f"h{turn}-{n}", "node-1")
                say(live, topics.status, status())
                say(live, topics.queue, queue(card=(1, 1.0)))
                say(live, topics.device(f"x{n}"), device(f"x{n}"))
            text = await scraped(pages)
            halls |= {label["hall"] for label in map(dict, values(text)["hall_console_tickets_waiting"])}
            waiting = values(text)["hall_console_tickets_waiting"].values()
            assert sum(waiting) == 30  # nobody is left out
            for n in range(30):  # and others come in their place
                say(live, Topics(f"h{turn}-{n}", "node-1").status, b"")
    assert len(halls) == 21
    assert {"county", "(others)"} < halls


async def test_whatever_is_asked_for_adds_no_names_without_end(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        asker = pages.browser()
        for n in range(20):
            await asker.get(f"/nowhere/{n}")
            await asker.get(f"/halls/h{n}")
            await (await asker.session.request("PROPFIND", "/healthz")).read()
        text = await scraped(pages)
    names = {dict(labels)["route"] for labels in values(text)["hall_console_http_requests_total"]}
    assert {"(no such page)", "/halls/{hall}"} <= names
    assert len(names) == 2
    methods = {dict(labels)["method"] for labels in values(text)["hall_console_http_requests_total"]}
    assert methods == {"GET", "OTHER"}


@pytest.mark.parametrize(
    ("table", "headers", "expected"),
    [
        (MetricsTable(), {}, 200),
        (MetricsTable(), {"X-Forwarded-For": "10.0.0.9"}, 426),
        (MetricsTable(), {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Proto": "https"}, 403),
        (MetricsTable(on=False), {}, 404),
        (MetricsTable(token_sha256=DIGEST), {}, 200),
        (MetricsTable(token_sha256=DIGEST), {"X-Forwarded-For": "10.0.0.9"}, 426),
    ],
)
async def test_it_is_open_to_this_machine_only(
    tmp_path: Path, table: MetricsTable, headers: dict[str, str], expected: int
) -> None:
    settings = ConsoleSettings(web=WebTable(behind_proxy=True), metrics=table)
    async with served(tmp_path, settings) as pages:
        assert (await browser(pages, headers).get("/metrics")).status == expected


async def test_from_elsewhere_it_is_read_by_the_token(tmp_path: Path) -> None:
    table = MetricsTable(token_sha256=DIGEST)
    settings = ConsoleSettings(web=WebTable(behind_proxy=True), metrics=table)
    led = {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Proto": "https"}
    async with served(tmp_path, settings) as pages:
        assert (
            await browser(pages, led | {"Authorization": f"Bearer {TOKEN}"}).get("/metrics")
        ).status == 200
        for wrong in (f"Bearer {TOKEN}x", f"Bearer {DIGEST}", f"Basic {TOKEN}", "Bearer", "Bearer é"):
            answer = await browser(pages, led | {"Authorization": wrong}).get("/metrics")
            assert answer.status == 401, wrong
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_proxy_that_nobody_has_told_of_opens_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        for name in ("X-Forwarded-For", "Forwarded", "Via"):
            assert (await browser(pages, {name: "127.0.0.1"}).get("/metrics")).status == 426


def test_errors_are_counted_and_nothing_of_them_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    with counted() as errors:
        logging.getLogger("edge.any").warning("no error")
        assert (errors.count, errors.last_s) == (0, None)
        logging.getLogger("edge.any").error("a secret")
        assert errors.count == 1
        assert errors.last_s is not None
    logging.getLogger("edge.any").error("after it")
    assert errors.count == 1
    assert "secret" not in str(vars(errors))


async def test_the_last_error_has_its_time(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        errors: Errors = pages.app[ERRORS]
        assert "hall_console_last_error_timestamp_seconds" not in values(await scraped(pages))
        errors.count, errors.last_s = 2, later(0).wall_s
        text = await scraped(pages)
    assert of(text, "hall_console_errors_total") == 2
    assert of(text, "hall_console_last_error_timestamp_seconds") == later(0).wall_s
