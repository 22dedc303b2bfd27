"""What supervision measures: one reading of everything that is watched, also where nothing is wrong.

Where a new day has begun by the clock and nothing has happened in it yet, yesterday's queue is over. A window
counts as attended while somebody is logged in there, or where nobody logs in while the roster has it open: so
nothing is said of a hall that is closed.

A kind is a function of `KINDS`, from a rule to its readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from edge.rules import charging, day, even, express, roster
from edge.rules.items import promise_min
from edge.rules.model import Hall, Now, State, Ticket, Window
from edge.rules.supervision_kinds import MINUTE_S, Kind, Stops
from edge.rules.supervision_model import Reading, Rule, Watch
from edge.rules.supervision_ratings import evidence


@dataclass(frozen=True, slots=True)
class Device:
    """`stops`: what cannot be done without it."""

    id: str
    stops: Stops
    window: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is looked at, of one moment."""

    state: State
    hall: Hall
    watch: Watch
    devices: tuple[Device, ...]
    when: roster.When | None
    over: bool  # yesterday's queue
    queue_s: float  # even time of the day
    now_s: float  # even time of the watch

    @classmethod
    def of(cls, state: State, hall: Hall, watch: Watch, devices: Iterable[Device], now: Now) -> Seen:
        return cls(
            state,
            hall,
            watch,
            tuple(devices),
            roster.when(now, hall),
            day.turns(state, now),
            even.seconds(state.clock, now.moment),
            even.seconds(watch.clock, now.moment),
        )

    def is_open(self, window: str) -> bool:
        """By the roster."""
        return roster.window_hours(self.hall, window, self.when).is_open

    def is_attended(self, window: str) -> bool:
        seat = self.state.window(window)
        present = bool(seat.staff) if self.hall.login_required else self.is_open(window)
        return present and not seat.paused and not self.over

    def is_wanted(self, window: Window) -> bool:
        """Whether somebody waits whom it could call."""
        return not self.over and any(
            ticket.only in ("", window.id) or ticket.only not in self.hall.windows
            for service in window.services
            for ticket in self.waiting(service)
        )

    def waiting(self, service: str) -> Iterator[Ticket]:
        """In the order of their places."""
        return (self.state.tickets[id_] for _, id_ in self.state.waiting.get(service, ()))


def readings(seen: Seen, rules: Iterable[Rule]) -> list[Reading]:
    """At most one of each key: no two rules of a kind are of the same thing."""
    found: dict[str, Reading] = {}
    for rule in rules:
        for reading in KINDS[rule.kind](seen, rule):
            known = found.get(reading.key)
            if known is None or (reading.value and not known.value):  # one window, with a rule a service
                found[reading.key] = reading
    return list(found.values())


def _windows(seen: Seen, rule: Rule) -> Iterator[Window]:
    for window in seen.hall.windows.values():
        if not rule.windows or window.id in rule.windows:
            yield window


def _wait(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Of whoever has waited longest for his first call. Who has an appointment is not measured so, and who
    was called before and came back, was put by or sent on has not waited all that time."""
    for service in rule.services or seen.hall.services:
        first = next((each for each in _uncalled(seen, service) if not each.appointment), None)
        yield Reading(rule, service, (seen.queue_s - first.joined_s) / MINUTE_S if first else 0.0)


def _appointment(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Minutes after the time of whoever has checked in and is first: it lies `place_min` after his place, or
    later for who came earlier than that, where the hall lets him."""
    for service in rule.services or seen.hall.services:
        first = next((each for each in _uncalled(seen, service) if each.appointment), None)
        late_s = seen.queue_s - first.joined_s - MINUTE_S * seen.hall.appointing.place_min if first else 0.0
        yield Reading(rule, service, max(0.0, late_s / MINUTE_S))


def _uncalled(seen: Seen, service: str) -> Iterator[Ticket]:
    """Those who wait for their first call, while somebody is there who could call them."""
    is_served = any(
        seen.is_attended(window.id) or seen.is_open(window.id)
        for window in seen.hall.windows.values()
        if service in window.services
    )
    if is_served and not seen.over:
        yield from (ticket for ticket in seen.waiting(service) if not ticket.window)


def _service(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Of the act under way, in per cent of what is promised for its service; 0 without a promise."""
    for window in _windows(seen, rule):
        if rule.services and not set(rule.services) & set(window.services):
            continue
        ticket = seen.state.tickets.get(seen.state.window(window.id).ticket)
        begun_s = seen.watch.begun.get(window.id)
        promise_min = _promise_min(seen, rule, ticket) if ticket and ticket.phase == "serving" else 0.0
        if begun_s is None or not promise_min or seen.over:
            yield Reading(rule, window.id, 0.0)
        else:
            yield Reading(rule, window.id, 100 * (seen.now_s - begun_s) / MINUTE_S / promise_min)


def _promise_min(seen: Seen, rule: Rule, ticket: Ticket) -> float:
    """0 of what the rule does not watch."""
    is_watched = not rule.services or ticket.service in rule.services
    return promise_min(seen.hall, ticket.kind) if is_watched else 0.0


def _idle(seen: Seen, rule: Rule) -> Iterator[Reading]:
    for window in _windows(seen, rule):
        is_idle = seen.is_attended(window.id) and not seen.state.window(window.id).ticket
        yield Reading(rule, window.id, is_idle and seen.is_wanted(window))


def _unstaffed(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Closed or paused while the roster has it open. Without a roster nobody knows that it should be."""
    for window in _windows(seen, rule):
        is_due = bool(seen.hall.roster) and seen.when is not None and seen.is_open(window.id)
        yield Reading(rule, window.id, is_due and not seen.is_attended(window.id) and seen.is_wanted(window))


def _unserved(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Calls in a row, the last ones, that nobody came to or that ended at once."""
    for window in _windows(seen, rule):
        newest_first = reversed(seen.watch.outcomes.get(window.id, ()))
        count = sum(1 for _ in takewhile(lambda seconds: seconds < rule.quick_s, newest_first))
        yield Reading(rule, window.id, float(count) if seen.is_attended(window.id) else 0.0)


def _uniform(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Of all windows against each other, whichever of them the rule watches, and whatever the day."""
    known = {id_: levels for id_, levels in seen.watch.ratings.items() if id_ in seen.hall.windows}
    found = evidence(known, rule.last)
    for window in _windows(seen, rule):
        yield Reading(rule, window.id, found.get(window.id, 0.0))


def _stopped(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """A device that cannot work, while somebody would need it."""
    on_offer = any(roster.offer(seen.hall, each, seen.when).is_open for each in seen.hall.services)
    for device in seen.devices:
        if rule.windows and device.window not in rule.windows:
            continue
        is_needed = (
            seen.is_attended(device.window) if device.window else device.stops != "tickets" or on_offer
        )
        yield Reading(rule, device.id, device.broken and is_needed)


def _project(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Of the worst of a lane, by the day that is open: so it becomes due or overdue with the first act of a
    day, when somebody is there, and neither at midnight nor on a free day."""
    worst = dict.fromkeys(seen.hall.express, 0.0)
    for project in seen.state.projects.values():
        if project.lane in worst:
            worst[project.lane] = max(worst[project.lane], _STAGES[express.phase(project, seen.state.day)])
    yield from (Reading(rule, lane, stage) for lane, stage in worst.items())


def _fee_amiss(seen: Seen, rule: Rule) -> Iterator[Reading]:
    return _counted(seen, rule, charging.amiss(seen.state))


def _fee_without_act(seen: Seen, rule: Rule) -> Iterator[Reading]:
    return _counted(seen, rule, charging.without_act(seen.state))


def _counted(seen: Seen, rule: Rule, found: Mapping[str, int]) -> Iterator[Reading]:
    for window in _windows(seen, rule):
        yield Reading(rule, window.id, 0.0 if seen.over else float(found.get(window.id, 0)))


def _fee_missing(seen: Seen, rule: Rule) -> Iterator[Reading]:
    """Minutes since the oldest such act of the window ended."""
    since_s = charging.unpaid_since_s(seen.state, seen.hall)
    for window in _windows(seen, rule):
        is_due = window.id in since_s and not seen.over
        yield Reading(rule, window.id, (seen.queue_s - since_s[window.id]) / MINUTE_S if is_due else 0.0)


_STAGES: Mapping[express.Phase, float] = {"on_time": 0.0, "due": 1.0, "overdue": 2.0}

KINDS: Mapping[Kind, Callable[[Seen, Rule], Iterator[Reading]]] = {
    "wait": _wait,
    "appointment": _appointment,
    "service": _service,
    "idle": _idle,
    "unstaffed": _unstaffed,
    "unserved": _unserved,
    "uniform": _uniform,
    "stopped": _stopped,
    "project": _project,
    "fee_amiss": _fee_amiss,
    "fee_without_act": _fee_without_act,
    "fee_missing": _fee_missing,
}
