"""The kit's own tools: the recording context, its clocks, and the loop whose time jumps."""

from __future__ import annotations

import asyncio
import time

import pytest

from drivers.api import Clock, Context, Identity
from drivers.conformance import LoopClock, ManualClock, RecordingContext, run_warped
from drivers.messages import Beep, ButtonPressed, Outcome, Result
from tests.protocol.conformance.toy import SPEC, ToySettings


def _context() -> RecordingContext[ToySettings]:
    return RecordingContext(SPEC, ToySettings(), device="bell", children=("left", "right"))


# --- the context ---
async def test_it_is_a_context_and_records_of_whom_things_are_said() -> None:
    context = _context()
    driver_side: Context[ToySettings] = context
    driver_side.ready(Identity(serial="1"))
    driver_side.alive()
    driver_side.child("left").alive()
    driver_side.condition("noisy", True, "a lot")
    driver_side.child("right").condition("noisy", True)
    driver_side.condition("noisy", False)
    driver_side.condition("noisy", False)
    assert context.is_ready
    assert context.own.identities == [Identity(serial="1")]
    assert context.alive_count == 2
    assert context.conditions == {("right", "noisy")}
    assert context.undeclared() == []
    assert driver_side.settings == ToySettings()
    assert driver_side.device == "bell"


async def test_strangers_are_refused_and_what_is_not_declared_is_told() -> None:
    context = _context()
    with pytest.raises(KeyError):
        context.child("stranger")
    with pytest.raises(KeyError):
        await context.emit(ButtonPressed(1), "stranger")
    context.condition("made_up", False)
    await context.emit(Beep())  # type: ignore[arg-type]  # an order is no event
    assert context.undeclared() == ["made_up", "Beep"]


async def test_orders_come_in_order_and_the_declared_queue_is_its_limit() -> None:
    context = _context()
    given = [context.order(Beep(), device) for device in ("left", "right", "left", "right", "left")]
    assert [command.outcomes for command in given[:4]] == [[]] * 4
    assert given[4].outcomes == [Outcome(Result.REJECTED, "queue_full")]
    taken = [await anext(context.commands()) for _ in range(4)]
    assert taken == given[:4]
    assert [command.taken for command in given] == [True] * 4 + [False]


async def test_taking_an_order_may_be_cancelled_without_losing_one() -> None:
    context = _context()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.005):
            await anext(context.commands())
    command = context.order(Beep())
    assert await anext(context.commands()) is command
    assert command.device == "bell"


async def test_an_outcome_is_waited_for_within_its_limit() -> None:
    context = _context()
    command = context.order(Beep())
    with pytest.raises(TimeoutError):
        await context.outcome(command, limit_s=0.005)
    asyncio.get_running_loop().call_soon(command.finish, Outcome(Result.DONE))
    assert await context.outcome(command) == Outcome(Result.DONE)


async def test_emit_waits_while_the_hall_is_busy() -> None:
    context = _context()
    context.hold()
    emitting = asyncio.create_task(context.emit(ButtonPressed(1), "left"))
    await asyncio.sleep(0.005)
    assert context.events == []
    context.release()
    await emitting
    assert context.events == [("left", ButtonPressed(1))]


# --- the clocks ---
async def test_manual_time_passes_only_when_it_is_told_to() -> None:
    clock = ManualClock()
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, *delays_s: float) -> None:
        for delay_s in delays_s:
            await clock.sleep(delay_s)
            woken.append((name, clock.now().mono_s))

    tasks = [asyncio.create_task(sleep("a", 1.0, 1.0, 5.0)), asyncio.create_task(sleep("b", 1.5))]
    await clock.advance(0.5)
    assert woken == []
    await clock.advance(2.0)
    assert woken == [("a", 1.0), ("b", 1.5), ("a", 2.0)]
    assert clock.now().mono_s == 2.5
    assert clock.now().wall_s == 1_700_000_002.5
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await clock.advance(10.0)
    assert len(woken) == 3


async def test_the_loops_clock_is_real_in_a_real_loop() -> None:
    clock: Clock = LoopClock()
    before = clock.now()
    await clock.sleep(0.01)
    after = clock.now()
    assert after.mono_s - before.mono_s >= 0.009
    assert abs(after.wall_s - time.time()) < 1.0


# --- the loop whose time jumps ---
def test_an_hour_passes_at_once_and_in_order() -> None:
    woken: list[int] = []

    async def main() -> float:
        loop = asyncio.get_running_loop()
        began_s = loop.time()

        async def sleep(minutes: int) -> None:
            await asyncio.sleep(60 * minutes)
            woken.append(minutes)

        await asyncio.gather(*(sleep(minutes) for minutes in (60, 5, 30)))
        return loop.time() - began_s

    started = time.monotonic()
    assert 3600 <= run_warped(main()) < 3601
    assert woken == [5, 30, 60]
    assert time.monotonic() - started < 5


def test_computing_takes_no_time() -> None:
    """However busy the machine is, a deadline passes only where somebody waits for it."""

    async def main() -> float:
        began_s = asyncio.get_running_loop().time()
        async with asyncio.timeout(0.1):
            for _ in range(4):
                time.sleep(0.05)  # noqa: ASYNC251 it stands for computing
                await asyncio.sleep(0)
        return asyncio.get_running_loop().time() - began_s

    assert run_warped(main()) == 0


def test_a_thread_gets_the_time_it_needs() -> None:
    async def main() -> str:
        async with asyncio.timeout(5):  # would have passed at once, had time jumped
            await asyncio.to_thread(time.sleep, 0.05)
        return "done"

    assert run_warped(main()) == "done"


def test_what_runs_on_is_cancelled_and_what_resists_is_left() -> None:
    ended: list[str] = []

    async def stray(name: str, resists: int) -> None:
        for _ in range(resists + 1):
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                ended.append(name)

    async def main() -> None:
        main_tasks.extend(asyncio.create_task(stray(f"{n}", n)) for n in (0, 1))
        await asyncio.sleep(0)

    main_tasks: list[asyncio.Task[None]] = []
    run_warped(main())
    assert sorted(ended) == ["0", "1", "1"]
    assert all(task.done() for task in main_tasks)


def test_errors_come_through() -> None:
    async def main() -> None:
        raise KeyError("it")

    with pytest.raises(KeyError, match="it"):
        run_warped(main())
