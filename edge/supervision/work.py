"""Supervision at work: a reader of the journal that looks at the hall every few seconds, and keeps what it
finds as acts in that same journal.

What it knows is the fold of the acts, its own among them: so a process that is killed at any moment raises
nothing twice, and forgets no acknowledgement.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

from drivers.api import Clock, NotKept
from edge.alerts import Alerts
from edge.hall import NODE, HallAtWork
from edge.ids import new_id
from edge.rules.even import advanced
from edge.rules.model import Moment
from edge.rules.supervision import Held, acknowledged, follow
from edge.rules.supervision_model import Warned, Watch
from edge.rules.supervision_readings import Device, Seen, readings
from edge.rules.supervision_watch import observe
from edge.rules.supervision_words import alert_of
from edge.settings import Settings
from edge.store import Draft, Store, StoreError, StoreFull
from edge.supervision.kept import from_bytes, to_bytes
from edge.supervision.part import stopping, taken, unknown
from edge.wire import DeviceStatus, Fact, Reply, Request

LOOK_EVERY_S = 5.0  # limits are minutes; a look at a hall of 52 windows takes some 6 ms
SAVE_EVERY_S = 600.0  # acts of so long are read again at a start: a few hundred
OWNER, WATCH = "supervision", "watch"  # of what is remembered, and its name

log = logging.getLogger(__name__)


class Supervision:
    """Implements `edge.supervision.part.AtWork`."""

    def __init__(
        self, settings: Settings, *, hall: HallAtWork, store: Store, alerts: Alerts, clock: Clock
    ) -> None:
        self._rules = tuple(row.in_rules() for row in settings.warnings)
        self._of_hall = settings.rules_hall()
        self._stopping = stopping(settings)
        self._hall = hall
        self._store = store
        self._alerts = alerts
        self._clock = clock
        self._broken: dict[str, bool] = {}  # by device, of those that stop something
        self._watch = Watch()
        self._read_to = 0  # seq up to which the journal has been read
        self._saved_s = clock.now().mono_s - SAVE_EVERY_S  # the first look saves
        self._saved_seq = 0
        self._held: Mapping[str, Held] = {}
        self._told: frozenset[str] = frozenset()
        self._turn = asyncio.Lock()  # held while something is found, kept and told
        self._loaded = asyncio.Event()
        self._full = False

    async def run(self) -> None:
        await self._hall.taken_up()  # what is told of a lane stands in the state
        await self._load()
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            async with self._turn:
                await self._look()
                await self._save()

    def on_status(self, status: DeviceStatus) -> None:
        if status.device in self._stopping:
            self._broken[status.device] = any(each.severity == "error" for each in status.conditions)

    async def acknowledge(self, key: str, name: str, note: str, request: Request, client: str) -> Reply:
        """The answer is kept with the act. Raises NotKept."""
        await self._loaded.wait()
        async with self._turn:
            await self._catch_up()
            found = acknowledged(self._watch.warned, key, name, note)
            if found is None:
                return unknown(request.id, key)
            if isinstance(found, Warned):
                assert found.acknowledged is not None, "it has been acknowledged before"
                return taken(request.id, found.acknowledged.name)
            reply = Reply(id=request.id, result="done", data={"key": key})
            try:
                await self._keep([found], client, reply)
            except StoreFull as error:
                raise NotKept(str(error), code="store_full") from error
            return reply

    # --- one look ---
    async def _look(self) -> None:
        await self._catch_up()
        now = self._hall.now()
        seen = Seen.of(self._hall.state, self._of_hall, self._watch, self._devices(), now)
        found = readings(seen, self._rules)
        followed = follow(self._watch.warned, self._held, found, seen.now_s, now.instant.wall_s)
        self._held = followed.held
        try:
            await self._keep(followed.facts)
        except StoreFull as error:  # found again at the next look, and told once it can be kept
            if not self._full:
                log.warning("%d changes of warnings cannot be kept: %s", len(followed.facts), error)
            self._full = True
        else:
            self._full = False
        self._tell()  # of a lane, another project may be the first by now

    def _devices(self) -> Iterable[Device]:
        for id_, (stops, window) in self._stopping.items():
            yield Device(id_, stops, window, self._broken.get(id_, False))

    async def _keep(self, facts: Iterable[Fact], by: str = NODE, answer: Reply | None = None) -> None:
        now = self._clock.now()
        drafts = [Draft(fact, new_id(), now.wall_s, now.mono_s, now.clock_ok, by) for fact in facts]
        if not drafts:
            return
        await self._store.append(drafts, answer)
        for draft in drafts:
            log.info("%s", draft.fact.model_dump_json())
        await self._catch_up()
        self._tell()

    async def _catch_up(self) -> None:
        """All acts that are kept by now."""
        last_seq = self._store.last_seq
        if last_seq == self._read_to:
            return
        async for place, recorded in self._store.acts_after(self._watch.seq):
            stamp = recorded.stamp
            observe(self._watch, recorded.fact, Moment(stamp.at, stamp.mono, stamp.boot), place)
        self._read_to = last_seq

    def _tell(self) -> None:
        warned = self._watch.warned
        for key in self._told - warned.keys():
            self._alerts.put("hall", key, None)
        for key, each in warned.items():
            stops, _ = self._stopping.get(each.about, ("users", ""))
            self._alerts.put("hall", key, alert_of(each, self._of_hall, self._hall.state, stops))
        self._told = frozenset(warned)

    # --- over a restart ---
    async def _load(self) -> None:
        """Where nothing is remembered all acts are read that there are: once, at the first start. From here
        on time goes by the monotonic clock, also before the first act."""
        kept = (await self._store.memories(OWNER)).get(OWNER, {})
        async with self._turn:
            self._watch = (from_bytes(kept[WATCH]) if WATCH in kept else None) or Watch()
            await self._catch_up()
            self._watch.clock = advanced(self._watch.clock, self._hall.now().moment)
            self._tell()
        self._loaded.set()

    async def _save(self) -> None:
        now_s = self._clock.now().mono_s
        if now_s - self._saved_s < SAVE_EVERY_S or self._watch.seq == self._saved_seq:
            return
        self._saved_s, self._saved_seq = now_s, self._watch.seq
        try:
            await self._store.remember(OWNER, {WATCH: to_bytes(self._watch)})
        except StoreError as error:
            log.info("what supervision remembers is not kept, its acts are read again: %s", error)
