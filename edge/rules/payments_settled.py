"""A day's payments, counted, and compared with what the services have of it, payment by payment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from edge.rules.model import Decision, State
from edge.rules.payments_model import UNSETTLED, Payment, Seen, Settle
from edge.wire import MAX_DIFFERENCES, Difference, PaymentsSettled

MAX_DAYS = 31  # back: for so long the services list payments


def settle(state: State, wish: Settle) -> Decision:
    """Once for each day, and in their order; it must be over."""
    if not state.settled < wish.day < state.day:
        return Decision()
    return Decision((compare(state.payments, wish.day, wish.theirs),))


def to_settle(state: State, yesterday: str) -> tuple[str, ...]:
    """The days that are over and are not settled, the oldest first; those between on which nothing was begun
    here as well, for money may have come late."""
    known = [payment.day for payment in state.payments.values() if payment.day > state.settled]
    day = date.fromisoformat(min([yesterday, *known]))
    if state.settled:
        day = max(day, date.fromisoformat(state.settled) + timedelta(days=1))
    last = date.fromisoformat(yesterday)
    days = [day + timedelta(days=n) for n in range((last - day).days + 1)]
    return tuple(each.isoformat() for each in days[-MAX_DAYS:])


def compare(payments: Mapping[str, Payment], day: str, theirs: Sequence[Seen]) -> PaymentsSettled:
    """Of a day that may still go on. A sum that is there belongs to the day on which the services took it."""
    of_day = [each for each in payments.values() if each.day == day]
    paid = [each for each in payments.values() if each.paid_on == day]
    refunded = [each for each in payments.values() if each.refunded_on == day]
    found = tuple(_differences(payments, day, theirs))
    return PaymentsSettled(
        day=day,
        created=len(of_day),
        paid=len(paid),
        paid_fen=sum(each.total_fen for each in paid),
        expired=sum(each.phase == "expired" for each in of_day),
        refunded=len(refunded),
        refunded_fen=sum(each.refunded_fen for each in refunded),
        unsettled=sum(each.phase in UNSETTLED for each in of_day),
        differences=found[:MAX_DIFFERENCES],
        more=len(found[MAX_DIFFERENCES:]),
    )


def _differences(payments: Mapping[str, Payment], day: str, theirs: Sequence[Seen]) -> Iterator[Difference]:
    listed = {told.key: told for told in theirs}
    for told in listed.values():
        ours = payments.get(told.key)
        if ours is None and told.kept_fen:
            yield Difference(key=told.key, what="unknown_here", ours_fen=0, theirs_fen=told.kept_fen)
        elif ours is not None and ours.kept_fen != told.kept_fen:
            yield Difference(key=told.key, what="sum", ours_fen=ours.kept_fen, theirs_fen=told.kept_fen)
        elif ours is not None and ours.phase in UNSETTLED:
            yield _unsettled(ours)
    for ours in payments.values():
        if ours.key in listed:
            continue
        if ours.paid_on == day:
            yield Difference(key=ours.key, what="unknown_there", ours_fen=ours.kept_fen, theirs_fen=0)
        elif ours.day == day and ours.phase in UNSETTLED:
            yield _unsettled(ours)


def _unsettled(ours: Payment) -> Difference:
    """Both have it, and something is still to be done about it: it is closed or given back later."""
    return Difference(key=ours.key, what="unsettled", ours_fen=ours.kept_fen, theirs_fen=ours.kept_fen)
