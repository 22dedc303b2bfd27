"""What a kiosk is answered about payments, and what comes out of the printer."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.messages import Result
from edge.upstream.messages import Payment, Payments, Receipt
from edge.upstream.paying_verbs import PaymentVerbs
from edge.wire import Reply, Request
from edge.wire.services import KioskPayment, KioskPrinted, KioskReceipts, Settled
from tests.payments_bank import EXPIRES_S
from tests.payments_world import World

KEY, OTHER, DECLARATION, PERSON, SUBJECT = (char * 32 for char in "abdef")
ORDER = f"P{1:019d}"


@dataclass
class Desk:
    """Verbs over a world, as a kiosk asks them."""

    world: World
    verbs: dict[str, Any]
    wishes: int = 0

    def ask(self, verb: str, **args: Any) -> Coroutine[Any, Any, Reply]:
        self.wishes += 1
        request = Request(id=f"{self.wishes:032x}", verb=verb, args=args)
        made = self.verbs[verb]
        reply: Coroutine[Any, Any, Reply] = made.handler(made.args.model_validate(args), request, "local-0")
        return reply

    async def done(self, verb: str, **args: Any) -> dict[str, Any]:
        reply: Reply = await self.world.ends_well(self.ask(verb, **args))
        assert reply.result == "done", reply
        return reply.data

    async def refused(self, verb: str, **args: Any) -> str:
        reply: Reply = await self.world.ends_well(self.ask(verb, **args))
        assert reply.result != "done", reply
        assert reply.zh
        assert reply.en
        return reply.code

    async def begin(self, key: str = KEY, **changes: Any) -> KioskPayment:
        return KioskPayment.model_validate(await self.done("payment.begin", **order(key, **changes)))

    async def state(self, key: str = KEY) -> KioskPayment:
        return KioskPayment.model_validate(await self.done("payment.state", key=key))


def order(key: str = KEY, **changes: Any) -> dict[str, Any]:
    sums = {"total_fen": 12_350, "national_fen": 10_000, "local_fen": 2_350}
    about = {"declaration": DECLARATION, "name": "个人所得税", "name_en": "Income tax", "kiosk": "kiosk-1"}
    return {"key": key, **about, **sums, **changes}


async def no_settlement(_day: str) -> None:
    return


@pytest.fixture
async def desk() -> Desk:
    world: Any = World()
    world.bank.declared[DECLARATION] = 12_350

    async def payments_of(subject: str) -> tuple[Payment, ...]:
        assert subject == SUBJECT
        return Payments(payments=tuple(world.bank.tell(each) for each in world.bank.orders.values())).payments

    async def certificate(subject: str, certificate: str) -> Receipt:
        assert (subject, certificate) == (SUBJECT, "c-1")
        return Receipt(
            number="C-0001",
            title="纳税证明",
            payer="王小明 340123199001011234",
            lines=(),
            total_fen=0,
            issued_on="2024-05-06",
        )

    world.payments_of, world.certificate = payments_of, certificate
    verbs = PaymentVerbs(
        hall=world,
        store=SimpleNamespace(settlement_of=no_settlement),  # type: ignore[arg-type] # all it needs
        upstream=world,
        people=SimpleNamespace(subject_of=lambda person: SUBJECT if person == PERSON else None),
        payments=world.payments,
        papers=world.papers,
        settling=world.settling,
    )
    return Desk(world, {verb.name: verb for verb in verbs.verbs()})


async def until(desk: Desk, holds: Any, seconds: float = 20.0) -> None:
    """All goes well meanwhile."""
    for _ in range(int(seconds * 4)):
        await desk.world.settle_down()
        if holds():
            return
        if not desk.world.step():
            await desk.world.passes(0.5)
    raise AssertionError("never")


async def test_a_payment_from_the_order_to_the_receipt(desk: Desk) -> None:
    shown = await desk.begin()
    assert (shown.state, shown.order, shown.expires_in_s) == ("shown", ORDER, EXPIRES_S)
    assert shown.qr.endswith(ORDER)
    desk.world.bank.take(KEY)
    await until(desk, lambda: (each := desk.world.state.receipts.get(KEY)) and each.phase == "printed")
    paid = await desk.state()
    assert (paid.state, paid.receipt, paid.qr) == ("paid", "printed", "")
    assert desk.world.printed == [(KEY, False)]
    printed = KioskPrinted.model_validate(await desk.done("receipt.print", key=KEY, session="s"))
    assert (printed.printed, printed.is_copy) == (True, True)


async def test_the_same_key_gets_the_same_answer(desk: Desk) -> None:
    first = await desk.begin()
    again = await desk.begin()
    assert (again.order, again.qr, again.state) == (first.order, first.qr, first.state)
    assert len(desk.world.bank.orders) == 1


async def test_the_countdown_goes_by_no_clock_that_can_be_set(desk: Desk) -> None:
    await desk.begin()
    desk.world.play.wall_s += 3600.0
    await until(desk, lambda: desk.world.asked and desk.world.asked[0].what == "look")
    desk.world.play.wall_s -= 7200.0
    assert (await desk.state()).expires_in_s > EXPIRES_S - 10


async def test_at_the_end_of_the_countdown_it_is_closed_and_no_code_is_shown(desk: Desk) -> None:
    await desk.begin()
    await desk.world.passes(EXPIRES_S)
    assert (await desk.state()).qr == ""
    await until(desk, lambda: desk.world.state.payments[KEY].phase == "expired")


async def test_who_has_paid_in_the_last_second_gets_his_receipt(desk: Desk) -> None:
    await desk.begin()
    desk.world.bank.take(KEY)
    await desk.world.passes(EXPIRES_S)
    await until(desk, lambda: desk.world.printed)


async def test_given_up_it_is_closed_at_once(desk: Desk) -> None:
    await desk.begin()
    left = KioskPayment.model_validate(await desk.done("payment.abandon", key=KEY))
    assert (left.state, left.qr) == ("expired", "")


async def test_given_up_and_paid_all_the_same_it_is_paid_and_no_receipt_comes_to_nobody(desk: Desk) -> None:
    await desk.begin()
    desk.world.bank.take(KEY)
    left = KioskPayment.model_validate(await desk.done("payment.abandon", key=KEY))
    assert (left.state, left.receipt) == ("paid", "not_printed")
    assert desk.world.printed == []
    assert (await desk.done("receipt.print", key=KEY, session="s")) == {"printed": True, "copy": False}


async def test_a_sum_that_has_changed_is_said_and_closed(desk: Desk) -> None:
    desk.world.bank.declared[DECLARATION] = 13_000
    assert await desk.refused("payment.begin", **order()) == "amount_changed"
    await until(desk, lambda: desk.world.state.payments[KEY].phase == "expired")
    desk.world.bank.declared[DECLARATION] = 12_350
    assert (await desk.begin(OTHER)).state == "shown"


async def test_services_that_are_away_are_said_and_what_was_asked_is_closed(desk: Desk) -> None:
    """Whether it was ordered, nobody knows."""
    world = desk.world
    asking = world.says(desk.ask("payment.begin", **order()))
    await until(desk, lambda: any(each.what == "pay" for each in world.asked) and not world.posts)
    world.bank_does(world.asked[0], "unheard")
    await world.settle_down()
    assert asking.done()
    assert asking.result().code == "upstream_away"
    assert world.state.payments[KEY].phase == "created"
    assert await desk.refused("payment.begin", **order(OTHER)) in ("in_payment", "upstream_away")
    await until(desk, lambda: world.state.payments[KEY].phase == "expired")
    assert world.bank.orders[KEY].closed


async def test_a_close_is_asked_again_until_it_is_answered(desk: Desk) -> None:
    await desk.begin()
    world = desk.world
    world.payments.leave(KEY)
    asked = 0
    while asked < 12:
        await world.settle_down()
        for each in list(world.asked):
            asked += each.what == "close"
            world.bank_does(each, "lost")
        if not world.asked:
            await world.passes(5.0)
    assert world.state.payments[KEY].phase == "shown"  # nothing follows from silence
    await until(desk, lambda: world.state.payments[KEY].phase == "expired", 120.0)


async def test_services_that_are_back_are_asked_at_once(desk: Desk) -> None:
    await desk.begin()
    world = desk.world
    world.payments.leave(KEY)
    for _ in range(6):
        await world.settle_down()
        for each in list(world.asked):
            world.bank_does(each, "lost")
        await world.settle_down()
        if not world.asked:
            await world.passes(25.0)
    for each in list(world.asked):
        world.bank_does(each, "lost")
    await world.settle_down()
    assert world.asked == []
    world.payments.hurry()
    await world.settle_down()
    assert [each.what for each in world.asked] == ["close"]


async def test_one_look_a_second_and_one_at_a_time(desk: Desk) -> None:
    await desk.begin()
    world, looks = desk.world, 0
    for _ in range(100):
        await world.passes(0.1)
        assert len(world.asked) <= 1
        for each in list(world.asked):
            looks += each.what == "look"
            world.bank_does(each, "answered")
        await world.settle_down()
        while world.posts:
            world.store_does(world.posts[0])
            await world.settle_down()
    assert 8 <= looks <= 11


async def test_slow_services_are_asked_less_often(desk: Desk) -> None:
    await desk.begin()
    world, looks = desk.world, 0
    for _ in range(40):
        asked = list(world.asked)
        await world.passes(2.5)  # that each answer takes
        looks += sum(each.what == "look" for each in asked)
        for each in asked:
            world.bank_does(each, "answered")
        await world.settle_down()
        while world.posts:
            world.store_does(world.posts[0])
            await world.settle_down()
    assert 10 <= looks <= 22


async def test_a_kiosk_that_goes_away_while_it_asks_leaves_nothing_open(desk: Desk) -> None:
    world = desk.world
    asking = world.says(desk.ask("payment.begin", **order()))
    await world.settle_down()
    asking.cancel()  # before it is even kept
    await until(desk, lambda: KEY in world.state.payments and world.state.payments[KEY].phase == "expired")


async def test_receipts_by_the_card(desk: Desk) -> None:
    await desk.begin()
    desk.world.bank.take(KEY)
    await until(desk, lambda: desk.world.printed)
    found = KioskReceipts.model_validate(await desk.done("receipt.list", person=PERSON))
    assert [(each.key, each.total_fen) for each in found.receipts] == [(KEY, 12_350)]
    (one,) = found.receipts
    assert (one.name, one.name_en) == ("个人所得税", "Income tax"), "which only this node knows"
    assert await desk.refused("receipt.list", person=OTHER) == "visit_over"


async def test_a_receipt_by_its_orders_code(desk: Desk) -> None:
    await desk.begin()
    assert await desk.refused("receipt.find", order=ORDER) == "unknown_payment"  # not paid yet
    desk.world.bank.take(KEY)
    await until(desk, lambda: desk.world.printed)
    found = KioskReceipts.model_validate(await desk.done("receipt.find", order=ORDER))
    assert [(each.key, each.name_en) for each in found.receipts] == [(KEY, "Income tax")]


async def test_a_certificate_for_who_stands_there(desk: Desk) -> None:
    wish = {"certificate": "c-1", "session": "s"}
    assert await desk.refused("certificate.print", person=OTHER, **wish) == "visit_over"
    asking = desk.world.says(desk.ask("certificate.print", person=PERSON, **wish))
    await until(desk, lambda: desk.world.prints)
    paper = desk.world.paper
    assert "纳税证明" in paper
    assert "王** 1234" in paper
    assert "199001" not in paper
    await until(desk, asking.done)
    assert asking.result().data == {"printed": True}


async def test_another_machines_receipt_is_a_copy_and_only_for_who_was_told_of_it(desk: Desk) -> None:
    bank = desk.world.bank
    bank.pay(OTHER, DECLARATION, 12_350)
    bank.take(OTHER)
    assert await desk.refused("receipt.print", key=OTHER, session="s") == "unknown_payment"
    await desk.done("receipt.list", person=PERSON)
    assert await desk.done("receipt.print", key=OTHER, session="s") == {"printed": True, "copy": True}


async def test_a_printer_without_paper_is_said_and_the_payment_is_safe(desk: Desk) -> None:
    await desk.begin()
    world = desk.world
    world.bank.take(KEY)
    await until(desk, lambda: world.prints)
    world.printer_does(world.prints[0], Result.FAILED)
    await until(desk, lambda: world.state.receipts[KEY].phase == "not_printed")
    assert (await desk.state()).receipt == "not_printed"
    assert await desk.done("receipt.print", key=KEY, session="s") == {"printed": True, "copy": False}


async def test_a_day_that_goes_on_is_compared_as_it_is(desk: Desk) -> None:
    await desk.begin()
    desk.world.bank.take(KEY)
    await until(desk, lambda: desk.world.printed)
    day = desk.world.today()
    settled = Settled.model_validate(await desk.done("settlement.day", day=day))
    assert (settled.created, settled.paid, settled.paid_fen) == (1, 1, 12_350)
    assert settled.differences == ()
    assert await desk.refused("settlement.day", day="2001-01-01") == "no_settlement"
    assert await desk.done("settlement.print", day=day) == {"printed": True}


async def test_what_was_taken_twice_goes_back_and_the_day_agrees(desk: Desk) -> None:
    await desk.begin()
    world = desk.world
    world.bank.take(KEY)
    world.bank.take(KEY)
    await until(desk, lambda: world.state.payments[KEY].phase == "refund_due")
    assert (await desk.state()).state == "refund_due"
    for _ in range(40):
        await world.goes_well()
    assert (await desk.state()).state == "refunded"
    settled = Settled.model_validate(await desk.done("settlement.day", day=world.today()))
    assert (settled.paid, settled.refunded, settled.refunded_fen, settled.differences) == (1, 1, 12_350, ())


async def test_after_a_restart_what_is_open_is_closed_or_found_paid(desk: Desk) -> None:
    await desk.begin()
    desk.world.bank.take(KEY)
    await desk.world.dies()
    await desk.world.ends_well(desk.world.settling.reconcile())
    await until(desk, lambda: desk.world.state.payments[KEY].phase == "paid")
    assert desk.world.printed == []
