"""From events to key strokes: what the kernel has dropped, what repeats by itself, and stuck keys."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.hid.codec import AGAIN, DOWN, EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT, InputEvent

RUN_GAP_S = 1.0  # a key that comes again sooner, with no other between, may be one that repeats for ever


@dataclass(frozen=True, slots=True)
class Stroke:
    code: int
    down: bool


class Lost:
    """Events were dropped: which keys are down is not known, and what was being typed lacks a part."""


@dataclass(slots=True)
class _Run:
    """The same key, again and again."""

    code: int
    since_s: float
    last_s: float


class Strokes:
    """Of one opened device, on which no key is known to be down. Times are monotonic seconds."""

    def __init__(self, stuck_s: float) -> None:
        self._stuck_s = stuck_s
        self._held: dict[int, float] = {}  # code → since; there are 767 codes
        self._run: _Run | None = None
        self._skipping = False
        self.stuck: frozenset[int] = frozenset()

    def take(self, event: InputEvent, now_s: float) -> Stroke | Lost | None:
        """None for what is no stroke: repeats by the kernel, and presses of a key that is stuck."""
        if event.type == EV_SYN:
            return self._synchronise(event)
        if event.type != EV_KEY or self._skipping:
            return None
        if event.value in (DOWN, AGAIN):
            self._press(event, now_s)
        else:
            self._held.pop(event.code, None)
        was_stuck = event.code in self.stuck
        self.tick(now_s)
        if event.value == AGAIN or (was_stuck and event.value == DOWN):
            return None
        return Stroke(event.code, event.value == DOWN)

    def _synchronise(self, event: InputEvent) -> Lost | None:
        """After SYN_DROPPED all is to be ignored up to the next SYN_REPORT
        (Documentation/input/event-codes.rst)."""
        if event.code == SYN_DROPPED:
            self._skipping = True
            self._held.clear()
            return Lost()
        if event.code == SYN_REPORT:
            self._skipping = False
        return None

    def _press(self, event: InputEvent, now_s: float) -> None:
        self._held.setdefault(event.code, now_s)
        run = self._run
        if run is not None and run.code == event.code and now_s - run.last_s <= RUN_GAP_S:
            run.last_s = now_s
        elif event.value == DOWN:
            self._run = _Run(event.code, now_s, now_s)

    def tick(self, now_s: float) -> None:
        """Time has passed: which keys are stuck?"""
        run = self._run
        if run is not None and run.code not in self._held and now_s - run.last_s > RUN_GAP_S:
            self._run = run = None
        stuck = {code for code, since_s in self._held.items() if now_s >= since_s + self._stuck_s}
        if run is not None and now_s >= run.since_s + self._stuck_s:
            stuck.add(run.code)
        self.stuck = frozenset(stuck)

    @property
    def due_s(self) -> float | None:
        """When `tick` may tell something new."""
        due = [since_s + self._stuck_s for code, since_s in self._held.items() if code not in self.stuck]
        if self._run is not None and self._run.code in self.stuck and self._run.code not in self._held:
            due.append(self._run.last_s + RUN_GAP_S + 0.001)  # beyond it, not at it
        return min(due, default=None)
