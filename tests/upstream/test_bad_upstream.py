"""Whatever answers there: in time, in bounds, and told apart as away, refused or nonsense. Nothing else is
raised, and nothing of a person or a visit stands in what is told."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
from contextlib import suppress

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.clock import SystemClock
from edge.ids import new_id
from edge.upstream.exchange import MAX_BODY
from edge.upstream.port import Away, Nonsense, Refused, UpstreamError
from edge.upstream.sandbox.faults import Fault
from edge.upstream.sandbox.service import Service
from tests.upstream.kit import Ahead, Ask, Way, answering, client_of, declared, sandbox, saying, visit

KEY = "0123456789abcdef0123456789abcdef"
SUBJECT = "fedcba9876543210fedcba9876543210"
CASE: dict[str, object] = {"number": "1" * 10, "name": "x", "state": "to_supplement", "steps": []}
ABOUT = {"name": "x", "sandbox": False, "now": "2026-11-30T00:00:00Z"}
PAYMENT = {"key": KEY, "state": "open", "total_fen": 1, "paid_fen": 0, "refunded_fen": 0}


def head(status: str = "200 OK", **headers: object) -> bytes:
    told = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def body(value: object) -> bytes:
    raw = json.dumps(value).encode()
    return head(Content_Length=len(raw)) + raw


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", "not_http"),
        (head("302 Found", Location="http://127.0.0.1:1/", Content_Length=0), "redirected"),
        (head(Content_Type="text/html", Content_Length=2) + b"hi", "not_json"),
        (head(Content_Length=2) + b"hi", "wrong_schema"),
        (body({"name": "x", "sandbox": "perhaps", "now": "now"}), "wrong_schema"),
        (body(ABOUT | {"now": "yesterday"}), "wrong_schema"),
        (body(ABOUT | {"now": "2026-11-30T00:00:00"}), "wrong_schema"),
        (body([]), "wrong_schema"),
        (head(Content_Length=0), "wrong_schema"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "not_json"),
        (head(Content_Length=MAX_BODY + 1), "too_long"),
        (head(Connection="close") + b" " * (MAX_BODY + 1), "too_long"),
        (head("404 Not Found", Content_Type="text/html", Content_Length=0), "no_problem"),
        (head("403 Forbidden", Content_Length=2) + b"{}", "no_problem"),
    ],
)
async def test_nonsense_is_told_as_such(said: bytes, code: str) -> None:
    async with saying(said) as (url, asked), client_of(url) as client:
        with pytest.raises(Nonsense) as caught:
            await client.about()
        assert caught.value.code == code
        assert len(asked) == 1, "nonsense is not asked for again"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", "lost"),
        (head(Content_Length=100) + b"{", "lost"),
        (head("500 Internal Server Error", Content_Type="text/plain", Content_Length=0), "server_error"),
        (head("503 Service Unavailable", Content_Type="text/html", Content_Length=0), "server_error"),
        (head("429 Too Many Requests", Content_Length=0), "server_error"),
    ],
)
async def test_who_is_away_is_asked_three_times_and_no_more(said: bytes, code: str) -> None:
    async with saying(said) as (url, asked), client_of(url) as client:
        with pytest.raises(Away) as caught:
            await client.about()
        assert caught.value.code == code
        assert len(asked) == 3
        assert not client.is_up
        with pytest.raises(Away) as caught:
            await client.about()
        assert caught.value.code == "resting"
        assert len(asked) == 3, "nobody waits for who is away"


async def test_the_same_request_has_the_same_name_in_every_try(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with saying(b"") as (url, asked), client_of(url) as client:
        with pytest.raises(Away):
            await client.cases_of(SUBJECT)
    (name,) = {
        line.split(b": ")[1] for raw in asked for line in raw.split(b"\r\n") if b"X-Request-Id" in line
    }
    told = [record for record in caplog.records if record.name == "edge.upstream.exchange"]
    assert [getattr(record, "request", "") for record in told] == [name.decode()] * 3
    assert SUBJECT not in caplog.text


async def test_a_bomb_is_not_opened() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    said = head(Content_Encoding="gzip", Content_Length=len(bomb)) + bomb
    async with saying(said) as (url, asked), client_of(url) as client:
        with pytest.raises(Nonsense) as caught:
            await client.about()
        assert caught.value.code == "encoded"
        assert b"accept-encoding: identity" in asked[0].lower()


async def test_a_body_without_an_end_is_cut_off() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" " * 65_536)
            sent += 65_536

    async with answering(endless) as url, client_of(url) as client:
        with pytest.raises(Nonsense) as caught:
            await client.about()
        assert caught.value.code == "too_long"
    assert sent < 40 * MAX_BODY, "what lies in buffers on the way"


@pytest.mark.parametrize("said", [b"", head(Content_Length=100) + b"{"], ids=["at once", "within"])
async def test_who_hangs_is_waited_for_no_longer_than_is_said(said: bytes) -> None:
    async with saying(said, stay=True) as (url, _), client_of(Way(url, timeout_s=1.0)) as client:
        async with asyncio.timeout(10):
            with pytest.raises(Away) as caught:
                await client.about()
        assert caught.value.code == "timeout"


async def test_nobody_there() -> None:
    with socket.socket() as taken:  # by somebody who does not listen, so that nobody else can
        taken.bind(("127.0.0.1", 0))
        async with client_of(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            with pytest.raises(Away) as caught:
                await client.about()
    assert caught.value.code == "unreachable"
    assert "no connection" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "ask"),
    [
        (PAYMENT | {"key": "0" * 32}, lambda client: client.payment(KEY)),
        (PAYMENT | {"key": "0" * 32}, lambda client: client.close(KEY)),
        (PAYMENT | {"paid_fen": 1.5}, lambda client: client.payment(KEY)),
        (PAYMENT | {"paid_fen": "1"}, lambda client: client.payment(KEY)),
        (PAYMENT | {"paid_fen": -1}, lambda client: client.payment(KEY)),
        (PAYMENT | {"state": "stolen"}, lambda client: client.payment(KEY)),
        ({"service": "a", "day": "2026-12-01", "slots": []}, lambda client: client.slots("b", "2026-12-01")),
        (
            {"day": "2026-12-01", "payments": [], "more": False},
            lambda client: client.settlement("2026-12-02"),
        ),
        (
            {"number": "0" * 10, "name": "x", "state": "done", "steps": []},
            lambda client: client.case("1" * 14),
        ),
        (CASE | {"missing": ["照片"], "missing_en": ["A photo", "A letter"]}, lambda c: c.case("1" * 14)),
        (CASE | {"missing": ["照片", "委托书"], "missing_en": ["A photo"]}, lambda c: c.case("1" * 14)),
        (
            {
                "key": KEY,
                "lines": [{"name": "x", "share": "local", "amount_fen": 2}],
                "national_fen": 0,
                "local_fen": 1,
                "total_fen": 1,
            },
            lambda client: client.declare(SUBJECT, KEY, []),
        ),
    ],
)
async def test_an_answer_to_something_else_is_none(answer: object, ask: Ask) -> None:
    async with saying(body(answer)) as (url, _), client_of(url) as client:
        with pytest.raises(Nonsense) as caught:
            await ask(client)
        assert caught.value.code in ("other_answer", "wrong_schema", "wrong_sum")


async def test_a_body_that_drips_is_waited_for_no_longer_than_is_said() -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    async with answering(drip) as url, client_of(Way(url, timeout_s=1.0)) as client, asyncio.timeout(10):
        with pytest.raises(Away) as caught:
            await client.about()
        assert caught.value.code == "timeout"


RUBBISH = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=200).map(lambda raw: head(Content_Length=len(raw)) + raw),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["key", "state", "total_fen", "paid_fen", "x"]), inner, max_size=5
            )
        ),
        max_leaves=8,
    ).map(body),
    st.sampled_from([b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/9.9 200\r\n\r\n"]).flatmap(
        lambda start: st.binary(max_size=60).map(lambda rest: start + rest)
    ),
    st.integers(100, 999).map(lambda status: head(f"{status} x", Content_Length=0)),
)


async def test_no_rubbish_is_taken_for_an_answer_or_raises_anything_else() -> None:
    """Many of them, in one loop."""
    said: list[bytes] = []

    @settings(max_examples=150, database=None)
    @given(RUBBISH)
    def collect(rubbish: bytes) -> None:
        said.append(rubbish)

    collect()
    for rubbish in said:
        async with saying(rubbish) as (url, _), client_of(Way(url, timeout_s=1.0)) as client:
            with pytest.raises((Away, Nonsense)):
                await client.payment(KEY)


@pytest.mark.parametrize("fault", ["down", "error", "nonsense", "schema", "lost"])
async def test_every_operation_under_every_fault_is_told_as_it_should(fault: str) -> None:
    service = Service()
    async with sandbox(service) as url, client_of(url) as healthy:
        subject = await visit(healthy)
        declaration, total_fen = await declared(healthy, subject)
        service.faults.faults = [Fault(fault)]
        asks: list[Ask] = [
            lambda c: c.about(),
            lambda c: c.notices(),
            lambda c: c.case("0" * 14),
            lambda c: c.cases_of(subject),
            lambda c: c.slots("tax", service.today().isoformat()),
            lambda c: c.obligations(subject),
            lambda c: c.pay(KEY, declaration, total_fen),
            lambda c: c.payment(KEY),
            lambda c: c.close(KEY),
            lambda c: c.settlement(service.today().isoformat()),
        ]
        for ask in asks:
            async with client_of(url) as client:
                with pytest.raises((Away, Nonsense, Refused)) as caught:
                    await ask(client)
                if not isinstance(caught.value, Refused):  # of a case that there is not, or a key now closed
                    assert isinstance(caught.value, Away) == (fault in ("down", "error", "lost"))
                assert subject not in str(caught.value)


async def test_a_lost_answer_is_asked_for_again_and_nothing_done_twice() -> None:
    service = Service()
    async with sandbox(service) as url, client_of(url) as client:
        declaration, total_fen = await declared(client, await visit(client))
        service.faults.faults = [Fault("lost", times=2), Fault("twice")]
        assert (await client.pay(KEY, declaration, total_fen)).state == "open"
        assert len(service.bank.all()) == 1


async def test_a_clock_that_is_off_by_an_hour_is_told() -> None:
    service = Service()
    service.faults.clock_s = -3600
    async with sandbox(service) as url, client_of(url) as client:
        await client.about()
        assert client.clock_off_s is not None
        assert client.clock_off_s == pytest.approx(3600, abs=5)
        service.faults.faults = [Fault("down")]
        with pytest.raises(Away) as caught:
            await client.about()
        assert "s ahead of theirs" in str(caught.value)


async def test_a_refusal_is_asked_once_and_keeps_its_reason() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        for _ in range(5):
            with pytest.raises(Refused):
                await client.payment(new_id())
        assert client.is_up, "who refuses is there"


async def test_who_is_back_is_found_within_a_rest() -> None:
    turns: list[bool] = []
    service = Service()
    service.faults.faults = [Fault("down")]
    clock = Ahead()
    async with sandbox(service) as url, client_of(url, clock, lambda: turns.append(client.is_up)) as client:
        with pytest.raises(Away):
            await client.about()
        service.faults.faults = []
        with pytest.raises(Away):
            await client.about()
        clock.ahead_s += 15.0
        assert (await client.about()).sandbox
    assert turns == [False, True]


async def test_a_hundred_who_poll_cost_a_request_a_second_each() -> None:
    asked = 0

    async def count(_request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return web.json_response(PAYMENT)

    async def poll(url: str) -> None:
        async with client_of(url, SystemClock()) as client:
            ends_s = asyncio.get_running_loop().time() + 2.5
            while asyncio.get_running_loop().time() < ends_s or asked <= 100:  # nobody asks twice in a second
                with suppress(UpstreamError):  # a machine that is busy
                    await asyncio.gather(*(client.payment(KEY) for _ in range(3)))  # as three pages at a time
                await asyncio.sleep(0.2)

    async with answering(count) as url:
        begun_s = asyncio.get_running_loop().time()
        async with asyncio.timeout(60):
            await asyncio.gather(*(poll(url) for _ in range(100)))
        lasted_s = asyncio.get_running_loop().time() - begun_s
    assert 100 < asked <= 100 * (lasted_s + 1)
