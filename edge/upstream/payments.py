"""Payments at work: what the rules want asked is asked of the services, and what they say goes to the rules.

One task a payment that is not settled asks one thing at a time, as `edge.rules.payments.ask` says, until
there is nothing left to ask; so a close and a refund are asked again until they are answered. Only who stands
there is known here and nowhere else: after a restart nobody does, and what is open is closed.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from drivers.api import Clock, NotKept
from edge.clock import deadline
from edge.hall import NODE
from edge.rules.model import Decision, Input, Now, State
from edge.rules.payments import ask
from edge.rules.payments_model import UNSETTLED, Ask, BeginPayment, Payment, Seen
from edge.upstream.messages import Payment as Told
from edge.upstream.port import Nonsense, Refused, Upstream, UpstreamError

log = logging.getLogger(__name__)

LOOK_S = 1.0  # from an answer to the next look at a payment that is shown
SLOW_LOOK_S = 10.0  # at the most, where the services are slow or away: a citizen waits for it
AGAIN_S = 1.0  # until a close or a refund is asked again, doubled each time
SLOW_AGAIN_S = 20.0  # at the most: until then nobody can pay the same declaration anew
STORE_S = 1.0  # between tries to hand an answer to a hall that has no room to keep it


class Hall(Protocol):
    """What is needed of the hall at work."""

    @property
    def state(self) -> State: ...
    @property
    def clock(self) -> Clock: ...
    def now(self) -> Now: ...
    def today(self) -> str: ...
    async def taken_up(self) -> None: ...


class Bus(Protocol):
    async def ask(self, wish: Input, by: str, request: str = "") -> Decision: ...


@dataclass(slots=True)
class Visit:
    """Who pays, while he is there. `ends_s`: when the code is no good any more, by the monotonic clock."""

    qr: str = field(default="", repr=False)
    ends_s: float | None = None
    leaving: bool = False  # the payment is to be closed
    there: bool = True  # and can take a receipt
    error: UpstreamError | None = None  # why it was not ordered


class Payments:
    """`clock` is the machine's: what the services say of seconds is meant by it, whatever day is played."""

    def __init__(
        self,
        *,
        hall: Hall,
        bus: Bus,
        upstream: Upstream,
        clock: Clock,
        chance: random.Random,
        problem: Callable[[], str],
    ) -> None:
        self._hall = hall
        self._bus = bus
        self._upstream = upstream
        self._clock = clock
        self._problem = problem  # that stops the printer
        self._visits: dict[str, Visit] = {}  # by key; each ends with its task
        self._tasks: dict[str, asyncio.Task[None]] = {}  # by key, of payments that are not settled
        self._changed = asyncio.Event()  # set, and put in the place of a new one, at each change
        self._chance = chance
        self._hurries = 0  # how often the services came back
        self._closed = False

    # --- what is asked of it ---
    def find(self, key: str) -> tuple[Payment, Visit] | None:
        """How a payment stands, and who pays; None where the hall knows none of this key."""
        payment = self._hall.state.payments.get(key)
        return (payment, self._visits.get(key) or Visit(there=False)) if payment else None

    def left_s(self, visit: Visit) -> int:
        """Whole seconds for which its code is still good."""
        return max(0, int(visit.ends_s - self._now_s())) if visit.ends_s is not None else 0

    async def begin(self, wish: BeginPayment, by: str, wait_s: float) -> Decision:
        """Returns once it is shown, or it is known why not, or `wait_s` is over. Raises NotKept.

        Who is cancelled meanwhile has gone: it is closed.
        """
        begun = asyncio.ensure_future(self._begin(wish, by))
        try:
            decision = await asyncio.shield(begun)
            if isinstance(decision, NotKept):
                raise decision
            if decision.rejection is None:
                await self.until(lambda: not self._is_ordered_now(wish.key), wait_s)
        except asyncio.CancelledError:
            self.leave(wish.key)
            raise
        return decision

    def leave(self, key: str) -> None:
        """Nobody pays any more: what is open is closed, and no receipt comes by itself."""
        if visit := self._visits.get(key):
            visit.there = False
            visit.leaving = True
        self.take_up()
        self._tell()

    def hurry(self) -> None:
        """The services are back: what waits to be asked again is asked now."""
        self._hurries += 1
        self._tell()

    async def until(self, holds: Callable[[], bool], limit_s: float) -> bool:
        """Whether it came to hold within the time."""
        try:
            async with deadline(self._clock, limit_s):
                while not holds():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def take_up(self) -> None:
        """Everything that is not settled is seen to, but for what is already."""
        for key, payment in () if self._closed else self._hall.state.payments.items():
            if payment.phase in UNSETTLED and key not in self._tasks:
                self._tasks[key] = task = asyncio.create_task(self._settle(key))
                task.add_done_callback(partial(self._done, key))

    def seen(self, told: Told) -> Seen:
        """In the rules' words, with what is known only here: whether who pays is there."""
        visit = self._visits.get(told.key)
        attended = visit is not None and visit.there
        return seen_of(told, attended=attended, problem=self._problem() if attended else "")

    async def say(self, wish: Input, by: str = NODE) -> Decision:
        """Hand it to the rules, again and again while there is no room to keep what follows."""
        while True:
            try:
                decision = await self._bus.ask(wish, by)
            except NotKept:
                await self._clock.sleep(STORE_S)
            else:
                self._tell()
                return decision

    async def close(self) -> None:
        self._closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- one payment ---
    async def _begin(self, wish: BeginPayment, by: str) -> Decision | NotKept:
        """Carried through, whether who asked is still there or not."""
        fresh = wish.key not in self._visits and wish.key not in self._hall.state.payments
        if fresh:
            self._visits[wish.key] = Visit()
        decision: Decision | NotKept
        try:
            decision = await self._bus.ask(wish, by)
        except NotKept as error:
            decision = error
        if fresh and wish.key not in self._hall.state.payments:
            del self._visits[wish.key]
        self.take_up()
        return decision

    async def _settle(self, key: str) -> None:
        fails = 0
        while what := self._next(key):
            began_s = self._now_s()
            before = self._hall.state.payments[key].phase
            answered = await self._ask(what, self._hall.state.payments[key])
            payment = self._hall.state.payments.get(key)
            if payment is None or payment.phase != before:
                fails = 0
                continue
            fails = 0 if answered and what == "look" else fails + 1
            await self._pause(key, what, fails, self._now_s() - began_s)

    def _next(self, key: str) -> Ask:
        payment = self._hall.state.payments.get(key)
        if payment is None:  # a new day has begun, and it was settled
            return ""
        visit = self._visits.get(key)
        if visit and visit.ends_s is not None and self._now_s() >= visit.ends_s:
            visit.leaving = True
        return ask(payment, attended=visit is not None and not visit.leaving)

    async def _ask(self, what: Ask, payment: Payment) -> bool:
        """Whether an answer came; it has then been told to the rules."""
        visit = self._visits.get(payment.key)
        try:
            told = await self._request(what, payment)
            if told.key != payment.key:
                raise Nonsense("upstream_nonsense", f"asked of one payment, it tells of another ({what})")
            if what == "pay":
                _check_order(told, payment)
        except UpstreamError as error:
            log.info("%s of payment …%s: %s", what, payment.key[-4:], error)
            if visit and what == "pay":
                visit.error, visit.leaving = error, True
                self._tell()
            return False
        if visit and told.state == "open":
            visit.leaving = visit.leaving or told.paid_fen > 0
            if what == "pay":
                visit.qr, visit.ends_s = told.qr, self._now_s() + told.expires_in_s
        await self.say(self.seen(told))
        return True

    async def _request(self, what: Ask, payment: Payment) -> Told:
        match what:
            case "pay":
                return await self._upstream.pay(payment.key, payment.declaration, payment.total_fen)
            case "close":
                return await self._upstream.close(payment.key)
            case "refund":
                assert payment.reason
                try:
                    return await self._upstream.refund(payment.key, payment.keep_fen, payment.reason)
                except Refused:  # it may have been given back already: how does it stand?
                    return await self._upstream.payment(payment.key)
            case _:
                return await self._upstream.payment(payment.key)

    async def _pause(self, key: str, what: Ask, fails: int, took_s: float) -> None:
        """Before the same is asked again; who leaves ends it, and so do services that are back."""
        visit = self._visits.get(key)
        if what == "pay" and visit:  # what it came to is no payment: it is closed now
            visit.leaving = True
            return
        if what == "look":
            pause_s = min(SLOW_LOOK_S, max(LOOK_S * 2 ** min(fails, 4), took_s))
        else:
            pause_s = min(SLOW_AGAIN_S, AGAIN_S * 2 ** min(fails - 1, 6)) * self._chance.uniform(0.8, 1.2)
        stays = visit is not None and not visit.leaving
        if visit and stays and visit.ends_s is not None:
            pause_s = min(pause_s, max(0.0, visit.ends_s - self._now_s()))
        before = self._hurries
        await self.until(lambda: self._hurries != before or bool(visit and stays and visit.leaving), pause_s)

    def _done(self, key: str, task: asyncio.Task[None]) -> None:
        del self._tasks[key]
        self._visits.pop(key, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("payment …%s: %s; it is seen to again within the hour", key[-4:], error, exc_info=error)

    def _is_ordered_now(self, key: str) -> bool:
        """Whether the services have not answered yet."""
        payment, visit = self._hall.state.payments.get(key), self._visits.get(key)
        return payment is not None and payment.phase == "created" and visit is not None and not visit.leaving

    def _tell(self) -> None:
        """To who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _now_s(self) -> float:
        return self._clock.now().mono_s


def seen_of(told: Told, *, attended: bool = False, problem: str = "") -> Seen:
    return Seen(
        told.key,
        told.state,
        told.total_fen,
        told.paid_fen,
        told.refunded_fen,
        told.order,
        told.paid_on,
        attended,
        problem,
    )


def _check_order(told: Told, payment: Payment) -> None:
    """Raises where what was ordered cannot be shown: it is then closed."""
    if told.state != "open":
        return
    if told.total_fen != payment.total_fen:
        raise Refused("amount_changed", "another sum was ordered than asked for", told.total_fen)
    if not told.order or not told.qr or not told.expires_in_s:
        raise Nonsense("upstream_nonsense", "an open payment has no order, no code or no time")
