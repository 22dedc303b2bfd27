"""The cameras at work: each look is judged by pure rules, and what follows is kept, told and ordered.

What is learnt of a camera outlives a restart: its state, the references of its modes, and two pictures for
the technician, one before a fault and one of it, which never leave the node by themselves.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Iterator, Mapping

from drivers.api import Clock
from drivers.messages import CameraLooked, Event, Outcome, WatchCamera
from edge.cameras.known import TIME, Known, hall_from
from edge.cameras.part import Devices, Told
from edge.cameras.status import Tally, alert_of, camera_status, cameras_status, together_alert
from edge.cameras.time import JudgedTime
from edge.cameras.told import ALL, alert_key
from edge.ids import new_id
from edge.metrics import CameraFigures
from edge.rules import cameras_hall
from edge.rules.cameras import judge
from edge.rules.cameras_baseline import accept_view
from edge.rules.cameras_hall import GroupBegan, HallJudgement, HallState
from edge.rules.cameras_limits import CameraRules
from edge.rules.cameras_model import (
    Change,
    Forget,
    Keep,
    ModeChanged,
    Pace,
    Stirred,
    Turned,
    to_json,
)
from edge.store import Draft, Store, StoreError
from edge.wire import (
    CameraFault,
    CameraStatus,
    CamerasTogether,
    CameraViewAccepted,
    DeviceStatus,
    Fact,
)

log = logging.getLogger(__name__)

OWNER = "camera/"  # of what the store remembers
SAVE_EVERY_S = 600.0  # what is learnt within it may be lost with the power: some of 64 looks
TICK_S = 5.0
ORDER_S = 10.0  # an order to a driver that watches is done at once
BEFORE, FAULT = "before", "fault"  # names of the two pictures


class Cameras:
    """Everything of cameras on a node. `load` before the first event; `run` is its life."""

    def __init__(
        self,
        cameras: Mapping[str, str],
        *,
        store: Store,
        devices: Devices,
        clock: Clock,
        rules: CameraRules | None = None,
    ) -> None:
        """`cameras`: the device that watches each, by id."""
        self._known = {camera: Known(camera) for camera in cameras}
        self._watchers = cameras
        self._lines = frozenset(cameras.values())
        self._online: set[str] = set()  # of the watchers
        self._hall = HallState()
        self._store = store
        self._devices = devices
        self._told: Told
        self._clock = clock
        self._rules = rules or CameraRules()
        self._time = JudgedTime(clock)
        self._tally = Tally()
        self._counts_differ = False  # from what was told of all; told within TICK_S
        self._tasks: set[asyncio.Task[None]] = set()
        self._loaded = asyncio.Event()

    # --- its life ---
    async def load(self, told: Told) -> None:
        """What was known before the restart; a camera whose memory is unreadable begins anew."""
        self._told = told
        memories = await self._store.memories(OWNER)
        for known in self._known.values():
            known.recall(memories.get(OWNER + known.id, {}))
        kept = (await self._store.memories(ALL)).get(ALL, {})
        if "state" in kept:
            self._hall = hall_from(kept["state"])
        self._time.resume(each[TIME] for each in (*memories.values(), kept) if TIME in each)
        for gone in memories.keys() - {OWNER + camera for camera in self._known}:
            await self._store.forget(gone)
        self._loaded.set()
        for known in self._known.values():
            self._tell(known)
        self._tell_all()

    async def run(self) -> None:
        """Ends what began together, and keeps what was learnt."""
        while self._known:
            await self._clock.sleep(TICK_S)
            await self._follow(cameras_hall.tick(self._hall, self._time.now_s(), self._rules))
            if self._counts_differ:
                self._tell_all()
            await self._save_some()

    async def close(self) -> None:
        """Keep all that is new; bounded by the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for known in self._known.values():
            await self._save(known)

    # --- a look ---
    async def on_event(self, event: Event) -> None:
        looked = event.body
        known = self._known.get(event.device)
        if known is None or not isinstance(looked, CameraLooked):
            log.warning("%s: is no camera of this hall", event.device)
            return
        await self._loaded.wait()
        now_s = self._time.now_s()
        known.see(looked, now_s)
        self._tally.look(looked)
        judged = judge(known.state, looked, now_s, self._rules)
        known.state = judged.state
        known.unsaved.add("state")
        facts: list[Fact] = []
        for change in judged.changes:
            facts += self._change(known, change, looked)
        self._keep_pictures(known, looked, judged.changes)
        self._pace(known, judged.pace, wants_stream=judged.wants_stream)
        await self._record(facts)
        for change in judged.changes:
            if isinstance(change, Stirred):
                await self._stirred(known, change)
        if judged.changes or looked.ring != "probe":
            self._tell(known)
        if facts:
            await self._save(known)
            self._tell_all()

    def _change(self, known: Known, change: Change, looked: CameraLooked) -> list[Fact]:
        match change:
            case Keep(mode):
                known.blobs[mode] = looked.reference
                known.unsaved.add(mode)
                self._order(known, WatchCamera(known.pace == "suspect", looked.reference))
            case Forget(mode):
                known.blobs[mode] = b""
                known.unsaved.add(mode)
            case ModeChanged(_, mode):
                self._order(known, WatchCamera(known.pace == "suspect", known.blobs.get(mode, b"")))
            case Turned(fault, before, phase, _, details, unstable):
                stood = before in ("fault", "recovering")
                stands = phase in ("fault", "recovering")
                if stood != stands:
                    return [
                        CameraFault(
                            camera=known.id, fault=fault, on=stands, unstable=unstable, details=details
                        )
                    ]
        return []

    def _keep_pictures(self, known: Known, looked: CameraLooked, changes: tuple[Change, ...]) -> None:
        """The last that was well is the one before; that of the look that proved a fault is the fault's."""
        if not looked.jpeg:
            return
        proven = any(isinstance(change, Turned) and change.phase == "fault" for change in changes)
        if proven:
            known.blobs[FAULT] = looked.jpeg
            known.unsaved.add(FAULT)
        elif known.pace == "normal" and not known.is_sick:
            known.blobs[BEFORE] = looked.jpeg
            known.unsaved.add(BEFORE)

    def _pace(self, known: Known, pace: Pace, *, wants_stream: bool) -> None:
        if pace != known.pace or (wants_stream and not known.wants_stream):
            stream_now = wants_stream and not known.wants_stream
            self._order(known, WatchCamera(pace == "suspect", None, "stream" if stream_now else None))
        known.pace, known.wants_stream = pace, wants_stream

    async def _stirred(self, known: Known, change: Stirred) -> None:
        count = len(self._known)
        await self._follow(
            cameras_hall.notice(
                self._hall, known.id, change, self._time.now_s(), of_cameras=count, rules=self._rules
            )
        )

    async def _follow(self, judged: HallJudgement) -> None:
        """What is the hall's as a whole."""
        before, self._hall = self._hall, judged.state
        now_s = self._time.now_s()
        for camera in judged.hold:
            if known := self._known.get(camera):
                known.state = cameras_hall.hold(known.state, self._hall.cause, now_s, self._rules)
        for camera in judged.free:
            if known := self._known.get(camera):
                known.state = cameras_hall.release(known.state, now_s, self._rules)
        facts: list[Fact] = []
        for change in judged.changes:
            began = isinstance(change, GroupBegan)
            named = change.cameras if isinstance(change, GroupBegan) else change.still_away
            facts.append(CamerasTogether(cause=change.cause, on=began, cameras=named))
        await self._record(facts)
        if facts or before.cause != self._hall.cause:
            self._told.alert(ALL, together_alert(self._hall, self._time.wall_s))
            self._tell_all()
            state = json.dumps(cameras_hall.to_json(self._hall)).encode()
            await self._remember(ALL, {"state": state, TIME: self._time.keep()})

    # --- orders from people ---
    def __contains__(self, camera: object) -> bool:
        return camera in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    async def look(self, camera: str) -> Outcome:
        """At its picture, as soon as a place is free. Raises KeyError for a stranger."""
        order = WatchCamera(self._known[camera].pace == "suspect", now="picture")
        return await self._devices.order(camera, order, ORDER_S)

    async def accept(self, camera: str, by: str) -> None:
        """What it shows now is right: it is learnt anew. Raises KeyError for a stranger, StoreFull where it
        cannot be kept who said so: then nothing has changed."""
        known = self._known[camera]
        await self._store.append(self._drafts([CameraViewAccepted(camera=camera)], by))
        known.state, changes = accept_view(known.state, by, self._time.now_s())
        for change in changes:
            known.blobs[change.mode] = b""
            known.unsaved.add(change.mode)
        known.unsaved.add("state")
        self._order(known, WatchCamera(reference=b"", now="picture"))
        await self._save(known)
        self._tell(known)
        self._tell_all()

    def picture(self, camera: str, which: str) -> bytes:
        """JPEG, b"" where there is none. Raises KeyError for a stranger."""
        return self._known[camera].blobs.get(which, b"")

    def on_status(self, status: DeviceStatus) -> None:
        """A driver that has started afresh is told how to watch each of its cameras."""
        if status.device not in self._lines:
            return
        self._tally.watcher(status)
        if status.state not in ("online", "degraded"):
            self._online.discard(status.device)
        elif status.device not in self._online:
            self._online.add(status.device)
            for known in self._known.values():
                if self._watchers[known.id] == status.device:
                    reference = known.blobs.get(known.state.mode, b"")
                    self._order(known, WatchCamera(known.pace == "suspect", reference))

    def statuses(self) -> list[CameraStatus]:
        return [camera_status(known, self._time.wall_s) for known in self._known.values()]

    def figures(self) -> CameraFigures:
        return self._tally.figures(self._known.values(), self._hall, self._time.now_s())

    # --- what follows ---
    def _order(self, known: Known, order: WatchCamera) -> None:
        task = asyncio.create_task(self._ordered(known.id, order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ordered(self, camera: str, order: WatchCamera) -> None:
        outcome = await self._devices.order(camera, order, ORDER_S)
        log.debug("%s: watched otherwise: %s %s", camera, outcome.result, outcome.code)

    async def _record(self, facts: Iterable[Fact]) -> None:
        """Telemetry: where there is no room for it the present is told all the same."""
        drafts = self._drafts(facts)
        try:
            await self._store.append(drafts)
        except StoreError as error:
            log.info("%d changes of cameras are not kept: %s", len(drafts), error)

    def _drafts(self, facts: Iterable[Fact], by: str = "node") -> list[Draft]:
        now = self._clock.now()
        drafts = [Draft(fact, new_id(), now.wall_s, now.mono_s, now.clock_ok, by) for fact in facts]
        for draft in drafts:
            log.info("%s", draft.fact.model_dump_json())
        return drafts

    def _tell(self, known: Known) -> None:
        status = camera_status(known, self._time.wall_s)
        if status.state != known.phase:
            known.phase, known.since = status.state, self._time.now_s()
            self._counts_differ = True
            status = camera_status(known, self._time.wall_s)
        self._told.camera(status)
        self._told.alert(alert_key(known.id), alert_of(status))

    def _tell_all(self) -> None:
        self._counts_differ = False
        if not self._known:
            return
        self._told.cameras(cameras_status(self.statuses(), self._hall, self._time.wall_s))

    # --- over a restart ---
    async def _save_some(self) -> None:
        now_s = self._clock.now().mono_s
        for known in self._known.values():
            if known.unsaved and now_s - known.saved_mono_s >= SAVE_EVERY_S:
                await self._save(known)

    async def _save(self, known: Known) -> None:
        names, known.unsaved = known.unsaved, set()
        data = {name: known.blobs.get(name, b"") for name in names - {"state"}}
        if "state" in names:
            data |= {"state": json.dumps(to_json(known.state)).encode(), TIME: self._time.keep()}
        known.saved_mono_s = self._clock.now().mono_s
        if not await self._remember(OWNER + known.id, data):
            known.unsaved |= names

    async def _remember(self, owner: str, data: dict[str, bytes]) -> bool:
        try:
            await self._store.remember(owner, data)
        except StoreError as error:
            log.info("%s: what is known of it is not kept: %s", owner, error)
            return False
        return True
