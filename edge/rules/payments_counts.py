"""What became of payments, counted from the record alone, whatever a state or a report says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge.rules.payments import learn
from edge.rules.payments_model import UNSETTLED, Payment
from edge.wire import Fact


@dataclass(frozen=True, slots=True)
class Counts:
    """Payments, not sums. `unsettled`: open at the end, or owed to somebody. `charged_twice`: more is kept
    than the sum that was confirmed, or the sum of one declaration is kept under two keys."""

    created: int = 0
    paid: int = 0
    expired: int = 0
    refunded: int = 0
    unsettled: int = 0
    charged_twice: int = 0


def counted(facts: Iterable[Fact]) -> Counts:
    """In the order in which they were kept; facts of other kinds count for nothing."""
    payments: dict[str, Payment] = {}
    keys: dict[str, set[str]] = {kind: set() for kind in ("created", "paid", "expired", "refunded")}
    for fact in facts:
        what = fact.kind.removeprefix("payment.")
        if what in keys:
            keys[what].add(fact.key)  # type: ignore[attr-defined] # which each of these has
        learn(payments, fact, "")
    held: dict[str, int] = {}
    for each in payments.values():
        if each.declaration and _held_fen(each):
            held[each.declaration] = held.get(each.declaration, 0) + 1
    beyond = sum(_held_fen(each) > each.total_fen for each in payments.values())
    return Counts(
        **{what: len(found) for what, found in keys.items()},
        unsettled=sum(each.phase in UNSETTLED for each in payments.values()),
        charged_twice=beyond + sum(count - 1 for count in held.values()),
    )


def _held_fen(payment: Payment) -> int:
    """What is kept for good; what is due back counts as unsettled."""
    return payment.keep_fen if payment.phase == "refund_due" else payment.kept_fen
