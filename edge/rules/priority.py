"""Who is called next: classes of citizens as data, and a bound on what they may cost everybody else.

A `strict` class goes before all others; one with a `credit` is taken to have joined so much earlier. Whoever
joined before the one that a window calls next, and could have been called there, has been overtaken. Nobody
is overtaken oftener than `overtake_most` times, nor later than `overtake_most_s` after the first time: from
then on no later ticket goes before his, whatever its class. The bound holds for everyone and not for the
ordinary alone, so a credit is not starved by the strict either.

A number that staff call by name overtakes nobody in this sense: they answer for it. Without classes and
appointments the order is that of joining, exactly, and no clock is asked: even time never runs back, and of
one second the order decides.
"""

from __future__ import annotations

from edge.rules.model import Hall, Place, State, Ticket, Window

_RESUMES, _STRICT, _OTHERS = range(3)


def next_ticket(state: State, window: Window, hall: Hall, now_s: float) -> Ticket | None:
    """Of all that this window can call. `now_s`: even time."""
    waiting = [ticket for each in window.services for ticket in in_turn(state, each, window.id, now_s)]
    waiting += _stranded(state, window, hall)
    if not waiting:
        return _early(state, window)
    first = min(waiting, key=lambda ticket: rank(ticket, hall))
    due = (ticket for ticket in waiting if ticket.place < first.place and is_due(ticket, hall, now_s))
    return min(due, key=lambda ticket: ticket.place, default=first)


def in_turn(state: State, service: str, window: str, now_s: float) -> list[Ticket]:
    """Those who wait for it and were not sent to another window, without whose appointment is later, and
    without who came back and lets others pass; where there is none else, the one of these who has the fewest
    to let pass."""
    waiting = (state.tickets[id_] for _, id_ in state.waiting.get(service, ()))
    queue = [ticket for ticket in waiting if ticket.only in ("", window) and ticket.ready_s <= now_s]
    passing = sorted((ticket for ticket in queue if ticket.after), key=lambda ticket: ticket.after)
    return [ticket for ticket in queue if not ticket.after] or passing[:1]


def rank(ticket: Ticket, hall: Hall) -> tuple[int, Place]:
    """The smaller is called first; first of all is who had his turn and was put by. A class that a new
    configuration no longer has is an ordinary one."""
    known = hall.priorities.get(ticket.priority)
    if ticket.resumes:
        return _RESUMES, ticket.place
    if known and known.strict:
        return _STRICT, ticket.place
    return _OTHERS, (ticket.joined_s - (known.credit_s if known else 0.0), ticket.order)


def is_due(ticket: Ticket, hall: Hall, now_s: float) -> bool:
    """Whether it has been overtaken so often, or since so long, that nobody may do so any more."""
    since_s = ticket.overtaken_s
    return ticket.overtaken >= hall.overtake_most or (
        since_s is not None and now_s - since_s >= hall.overtake_most_s
    )


def _stranded(state: State, window: Window, hall: Hall) -> list[Ticket]:
    """Those of its services who were sent to a window that a new configuration no longer has."""
    waiting = (state.tickets[id_] for each in window.services for _, id_ in state.waiting.get(each, ()))
    return [ticket for ticket in waiting if ticket.only and ticket.only not in hall.windows]


def _early(state: State, window: Window) -> Ticket | None:
    """Where nobody else waits: the one whose appointment is next."""
    waiting = (state.tickets[id_] for each in window.services for _, id_ in state.waiting.get(each, ()))
    here = (ticket for ticket in waiting if ticket.only in ("", window.id))
    return min(here, key=lambda ticket: (ticket.ready_s, ticket.place), default=None)


def overtaken(state: State, service: str, ticket: Ticket, window: str, now_s: float) -> list[Ticket]:
    """Those whose turn it would have been for `service`, and whose place is before that of `ticket`, which is
    called."""
    return [other for other in in_turn(state, service, window, now_s) if other.place < ticket.place]
