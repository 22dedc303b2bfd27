"""The hall at work: event → rule → one transaction → effects. The only place where the four meet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from drivers.api import Clock, NotKept
from drivers.messages import ButtonPressed, Event, Instant, KeyPressed, LevelPressed, Order
from edge.bus import Bus, Post
from edge.clock import boot_id
from edge.effects import Effects
from edge.ids import new_id
from edge.repeats import Repeats
from edge.rules import (
    decide,
    evolve,
    local_day,
    position,
    queue_status,
    ratable,
    roster,
    serving,
    strip_of,
)
from edge.rules.bookings import CheckIn
from edge.rules.finding import Position
from edge.rules.model import (
    Decision,
    Hall,
    Input,
    Key,
    Moment,
    Now,
    Rate,
    Rejection,
    Started,
    State,
    TakeTicket,
    Ticket,
)
from edge.settings import Settings
from edge.store import Draft, Recorded, Store, StoreFull
from edge.wire import DeviceStateName, DeviceStatus, QueueStatus, Reply, rejected
from edge.workdays import is_workday

log = logging.getLogger(__name__)

ROOM_EVERY_S = 2.0  # between two looks for room while nothing can be kept: one commit each
SETTLE_S = 30.0  # a print, its time-out and one more try; then the answer is "unknown"
NODE = "node"  # `by` of what the node does of itself
PRINTING = {
    "zh": "打印机还没有答复，请稍候，或请工作人员帮助",
    "en": "The printer has not answered yet. Please wait, or ask the staff.",
}
NOT_PRINTED = {
    "zh": "小票没有打印出来，请再取一次，或到咨询台取号",
    "en": "The slip was not printed. Please try again, or take a ticket at the enquiry desk.",
}


class HallAtWork:
    """Owns the state, which is nothing but the fold of the facts that the store has kept. `clock`: the hall's
    own time, by which its rules go."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        bus: Bus,
        effects: Effects,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._hall: Hall = settings.rules_hall()
        self._store = store
        self._bus = bus
        self._effects = effects
        self.clock = settings.clock_of(clock)
        self._changed = changed
        self.state = State()
        self._boot = boot_id()
        self._repeats = Repeats(self._boot)
        self._taken_up = asyncio.Event()  # the state is that of the store
        self._children = {child for device in settings.devices for child in device.children}
        self._device_states: dict[str, DeviceStateName] = {}  # of the configuration's devices and children
        self._serving = asyncio.Lock()  # held while an input is worked on
        self._kept = asyncio.Condition()  # notified whenever the state has changed
        self.full = ""  # why nothing can be kept now, "" while all is well

    @property
    def settings(self) -> Settings:
        """As the last reload has left them."""
        return self._settings

    def adopt(self, settings: Settings) -> None:
        """After a reload: other devices may be at work, in the same hall."""
        self._settings = settings

    async def run(self) -> None:
        """Take up what the store has kept, then serve the bus for ever.

        Where there is no room to keep what follows from the start, nothing else goes before it.
        """
        async for recorded in self._store.since_day_opened():
            self._evolve(recorded)
            self._repeats.remember(recorded)
        self._repeats.settle(self.state)
        self._taken_up.set()
        begun = await self._begin()
        while True:
            post = await self._next()
            if begun and post:
                await self._handle(post)
            elif begun:
                await self._look_for_room()
            else:
                begun = await self._begin()
                if post and begun:
                    await self._handle(post)
                elif post:
                    self._refuse(post, StoreFull(self.full))

    async def taken_up(self) -> None:
        """Until the state is that of the store."""
        await self._taken_up.wait()

    def now(self) -> Now:
        """In the rules' words."""
        return self._moment(self.clock.now())

    async def ping(self) -> None:
        """Answers once the input under way is done: a store that hangs is noticed here."""
        async with self._serving:
            pass

    async def on_event(self, event: Event) -> None:
        """What a device says, as an input of the rules. Returns once it is kept, or refused to a caller that
        beeps; raises NotKept, also for a ticket that is refused at a button."""
        wish = self._input(event)
        if wish is None:
            log.warning(
                "%s: belongs to no window or service; check its table in the configuration", event.device
            )
            return
        await self._taken_up.wait()
        if self._repeats.take(event.device, wish, self.state, event.at.mono_s):
            log.info("%s: a press from before the start came again; it is done once", event.device)
            return
        decision = await self._bus.ask(wish, event.device)
        if decision.rejection:
            log.info("%s: %s", event.device, decision.rejection.en)
            if isinstance(event.body, ButtonPressed):  # a panel has no other way to say that no slip comes
                raise NotKept(decision.rejection.en, code=decision.rejection.code)

    def on_status(self, status: DeviceStatus) -> None:
        """A line that is open again, or a child that answers again, may have forgotten what it showed."""
        before = self._device_states.get(status.device)
        self._device_states[status.device] = status.state
        lost = (
            {"degraded"} if status.device in self._children else {None, "connecting", "handshake", "backoff"}
        )
        if status.state == "online" and before in lost:
            for window in self._settings.windows_on(status.device):
                self._effects.run(strip_of(self.state, self._hall, self._hall.windows[window]), self.state)
        if status.device in self._settings.all_of("board") and _is_back(before, status.state):
            self._effects.refresh(status.device)

    def _input(self, event: Event) -> Input | None:
        body = event.body
        if isinstance(body, ButtonPressed):
            service = self._settings.service_of(event.device, body.button)
            priority = self._settings.priority_of(event.device, body.button)
            return self.take(service, event.id, priority=priority) if service else None
        window = self._settings.window_of(event.device)
        if not window:
            return None
        if isinstance(body, KeyPressed):
            return Key(window, body.action, body.digits)
        assert isinstance(body, LevelPressed)
        return Rate(window, body.level, body.raw)

    def take(
        self, service: str, session: str, *, can_show: bool = False, priority: str = "", item: str = ""
    ) -> TakeTicket:
        return TakeTicket(service, session, can_show, priority, self._effects.printer_problem(), item)

    def reasons(self) -> dict[str, Any]:
        """Which may be given with a rating of each level, in the order in which they are shown."""
        table = self._hall.reasons
        levels: dict[str, list[dict[str, Any]]] = {}
        for code, each in table.by_code.items():
            levels.setdefault(str(each.level), []).append({"code": code, "zh": each.zh, "en": each.en})
        return {"indicator_version": table.version, "levels": levels}

    def ratable(self, slip: str) -> Ticket | Rejection:
        """The ticket that may be rated now, or why none may."""
        return ratable(self.state, slip, self._hall)

    def position(self, slip: str) -> Position | Rejection:
        """Where in the queue a ticket is, or why nobody can say."""
        return position(self.state, slip, self._hall, self.now())

    def serves(self, device: str) -> bool:
        """Whether somebody has to do with it now: at its window, called by it, or waiting for its slip."""
        if device == self._hall.printer:
            return serving.is_printing(self.state)
        if device in (*self._settings.all_of("board"), *self._settings.all_of("voice")):
            return serving.is_calling(self.state)
        window = self._settings.window_of(device)
        return window is not None and serving.at_window(self.state, window)

    def shown_on(self, device: str) -> tuple[Order, ...]:
        """What is to stand on it now, as it would be told anew."""
        return self._effects.shown_on(device, self.state)

    def queue(self) -> QueueStatus:
        return queue_status(self.state, self._hall, self._moment(self.clock.now()))

    def check_in(self, ref: str, session: str, *, can_show: bool) -> CheckIn:
        return CheckIn(ref, session, can_show, self._effects.printer_problem())

    def today(self) -> str:
        """The day that is open; before the first, the one that the clock shows."""
        return self.state.day or local_day(self.clock.now(), self._hall.zone)

    def offers(self) -> dict[str, Any]:
        """What may be taken now, and which windows are to be open: "opens" is today, or "" for no more."""
        moment = roster.when(self.now(), self._hall)
        services = {each: roster.offer(self._hall, each, moment) for each in self._hall.services}
        windows = {each: roster.window_hours(self._hall, each, moment) for each in self._hall.windows}
        return {
            kind: {
                each: {
                    "open": found.is_open,
                    "opens": "" if found.opens is None else roster.clock(found.opens),
                }
                for each, found in offers.items()
            }
            for kind, offers in (("services", services), ("windows", windows))
        }

    async def settled(self, taken: Reply, timeout_s: float) -> Reply:
        """The answer to who took a ticket, once it is printed, shown or given up; else "unknown"."""
        ticket = str(taken.data["ticket"])
        try:
            async with asyncio.timeout(timeout_s), self._kept:
                await self._kept.wait_for(lambda: self._phase(ticket) != "reserved")
        except TimeoutError:
            return taken.model_copy(update={"result": "unknown", "code": "printing", **PRINTING})
        if self._phase(ticket) == "voided":
            return taken.model_copy(update={"result": "failed", "code": "not_printed", **NOT_PRINTED})
        known = self.state.tickets.get(ticket)
        data = taken.data | {"phase": self._phase(ticket), "printed": bool(known and known.copies)}
        return taken.model_copy(update={"data": data})

    def _phase(self, ticket: str) -> str:
        """A ticket that the day has taken with it is over."""
        known = self.state.tickets.get(ticket)
        return known.phase if known else "expired"

    async def _begin(self) -> bool:
        """What was under way is taken up; False where what follows cannot be kept."""
        post = Post(Started(), NODE)
        await self._handle(post)
        return post.decided.exception() is None

    async def _next(self) -> Post | None:
        """The next input; None where none has come for a while in which nothing could be kept."""
        try:
            async with asyncio.timeout(ROOM_EVERY_S if self.full else None):
                return await self._bus.next()
        except TimeoutError:
            return None

    async def _look_for_room(self) -> None:
        """So that the alert ends with its cause, not with the next citizen."""
        try:
            await self._store.try_room()
        except StoreFull as error:
            self.full = str(error)
        else:
            self.full = ""
            self._changed()

    async def _handle(self, post: Post) -> None:
        async with self._serving:
            await self._work(post)

    async def _work(self, post: Post) -> None:
        instant = self.clock.now()
        now = self._moment(instant)
        decision = decide(self.state, post.input, now, self._hall)
        try:
            if decision.facts:
                await self._keep(decision, post, instant)
        except StoreFull as error:
            self._refuse(post, error)
            return
        self.full = "" if decision.facts else self.full
        for effect in decision.effects:
            self._effects.run(effect, self.state)
        if not post.decided.done():
            post.decided.set_result(decision)

    async def _keep(self, decision: Decision, post: Post, instant: Instant) -> None:
        drafts = [
            Draft(fact, new_id(), instant.wall_s, instant.mono_s, instant.clock_ok, post.by)
            for fact in decision.facts
        ]
        for recorded in await self._store.append(drafts, self._answer(post, decision)):
            self._evolve(recorded)
        self._changed()
        async with self._kept:
            self._kept.notify_all()

    def _evolve(self, recorded: Recorded) -> None:
        stamp = recorded.stamp
        evolve(self.state, recorded.fact, Moment(stamp.at, stamp.mono, stamp.boot))

    def _moment(self, instant: Instant) -> Now:
        day = local_day(instant, self._hall.zone)
        workday = is_workday(date.fromisoformat(day)) if self._hall.roster else True
        return Now(instant, day, self._boot, workday)

    def _answer(self, post: Post, decision: Decision) -> Reply | None:
        """The answer kept with the facts, so that a repeated command is not carried out twice."""
        return reply_to(post.request, decision) if post.request else None

    def _refuse(self, post: Post, error: StoreFull) -> None:
        if not self.full:
            log.error("nothing can be kept: %s; no ticket is issued until there is room", error)
            self._changed()
        self.full = str(error)
        if not post.decided.done():
            post.decided.set_exception(NotKept(str(error), code="store_full"))


def _is_back(before: DeviceStateName | None, now: DeviceStateName) -> bool:
    """Whether a device that could not show anything can again, be it with a warning."""
    return now == "online" != before or (now == "degraded" and before not in ("online", "degraded"))


def reply_to(request: str, decision: Decision) -> Reply:
    """A decision as the answer of the command that brought it."""
    refused = decision.rejection
    if refused:
        return rejected(request, refused.code, refused.zh, refused.en)
    return Reply(id=request, result="done", data=dict(decision.answer))
