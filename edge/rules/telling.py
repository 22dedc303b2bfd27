"""What is told of waits: to who takes a ticket, and to who looks at the queue."""

from __future__ import annotations

from dataclasses import replace

from edge.rules import roster
from edge.rules.lineup import Ask, Clock
from edge.rules.model import Decision, Hall, Now, State, Ticket
from edge.rules.pace import Errors
from edge.rules.waits import Wait, waits
from edge.wire import QueueStatus, TicketReserved, told_min

MINUTE_S = 60.0


def clock_of(now: Now, now_s: float, hall: Hall) -> Clock:
    """`now_s`: even time."""
    return Clock(now_s, roster.when(now, hall), now.instant.wall_s % MINUTE_S)


def expect(taken: Decision, state: State, hall: Hall, at: Clock) -> Decision:
    """The same, and where a ticket has been reserved, with the wait that its holder is to expect."""
    if not hall.tells_waits or not taken.facts or not isinstance(taken.facts[0], TicketReserved):
        return taken
    reserved = taken.facts[0]
    wait = waits(state, hall, [Ask(reserved.service, reserved.priority)], at)[0]
    if wait is None:
        return taken
    p50_s, p90_s = _whole(wait)
    told = reserved.model_copy(update={"wait_p50_s": p50_s, "wait_p90_s": p90_s})
    low, high = told_min(p50_s, p90_s)
    answer = taken.answer | {"wait_from_min": low, "wait_to_min": high}
    return replace(taken, facts=(told, *taken.facts[1:]), answer=answer)


def expected(state: State, hall: Hall, at: Clock) -> dict[str, Wait | None]:
    """By service, of one who is ordinary."""
    return dict(
        zip(hall.services, waits(state, hall, [Ask(each) for each in hall.services], at), strict=True)
    )


def expected_by(ticket: Ticket, state: State, hall: Hall, at: Clock) -> Wait | None:
    """By one who waits already, or is put by."""
    return waits(state, hall, [Ask(ticket.service, ticket.priority, ticket.id)], at)[0]


def seconds(wait: Wait | None) -> tuple[int | None, int | None]:
    return _whole(wait) if wait else (None, None)


def _whole(wait: Wait) -> tuple[int, int]:
    return round(wait.p50_s), round(wait.p90_s)


def with_errors(status: QueueStatus, errors: Errors) -> QueueStatus:
    """No figure where there is nothing that it could be of."""
    if not (n := errors.n):
        return status
    figures = {
        "told": n,
        "mean_wait_s": round(errors.wait_s / n, 1),
        "mae_s": round(errors.error_s / n, 1),
        "p90_coverage": round(errors.within / n, 3),
    }
    return status.model_copy(update=figures)
