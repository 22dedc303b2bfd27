"""Reconciliation: at the start, each hour and as a day ends, what the services have is compared with what is
known here. What is open without anybody there is closed, what is owed is given back, and a day that is over
is settled once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from drivers.api import Clock
from edge.rules.model import TimerFired
from edge.rules.payments_model import UNSETTLED, Seen, Settle
from edge.rules.payments_settled import to_settle
from edge.upstream.payments import Hall, Payments
from edge.upstream.port import Nonsense, Upstream, UpstreamError
from edge.wire import PaymentsSettled

log = logging.getLogger(__name__)

EVERY_S = 3600.0
AGAIN_S = 60.0  # after the services were away
TICK_S = 20.0  # between two looks whether the day is over
QUIET_S = 960.0  # that what is open or owed gets before a day is settled: who pays at midnight has a visit
MAX_PAGES = 50  # of a day: 10,000 payments at one terminal are a mistake of somebody's


class Settling:
    """`differ` is told what the two sides have unlike of the last day that was settled; "" is nothing."""

    def __init__(
        self,
        *,
        hall: Hall,
        payments: Payments,
        upstream: Upstream,
        clock: Clock,
        settled: Callable[[str], Awaitable[PaymentsSettled | None]],
        differ: Callable[[str], None],
    ) -> None:
        self._hall = hall
        self._settled = settled  # how a day was, as it is kept
        self._differ = differ
        self._payments = payments
        self._upstream = upstream
        self._clock = clock

    async def run(self) -> None:
        await self._hall.taken_up()
        while True:
            day = self._hall.today()
            done = await self.reconcile()
            next_s = self._clock.now().mono_s + (EVERY_S if done else AGAIN_S)
            while self._clock.now().mono_s < next_s and day == self._hall.today():
                await self._clock.sleep(TICK_S)
                if self._hall.now().day > self._hall.today():
                    await self._payments.say(TimerFired("payments"))  # which opens the day

    async def reconcile(self) -> bool:
        """Whether the services answered all of it."""
        self._payments.take_up()
        today = self._hall.today()
        if not today:  # nothing has ever happened here
            return True
        try:
            await self._reconcile(today)
        except UpstreamError as error:
            log.info("payments are not reconciled: %s", error)
            return False
        await self._tell()
        return True

    async def _reconcile(self, today: str) -> None:
        await self.catch_up(today)
        yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
        for day in to_settle(self._hall.state, yesterday):
            await self._settle(day)

    async def _tell(self) -> None:
        """What was unsettled then may be settled by now."""
        settled = await self._settled(self._hall.state.settled)
        if settled is None:
            return
        open_still = {key for key, each in self._hall.state.payments.items() if each.phase in UNSETTLED}
        count = settled.more + sum(
            each.what != "unsettled" or each.key in open_still for each in settled.differences
        )
        self._differ(f"{settled.day}: {count}" if count else "")

    async def catch_up(self, day: str) -> tuple[Seen, ...]:
        """What the services have of a day, all of it, told to the rules."""
        theirs = await self._listed(day)
        for told in theirs:
            await self._payments.say(told)
        self._payments.take_up()
        return theirs

    async def _settle(self, day: str) -> None:
        await self.catch_up(day)
        if not await self._payments.until(lambda: not self._unsettled(day), QUIET_S):
            log.warning("payments of %s are settled while some are open or owed: see the slip", day)
        await self._payments.say(Settle(day, await self.catch_up(day)))

    def _unsettled(self, day: str) -> bool:
        return any(each.phase in UNSETTLED and each.day <= day for each in self._hall.state.payments.values())

    async def _listed(self, day: str) -> tuple[Seen, ...]:
        found: list[Seen] = []
        after = ""
        for _ in range(MAX_PAGES):
            page = await self._upstream.settlement(day, after)
            found += (self._payments.seen(told) for told in page.payments)
            if not page.more or not page.payments:
                return tuple(found)
            if page.payments[-1].key <= after:
                raise Nonsense("upstream_nonsense", "the pages of a settlement are not in order")
            after = page.payments[-1].key
        raise Nonsense("upstream_nonsense", f"a settlement has more than {MAX_PAGES} pages")
