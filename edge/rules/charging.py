"""Fees at a window: charged once a receipt, given back never above what was charged, nothing ever corrected.

A charge belongs to the act at its window, or to the last one there until the next is called, since many pay
when all is done; or to the act of today that it names. One without an act is kept too: that money was taken
must not be lost for want of a ticket, and supervision warns of it.

The state is of a day. What a receipt stands for from earlier days comes with the wish, read from what is kept
before the day was opened; so two who give back at once cannot both be told that it is all still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from edge.rules.desk import Desk, attended
from edge.rules.fees import ChargeFee, Fee, RefundFee, yuan
from edge.rules.items import is_code
from edge.rules.model import Decision, Hall, State, Ticket
from edge.wire import Fact, FeeCharged, FeeRefunded

MAX_FEES = 20_000  # of a day, which a state has to hold: a centre's 1,200 acts have not as many
Answer = dict[str, str | int]


def decide_fee(state: State, wish: ChargeFee | RefundFee, hall: Hall) -> Decision:
    desk = attended(state, hall, wish.window)
    if isinstance(desk, Decision):
        return desk
    if not is_code(wish.receipt):
        return desk.refuse("receipt_code")
    return _charge(desk, wish) if isinstance(wish, ChargeFee) else _refund(desk, wish)


def charged(fact: FeeCharged) -> Fee:
    return Fee(fact.receipt, fact.window, fact.amount_fen, fact.act, fact.item, fact.fee_fen)


def known_of(facts: Iterable[Fact]) -> Fee | None:
    """The charge under one receipt and what is left of it; None where nothing was charged."""
    fee: Fee | None = None
    for fact in facts:
        if isinstance(fact, FeeCharged):
            fee = fee or charged(fact)
        elif isinstance(fact, FeeRefunded) and fee:
            fee.refunded_fen += fact.amount_fen
    return fee


def amiss(state: State) -> Mapping[str, int]:
    """By window, how many charges of today are not what the configuration has: of an act and item together,
    less what was given back. Where nothing is left of it, it has been put right."""
    together: dict[tuple[str, str], list[Fee]] = {}
    for fee in state.fees.values():
        if fee.fee_fen is not None:
            together.setdefault((fee.act or fee.receipt, fee.item), []).append(fee)
    found: dict[str, int] = {}
    for fees in together.values():
        left_fen = sum(fee.left_fen for fee in fees)
        if left_fen and left_fen != fees[-1].fee_fen:
            found[fees[-1].window] = found.get(fees[-1].window, 0) + 1
    return found


def without_act(state: State) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for fee in state.fees.values():
        if not fee.act and fee.left_fen:
            found[fee.window] = found.get(fee.window, 0) + 1
    return found


def unpaid_since_s(state: State, hall: Hall) -> Mapping[str, float]:
    """By window, when the oldest act ended there whose item has a fee, and nothing was charged for it."""
    found: dict[str, float] = {}
    if not any(item.fee_fen for item in hall.items.values()):
        return found
    paid = {fee.act for fee in state.fees.values()}
    for ticket in state.tickets.values():
        item = hall.items.get(ticket.item) if ticket.phase == "done" else None
        if item and item.fee_fen and ticket.act not in paid:
            found[ticket.window] = min(ticket.done_s, found.get(ticket.window, ticket.done_s))
    return found


def _charge(desk: Desk, wish: ChargeFee) -> Decision:
    if known := _known(desk, wish):
        return _again(desk, known, wish)
    if len(desk.state.fees) >= MAX_FEES:
        return desk.refuse("fees_full")
    ticket = _ticket(desk, wish.act)
    if wish.act and ticket is None:
        return desk.refuse("fee_no_act")
    if wish.item and not _has(desk.hall, wish.item):
        return desk.refuse("fee_item")
    item = wish.item or (ticket.item if ticket else "")
    configured = desk.hall.items.get(item)
    fact = FeeCharged(
        receipt=wish.receipt,
        amount_fen=wish.amount_fen,
        act=ticket.act if ticket else "",
        item=item,
        fee_fen=configured.fee_fen if configured else None,
        **_at(desk),
    )
    return Decision((fact,), answer=_answer(charged(fact)))


def _known(desk: Desk, wish: ChargeFee | RefundFee) -> Fee | None:
    """A copy. What was read of earlier days while a day turned is read again by who asks again."""
    state, earlier = desk.state, wish.earlier if wish.day == desk.state.day else None
    if today := state.fees.get(wish.receipt):
        return replace(today)
    if earlier is None:
        return None
    return replace(earlier, refunded_fen=earlier.refunded_fen + state.returned.get(wish.receipt, 0))


def _again(desk: Desk, known: Fee, wish: ChargeFee) -> Decision:
    """Who sends a receipt again is told of it again; another charge needs another receipt."""
    same = (known.window, known.amount_fen) == (wish.window, wish.amount_fen)
    if not same or wish.act not in ("", known.act) or wish.item not in ("", known.item):
        return desk.refuse("receipt_used")
    return Decision(answer=_answer(known))


def _refund(desk: Desk, wish: RefundFee) -> Decision:
    known = _known(desk, wish)
    if known is None:
        return desk.refuse("fee_unknown")
    amount_fen = known.left_fen if wish.amount_fen is None else wish.amount_fen
    if not 0 < amount_fen <= known.left_fen:
        return desk.refuse("refund_too_much", left=yuan(known.left_fen))
    fact = FeeRefunded(receipt=known.receipt, amount_fen=amount_fen, **_at(desk))
    answer: Answer = {
        "receipt": known.receipt,
        "refunded_fen": amount_fen,
        "left_fen": known.left_fen - amount_fen,
    }
    return Decision((fact,), answer=answer)


def _ticket(desk: Desk, act: str) -> Ticket | None:
    if act:
        named = desk.state.of_act(act)
        return named if named and named.window else None
    if desk.ticket:
        return desk.ticket
    last = desk.state.tickets.get(desk.seat.last_called)
    return last if last and last.phase == "done" and last.window == desk.window.id else None


def _has(hall: Hall, item: str) -> bool:
    return item in hall.items if hall.items else is_code(item)


def _at(desk: Desk) -> dict[str, Any]:
    return {**desk.by(), "unit": desk.window.unit}


def _answer(fee: Fee) -> Answer:
    return {"receipt": fee.receipt, "act": fee.act, "item": fee.item, "amount_fen": fee.amount_fen}
