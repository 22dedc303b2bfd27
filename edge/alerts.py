"""Alerts at work: what stands is followed by pure rules, and told on retained topics."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping

from drivers.api import Clock, ConditionSpec
from edge.rules.alerts import Cause, Patience, Source, Watched, follow, texts
from edge.settings import Settings
from edge.uplink import Uplink
from edge.wire import Alert, DeviceStatus, Topics


class Alerts:
    """`put` says what stands, and never waits; `run` tells it."""

    def __init__(self, settings: Settings, devices: Iterable[str], keys: Iterable[str], clock: Clock) -> None:
        """`devices`: the ids of those that have an alert of their own; `keys`: of all other alerts."""
        self._topics = Topics(settings.hall.id, settings.node.id)
        self._devices = frozenset(devices)
        self._keys = (*keys, *map(device_key, sorted(self._devices)))
        table = settings.alerts
        self._patience: Mapping[Source, Patience] = {
            "node": Patience(),
            "device": Patience(table.device_after_s, table.device_clear_s),
            "camera": Patience(),
            "hall": Patience(),
        }
        self._clock = clock
        self._standing: dict[str, Cause] = {}  # bounded by the configuration: a few for each thing
        self._state: Mapping[str, Watched] = {}
        self._taken: dict[str, dict[str, str | float]] = {}  # by key: who sees to it; of what is raised
        self._retold: set[str] = set()  # keys of which that is to be told
        self._changed = asyncio.Event()

    def topics(self) -> list[str]:
        """Of all alerts that there can be."""
        return [self._topics.alert(key) for key in self._keys]

    def put(self, source: Source, key: str, alert: Alert | None) -> None:
        """What stands under this key now; None: nothing does any more."""
        cause = Cause(source, alert) if alert else None
        if cause == self._standing.get(key):
            return
        if cause is None:
            del self._standing[key]
        else:
            self._standing[key] = cause
        self._changed.set()

    def device(self, status: DeviceStatus, words: Mapping[str, ConditionSpec]) -> None:
        """`words`: of the conditions that are on, by code."""
        if status.device in self._devices:
            self.put("device", device_key(status.device), device_alert(status, words))

    def raised(self) -> list[Alert]:
        """In the order of their keys."""
        return [self._said(self._state[key]) for key in sorted(self._state) if self._state[key].raised]

    def simple(self, key: str) -> Alert | None:
        """What is raised under this key, unless it is a warning of the hall's supervision."""
        found = self._state.get(key)
        return self._said(found) if found and found.raised and found.cause.source != "hall" else None

    def take_on(self, key: str, name: str, note: str, at: float) -> None:
        """Somebody sees to what is raised under this key. A restart forgets it, and asks again."""
        self._taken[key] = {"acknowledged_by": name, "acknowledged_at": at, "note": note}
        self._retold.add(key)
        self._changed.set()

    def _said(self, watched: Watched) -> Alert:
        alert = watched.cause.alert
        taken = self._taken.get(alert.key)
        return alert.model_copy(update=taken) if taken else alert

    async def run(self, uplink: Uplink) -> None:
        again_s: float | None = None
        while True:
            await self._wait(again_s)
            followed = follow(self._state, self._standing, self._now_s(), self._patience)
            self._state, again_s = followed.state, followed.again_s
            self._taken = {key: taken for key, taken in self._taken.items() if key in self._state}
            for key in sorted({alert.key for alert in followed.told} | (self._retold & self._taken.keys())):
                uplink.retain(self._topics.alert(key), self._said(self._state[key]))
            self._retold.clear()
            for key in followed.cleared:
                uplink.clear(self._topics.alert(key))

    async def _wait(self, again_s: float | None) -> None:
        """Until something changed, or time changes something."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if again_s is None else max(0.0, again_s - self._now_s())):
                await self._changed.wait()
        self._changed.clear()

    def _now_s(self) -> float:
        return self._clock.now().mono_s


def device_key(device: str) -> str:
    return f"device-{device}"


def device_alert(status: DeviceStatus, words: Mapping[str, ConditionSpec]) -> Alert | None:
    """Of a device that cannot work: the first of its errors, which is the cause of the others."""
    first = next((each for each in status.conditions if each.severity == "error"), None)
    if first is None:
        return None
    return Alert(
        key=device_key(status.device),
        severity="error",
        since=first.since,
        detail=f"{status.device}: {first.detail}" if first.detail else status.device,
        **texts(words[first.code]),
    )
