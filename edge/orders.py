"""Orders on their way to a driver: a bounded queue in which each order ends in exactly one outcome."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from drivers.api import Clock
from drivers.messages import Order, Outcome, Result
from edge.clock import deadline


def rejected(code: str, detail: str = "") -> Outcome:
    return Outcome(Result.REJECTED, code, detail)


@dataclass(slots=True, eq=False)
class Pending:
    """One order; a `drivers.api.Command`. The first `finish` counts, later ones are ignored."""

    device: str
    order: Order
    begun: bool = False
    answer: asyncio.Future[Outcome] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def finish(self, outcome: Outcome) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)

    async def withdrawn(self) -> None:
        """Once its caller was cancelled or its deadline has passed; also once it is finished."""
        await asyncio.wait({self.answer})

    def late(self) -> Outcome:
        """The outcome at the deadline: UNKNOWN once a driver has it, since it may yet take effect."""
        if self.answer.done() and not self.answer.cancelled():
            return self.answer.result()  # it came in the same turn of the loop as the deadline
        if self.begun:
            return Outcome(Result.UNKNOWN, "timeout", "no outcome before the deadline")
        return rejected("expired", "the deadline passed before the device took it")


class Orders:
    """The orders of one run of a driver, and the iterator that the driver takes them from.

    Taking one may be cancelled at any time without losing an order. A run that ends closes its queue,
    so that nothing is carried over to a device that has lost its state in between.
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._waiting: deque[Pending] = deque()
        self._in_hand: set[Pending] = set()  # bounded by the deadlines of their callers
        self._arrived = asyncio.Event()
        self._closed = False

    async def place(self, device: str, order: Order, deadline_s: float) -> Outcome:
        """Wait for the outcome, `deadline_s` at most. Cancelling takes back what has not begun."""
        if self._closed:
            return rejected("offline")
        if deadline_s <= 0:
            return rejected("expired", "the deadline had passed already")
        if len(self._waiting) >= self._limit:
            return rejected("queue_full", f"{self._limit} orders are waiting")
        pending = Pending(device, order)
        self._waiting.append(pending)
        self._arrived.set()
        try:
            async with deadline(self._clock, deadline_s):
                return await pending.answer
        except TimeoutError:
            return pending.late()
        finally:
            self._in_hand.discard(pending)
            if not pending.begun and pending in self._waiting:
                self._waiting.remove(pending)

    def has(self, device: str) -> bool:
        """Whether one waits or is in hand."""
        return any(each.device == device for each in (*self._waiting, *self._in_hand))

    def __aiter__(self) -> Orders:
        return self

    async def __anext__(self) -> Pending:
        while True:
            while self._waiting:
                pending = self._waiting.popleft()
                if not pending.answer.done():  # done: just withdrawn, its caller has not run yet
                    pending.begun = True
                    self._in_hand.add(pending)
                    return pending
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()

    def close(self, code: str) -> None:
        """The run is over because of `code`: what waits was never begun, what is in hand is unknown."""
        self._closed = True
        while self._waiting:
            self._waiting.popleft().finish(rejected("offline", code))
        for pending in tuple(self._in_hand):
            pending.finish(Outcome(Result.UNKNOWN, code, "the device was lost with the order in hand"))
        self._arrived.set()
