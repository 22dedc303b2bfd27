"""Payments, their papers and their reconciliation, joined: one part of a node that takes money."""

from __future__ import annotations

import random
from collections.abc import Callable

from drivers.api import Clock
from edge.commands import Verb
from edge.effects import Effects
from edge.settings import Settings
from edge.store import Store
from edge.upstream.paying_verbs import PaymentVerbs, People
from edge.upstream.payments import Bus, Hall, Payments
from edge.upstream.port import Upstream, UpstreamError
from edge.upstream.printing import Devices, Papers
from edge.upstream.settling import Settling
from edge.wire import Reply


class Paying:
    """`clock` is the machine's own: what the services say of seconds is meant by it, be it a played day."""

    def __init__(
        self,
        *,
        settings: Settings,
        hall: Hall,
        bus: Bus,
        store: Store,
        devices: Devices,
        effects: Effects,
        upstream: Upstream,
        people: People,
        clock: Clock,
        told: Callable[[str, UpstreamError], Reply],
    ) -> None:
        self._payments = Payments(
            hall=hall,
            bus=bus,
            upstream=upstream,
            clock=clock,
            chance=random.Random(),
            problem=effects.printer_problem,
        )
        self._papers = Papers(
            settings=settings,
            hall=hall,
            devices=devices,
            problem=effects.printer_problem,
            upstream=upstream,
            clock=clock,
            say=self._payments.say,
        )
        self._settling = Settling(hall=hall, payments=self._payments, upstream=upstream, clock=clock)
        self._verbs = PaymentVerbs(
            hall=hall,
            store=store,
            upstream=upstream,
            people=people,
            payments=self._payments,
            papers=self._papers,
            settling=self._settling,
            told=told,
        )
        effects.print_receipts_by(self._papers.receipt)

    def verbs(self) -> list[Verb]:
        return self._verbs.verbs()

    async def run(self) -> None:
        """Until it is cancelled. What is under way then is taken up at the next start."""
        try:
            await self._settling.run()
        finally:
            await self._payments.close()
            await self._papers.close()
