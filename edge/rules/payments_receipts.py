"""Receipts of payments: printed once, and again for who asks, as marked copies.

That a slip is begun is kept before it is printed. Where the printer did not say what became of it, somebody
may hold it: it is printed again as a copy, and in the end it counts as not printed, so that it can be asked
for. Paper is no proof of payment; the services are.
"""

from __future__ import annotations

from drivers.messages import Result
from edge.rules.effects import PrintReceipt, SetTimer
from edge.rules.model import Decision, State
from edge.rules.payments_model import Receipt, ReceiptEnded, WantReceipt
from edge.rules.rejections import refused
from edge.wire import Fact, PaymentReceipted, PaymentsCarried, ReceiptBegun, ReceiptNotPrinted

PRINT_RETRY_S = 5.0  # as of a ticket: a printer that fell silent needs about this long to start again
MAX_UNASKED = 3  # slips of one payment that a printer which never answers brings out by itself
MAX_SLIPS = 6  # of one payment in all: paper costs money, and more is a matter for the staff
MAX_RECEIPTS = 2000  # of a day, of payments known and unknown here


def want(state: State, wish: WantReceipt) -> Decision:
    """While one is being printed, the wish is for that one."""
    payment = state.payments.get(wish.key)
    if payment is None and not wish.vouched:
        return refused("unknown_payment")
    if payment is not None and not payment.is_paid:
        return refused("receipt_not_paid")
    receipt = state.receipts.get(wish.key, Receipt())
    if receipt.phase == "printing":
        return Decision(answer={"slips": receipt.slips})
    if receipt.slips >= MAX_SLIPS or len(state.receipts) >= MAX_RECEIPTS:
        return refused("receipts_enough")
    if wish.printer_problem:
        return refused("receipt_no_printer")
    return print_next(wish.key, receipt.slips, copy=payment is None)


def print_next(key: str, slips: int, *, copy: bool = False) -> Decision:
    """One more than the `slips` that may be out."""
    begun = ReceiptBegun(key=key, slips=slips + 1)
    effect = PrintReceipt(key, slips + 1, copy or slips > 0)
    return Decision((begun,), (effect,), answer={"slips": slips + 1})


def ended(state: State, end: ReceiptEnded) -> Decision:
    receipt = state.receipts.get(end.key)
    if receipt is None or (receipt.phase, receipt.slips) != ("printing", end.slips):
        return Decision()
    if end.result is Result.DONE:
        return Decision((PaymentReceipted(key=end.key, slips=end.slips),))
    if end.result is Result.UNKNOWN and end.slips < MAX_UNASKED:
        return Decision(effects=(SetTimer(timer(end.key), PRINT_RETRY_S),))
    out = end.slips if end.result is Result.UNKNOWN else end.slips - 1
    return Decision((ReceiptNotPrinted(key=end.key, slips=out, reason=end.code),))


def print_again(state: State, key: str) -> Decision:
    """The pause after a slip of which nobody knows is over."""
    receipt = state.receipts.get(key)
    if receipt is None or receipt.phase != "printing":
        return Decision()
    return print_next(key, receipt.slips, copy=True)


def take_up(state: State) -> Decision:
    """After a restart nobody knows what became of those under way, nor is anybody there to take another."""
    return Decision(
        tuple(
            ReceiptNotPrinted(key=key, slips=receipt.slips, reason="restart")
            for key, receipt in state.receipts.items()
            if receipt.phase == "printing"
        )
    )


def learn(receipts: dict[str, Receipt], fact: Fact) -> None:
    """Change `receipts` by what has happened."""
    match fact:
        case ReceiptBegun():
            receipts[fact.key] = Receipt(fact.slips, "printing")
        case PaymentReceipted():
            receipts[fact.key] = Receipt(fact.slips, "printed")
        case ReceiptNotPrinted():
            receipts[fact.key] = Receipt(fact.slips, "not_printed")
        case PaymentsCarried():
            lasting = (each for each in fact.payments if each.receipt)
            receipts |= {each.key: Receipt(each.slips, each.receipt) for each in lasting}


def timer(key: str) -> str:
    return f"receipt:{key}"
