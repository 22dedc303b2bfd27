"""Reconciliation: at the start, each hour, and when a day is over, without anybody asking for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.upstream.messages import Settlement
from edge.upstream.port import Nonsense
from edge.upstream.settling import EVERY_S
from edge.wire import PaymentsSettled
from tests.payments_world import World
from tests.unit.rules_kit import TODAY

KEY, DECLARATION = "a" * 32, "d" * 32
DAY_S = 86_400.0


async def goes_on(world: World, holds: Callable[[], bool], limit_s: float) -> None:
    """All goes well meanwhile."""
    end_s = world.clock.mono_s + limit_s
    while not holds():
        assert world.clock.mono_s < end_s, "never"
        if not world.step():
            await world.passes(10.0)
        await world.settle_down()
        for key in list(world.bank.orders):
            world.bank.give_back(key)


async def shown(world: World, number: int = 0) -> str:
    key, declaration = f"{number + 1:032x}", f"{number + 100:032x}"
    world.bank.declared[declaration] = 500
    world.begin(key, declaration, 500)
    await goes_on(world, lambda: world.kept("payment.shown", key), 60.0)
    return key


def phase(world: World, key: str) -> str:
    return world.state.payments[key].phase


def settled(world: World) -> list[PaymentsSettled]:
    return [fact for fact, _ in world.play.kept if isinstance(fact, PaymentsSettled)]


async def test_a_day_is_settled_once_when_it_is_over() -> None:
    world = World()
    key = await shown(world)
    world.says(world.settling.run())
    world.bank.take(key)
    await goes_on(world, lambda: phase(world, key) == "paid", 60.0)
    await goes_on(world, lambda: len(settled(world)) >= 2, 2 * DAY_S)
    (before, today) = settled(world)
    assert before.day < TODAY == today.day  # the day before had nothing
    assert (today.created, today.paid, today.paid_fen, today.unsettled) == (1, 1, 500, 0)
    assert today.differences == ()
    await goes_on(world, lambda: len(settled(world)) >= 3, 2 * DAY_S)
    assert settled(world)[-1].day > TODAY


@pytest.mark.parametrize("times", [1, 2])
async def test_what_comes_late_is_given_back_within_the_hour(times: int) -> None:
    world = World()
    key = await shown(world)
    world.says(world.settling.run())
    world.payments.leave(key)
    await goes_on(world, lambda: phase(world, key) == "expired", 60.0)
    for _ in range(times):
        world.bank.take(key)
    await goes_on(world, lambda: phase(world, key) == "refunded", EVERY_S + 120.0)
    assert world.bank.orders[key].kept == 0


async def test_a_start_closes_what_is_open_though_services_are_away_at_first() -> None:
    world = World()
    key = await shown(world)
    await world.dies()
    world.says(world.settling.run())
    for _ in range(8):
        await world.settle_down()
        for asked in list(world.asked):
            world.bank_does(asked, "lost")
        if not world.asked:
            await world.passes(5.0)
    assert phase(world, key) == "shown"
    await goes_on(world, lambda: phase(world, key) == "expired", 120.0)
    await goes_on(world, lambda: bool(settled(world)), 120.0)


async def test_a_manager_hears_of_a_difference_until_a_later_day_agrees() -> None:
    world = World()
    key = await shown(world)
    world.says(world.settling.run())
    world.bank.take(key)
    await goes_on(world, lambda: phase(world, key) == "paid", 60.0)
    taken = world.bank.orders.pop(key)  # the bank has lost it
    await goes_on(world, lambda: len(settled(world)) >= 2, 2 * DAY_S)
    await goes_on(world, lambda: world.differences[-1] == f"{TODAY}: 1", 120.0)
    assert [each.what for each in settled(world)[-1].differences] == ["unknown_there"]
    world.bank.orders[key] = taken
    await goes_on(world, lambda: len(settled(world)) >= 3, 2 * DAY_S)
    await goes_on(world, lambda: world.differences[-1] == "", 120.0)


async def test_a_settlement_of_many_pages_is_compared_to_its_end() -> None:
    world = World()
    keys = [await shown(world, number) for number in range(8)]
    for key in keys:
        world.bank.take(key)
        await goes_on(world, lambda key=key: phase(world, key) == "paid", 60.0)  # type: ignore[misc]
    theirs = await world.ends_well(world.settling.catch_up(TODAY))
    assert [told.key for told in theirs] == sorted(keys)


async def test_pages_that_never_end_are_nonsense() -> None:
    world = World()
    key = await shown(world)
    page = Settlement(day=TODAY, payments=(world.bank.tell(world.bank.orders[key]),), more=True)

    async def again(day: str, after: str = "") -> Settlement:
        return page

    world.settlement = again  # type: ignore[method-assign]
    with pytest.raises(Nonsense):
        await world.ends_well(world.settling.catch_up(TODAY))
