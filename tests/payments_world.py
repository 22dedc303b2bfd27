"""Payments at work in a world in which a test decides all that happens: when time passes, when a request
reaches the bank, what becomes of its answer, when the store has kept something, and when the daemon dies."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from drivers.messages import Instant, Order, Outcome, PrintSlip, Result
from edge.rules import local_day
from edge.rules.effects import PrintReceipt, SetTimer
from edge.rules.model import Decision, Input, Now, State, TimerFired
from edge.rules.payments_model import BeginPayment, WantReceipt
from edge.settings import Settings
from edge.upstream.messages import About, Payment, Receipt, Settlement
from edge.upstream.payments import Payments
from edge.upstream.port import Away, UpstreamError
from edge.upstream.printing import Papers
from edge.upstream.settling import Settling
from edge.wire import PaymentsSettled
from tests.payments_bank import Bank
from tests.unit.hall_kit import demo_settings
from tests.unit.rules_kit import Play

T = TypeVar("T")
TURNS = 40  # of the loop, after which everybody waits for the world: far more than any chain of calls is deep


class FakeClock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.mono_s = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> Instant:
        return Instant(1_700_000_000.0 + self.mono_s, self.mono_s, clock_ok=True)

    async def sleep(self, delay_s: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.mono_s + delay_s, future))
        await future

    def passes(self, seconds: float) -> None:
        self.mono_s += seconds
        self._sleepers = [each for each in self._sleepers if not each[1].done()]
        for at_s, future in self._sleepers:
            if at_s <= self.mono_s:
                future.set_result(None)


@dataclass
class Asked:
    """Something on its way to the bank, the printer or the store, until the test lets it happen."""

    what: str
    key: str
    does: Callable[[], Any]
    answer: asyncio.Future[Any]


@dataclass
class World:
    bank: Bank = field(default_factory=Bank)
    play: Play = field(default_factory=Play)
    clock: FakeClock = field(default_factory=FakeClock)
    asked: list[Asked] = field(default_factory=list)  # of the bank
    prints: list[Asked] = field(default_factory=list)
    posts: list[Asked] = field(default_factory=list)  # inputs that are not kept yet
    late: list[Callable[[], Any]] = field(default_factory=list)  # requests that still reach the bank
    timers: dict[str, float] = field(default_factory=dict)
    begun: list[asyncio.Task[Any]] = field(default_factory=list)  # by who stands there
    differences: list[str] = field(default_factory=list)  # that a manager is told of
    paper: str = ""  # what the printer has got last
    printed: list[tuple[str, bool]] = field(default_factory=list)  # (key, copy)

    def __post_init__(self) -> None:
        self.start()

    # --- as HallAtWork and Bus ---
    @property
    def state(self) -> State:
        return self.play.state

    def now(self) -> Now:
        return self.play.now()

    def today(self) -> str:
        return self.play.state.day

    async def taken_up(self) -> None:
        return

    async def ask(self, wish: Input, by: str, request: str = "") -> Decision:  # noqa: ARG002 as in life
        return await self._wait(self.posts, type(wish).__name__, "", lambda: self._decide(wish))

    def _decide(self, wish: Input) -> Decision:
        decision = self.play.do(wish)
        for effect in decision.effects:
            if isinstance(effect, PrintReceipt):
                self.papers.receipt(effect)
            elif isinstance(effect, SetTimer):
                self.timers[effect.timer] = self.clock.mono_s + effect.after_s
        return decision

    async def settled(self, day: str) -> PaymentsSettled | None:
        """As the store."""
        facts = (fact for fact, _ in self.play.kept if isinstance(fact, PaymentsSettled) and fact.day == day)
        return next(facts, None)

    # --- as the port ---
    async def pay(self, key: str, declaration: str, total_fen: int) -> Payment:
        assert self.kept("payment.created", key), "ordered before it was kept"
        return await self._bank("pay", key, lambda: self.bank.pay(key, declaration, total_fen))

    async def payment(self, key: str) -> Payment:
        return await self._bank("look", key, lambda: self.bank.payment(key))

    async def close(self, key: str) -> Payment:
        return await self._bank("close", key, lambda: self.bank.close(key))

    async def refund(self, key: str, keep_fen: int, reason: str) -> Payment:  # noqa: ARG002 as in life
        assert self.kept("payment.refund_due", key), "given back before it was kept"
        return await self._bank("refund", key, lambda: self.bank.refund(key, keep_fen))

    async def receipt(self, key: str) -> Receipt:
        return await self._bank("receipt", key, lambda: self.bank.receipt(key))

    async def settlement(self, day: str, after: str = "") -> Settlement:
        return await self._bank("settlement", "", lambda: self.bank.settlement(day, after))

    async def about(self) -> About:
        return About(name="bank", sandbox=True, now="2024-05-06T01:00:00Z")

    async def _bank(self, what: str, key: str, does: Callable[[], T]) -> T:
        return await self._wait(self.asked, what, key, does)

    # --- as the supervisor ---
    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:  # noqa: ARG002 as in life
        assert isinstance(order, PrintSlip)
        key, is_copy = order.job.partition("/")[0], "副本" in str(order.blocks[0])
        self.paper = str(order.blocks)
        outcome = await self._wait(self.prints, "print", key, lambda: Outcome(Result.DONE))
        if outcome.result is Result.DONE:
            self.printed.append((key, is_copy))
        return outcome

    def problem(self) -> str:
        return ""

    async def _wait(self, where: list[Asked], what: str, key: str, does: Callable[[], T]) -> T:
        asked = Asked(what, key, does, asyncio.get_running_loop().create_future())
        where.append(asked)
        try:
            found: T = await asked.answer
            return found
        finally:
            if asked in where:
                where.remove(asked)

    # --- what a test does ---
    def start(self) -> None:
        """A process begins: of the one before only what was kept is left."""
        world: Any = self
        self.payments = Payments(
            hall=world,
            bus=world,
            upstream=world,
            clock=self.clock,
            chance=random.Random(1),
            problem=self.problem,
        )
        self.papers = Papers(
            settings=_settings(),
            hall=world,
            devices=world,
            problem=self.problem,
            upstream=world,
            clock=self.clock,
            say=self.payments.say,
        )
        self.settling = Settling(
            hall=world,
            payments=self.payments,
            upstream=world,
            clock=self.clock,
            settled=self.settled,
            differ=self.differences.append,
        )

    def begin(self, key: str, declaration: str, total_fen: int, wait_s: float = 12.0) -> None:
        wish = BeginPayment(key, declaration, total_fen, total_fen, 0, "个人所得税", "kiosk-1")
        self.says(self.payments.begin(wish, "local-0", wait_s))

    def want_receipt(self, key: str, vouched: bool = False) -> None:
        self.says(self.payments.say(WantReceipt(key, "", vouched), "local-0"))

    def says(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Somebody asks something of the daemon, which dies with it."""
        task = asyncio.ensure_future(work)
        self.begun.append(task)
        return task

    def kept(self, kind: str, key: str) -> bool:
        return any(fact.kind == kind and getattr(fact, "key", "") == key for fact, _ in self.play.kept)

    async def settle_down(self) -> None:
        """Until everybody waits for the world."""
        for _ in range(TURNS):
            await asyncio.sleep(0)

    def bank_does(self, asked: Asked, fate: str) -> None:
        """`fate`: answered, twice (done twice, and answered), lost (never arrives), unheard (done, and the
        answer is lost), late (it arrives later, when nobody waits for its answer any more)."""
        self.asked.remove(asked)
        if fate in ("lost", "late"):
            self.late += [asked.does] if fate == "late" else []
            _end(asked, Away("upstream_away", "no answer"))
            return
        try:
            found = asked.does()
            found = asked.does() if fate == "twice" else found
        except UpstreamError as error:
            found = error
        _end(asked, Away("upstream_away", "no answer") if fate == "unheard" else found)

    def late_one_arrives(self, place: int) -> None:
        with suppress(UpstreamError):  # nobody hears it
            self.late.pop(place)()

    def printer_does(self, asked: Asked, result: Result) -> None:
        self.prints.remove(asked)
        _end(asked, Outcome(result, "" if result is Result.DONE else "paper_out"))

    def store_does(self, asked: Asked) -> None:
        """Keeps what follows from the first input that waits."""
        self.posts.remove(asked)
        _end(asked, asked.does())

    async def passes(self, seconds: float) -> None:
        self.clock.passes(seconds)
        self.play.passes(seconds)
        for timer in [each for each, at_s in self.timers.items() if at_s <= self.clock.mono_s]:
            del self.timers[timer]
            self._decide(TimerFired(timer))
        self.bank.day = local_day(self.play.now().instant, self.play.hall.zone)
        await self.settle_down()

    def step(self) -> bool:
        """What waits first goes on; False where nothing waits."""
        if self.posts:
            self.store_does(self.posts[0])
        elif self.asked:
            self.bank_does(self.asked[0], "answered")
        elif self.prints:
            self.printer_does(self.prints[0], Result.DONE)
        else:
            return False
        return True

    async def goes_well(self) -> None:
        """A step without a mishap; time passes where nobody has anything to do."""
        await self.settle_down()
        for key in list(self.bank.orders):
            self.bank.give_back(key)
        if not self.step():
            await self.passes(31.0)
        await self.settle_down()

    async def ends_well(self, work: Coroutine[Any, Any, Any], rounds: int = 100) -> Any:
        """What it comes to in a world in which all goes well."""
        task = self.says(work)
        for _ in range(rounds):
            await self.settle_down()
            if task.done():
                return task.result()
            if not self.step():
                await self.passes(0.5)
        raise AssertionError("it never ends")

    async def dies(self) -> None:
        """All that was under way in the process is gone; requests on their way may still arrive."""
        self.late += [each.does for each in self.asked]
        await self.stops()
        self.asked, self.prints, self.posts, self.begun = [], [], [], []
        self.timers = {}
        self.start()
        self.play.restart()

    async def stops(self) -> None:
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in sorted(tasks, key=_age):  # in the same order each time that it is tried
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _age(task: asyncio.Task[Any]) -> int:
    """Task-12 was begun before Task-13."""
    return int(task.get_name().removeprefix("Task-"))


@cache
def _settings() -> Settings:
    return demo_settings(Path("/nonexistent"))


def _end(asked: Asked, found: Any) -> None:
    if asked.answer.done():  # who asked is gone
        return
    if isinstance(found, Exception):
        asked.answer.set_exception(found)
    else:
        asked.answer.set_result(found)
