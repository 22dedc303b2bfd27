"""Orders: each ends in exactly one outcome, whatever the driver, the clock and the caller do. And events."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Command, Context, Identity, Link, LinkLost
from drivers.messages import KeyAction, KeyPressed, Outcome, Result, ShowText
from edge.orders import Orders, Pending
from tests.unit.supervision import (
    TEXT,
    UNSUPPORTED,
    FakeChild,
    FakeConfig,
    FakeLoaded,
    Hall,
    ManualClock,
    running,
    settle,
)

DONE = Outcome(Result.DONE)


@pytest.fixture
def loaded() -> FakeLoaded:
    return FakeLoaded()


@pytest.fixture
def config(loaded: FakeLoaded) -> FakeConfig:
    return FakeConfig("bus", loaded, children={"strip-1": FakeChild(), "pad-1": FakeChild(["bad address"])})


def order(hall: Hall, device: str = "bus", deadline_s: float = 10.0) -> asyncio.Task[Outcome]:
    return asyncio.create_task(hall.supervisor.order(device, TEXT, deadline_s))


def outcome(task: asyncio.Task[Outcome]) -> tuple[str, str]:
    return task.result().result.value, task.result().code


async def take(loaded: FakeLoaded) -> Command:
    return await anext(aiter(loaded.puppet.ctx.commands()))


async def test_an_order_reaches_the_driver_and_its_outcome_the_caller(
    config: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(config) as hall:
        asked = order(hall, "strip-1")
        command = await take(loaded)
        assert (command.device, command.order) == ("strip-1", TEXT)
        command.finish(DONE)
        command.finish(Outcome(Result.FAILED, "late"))
        await settle()
        assert asked.result() == DONE, "a child never heard yet takes orders: it is heard by answering one"
        assert hall.clock.sleepers == 0, "no timer is left behind"


async def test_what_cannot_begin_is_rejected_at_once(config: FakeConfig, loaded: FakeLoaded) -> None:
    loaded.puppet.greets = False
    async with running(config) as hall:
        ask = hall.supervisor.order
        assert (await ask("stranger", TEXT, 1)).code == "unknown_device"
        assert (await ask("bus", UNSUPPORTED, 1)).code == "unsupported"
        assert await ask("bus", TEXT, 1) == Outcome(Result.REJECTED, "offline", "handshake")
        loaded.puppet.ctx.ready(Identity())
        assert await ask("pad-1", TEXT, 1) == Outcome(Result.REJECTED, "offline", "misconfigured")
        assert (await ask("bus", TEXT, 0)).code == "expired"
        await loaded.puppet.fail(LinkLost("unplugged"))
        assert await ask("strip-1", TEXT, 1) == Outcome(Result.REJECTED, "offline", "backoff")
    assert (await hall.supervisor.order("bus", TEXT, 1)).detail == "stopped"


async def test_a_full_queue_rejects_and_a_taken_order_makes_room(
    config: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(config) as hall:
        waiting = [order(hall), order(hall)]
        await settle()
        assert (await order(hall)).code == "queue_full"
        await take(loaded)
        waiting.append(order(hall))
        await settle()
        assert not any(task.done() for task in waiting)
        assert (await order(hall)).code == "queue_full"
        waiting[2].cancel()
        await settle()
        waiting.append(order(hall))
        await settle()
        assert not waiting[3].done(), "one that was taken back makes room too"


async def test_the_deadline_is_a_rejection_before_the_driver_has_it_and_unknown_after(
    config: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(config) as hall:
        in_hand, queued = order(hall, deadline_s=5), order(hall, deadline_s=3)
        command = await take(loaded)
        await hall.clock.advance(4)
        assert outcome(queued) == ("rejected", "expired")
        assert not in_hand.done()
        await hall.clock.advance(1)
        assert outcome(in_hand) == ("unknown", "timeout")
        command.finish(DONE)
        assert outcome(in_hand) == ("unknown", "timeout"), "what comes later is ignored"
        later = order(hall)
        assert await take(loaded) is not None
        assert not later.done(), "the expired order was not handed on in its place"


async def test_a_lost_device_leaves_what_it_had_in_hand_unknown_and_the_rest_not_begun(
    config: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(config) as hall:
        in_hand, queued = order(hall), order(hall)
        commands = aiter(loaded.puppet.ctx.commands())
        command = await anext(commands)
        await loaded.puppet.fail(LinkLost("unplugged"))
        assert outcome(in_hand) == ("unknown", "link_lost")
        assert outcome(queued) == ("rejected", "offline")
        command.finish(DONE)
        with pytest.raises(StopAsyncIteration):
            await anext(commands)
        await hall.clock.advance(2)
        fresh = order(hall)
        await settle()
        with pytest.raises(StopAsyncIteration):
            await anext(commands)
        (await take(loaded)).finish(DONE)
        assert await fresh == DONE, "the next run has a queue of its own"


@pytest.mark.parametrize("turns", range(6))
async def test_an_outcome_that_comes_with_the_deadline_counts_if_it_was_taken(turns: int) -> None:
    clock = ManualClock()
    orders = Orders(1, clock)
    asked = asyncio.create_task(orders.place("bus", TEXT, 5))
    command = await anext(orders)
    clock.expire()
    for _ in range(turns):
        await asyncio.sleep(0)
    in_time = not command.answer.done()
    command.finish(DONE)
    await settle()
    assert outcome(asked) == (("done", "") if in_time else ("unknown", "timeout"))


async def test_an_order_that_was_just_taken_back_is_not_handed_to_the_driver() -> None:
    orders = Orders(1, ManualClock())
    asked = asyncio.create_task(orders.place("bus", TEXT, 5))
    await settle()
    asked.cancel()
    taking = orders.__anext__()
    taking.send(None)  # raises StopIteration with the order if it is handed out in this very turn
    taking.close()


async def test_the_driver_hears_that_nobody_waits_any_more(config: FakeConfig, loaded: FakeLoaded) -> None:
    async with running(config) as hall:
        asked, told = [], []
        for deadline_s in (60, 5, 60):
            asked.append(order(hall, deadline_s=deadline_s))
            command = await take(loaded)
            told.append(asyncio.create_task(command.withdrawn()))
        await settle()
        assert [each.done() for each in told] == [False, False, False]
        asked[0].cancel()
        await settle()
        assert [each.done() for each in told] == [True, False, False], "its caller is gone"
        await hall.clock.advance(5)
        assert outcome(asked[1]) == ("unknown", "timeout")
        assert [each.done() for each in told] == [True, True, False], "its deadline has passed"
        command.finish(DONE)
        await settle()
        assert told[2].done()


async def test_stopping_answers_every_order(config: FakeConfig, loaded: FakeLoaded) -> None:
    async with running(config) as hall:
        in_hand, queued = order(hall), order(hall)
        await take(loaded)
    await settle()
    assert outcome(in_hand) == ("unknown", "stopped")
    assert outcome(queued) == ("rejected", "offline")
    assert hall.clock.sleepers == 0


async def test_a_driver_may_give_up_waiting_for_an_order_without_losing_one(
    config: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(config) as hall:
        commands = aiter(loaded.puppet.ctx.commands())
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(commands), 0.001)
        asked = order(hall)
        (await anext(commands)).finish(DONE)
        assert await asked == DONE


async def test_orders_come_in_the_order_they_were_given(config: FakeConfig, loaded: FakeLoaded) -> None:
    texts = [ShowText(str(n)) for n in range(50)]
    seen: list[object] = []

    async def serve(link: Link, ctx: Context[Any]) -> None:
        ctx.ready(Identity())
        async for command in ctx.commands():
            seen.append(command.order)
            await asyncio.sleep(0)
            command.finish(DONE)

    loaded.puppet.script = serve
    async with running(config) as hall:
        for text in texts:
            assert await hall.supervisor.order("strip-1", text, 10) == DONE
    assert seen == texts


# What may happen to a queue, in any order: the driver takes one or finishes one, time passes, a caller
# gives up, the run ends.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.integers(1, 6)),
        st.tuples(st.just("take"), st.just(0)),
        st.tuples(st.just("finish"), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.integers(1, 4)),
        st.tuples(st.just("give_up"), st.integers(0, 9)),
        st.tuples(st.just("finish_at_deadline"), st.integers(0, 9)),
    ),
    max_size=25,
)


@given(STEPS)
def test_every_order_ends_in_exactly_one_true_outcome(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[str, int]]) -> None:
    play = Play()
    for step, number in steps:
        await getattr(play, step)(number)
        await settle()
    play.orders.close("link_lost")
    await settle()
    assert play.clock.sleepers == 0
    for number, task in enumerate(play.placed):
        play.check(str(number), task)
    with pytest.raises(StopAsyncIteration):
        await anext(play.orders)
    assert (await play.orders.place("late", TEXT, 5)).code == "offline"


class Play:
    """A queue, its callers and its driver. An order's device is its number."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.orders = Orders(3, self.clock)
        self.placed: list[asyncio.Task[Outcome]] = []
        self.taken: list[Pending] = []
        self.begun: set[str] = set()
        self.finished: set[str] = set()

    async def place(self, deadline_s: int) -> None:
        device = str(len(self.placed))
        self.placed.append(asyncio.create_task(self.orders.place(device, TEXT, deadline_s)))

    async def take(self, _number: int) -> None:
        taker = asyncio.ensure_future(anext(self.orders))
        await settle()
        taker.cancel()  # the driver has other things to do as well
        await asyncio.wait({taker})
        if not taker.cancelled():
            self.taken.append(taker.result())
            self.begun.add(taker.result().device)

    async def finish(self, number: int) -> None:
        if self.taken:
            command = self.taken[number % len(self.taken)]
            if not command.answer.done():
                self.finished.add(command.device)
            command.finish(DONE)

    async def wait(self, delay_s: int) -> None:
        await self.clock.advance(delay_s)

    async def give_up(self, number: int) -> None:
        if self.placed:
            self.placed[number % len(self.placed)].cancel()

    async def finish_at_deadline(self, number: int) -> None:
        """Both within a few turns of the loop."""
        self.clock.expire()
        for _ in range(number % 5):
            await asyncio.sleep(0)
        await self.finish(number)

    def check(self, number: str, task: asyncio.Task[Outcome]) -> None:
        assert task.done(), "every caller has an answer"
        if task.cancelled():
            return
        result = task.result().result
        assert (result is Result.DONE) == (number in self.finished), "what the driver said is what is told"
        if result is Result.DONE:
            assert number in self.begun
        elif result is Result.REJECTED:
            assert number not in self.begun, "rejected means not begun"
        else:
            assert result is Result.UNKNOWN
            assert number in self.begun


# --- events ---
async def test_an_event_is_stamped_and_is_a_sign_of_life(config: FakeConfig, loaded: FakeLoaded) -> None:
    call = KeyPressed(KeyAction.CALL)
    async with running(config) as hall:
        await hall.clock.advance(5)
        for device in (None, "bus", "strip-1"):
            await loaded.puppet.ctx.emit(call, device)
        assert [event.device for event in hall.events] == ["bus", "bus", "strip-1"]
        assert {event.at for event in hall.events} == {hall.clock.now()}
        assert {event.body for event in hall.events} == {call}
        ids = {event.id for event in hall.events}
        assert len(ids) == 3
        assert all(len(each) == 32 and int(each, 16) for each in ids)
        assert hall.now("strip-1").state == "online"
        with pytest.raises(KeyError):
            await loaded.puppet.ctx.emit(call, "pad-1")


async def test_a_busy_hall_holds_the_driver_back(config: FakeConfig, loaded: FakeLoaded) -> None:
    pressed: list[int] = []

    async def press(link: Link, ctx: Context[Any]) -> None:
        ctx.ready(Identity())
        for number in range(5):
            await ctx.emit(KeyPressed(KeyAction.CALL, str(number)))
            pressed.append(number)

    loaded.puppet.script = press
    hall = Hall(config)
    hall.room.clear()
    task = asyncio.create_task(hall.supervisor.run())
    await settle()
    assert (pressed, hall.events) == ([], []), "nothing is read ahead while nothing can be kept"
    hall.room.set()
    await settle()
    assert pressed == [0, 1, 2, 3, 4]
    assert [event.body for event in hall.events] == [KeyPressed(KeyAction.CALL, str(n)) for n in range(5)]
    task.cancel()
    await asyncio.wait({task})
