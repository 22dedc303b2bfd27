"""The present of a node: its retained topics, the answer of `status`, and the history of its devices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from drivers.api import Clock
from edge import __version__
from edge.about import about
from edge.alerts import Alerts
from edge.cameras.part import AtWork
from edge.cameras.told import alert_keys, topics_of
from edge.certificates import Certificates
from edge.certificates import keys as certificate_keys
from edge.hall import HallAtWork
from edge.health import CoreWatch, sample
from edge.ids import new_id
from edge.kiosks import Kiosks
from edge.metrics import Metrics
from edge.rules import window_status
from edge.rules.express import summary
from edge.settings import Settings
from edge.statistics import Statistics
from edge.store import Draft, Store, StoreFull
from edge.supervision.part import keys as warning_keys
from edge.supervision.part import supervision_of
from edge.supervisor import Supervisor
from edge.uplink import Uplink
from edge.upstream.part import PAYMENTS_DIFFER, SERVICES_AWAY
from edge.wire import Alert, DeviceChanged, DeviceStatus, NodeHealth, Topics, WindowStatus

log = logging.getLogger(__name__)

SHOW_EVERY_S = 0.1  # state on the broker is at most this much older than the hall's
JOURNAL_EVERY_S = 2.0  # a device that flaps costs one row in so long, not one a change
HEALTH_EVERY_S = 30.0
LASTING = {"online", "degraded", "backoff", "faulted", "misconfigured"}  # states worth a row of history

STORE_FULL = "store_full"  # the alert
FULL_WORDS = {
    "zh": "存储已满，暂停出票",
    "en": "the store is full: no ticket is issued",
    "remedy_zh": "清理磁盘空间，恢复后自动继续",
    "remedy_en": "make room on the disk; it goes on by itself",
}


class Present:
    """Reads the parts and tells; decides nothing."""

    def __init__(
        self,
        *,
        settings: Settings,
        hall: HallAtWork,
        devices: Supervisor,
        cameras: AtWork,
        store: Store,
        clock: Clock,
        changed: Callable[[DeviceStatus], None],
    ) -> None:
        """`changed`: told whenever a kiosk stands otherwise."""
        self._node = {
            "hall": settings.hall.id,
            "node": settings.node.id,
        }  # like all here: no reload changes it
        self._rules_hall = settings.rules_hall()
        self._hall = hall
        self._devices = devices
        self._cameras = cameras
        self._store = store
        self._clock = clock
        self._topics = Topics(settings.hall.id, settings.node.id)
        self.kiosks = Kiosks(settings.kiosks.values(), clock, changed)
        others = (status.device for status in self._statuses() if status.device not in cameras)
        online = (SERVICES_AWAY, PAYMENTS_DIFFER) if settings.upstream.url else ()
        own = STORE_FULL, *online, *certificate_keys(settings.mqtt)
        keys = (*own, *alert_keys(cameras), *warning_keys(settings))
        self.alerts = Alerts(settings, others, keys, clock)
        self.supervision = supervision_of(
            settings, hall=hall, store=store, alerts=self.alerts, clock=hall.clock
        )
        self._certificates = Certificates(settings.mqtt, partial(self.alerts.put, "node"), clock)
        self._statistics = Statistics(devices.tally, self._device_ids, store, clock)
        self._since = clock.now().wall_s
        self._unsaid: Settings | None = settings  # of which it is not yet told what they are about
        self._dirty = asyncio.Event()
        self._unwritten: dict[str, DeviceChanged] = {}  # bounded by the devices of the configuration
        self._written: dict[str, DeviceChanged] = {}
        self._unwritten_any = asyncio.Event()
        self._full_since: float | None = None
        self._health = self._measured(0.0)
        self._uplink: Uplink | None = None  # before it runs

    def topics(self) -> list[str]:
        """All that the configuration lets this node retain, beside its status."""
        devices = [status.device for status in self._statuses()]
        return [
            self._topics.queue,
            self._topics.health,
            self._topics.about,
            *(self._topics.device(device) for device in devices),
            *(self._topics.window(window) for window in self._rules_hall.windows),
            *topics_of(self._topics, self._cameras),
        ]

    def changed(self) -> None:
        """The hall's state is new."""
        self._dirty.set()

    def _device_ids(self) -> list[str]:
        return [status.device for status in self._devices.statuses()]

    def adopt(self, settings: Settings) -> None:
        """After a reload: what the node is may have another name."""
        self._unsaid = settings
        self._dirty.set()

    def device_changed(self, status: DeviceStatus, uplink: Uplink) -> None:
        uplink.retain(self._topics.device(status.device), status)
        self.supervision.on_status(status)
        known = self.kiosks if status.device in self.kiosks else self._devices
        self.alerts.device(status, known.words_of(status.device))
        if status.state not in LASTING:
            return  # on its way to one of them
        codes = tuple(sorted(condition.code for condition in status.conditions))
        self._unwritten[status.device] = DeviceChanged(
            device=status.device, state=status.state, conditions=codes
        )
        self._unwritten_any.set()

    async def run(self, uplink: Uplink, watch: CoreWatch, metrics: Metrics) -> None:
        self._uplink = uplink
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._show(uplink))
            tasks.create_task(self.alerts.run(uplink))
            tasks.create_task(self.supervision.run())
            tasks.create_task(self._journal())
            tasks.create_task(self._certificates.run())
            tasks.create_task(self._statistics.run())
            tasks.create_task(self.kiosks.run())
            tasks.create_task(self._measure(uplink, watch, metrics))

    async def _show(self, uplink: Uplink) -> None:
        self._dirty.set()
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            if self._unsaid:
                uplink.retain(self._topics.about, about(self._unsaid))
                self._unsaid = None
            for window in self._windows():
                uplink.retain(self._topics.window(window.window), window)
            uplink.retain(self._topics.queue, self._hall.queue())
            self.alerts.put("node", STORE_FULL, self._store_full())
            await self._clock.sleep(SHOW_EVERY_S)

    def _statuses(self) -> list[DeviceStatus]:
        return self._devices.statuses() + self.kiosks.statuses()

    def _windows(self) -> Iterator[WindowStatus]:
        for window in self._rules_hall.windows:
            yield window_status(self._hall.state, self._rules_hall, window)

    def _measured(self, loop_lag_ms: float) -> NodeHealth:
        return sample(self._clock.now().wall_s, loop_lag_ms, self._store.status())

    def _store_full(self) -> Alert | None:
        if not self._hall.full:
            self._full_since = None
            return None
        self._full_since = self._full_since or self._clock.now().wall_s
        return Alert(
            key=STORE_FULL, severity="error", since=self._full_since, detail=self._hall.full, **FULL_WORDS
        )

    async def _journal(self) -> None:
        """Keep what has become of the devices: telemetry, which may be lost where room is short."""
        while True:
            await self._unwritten_any.wait()
            await self._clock.sleep(JOURNAL_EVERY_S)
            self._unwritten_any.clear()
            facts = [fact for fact in self._unwritten.values() if self._written.get(fact.device) != fact]
            self._unwritten.clear()
            now = self._hall.clock.now()
            drafts = [
                Draft(fact, new_id(), now.wall_s, now.mono_s, now.clock_ok, fact.device) for fact in facts
            ]
            try:
                await self._store.append(drafts)
            except StoreFull as error:
                log.info("%d changes of devices are not kept: %s", len(facts), error)
            else:
                self._written |= {fact.device: fact for fact in facts}

    async def _measure(self, uplink: Uplink, watch: CoreWatch, metrics: Metrics) -> None:
        while True:
            self._health = self._measured(watch.take_lag_ms())
            uplink.retain(self._topics.health, self._health)
            devices, cameras = self._statuses(), self._cameras.figures()
            metrics.update(self._health, devices, cameras, self._hall.queue())
            await self._clock.sleep(HEALTH_EVERY_S)

    def status(self) -> dict[str, Any]:
        """The data of the verb `status`, as `hallctl` shows it."""
        return {
            "node": {
                **self._node,
                "version": __version__,
                "epoch": self._store.epoch,
                "since": self._since,
                "hall_time": self._hall.clock.now().wall_s,
            },
            "devices": [status.model_dump(mode="json") for status in self._statuses()],
            "windows": [window.model_dump() for window in self._windows()],
            "cameras": [status.model_dump() for status in self._cameras.statuses()],
            "queue": self._hall.queue().model_dump(),
            "projects": summary(self._hall.state, self._rules_hall),
            "alerts": [alert.model_dump() for alert in self.alerts.raised()],
            "health": self._measured(self._health.loop_lag_ms).model_dump(),
            "broker": {"connected": uplink.connected, "why": uplink.why} if (uplink := self._uplink) else {},
            "words": {
                device: {code: asdict(spec) for code, spec in codes.items()}
                for device, codes in (self._devices.words() | self.kiosks.words()).items()
            },
        }
