"""A terminal as a whole: all its services at once, and what follows from them for its health."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Never

from drivers.api import Context, DeviceFault, Identity
from drivers.dialer import Dialer
from drivers.messages import Outcome, Result
from drivers.terminal import DETAIL_LIMIT, Conditions, Presence, stamp
from drivers.xfs4iot.conditions import CODES
from drivers.xfs4iot.discovery import Found, discover
from drivers.xfs4iot.service import Service
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.status import ATTRIBUTES, worst


class Terminal:
    """One run. `presence` outlives it."""

    def __init__(self, link: Dialer, ctx: Context[TerminalSettings], presence: Presence) -> None:
        self._link = link
        self._ctx = ctx
        self._settings = ctx.settings
        self._presence = presence
        self._services: list[Service] = []
        self._found = Found("", ())
        self._told = Conditions()
        self._identity: Identity | None = None  # None: not ready yet
        self._over = asyncio.Event()  # no service is left that works

    async def run(self) -> Never:
        """Raises DriverError: once no service works, what ended the last one."""
        self._found = await discover(self._link, self._ctx)
        self._services = [self._service(n) for n in range(len(self._found.places))]
        if not self._services:
            raise DeviceFault(f"{self._link.url}: it has no services at all", code="service_missing")
        lives = [
            asyncio.create_task(each.live(), name=f"{self._ctx.device}: life") for each in self._services
        ]
        over = asyncio.create_task(self._over.wait(), name=f"{self._ctx.device}: over")
        obeying = asyncio.create_task(self._obey(), name=f"{self._ctx.device}: obey")
        try:
            await asyncio.wait({over, *lives}, return_when=asyncio.FIRST_COMPLETED)
            for life in lives:
                if life.done():
                    life.result()  # a mistake of ours: it raises
            raise self._services[0].failure
        finally:
            for task in (over, obeying, *lives):
                task.cancel()
            await asyncio.gather(over, obeying, *lives, return_exceptions=True)

    async def _obey(self) -> None:
        async for command in self._ctx.commands():
            answered = False
            try:
                asked = await asyncio.gather(*(each.answers() for each in self._services))
                answered = all(asked)
            finally:  # also where it is lost meanwhile
                command.finish(
                    Outcome(Result.DONE) if answered else Outcome(Result.UNKNOWN, "service_silent")
                )

    def _service(self, index: int) -> Service:
        return Service(
            self._found.places[index],
            self._link,
            self._ctx,
            changed=self._changed,
            citizen=self._citizen,
            heard=self._heard,
        )

    # --- what the services say ---
    def _heard(self) -> None:
        self._presence.heard(self._ctx.clock.now())
        self._ctx.alive()

    def _citizen(self) -> None:
        self._ctx.attribute("last_citizen", stamp(self._ctx.clock.now().wall_s))

    def _changed(self) -> None:
        states = {service.state for service in self._services}
        if states == {"down"}:
            self._over.set()
        elif "up" in states and "trying" not in states:
            self._greet()
            self._tell()

    def _greet(self) -> None:
        found = [service.identity for service in self._services]
        identity = Identity(
            next((each.model for each in found if each.model), ""),
            next((each.serial for each in found if each.serial), ""),
            next((each.firmware for each in found if each.firmware), ""),
        )
        if identity != self._identity:
            self._identity = identity
            self._ctx.ready(identity)
            self._presence.back(self._ctx)

    # --- health ---
    def _tell(self) -> None:
        self._told.tell(self._ctx, self._conditions())
        for name, value in self._attributes().items():
            self._ctx.attribute(name, value)

    def _conditions(self) -> Iterator[tuple[str, str]]:
        now_s = self._ctx.clock.now().mono_s
        for service in self._services:
            if service.state == "up":
                yield from service.book.conditions(now_s, self._settings.card_limit_s)
            else:
                code = service.failure.code
                yield code if code in CODES else "service_lost", f"{service.place.name}: {service.failure}"
            if service.nonsense:
                yield "bad_message", f"{service.place.name}: {service.nonsense}"
            if service.unasked_count:
                yield "unasked", f"{service.place.name}: {service.unasked_count}"
        for strange in self._found.strange:
            yield "unknown_value", strange
        for missing in self._settings.expects:
            if not any(missing in each.book.interfaces and each.book.has_device for each in self._services):
                yield "service_missing", missing

    def _attributes(self) -> dict[str, str]:
        said = [pair for each in self._services if each.state == "up" for pair in each.book.attributes()]
        found = {name: worst([value for key, value in said if key == name]) for name in ATTRIBUTES}
        names = sorted({name for each in self._services for name in each.book.interfaces} - {"Common"})
        return {**found, "vendor": self._found.vendor, "services": ", ".join(names)[:DETAIL_LIMIT]}
