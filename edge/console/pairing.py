"""What belongs together among a node's events of a day: a call to its ticket, a logout to its login.

Reports and sums both count by it. Times are taken from the monotonic clock within one boot, so that a clock
that was set does not make waits; over a restart of the machine from the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Moment: TypeAlias = tuple[float, str, str]  # wall time, boot, monotonic time as it is written
Span: TypeAlias = tuple[float, float]  # wall time


def seconds(since: Moment | None, until: Moment) -> float | None:
    """None where nobody can know."""
    if since is None:
        return None
    same_boot = since[1] == until[1] and since[1] and since[2] and until[2]
    took = float(until[2]) - float(since[2]) if same_boot else until[0] - since[0]
    return took if took >= 0 else None


@dataclass(slots=True)
class Ticket:
    service: str = ""
    joined: Moment | None = None
    called: Moment | None = None
    started: Moment | None = None
    rated: bool = False

    def join(self, now: Moment) -> None:
        self.joined = self.joined or now

    def call(self, now: Moment) -> float | None:
        """How long it has waited: None at a further call, and where nobody can know."""
        waited = seconds(self.joined, now) if self.called is None else None
        self.called, self.started = now, None
        return waited

    def start(self, now: Moment) -> None:
        self.started = self.started or now

    def send_on(self, service: str) -> None:
        self.service, self.started = service, None

    def took(self, now: Moment) -> float | None:
        """Its act, which ends now. Where nobody pressed "start", the rules begin an act when it is finished:
        its time is then taken from its call."""
        return seconds(self.started if self.started and self.started != now else self.called, now)

    def rate(self, level: str) -> bool:
        """Whether this rating counts: one of each ticket does."""
        if self.rated or level not in {"1", "2", "3", "4", "5"}:
            return False
        self.rated = True
        return True


@dataclass(slots=True)
class Seats:
    """Who is at the windows. `open`: when anybody was, as far as that is over."""

    open: list[Span] = field(default_factory=list)
    staffed_s: dict[str, float] = field(default_factory=dict)  # of each window where anybody was
    last_at: float = 0.0  # wall time of the newest event, and of the newest before that moment
    _before: float = 0.0
    _since: dict[str, float] = field(default_factory=dict)  # of each window where somebody is
    _open_since: float = 0.0

    def heard(self, at: float) -> None:
        """An event, before it is taken to the methods below."""
        if at != self.last_at:
            self._before, self.last_at = self.last_at, at

    def log_in(self, window: str, at: float) -> None:
        self.staffed_s.setdefault(window, 0.0)
        if not self._since:
            self._open_since = at
        self._since.setdefault(window, at)

    def log_out(self, window: str, at: float, reason: str) -> None:
        """By the end of the day: that is told with the next day's first event, perhaps the next morning."""
        if window in self._since:
            self._leave(window, self._before if reason == "day_end" else at)

    def close(self) -> None:
        """The day is over: whoever is still there has been until the newest event."""
        for window in list(self._since):
            self._leave(window, self.last_at)

    def so_far(self) -> tuple[list[Span], dict[str, float]]:
        """`open` and `staffed_s` with whoever is still there, until the newest event."""
        if not self._since:
            return self.open, self.staffed_s
        spans = [*self.open, (self._open_since, max(self.last_at, self._open_since))]
        still = {window: max(0.0, self.last_at - since) for window, since in self._since.items()}
        return spans, {window: its + still.get(window, 0.0) for window, its in self.staffed_s.items()}

    def _leave(self, window: str, at: float) -> None:
        self.staffed_s[window] += max(0.0, at - self._since.pop(window))
        if not self._since:
            self.open.append((self._open_since, max(at, self._open_since)))
