"""What the tickets of express lanes will still take of the windows' time today.

While the act goes on in which a project was opened, be it at one window after the other, the steps that are
not done lie before its ticket: each is an act of its service, at the place that the ticket has, once those
before it are over. The step of the service that it is here for now is the act under way. Which steps are
done without the ticket, or on another day, nobody knows beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from edge.rules.model import Hall, State, Ticket
from edge.rules.speed import Speed

HERE = frozenset({"waiting", "called", "serving", "held"})


class Coming(NamedTuple):
    """`ready_s`: seconds from now, before which it does not come."""

    ticket: Ticket
    service: str
    ready_s: float


def coming(state: State, hall: Hall, known: Speed, now_s: float) -> Iterator[Coming]:
    """`now_s`: even time."""
    for project in state.projects.values():
        ticket, lane = state.of_act(project.id), hall.express.get(project.lane)
        if ticket is None or lane is None or ticket.service not in hall.services or ticket.phase not in HERE:
            continue
        here, ready_s = ticket.service, _left_s(state, ticket, known, now_s)
        for step in lane.steps:
            if step.id in project.done:
                continue
            if step.service == here:
                here = ""
                continue
            yield Coming(ticket, step.service, ready_s)
            ready_s += known.act_s[step.service]


def _left_s(state: State, ticket: Ticket, known: Speed, now_s: float) -> float:
    """Of the act that it is in, or that comes next."""
    busy = state.pace.busy.get(ticket.window)
    elapsed_s = now_s - busy.since_s if busy and busy.ticket == ticket.id else 0.0
    return max(0.0, known.of(ticket.kind) - elapsed_s)
