"""Which camera is looked at next, and how. Pure: it is told the time and says what may begin.

Three rings (R0 probe, R1 picture, R2 stream). One session for each camera, so many for each machine and in
all. A camera that does not answer the probe is asked for nothing else; one whose stream failed last time has
slots of its own, so that the dead keep none of the others waiting. A look that could not begin in time begins
late, and once: nothing is made up for.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from drivers.camera.settings import Camera, CameraSettings
from drivers.messages import CameraRing

# Of a ring's period, within which it begins after the start.
FIRST_SHARE: Mapping[CameraRing, float] = {"probe": 1.0, "picture": 0.5, "stream": 1.0}
# From the beginning of a probe that failed to the next: the third, which proves an absence without any other
# proof, then ends 24 s after a camera fell silent, even where each takes the three seconds of a time-out.
RECHECK_S = 5.0
RECHECKS = 2  # then it is known, and probed as seldom as the others
# What is looked at in its turn begins on a beat, so that several begin at once: to be woken for each, and for
# each of its answers, would be a fifth of the steady load.
BEAT_S = 0.5
MOST_COMING = 16  # entries for each camera, which has three rings, until those that are void are cleared away


@dataclass(frozen=True, slots=True)
class Look:
    camera: str
    ring: CameraRing


@dataclass(slots=True)
class _Camera:
    hosts: dict[CameraRing, str]
    due_s: dict[CameraRing, float] = field(default_factory=dict)  # no entry: this ring is not looked at
    asked: set[CameraRing] = field(default_factory=set)  # by somebody, and not begun yet
    busy: CameraRing | None = None
    failed: set[CameraRing] = field(default_factory=set)  # last time
    rechecks: int = 0  # of its probe, since it answered last
    begun_s: float = 0.0  # the look that it is busy with
    suspect: bool = False
    poison: bool = False


class Schedule:
    """`next` says what may begin; `begun` and `ended` are owed for each look that does."""

    def __init__(self, settings: CameraSettings, random: Random, now_s: float) -> None:
        self._settings = settings
        self._random = random
        self._cameras = {camera.id: _new(camera) for camera in settings.children}
        self._probes = 0
        self._sessions = 0
        self._dead_sessions = 0
        self._of_host: Counter[str] = Counter()
        # When each becomes due, the earliest first; what has been set anew since is passed over on its turn.
        self._coming: list[tuple[float, str, CameraRing]] = []
        self._due: dict[Look, float] = {}  # and since when: they wait for a slot, or for another look
        for ring, share in FIRST_SHARE.items():
            self._spread(ring, share, now_s)

    def _spread(self, ring: CameraRing, share: float, now_s: float) -> None:
        """The first looks, evenly, so that there are never many more at a time than on the mean; in an order
        by chance, for neighbours have the same recorder."""
        names = [name for name, each in self._cameras.items() if ring in each.hosts]
        self._random.shuffle(names)
        for place, name in enumerate(names):
            of_period = share * (place + self._random.random()) / len(names)
            self._set_due(name, ring, _beat(now_s, of_period * self._period_s(self._cameras[name], ring)))

    def next(self, now_s: float) -> Look | None:
        """The look that waits longest of those that may begin now."""
        while self._coming and self._coming[0][0] <= now_s:
            due_s, name, ring = heapq.heappop(self._coming)
            if self._cameras[name].due_s[ring] == due_s:
                self._due[Look(name, ring)] = due_s
        free = (
            (due_s, look.camera, look.ring)
            for look, due_s in self._due.items()
            if self._free(self._cameras[look.camera], look.ring)
        )
        first = min(free, default=None)
        return Look(*first[1:]) if first else None

    def next_at_s(self) -> float | None:
        """When another becomes due, at the earliest; None where all are, and wait for the end of one."""
        return self._coming[0][0] if self._coming else None

    def _set_due(self, name: str, ring: CameraRing, due_s: float) -> None:
        self._cameras[name].due_s[ring] = due_s
        self._due.pop(Look(name, ring), None)
        heapq.heappush(self._coming, (due_s, name, ring))
        if len(self._coming) > MOST_COMING * len(self._cameras):
            self._coming = [entry for entry in self._coming if self._is_meant(entry)]
            heapq.heapify(self._coming)

    def _is_meant(self, entry: tuple[float, str, CameraRing]) -> bool:
        due_s, name, ring = entry
        return self._cameras[name].due_s[ring] == due_s and Look(name, ring) not in self._due

    def begun(self, look: Look, now_s: float) -> bool:
        """Whether it is urgent: somebody has asked for it, or something seems wrong."""
        each = self._cameras[look.camera]
        urgent = each.suspect or look.ring in each.asked
        each.busy, each.begun_s = look.ring, now_s
        each.asked.discard(look.ring)
        self._count(each, look.ring, 1)
        return urgent

    def ended(self, look: Look, now_s: float, *, answered: bool) -> None:
        """Whoever brought something is there: that was a probe, too. What somebody has asked for since then
        is still to be done."""
        name, each = look.camera, self._cameras[look.camera]
        self._count(each, look.ring, -1)
        each.busy = None
        rings: tuple[CameraRing, ...] = (look.ring, "probe") if answered else (look.ring,)
        each.failed = each.failed - set(rings) if answered else each.failed | set(rings)
        if answered:
            each.rechecks = 0
        for ring in dict.fromkeys(rings):
            if ring not in each.asked:
                self._set_due(name, ring, _beat(now_s, self._wait_s(each, ring)))
        if look.ring != "probe" and not answered:  # is it there at all?
            self._bring(name, "probe", now_s)
        if look.ring == "probe" and not answered and each.rechecks < RECHECKS:
            each.rechecks += 1
            self._bring(name, "probe", max(now_s, each.begun_s + RECHECK_S))

    def _bring(self, name: str, ring: CameraRing, due_s: float) -> None:
        """Due then, unless it is before."""
        if due_s < self._cameras[name].due_s[ring]:
            self._set_due(name, ring, due_s)

    def again(self, camera: str, ring: CameraRing, now_s: float) -> None:
        """Look now: someone asks, or what was seen needs another proof."""
        each = self._cameras[camera]
        if ring in each.due_s:
            each.asked.add(ring)
            self._bring(camera, ring, now_s)

    def suspect(self, camera: str, suspect: bool, now_s: float) -> None:
        """Whether something seems wrong with its picture: then it is looked at more often."""
        each = self._cameras[camera]
        if each.suspect != suspect:
            each.suspect = suspect
            self._bring(camera, "picture", now_s + self._wait_s(each, "picture"))

    def poison(self, camera: str, poison: bool) -> None:
        """Whether its pictures kill who decodes them: then it is looked at rarely."""
        self._cameras[camera].poison = poison

    def _free(self, each: _Camera, ring: CameraRing) -> bool:
        if each.busy is not None:
            return False
        if ring == "probe":
            return self._probes < self._settings.probes
        if "probe" in each.failed:
            return False
        if ring in each.failed:
            return self._dead_sessions < self._settings.dead_sessions
        host = each.hosts[ring]
        return (
            self._sessions < self._settings.sessions
            and self._of_host[host] < self._settings.sessions_per_host
        )

    def _count(self, each: _Camera, ring: CameraRing, step: int) -> None:
        """`failed` does not change while a look is under way, so what was counted up is counted down."""
        if ring == "probe":
            self._probes += step
        elif ring in each.failed:
            self._dead_sessions += step
        else:
            self._sessions += step
            self._of_host[each.hosts[ring]] += step

    def _wait_s(self, each: _Camera, ring: CameraRing) -> float:
        jitter = self._settings.jitter
        return self._period_s(each, ring) * self._random.uniform(1 - jitter, 1 + jitter)

    def _period_s(self, each: _Camera, ring: CameraRing) -> float:
        settings = self._settings
        if ring == "probe":
            return settings.probe_s
        if each.poison:
            return settings.poison_s
        if ring == "picture":
            return settings.suspect_s if each.suspect else settings.picture_s
        return settings.stream_s


def _beat(now_s: float, wait_s: float) -> float:
    """When it is due: the last beat before that, unless it is soon."""
    due_s = now_s + wait_s
    return math.floor(due_s / BEAT_S) * BEAT_S if wait_s >= 2 * BEAT_S else due_s


def _new(camera: Camera) -> _Camera:
    return _Camera(dict(_hosts(camera)))


def _hosts(camera: Camera) -> Iterator[tuple[CameraRing, str]]:
    sub, main = camera.sub_address, camera.main_address
    yield "probe", sub.host
    yield "picture", sub.host
    if main is not None:
        yield "stream", main.host
