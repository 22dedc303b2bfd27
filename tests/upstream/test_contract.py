"""Both sides of `config/upstream.openapi.yaml`, by somebody who knows neither: what the client asks and the
sandbox answers is judged by a validator, and the sandbox is tried by schemathesis."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession, web

from drivers.sdt.sim_cards import made_up_number
from edge.ids import new_id
from edge.upstream.messages import Appointment, Declaring
from edge.upstream.port import UpstreamError
from tests.upstream.contract import CONTRACT, Judge, operations, spec
from tests.upstream.kit import Ask, card, client_of, serving

BIN = Path(sys.executable).parent
TOKEN = "a-token-of-tests"
TO_THE_MONEY = (
    *("identify", "obligations", "declare", "pay", "payment", "close", "refund", "receipt"),
    *("paymentsOf", "certificatesOf", "forget"),
)


async def test_every_request_of_the_client_fits_the_contract() -> None:
    """Whatever is answered: here it is 503."""
    judge = Judge()
    app = web.Application(middlewares=[judge.middleware()])

    async def away(_request: web.Request) -> web.Response:
        problem = {"type": "about:blank", "title": "away", "status": 503, "code": "away"}
        return web.json_response(problem, status=503, content_type="application/problem+json")

    app.router.add_route("*", "/{path:.*}", away)
    key, subject = new_id(), new_id()
    wish = Appointment(ref=new_id(), service="tax", day="2026-12-01", time="09:30")
    async with serving(app) as url:
        asks: tuple[Ask, ...] = (
            lambda c: c.about(),
            lambda c: c.notices(),
            lambda c: c.case("20112900011234"),
            lambda c: c.identify(card()),
            lambda c: c.forget(subject),
            lambda c: c.cases_of(subject),
            lambda c: c.slots("tax", "2026-12-01"),
            lambda c: c.appointments_of(subject),
            lambda c: c.book(subject, wish),
            lambda c: c.cancel(subject, wish.ref),
            lambda c: c.obligations(subject),
            lambda c: c.declare(subject, key, [Declaring(id="vat-1", values={"sales": 100})]),
            lambda c: c.certificates_of(subject),
            lambda c: c.certificate(subject, "paid-1"),
            lambda c: c.pay(key, new_id(), 100),
            lambda c: c.payment(key),
            lambda c: c.close(key),
            lambda c: c.refund(key, 0, "paid_late"),
            lambda c: c.receipt(key),
            lambda c: c.payments_of(subject),
            lambda c: c.settlement("2026-12-01"),
            lambda c: c.settlement("2026-12-01", after=key),
        )
        for ask in asks:
            async with client_of(url) as client:
                with pytest.raises(UpstreamError):
                    await ask(client)
    assert judge.wrong == []
    assert judge.seen == set(operations()), "each operation is asked for by something"


async def test_the_judge_finds_what_is_wrong() -> None:
    judge = Judge()
    app = web.Application(middlewares=[judge.middleware()])

    async def wrong(_request: web.Request) -> web.Response:
        return web.json_response({"name": "x", "sandbox": "no"})

    app.router.add_route("*", "/{path:.*}", wrong)
    async with serving(app) as url, client_of(url) as client:
        with pytest.raises(UpstreamError):
            await client.about()
        with pytest.raises(UpstreamError):
            await client.case("../about")
    assert any("'now' is a required property" in each for each in judge.wrong)
    assert any("is not of type 'boolean'" in each for each in judge.wrong)
    assert any("not in the contract" in each or "asked number" in each for each in judge.wrong)


@asynccontextmanager
async def a_process(*args: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`hall-edge sandbox`, and its address."""
    process = await asyncio.create_subprocess_exec(
        *(str(BIN / "hall-edge"), "sandbox", "--port", "0", *args), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            url = (await process.stdout.readline()).decode().strip()
        yield process, url
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_sandbox_ends_when_it_is_told_to_and_is_on_this_machine_only() -> None:
    async with a_process("--seed", "5", "--fault", "lost=0.5@pay") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        async with client_of(url) as client:
            assert (await client.about()).sandbox
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await process.wait() == 0


async def test_a_fault_that_is_none_is_refused_in_words() -> None:
    command = [str(BIN / "hall-edge"), "sandbox", "--port", "0", "--fault", "bored"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'bored' is none of down, hang" in done.stderr


async def tried(url: str, contract: Path, *args: str) -> str:
    """What schemathesis says, once it has found nothing wrong."""
    process = await asyncio.create_subprocess_exec(
        *(str(BIN / "schemathesis"), "run", str(contract), "--url", url, "--checks", "all", "--seed", "7"),
        *("--header", f"Authorization: Bearer {TOKEN}", "--no-color", *args),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=contract.parent,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-6000:]
    return said.decode()


@pytest.mark.timeout(400)
async def test_the_sandbox_keeps_the_contract_whatever_it_is_asked(tmp_path: Path) -> None:
    """Examples, edges, chance and whole stories, wrong and right: no 5xx, and every answer as the contract
    has it."""
    contract = tmp_path / CONTRACT.name
    contract.write_bytes(CONTRACT.read_bytes())
    async with a_process("--token", TOKEN) as (_, url):
        assert "Tested: 21" in await tried(url, contract, "--max-examples", "12")


@pytest.mark.thorough
@pytest.mark.timeout(400)
async def test_the_sandbox_keeps_the_contract_through_stories_to_the_money(tmp_path: Path) -> None:
    """With cards that it knows, and what one answer says asked as it is in the next."""
    narrow = deepcopy(spec())
    numbers = [made_up_number("19900307", f"{order}") for order in range(101, 105)]
    narrow["components"]["schemas"]["Card"]["properties"]["number"] = {"enum": numbers}
    for link in links(narrow):
        link["x-schemathesis"] = {"merge_body": False}
    contract = tmp_path / "narrow.yaml"
    contract.write_text(yaml.safe_dump(narrow, allow_unicode=True), encoding="utf-8")
    async with a_process("--token", TOKEN) as (_, url):
        only = [part for name in TO_THE_MONEY for part in ("--include-operation-id", name)]
        await tried(url, contract, "--phases", "stateful", "--max-examples", "150", *only)
        async with ClientSession() as session, session.get(f"{url}/sandbox/payments") as response:
            payments = (await response.json())["payments"]
    assert [each for each in payments if each["total_fen"]], "from a card to an order"


def links(contract: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in contract["paths"].values():
        for operation in item.values():
            for answer in operation.get("responses", {}).values() if isinstance(operation, dict) else ():
                yield from answer.get("links", {}).values()
