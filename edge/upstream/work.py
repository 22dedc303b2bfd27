"""The services at work: asked, watched, and told to kiosks while they answer."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from drivers.api import Clock
from edge.clock import deadline
from edge.commands import Verb
from edge.settings import Settings
from edge.upstream.booked import Booked
from edge.upstream.breaker import REST_S
from edge.upstream.causes import CLOCK_OFF_S, off
from edge.upstream.client import HttpUpstream
from edge.upstream.exchange import Exchange
from edge.upstream.identifying import Identifying
from edge.upstream.messages import Notice
from edge.upstream.part import AWAY_WORDS, SERVICES_AWAY, Around
from edge.upstream.paying import Paying
from edge.upstream.people import People
from edge.upstream.port import Away, Nonsense, Refused, UpstreamError
from edge.upstream.verbs import OnlineVerbs
from edge.wire import Alert

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0  # while all is well: who is away is seen before somebody needs them
AGAIN_S = 2.0  # after a look that failed, until it is known that they are away
MAX_LEAVING = 32  # visits that the services are being told are over


class OnlineServices:
    """See `edge.upstream.part.AtWork`."""

    def __init__(self, settings: Settings, clock: Clock, around: Around) -> None:
        table, terminal = settings.upstream, f"{settings.hall.id}/{settings.node.id}"
        self._settings = settings
        self._zone = ZoneInfo(settings.hall.timezone)
        self._hall = around.hall
        self._alerts = around.alerts
        self._clock = clock
        self.client = HttpUpstream(
            Exchange(table),
            terminal=terminal,
            limit_s=table.timeout_s,
            clock=clock,
            chance=random.Random(),
            turned=self._turned,
        )
        self.people = People(clock, self._left)
        identifying = Identifying(around.readings, self.people, table, terminal, lambda: self.is_up)
        booked = Booked(around.hall, around.bus, by_calendar=bool(settings.roster))
        self._verbs = OnlineVerbs(
            self.client, self.people, identifying, settings=settings, hall=around.hall, booked=booked
        )
        self._paying = Paying(settings, clock, self.client, self.people, around)
        self._stranger = ""  # what is wrong with who answers in their place
        self._was_up = True
        self._since = ""  # when they went away, by the hall's clock
        self._is_sandbox = False
        self._notices: tuple[Notice, ...] = ()
        self._told_off = False
        self._turn = asyncio.Event()
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def is_up(self) -> bool:
        return self.client.is_up and not self._stranger

    def all(self) -> list[Verb]:
        return [*self._verbs.all(), *self._paying.verbs()]

    def view(self) -> dict[str, Any]:
        local = self._local()
        minute = local.hour * 60 + local.minute
        return {
            "services": list(self._settings.upstream.services),
            "up": self.is_up,
            "since": "" if self.is_up else self._since,
            "sandbox": self._is_sandbox,
            "notices": [{"zh": each.zh, "en": each.en} for each in self._notices],
            "announcements": [
                {"zh": each.zh, "en": each.en} for each in self._settings.extended if each.lasts_at(minute)
            ],
        }

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            tasks.create_task(self._paying.run())

    async def _watch(self) -> None:
        while True:
            answered = await self.look()
            self.people.sweep()
            self._turn.clear()
            pause_s = LOOK_EVERY_S if answered else AGAIN_S if self.is_up else REST_S
            try:
                async with deadline(self._clock, pause_s):
                    await self._turn.wait()
            except TimeoutError:
                continue
            if not self.client.is_up:  # somebody else has found out
                await self._clock.sleep(REST_S)

    async def close(self) -> None:
        for task in self._leaving:
            task.cancel()
        await self.client.end()

    async def look(self) -> bool:
        """Whether they answer. Who does, and talks nonsense even about himself, is not them."""
        try:
            about = await self.client.about()
        except Away:
            return False  # which is told by who finds that they stay away
        except (Nonsense, Refused) as error:
            if not self._stranger:
                log.warning("what answers there are not the services: %s", error)
            self._stranger = str(error)
            self._turned()
            return False
        self._stranger, self._is_sandbox = "", about.sandbox
        self._compare_clocks()
        self._turned()
        with suppress(UpstreamError):  # those that were told before stay
            self._notices = tuple(await self.client.notices())
        return True

    def _compare_clocks(self) -> None:
        """Said once, and once when it is over."""
        off_s = self.client.clock_off_s or 0.0
        is_off = abs(off_s) > CLOCK_OFF_S
        if is_off != self._told_off:
            log.warning("%s", off(off_s) if is_off else "our clock and the services' agree again")
        self._told_off = is_off

    def _turned(self) -> None:
        if self.is_up != self._was_up:
            self._was_up = self.is_up
            self._since = self._local().strftime("%H:%M")
            self._alerts.put("node", SERVICES_AWAY, None if self.is_up else self._alert())
            self._turn.set()
            if self.is_up:
                self._paying.services_are_back()

    def _alert(self) -> Alert:
        detail, since_s = self._stranger or self.client.cause, self._clock.now().wall_s
        return Alert(key=SERVICES_AWAY, severity="warning", since=since_s, detail=detail, **AWAY_WORDS)

    def _left(self, subject: str) -> None:
        """They forget it by themselves after a quarter of an hour, so that one try is enough."""
        if len(self._leaving) < MAX_LEAVING:
            task = asyncio.create_task(self._forget(subject), name="visit is over")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _forget(self, subject: str) -> None:
        try:
            await self.client.forget(subject)
        except UpstreamError as error:
            log.debug("a visit ends by itself: %s", error)

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self._hall.clock.now().wall_s, self._zone)
