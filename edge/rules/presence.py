"""When each window will be calling, as far as can be known now: who is there, and the roster over the day.

- Who is logged in and has not paused is there now, also outside the window's hours.
- A window in its hours without anybody counts as late for `LATE_S`, and then not before its next hours; one
  that has paused counts as back in `PAUSE_S`.
- A window without hours counts while somebody is there, and not at all else: nobody knows when he will come.
- The last hours of a day have no end here: who has a ticket is served. That a wait ends after them is told by
  `Presence.closes_s`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from edge.rules.model import Hall, State, Window
from edge.rules.roster import When, shifts

LATE_S = 900.0  # longer is no delay: the window is not manned
PAUSE_S = 600.0  # a short break; what one lasts is known of none


class Span(NamedTuple):
    """Seconds from now, and what it calls in them."""

    begin_s: float
    end_s: float
    services: tuple[str, ...]


class Presence(NamedTuple):
    spans: tuple[Span, ...]  # in order; the last is without an end
    closes_s: float  # when its last hours end, infinite where it has none


def presence(state: State, hall: Hall, window: Window, moment: When | None, late_s: float = 0.0) -> Presence:
    """`late_s`: seconds that have passed of the moment's minute."""
    seat = state.window(window.id)
    staffed = bool(seat.staff) or not hall.login_required
    rows = shifts(hall, window.id, moment)
    if rows is None or moment is None:
        there = (Span(0.0, inf, window.services),) if staffed and not seat.paused else ()
        return Presence(there, inf)
    now_s = 60.0 * moment.minute + late_s
    spans = sorted(
        (
            Span(60.0 * begin - now_s, 60.0 * end - now_s, _able(window, row.services))
            for row in rows
            for begin, end in row.hours
        ),
        key=lambda span: span.begin_s,
    )
    closes_s = spans[-1].end_s if spans else 0.0
    here = _here(window, [span for span in spans if span.end_s > 0], staffed, seat.paused)
    if here:
        here[-1] = Span(here[-1].begin_s, inf, here[-1].services)
    return Presence(tuple(here), closes_s)


def _able(window: Window, services: Sequence[str]) -> tuple[str, ...]:
    """A row without services is of all that the window has."""
    return tuple(each for each in window.services if each in services) if services else window.services


def _here(window: Window, spans: list[Span], staffed: bool, paused: bool) -> list[Span]:
    """The hours still to come, by whether anybody is there now."""
    now = spans[0] if spans and spans[0].begin_s <= 0 else None
    if staffed and not paused and not now:
        until_s = spans[0].begin_s if spans else inf
        return [Span(0.0, until_s, window.services), *spans]
    if now is None or (staffed and not paused):
        return spans
    if staffed or now.begin_s > -LATE_S:
        back_s = PAUSE_S if staffed else 0.0
        return [Span(back_s, max(back_s, now.end_s), now.services), *spans[1:]]
    return spans[1:]
