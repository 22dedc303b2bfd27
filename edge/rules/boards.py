"""Who is called aloud and on the boards, and when: one FIFO for voice and boards together.

A call has the floor for some seconds, and until its announcement is over; then the next one's turn comes.
Pure: the worker beside the effects brings the time and carries the orders.

The hall's rules, decided here:
- A recall of somebody who still waits to be called is that call: nobody is called twice for one wish. Where
  it is for another window, that one counts, at the place in line that the first had.
- A call that was taken back is neither said nor shown: nobody should walk to a window that does not expect
  him, and he will be called again at his old place.
- Who has come to the window before his turn is not called any more: the others need not listen to it.
- Who did not come before his turn is called all the same. He has not been called yet as far as he can know,
  and at the window he can still be taken by his number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from drivers.messages import ShowText
from edge.rules.effects import Called, CallOut
from edge.rules.model import Hall
from edge.rules.text import width

SHOWN = 4  # calls that stay on the boards
MAX_WAITING = 256  # calls in line: at 4 s each a quarter of an hour, after which nobody listens for them
# Longest first, of a ticket, a window's name, and that name without its spaces.
_TEXTS = ("{0} 请到 {1}", "{0}请到{2}", "{0} {2}")


@dataclass(frozen=True, slots=True)
class Floor:
    """`shown` newest first. Whoever was called last has the floor until `until_s`, monotonic seconds, and as
    long as `speaking`."""

    waiting: tuple[CallOut, ...] = ()
    shown: tuple[Called, ...] = ()
    until_s: float = -math.inf
    speaking: bool = False


def call(floor: Floor, out: CallOut) -> Floor:
    """Get in line. Beyond the limit the oldest call gives way: its strip shows it all the same."""
    for place, other in enumerate(floor.waiting):
        if other.ticket == out.ticket:
            there = other if other.window == out.window else replace(out, again=other.again)
            line = (*floor.waiting[:place], there, *floor.waiting[place + 1 :])
            return replace(floor, waiting=line)
    return replace(floor, waiting=(*floor.waiting, out)[-MAX_WAITING:])


def call_off(floor: Floor, ticket: str, *, taken_back: bool) -> Floor:
    """Leave the line; a call that was `taken_back` leaves the boards too."""
    waiting = tuple(out for out in floor.waiting if out.ticket != ticket)
    shown = floor.shown
    if taken_back:
        shown = tuple(called for called in shown if called.ticket != ticket)
    return replace(floor, waiting=waiting, shown=shown)


def reset(floor: Floor, shown: tuple[Called, ...]) -> Floor:
    """These stand on the boards and nobody is in line. An announcement under way keeps the floor."""
    return replace(floor, waiting=(), shown=shown[:SHOWN])


def next_in_s(floor: Floor, now_s: float) -> float | None:
    """Seconds until somebody's turn comes; None while nobody waits, or somebody speaks."""
    if floor.speaking or not floor.waiting:
        return None
    return max(0.0, floor.until_s - now_s)


def step(floor: Floor, now_s: float, hold_s: float) -> tuple[Floor, CallOut | None]:
    """The next call, where its turn has come: it is shown first, and spoken until `spoken` says otherwise."""
    if next_in_s(floor, now_s) != 0.0:
        return floor, None
    out, *rest = floor.waiting
    others = tuple(called for called in floor.shown if called.ticket != out.ticket)
    shown = (Called(out.ticket, out.window), *others)[:SHOWN]
    return Floor(tuple(rest), shown, now_s + hold_s, speaking=True), out


def spoken(floor: Floor) -> Floor:
    """The announcement is over, well or not, or there was none."""
    return replace(floor, speaking=False)


# --- what boards show ---
def call_lines(shown: tuple[Called, ...], hall: Hall, columns: int) -> tuple[ShowText, ...]:
    """Newest first, and in another colour, which says no more than its place."""
    return tuple(
        ShowText(_line(called, hall, columns), "red" if place == 0 else "yellow")
        for place, called in enumerate(shown)
    )


def _line(called: Called, hall: Hall, columns: int) -> str:
    return way_to(called.ticket, window_name(called.window, hall), columns)


def way_to(ticket: str, name: str, columns: int) -> str:
    """A ticket to a window's name, as fits."""
    texts = [text.format(ticket, name, name.replace(" ", "")) for text in _TEXTS]
    line = next((text for text in texts if width(text) <= columns), texts[-1])
    while width(line) > columns:
        line = line[:-1]
    return line


def window_name(window: str, hall: Hall) -> str:
    """Of a window that the configuration no longer has: its id."""
    known = hall.windows.get(window)
    return known.name if known else window


def notice_lines(text: str) -> tuple[ShowText, ...]:
    return (ShowText(text, "green"),) if text else ()
