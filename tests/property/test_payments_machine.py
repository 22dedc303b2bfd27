"""Payments with the daemon killed between any two steps, answers lost, doubled, late and out of order, and
payers who pay never, once or twice at any moment. In the end: nothing is charged twice, nothing is paid
without a receipt to be had, nothing is unsettled.

Every step of the daemon waits for the test: each input until it is kept, each request until it reaches the
bank, each slip until the printer answers. So a kill falls between any two of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from drivers.messages import Result
from edge.rules.payments_counts import counted
from edge.rules.payments_model import UNSETTLED
from edge.upstream.messages import Payment as Told
from edge.upstream.payments import seen_of
from tests.payments_world import Asked, World

SUMS = {f"{n:032x}": 100 * n for n in (1, 2)}  # declaration → its sum
DECLARATIONS = st.sampled_from(sorted(SUMS))
FATES = st.sampled_from(["answered"] * 5 + ["twice", "lost", "unheard", "late"])
RESULTS = st.sampled_from([Result.DONE, Result.DONE, Result.UNKNOWN, Result.FAILED])
MAX_KEYS = 6
PLACES = st.integers(0, 50)
ENOUGH = 400  # rounds of a world in which all goes well, until nothing is left to be done


class PaymentMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.told: list[Told] = []  # all that the bank has ever said
        self.keys = 0
        self.bound_to: dict[str, str] = {}  # key → declaration
        self.world = self.run(self._made())
        self.world.bank.declared |= SUMS

    async def _made(self) -> World:
        return World()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def lets(self, happens: Callable[[], object]) -> None:
        """It happens, and the daemon goes on until it waits again."""

        async def work() -> None:
            happens()
            await self.world.settle_down()

        self.run(work())

    # --- who stands there ---
    @precondition(lambda self: self.keys < MAX_KEYS)
    @rule(declaration=DECLARATIONS, wrong=st.booleans())
    def begins(self, declaration: str, wrong: bool) -> None:
        """`wrong`: the sum has changed since it was confirmed."""
        self.keys += 1
        key = f"{self.keys:032x}"
        self.bound_to[key] = declaration
        self.world.bank.declared[declaration] = SUMS[declaration]
        self._begin(key)
        if wrong and not any(order.declaration == declaration for order in self.world.bank.orders.values()):
            self.world.bank.declared[declaration] = SUMS[declaration] + 7

    @precondition(lambda self: self.keys)
    @rule(place=PLACES)
    def begins_again(self, place: int) -> None:
        self._begin(self._one(place))

    def _begin(self, key: str) -> None:
        declaration = self.bound_to[key]
        self.lets(lambda: self.world.begin(key, declaration, SUMS[declaration]))

    @precondition(lambda self: self.keys)
    @rule(place=PLACES, fates=st.lists(FATES, max_size=4))
    def leaves(self, place: int, fates: list[str]) -> None:
        self.lets(lambda: self.world.payments.leave(self._one(place)))
        self.goes_on(fates)

    @precondition(lambda self: any(order.number for order in self.world.bank.orders.values()))
    @rule(place=PLACES)
    def pays(self, place: int) -> None:
        """Once his telephone has the code, at any moment, and again where he likes. What comes for a payment
        that was given back before, and is forgotten here, is a matter for the manager."""
        ordered = [order for order in self.world.bank.orders.values() if order.number]
        order = ordered[place % len(ordered)]
        is_old = order.returned + order.returning > 0 and order.key not in self.world.state.payments
        if len(order.payments) < 3 and not is_old:
            self.world.bank.take(order.key)

    @precondition(lambda self: self.keys)
    @rule(place=PLACES)
    def wants_a_receipt(self, place: int) -> None:
        self.lets(lambda: self.world.want_receipt(self._one(place)))

    def _one(self, place: int) -> str:
        return sorted(self.bound_to)[place % len(self.bound_to)]

    # --- what the world does ---
    @precondition(lambda self: self.world.posts)
    @rule()
    def keeps(self) -> None:
        self.lets(lambda: self.world.store_does(self.world.posts[0]))

    @precondition(lambda self: self.world.posts)
    @rule()
    def keeps_and_dies(self) -> None:
        """Before anybody has heard that it is kept."""

        async def work() -> None:
            self.world.store_does(self.world.posts[0])
            await self.world.dies()

        self.run(work())

    @precondition(lambda self: self.world.asked)
    @rule(place=PLACES, fate=FATES)
    def is_answered_and_dies(self, place: int, fate: str) -> None:
        async def work() -> None:
            self.world.bank_does(self.world.asked[place % len(self.world.asked)], fate)
            await self.world.dies()

        self.run(work())

    @rule(fates=st.lists(FATES, min_size=1, max_size=12))
    def goes_on(self, fates: list[str]) -> None:
        """Some steps, so that runs get far; what is asked of the bank meanwhile has these fates."""
        for fate in fates:
            if self.world.asked and not self.world.posts:
                self._answer(self.world.asked[0], fate)
            else:
                self.lets(self.world.step)
            if not self.world.asked and not self.world.posts:
                self.run(self.world.passes(1.0))

    @precondition(lambda self: self.keys < MAX_KEYS)
    @rule(declaration=DECLARATIONS, times=st.integers(2, 8), payments=st.sampled_from([0, 1, 1, 2]))
    def comes_and_pays(self, declaration: str, times: int, payments: int) -> None:
        self.begins(declaration, wrong=False)
        self.goes_on(["answered"] * times)
        order = self.world.bank.orders.get(f"{self.keys:032x}")
        for _ in range(payments if order and order.number else 0):
            self.world.bank.take(f"{self.keys:032x}")

    @precondition(lambda self: self.world.asked)
    @rule(place=PLACES, fate=FATES)
    def answers(self, place: int, fate: str) -> None:
        asked = self.world.asked[place % len(self.world.asked)]
        self._answer(asked, fate)

    def _answer(self, asked: Asked, fate: str) -> None:
        self.lets(lambda: self.world.bank_does(asked, fate))
        if not asked.answer.cancelled() and not asked.answer.exception():
            found = asked.answer.result()
            self.told += [found] if isinstance(found, Told) else []

    @precondition(lambda self: self.world.late)
    @rule(place=PLACES)
    def arrives_late(self, place: int) -> None:
        self.world.late_one_arrives(place % len(self.world.late))

    @precondition(lambda self: self.told)
    @rule(places=st.lists(PLACES, min_size=1, max_size=3), attended=st.booleans())
    def tells_again(self, places: list[int], attended: bool) -> None:
        """Something that was true once comes late, or out of order."""
        for place in places:
            seen = seen_of(self.told[place % len(self.told)], attended=attended)
            self.lets(lambda seen=seen: self.world.says(self.world.payments.say(seen)))  # type: ignore[misc]

    @precondition(lambda self: self.world.bank.orders)
    @rule(place=PLACES)
    def gives_back(self, place: int) -> None:
        self.world.bank.give_back(sorted(self.world.bank.orders)[place % len(self.world.bank.orders)])

    @precondition(lambda self: self.world.prints)
    @rule(place=PLACES, result=RESULTS)
    def prints(self, place: int, result: Result) -> None:
        asked = self.world.prints[place % len(self.world.prints)]
        self.lets(lambda: self.world.printer_does(asked, result))

    @rule(seconds=st.sampled_from([1.0, 1.0, 6.0, 61.0, 130.0]))
    def passes(self, seconds: float) -> None:
        self.run(self.world.passes(seconds))

    @rule(hours=st.sampled_from([-1, 1]))
    def clock_is_set(self, hours: int) -> None:
        self.world.play.wall_s += 3600 * hours

    @rule()
    def reconciles(self) -> None:
        self.lets(lambda: self.world.says(self.world.settling.reconcile()))

    @rule()
    def dies(self) -> None:
        self.run(self.world.dies())

    @precondition(lambda self: len(self.bound_to) > 1)
    @rule()
    def a_day_is_over(self) -> None:
        self.run(self.world.passes(86_400.0))

    # --- what always holds ---
    @invariant()
    def a_code_is_handed_out_only_once_it_is_kept_as_shown(self) -> None:
        """That a payment was created before it is ordered, the world asserts itself."""
        for key in self.bound_to:
            found = self.world.payments.find(key)
            if found and found[0].phase == "shown":
                assert self.world.kept("payment.shown", key)

    @invariant()
    def none_has_expired_but_by_what_the_bank_has_said(self) -> None:
        for key, payment in self.world.state.payments.items():
            assert payment.phase != "expired" or self.world.bank.orders[key].closed

    @invariant()
    def the_state_is_the_fold_of_what_is_kept(self) -> None:
        assert self.world.play.folded() == self.world.play.state

    # --- the end ---
    def teardown(self) -> None:
        try:
            self.run(self._come_to_rest())
            self._judge()
        finally:
            self.run(self.world.stops())
            self.loop.close()

    async def _come_to_rest(self) -> None:
        """The daemon starts once more, what was late arrives, and all answers; then nothing is left to do."""
        world = self.world
        await world.dies()
        while world.late:
            world.late_one_arrives(0)
        done = await self._rest_of(world.settling.reconcile())
        assert done
        for _ in range(2):  # what was seen only now goes back now
            assert await self._rest_of(world.settling.reconcile())
            await self._until_quiet()

    async def _rest_of(self, work: Coroutine[Any, Any, bool]) -> bool:
        task = asyncio.ensure_future(work)
        for _ in range(ENOUGH):
            await self.world.goes_well()
            if task.done():
                return task.result()
        raise AssertionError("it never ends")

    async def _until_quiet(self) -> None:
        for _ in range(ENOUGH):
            await self.world.goes_well()
            world = self.world
            busy = world.posts or world.asked or world.prints
            if not busy and not any(each.phase in UNSETTLED for each in world.state.payments.values()):
                return
        raise AssertionError(f"never settled: {self.world.state.payments}")

    def _judge(self) -> None:
        world = self.world
        for declaration, total in SUMS.items():
            kept = [order for order in world.bank.orders.values() if order.declaration == declaration]
            assert sum(order.kept for order in kept) in (0, total), "charged twice, or in part"
        for order in world.bank.orders.values():
            assert order.state != "open"
            if order.kept:
                self._can_have_a_receipt(order.key)
        counts = counted(fact for fact, _ in world.play.kept)
        assert (counts.unsettled, counts.charged_twice) == (0, 0)
        paid = sum(bool(order.kept) for order in world.bank.orders.values())
        held = {key for key, each in world.state.payments.items() if each.is_paid}
        assert held <= {order.key for order in world.bank.orders.values() if order.kept}
        assert counts.paid >= paid

    def _can_have_a_receipt(self, key: str) -> None:
        """Of these days from what is known here, else by the card."""

        async def print_it() -> None:
            world = self.world
            known = world.state.payments.get(key)
            assert known is None or known.is_paid
            if world.state.receipts.get(key) and world.state.receipts[key].slips >= 6:
                assert any(printed == key for printed, _ in world.printed) or world.kept(
                    "payment.receipt_begun", key
                )
                return
            before = len(world.printed)
            world.want_receipt(key, vouched=True)
            for _ in range(ENOUGH):
                await self.world.goes_well()
                if len(world.printed) > before:
                    return
            raise AssertionError("paid, and no receipt to be had")

        self.run(print_it())


def runs(count: int) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )


TestPayments = PaymentMachine.TestCase
TestPayments.settings = runs(30)


@pytest.mark.thorough
@pytest.mark.timeout(7200)
def test_ten_thousand_lives_of_payments() -> None:
    run_state_machine_as_test(PaymentMachine, settings=runs(10_000))
