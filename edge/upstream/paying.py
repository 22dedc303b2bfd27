"""Payments, their papers and their reconciliation, joined: one part of a node that takes money."""

from __future__ import annotations

import random

from drivers.api import Clock
from edge.commands import Verb
from edge.settings import Settings
from edge.upstream.note_verbs import NoteVerbs
from edge.upstream.part import DIFFER_WORDS, PAYMENTS_DIFFER, Around
from edge.upstream.paying_verbs import PaymentVerbs
from edge.upstream.payments import Payments
from edge.upstream.people import Known
from edge.upstream.port import Upstream
from edge.upstream.printing import Papers
from edge.upstream.settling import Settling
from edge.wire import Alert


class Paying:
    """`clock` is the machine's own: what the services say of seconds is meant by it, be it a played day."""

    def __init__(
        self, settings: Settings, clock: Clock, upstream: Upstream, people: Known, around: Around
    ) -> None:
        hall = around.hall
        self._payments = Payments(
            hall=hall,
            bus=around.bus,
            upstream=upstream,
            clock=clock,
            chance=random.Random(),
            problem=around.effects.printer_problem,
        )
        self._papers = Papers(
            settings=settings,
            hall=hall,
            devices=around.devices,
            problem=around.effects.printer_problem,
            upstream=upstream,
            clock=clock,
            say=self._payments.say,
        )
        self._alerts = around.alerts
        self._clock = clock
        self._settling = Settling(
            hall=hall,
            payments=self._payments,
            upstream=upstream,
            clock=clock,
            settled=around.store.settlement_of,
            differ=self._differ,
        )
        self._notes = NoteVerbs(settings, upstream, people, self._papers)
        self._verbs = PaymentVerbs(
            hall=hall,
            store=around.store,
            upstream=upstream,
            people=people,
            payments=self._payments,
            papers=self._papers,
            settling=self._settling,
        )
        around.effects.print_receipts_by(self._papers.receipt)

    def verbs(self) -> list[Verb]:
        return [*self._verbs.verbs(), *self._notes.verbs()]

    def services_are_back(self) -> None:
        """What is open or owed waits no longer: somebody may want to pay anew."""
        self._payments.hurry()

    def _differ(self, detail: str) -> None:
        since_s = self._clock.now().wall_s
        alert = Alert(key=PAYMENTS_DIFFER, severity="warning", since=since_s, detail=detail, **DIFFER_WORDS)
        self._alerts.put("node", PAYMENTS_DIFFER, alert if detail else None)

    async def run(self) -> None:
        """Until it is cancelled. What is under way then is taken up at the next start."""
        try:
            await self._settling.run()
        finally:
            await self._payments.close()
            await self._papers.close()
