"""The sandbox by itself: its faults, its pages, its money, and that all it shows says what it is."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from edge.ids import new_id
from edge.upstream.port import Away, Refused
from edge.upstream.sandbox.bank import Bank
from edge.upstream.sandbox.cases import case_of, numbers_of, tail_of
from edge.upstream.sandbox.faults import NAMES, BadFault, Faults, spoken
from edge.upstream.sandbox.service import Service
from edge.upstream.sandbox.taxes import KINDS, obligations_of
from edge.upstream.sandbox.world import Citizen, Problem, World
from tests.upstream.kit import TERMINAL, client_of, declared, pays, sandbox, visit


# --- faults ---
async def test_faults_are_set_while_it_runs() -> None:
    service = Service()
    async with sandbox(service) as url, client_of(url) as client, ClientSession() as session:
        wish: dict[str, Any] = {"latency_ms": 1, "clock_s": 60, "faults": [{"name": "down", "times": 3}]}
        async with session.put(f"{url}/sandbox/faults", json=wish) as response:
            assert (await response.json())["faults"] == [
                {"name": "down", "share": 1.0, "only": [], "times": 3}
            ]
        with pytest.raises(Away):
            await client.about()
        async with session.get(f"{url}/sandbox/faults") as response:
            assert (await response.json())["faults"][0]["times"] == 0
        async with session.put(f"{url}/sandbox/faults", json={}) as response:
            assert await response.json() == {"latency_ms": 0, "clock_s": 0, "faults": []}


@pytest.mark.parametrize(
    "wish",
    [
        [],
        {"late": 1},
        {"latency_ms": -1},
        {"latency_ms": True},
        {"clock_s": "1"},
        {"faults": {}},
        {"faults": [{"name": "bored"}]},
        {"faults": [{"name": "down", "share": 2}]},
        {"faults": [{"name": "down", "only": "pay"}]},
        {"faults": [{"name": "down", "times": -1}]},
        {"faults": [{"name": "down", "often": 1}]},
        {"faults": [{"name": "down"}] * 33},
    ],
)
async def test_faults_that_are_none_change_nothing(wish: object) -> None:
    service = Service()
    service.faults.set({"latency_ms": 5})
    async with sandbox(service) as url, ClientSession() as session:
        async with session.put(f"{url}/sandbox/faults", data=json.dumps(wish)) as response:
            assert response.status == 422
        async with session.put(f"{url}/sandbox/faults", data=b"{") as response:
            assert response.status == 422
    assert service.faults.told() == {"latency_ms": 5, "clock_s": 0, "faults": []}


def test_faults_of_the_command_line() -> None:
    assert spoken("lost").told() == {"name": "lost", "share": 1.0, "only": [], "times": None}
    assert spoken("lost=0.3@pay,close").told() == {
        "name": "lost",
        "share": 0.3,
        "only": ["close", "pay"],
        "times": None,
    }
    for text in ("", "bored", "lost=much", "lost=2"):
        with pytest.raises(BadFault):
            spoken(text)


def test_a_fault_strikes_as_often_as_it_is_to() -> None:
    faults = Faults()
    faults.set({"faults": [{"name": "down", "share": 0.25}, {"name": "lost", "only": ["pay"], "times": 2}]})
    struck = sum(faults.strikes("down", "about") for _ in range(4000))
    assert 800 < struck < 1200
    assert [faults.strikes("lost", "pay") for _ in range(3)] == [True, True, False]
    assert not faults.strikes("lost", "close")
    assert set(NAMES) >= {"down", "lost"}


# --- pages ---
async def test_the_payers_page_is_marked_and_pays() -> None:
    service = Service()
    async with sandbox(service) as url, client_of(url) as client, ClientSession() as session:
        declaration, total_fen = await declared(client, await visit(client))
        order = await client.pay(new_id(), declaration, total_fen)
        async with session.get(order.qr) as response:
            page = await response.text()
        assert "SANDBOX" in page
        assert "不会扣款" in page
        assert "<button>" in page
        async with session.post(order.qr) as response:
            assert "已付款" in await response.text()
        async with session.get(f"{url}/pay/P0") as response:
            assert response.status == 404
        async with session.get(f"{url}/sandbox/payments") as response:
            (told,) = (await response.json())["payments"]
        assert (told["paid_fen"], told["state"]) == (total_fen, "paid")


async def test_whatever_it_shows_says_that_it_is_a_sandbox() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        about = await client.about()
        assert about.sandbox
        assert "SANDBOX" in about.name
        declaration, total_fen = await declared(client, subject := await visit(client))
        order = await client.pay(key := new_id(), declaration, total_fen)
        await pays(url, order.order)
        papers = [await client.receipt(key)]
        papers += [await client.certificate(subject, c.id) for c in await client.certificates_of(subject)]
        for paper in papers:
            assert "演示" in paper.title
            assert "SANDBOX" in paper.title_en
            assert paper.verify.startswith("SANDBOX")


async def test_a_closed_order_is_paid_by_nobody_and_another_sum_is_taken() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        declaration, total_fen = await declared(client, await visit(client))
        first = await client.pay(key := new_id(), declaration, total_fen)
        await client.close(key)
        assert await pays(url, first.order) == [409]
        second = await client.pay(key := new_id(), declaration, total_fen)
        assert await pays(url, second.order, fen=1) == [200]
        wrong = await client.close(key)
        assert (wrong.state, wrong.paid_fen) == ("paid", 1)
        with pytest.raises(Refused) as caught:
            await client.receipt(key)
        assert caught.value.code == "not_paid"


# --- money ---
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "payer", "late payer", "close", "refund", "time"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@given(STEPS)
def test_nothing_that_moved_is_forgotten_whatever_the_order(steps: list[tuple[str, str, int]]) -> None:
    now_s, taken = 0.0, dict.fromkeys("abc", 0)
    bank = Bank(World(1), lambda: "2026-12-01", lambda: now_s)
    for what, key, much in steps:
        payment = next((each for each in bank.all() if each.key == key), None)
        before = (payment.closed, payment.refunded_fen) if payment else (False, 0)
        try:
            match what:
                case "pay":
                    bank.pay(key, "d", "h/n", 3, "税")
                case "payer" | "late payer" if payment is not None and payment.order:
                    held = len(payment.held)
                    if bank.pays(payment, much, late=what == "late payer") and len(payment.held) == held:
                        taken[key] += much
                case "close":
                    closed = bank.close(key)
                    taken[key] += sum(closed.held)
                    bank.settle_held(closed)
                case "refund":
                    bank.refund(key, min(much, 3))
                case _:
                    now_s += 60.0 * much
        except Problem:
            pass
        for each in bank.all():
            assert each.paid_fen == taken[each.key]
            assert 0 <= each.refunded_fen + each.refunding_fen <= each.paid_fen
        if payment is not None:
            assert payment.closed >= before[0], "what is closed stays so"
            assert payment.refunded_fen >= before[1]
    opened = [each for each in bank.all() if bank.state(each) == "open"]
    assert len(opened) <= 1, "one payment of a declaration at a time"


def test_an_order_ends_by_its_time() -> None:
    now_s = 0.0
    bank = Bank(World(1), lambda: "2026-12-01", lambda: now_s)
    payment = bank.pay("a", "d", "h/n", 3, "税")
    assert bank.told(payment, "http://x")["expires_in_s"] == 180
    now_s = 180.0
    assert not bank.pays(payment, 3, late=False)
    assert bank.state(payment) == "closed"
    assert bank.pay("b", "d", "h/n", 3, "税").key == "b"


async def test_a_settlement_of_many_payments_comes_in_pages() -> None:
    service = Service()
    keys = [f"{number:032x}" for number in range(1, 206)]
    for key in keys:
        service.bank.pays(service.bank.pay(key, key, TERMINAL, 5, "税"), 5, late=False)
    service.bank.pay("f" * 32, "open", TERMINAL, 5, "税")
    service.bank.pays(service.bank.pay("e" * 32, "other", "test/n2", 5, "税"), 5, late=False)
    day = service.today().isoformat()
    async with sandbox(service) as url, client_of(url) as client:
        first = await client.settlement(day)
        rest = await client.settlement(day, after=first.payments[-1].key)
        assert (first.more, rest.more) == (True, False)
        assert [each.key for each in (*first.payments, *rest.payments)] == keys, "of this terminal, paid"
        assert (await client.settlement("2020-01-01")).payments == ()


# --- data ---
@given(st.integers(0, 1000), st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.text(max_size=8))
def test_made_up_data_fits_the_contract_on_every_day(seed: int, today: date, who: str) -> None:
    world = World(seed)
    for number in numbers_of(world, who, today):
        case = case_of(world, number, today)
        assert len(case["steps"]) == 5
        assert (case["state"] == "to_supplement") == bool(case.get("missing"))
        assert len(case.get("missing_en", ())) == len(case.get("missing", ()))
        assert sum(step["state"] == "current" for step in case["steps"]) == (
            case["state"] in ("accepted", "in_progress", "to_supplement")
        )
        assert len(tail_of(world, number)) == 4
        assert date.fromisoformat(case["due"]) >= today - timedelta(40)
    owed = obligations_of(world, Citizen(world.digest(who)[:32], "x"), today)
    for each in owed.values():
        lines = each.lines({})
        assert lines
        assert all(line["amount_fen"] >= 0 and line["share"] in ("national", "local") for line in lines)
    assert len({kind.id for kind in KINDS}) == len(KINDS)
