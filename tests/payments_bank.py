"""A bank of the tests' own: what `config/upstream.openapi.yaml` says of payments, written again from it.

It shares nothing with the rules; of ours it only speaks the messages of the port.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.upstream.messages import Payment, PaymentState, Receipt, ReceiptLine, Settlement
from edge.upstream.port import Refused

EXPIRES_S = 120
PAGE = 3  # of a settlement: so small that there are several


@dataclass
class Order:
    key: str
    number: str = ""  # "" where nothing was ever ordered under the key
    declaration: str = ""
    total: int = 0
    closed: bool = False
    payments: list[int] = field(default_factory=list)
    returned: int = 0
    returning: int = 0  # asked to be given back, and on its way
    paid_on: str = ""
    days: set[str] = field(default_factory=set)  # on which money moved

    @property
    def taken(self) -> int:
        return sum(self.payments)

    @property
    def kept(self) -> int:
        return self.taken - self.returned

    @property
    def was_paid(self) -> bool:
        return bool(self.payments) and not self.closed

    @property
    def state(self) -> PaymentState:
        if self.returning:
            return "refunding"
        if self.returned:
            return "refunded"
        if self.was_paid:
            return "paid"
        return "closed" if self.closed else "open"


class Bank:
    def __init__(self) -> None:
        self.day = "2024-05-06"
        self.orders: dict[str, Order] = {}
        self.declared: dict[str, int] = {}  # declaration → its sum

    # --- what the contract has ---
    def pay(self, key: str, declaration: str, total: int) -> Payment:
        if order := self.orders.get(key):
            if order.closed and not order.number:
                raise Refused("closed", "closed before")
            return self.tell(order)
        if self.declared[declaration] != total:
            raise Refused("amount_changed", "another sum", self.declared[declaration])
        for other in self.orders.values():
            if other.declaration == declaration and other.was_paid and other.kept:
                raise Refused("already_paid", "paid")
            if other.declaration == declaration and other.state == "open":
                raise Refused("in_payment", "open")
        number = f"P{len(self.orders) + 1:019d}"
        self.orders[key] = Order(key, number, declaration, total)
        return self.tell(self.orders[key])

    def payment(self, key: str) -> Payment:
        if key not in self.orders:
            raise Refused("unknown_payment", "not known yet")
        return self.tell(self.orders[key])

    def close(self, key: str) -> Payment:
        order = self.orders.setdefault(key, Order(key))
        order.closed = order.closed or not order.payments
        return self.tell(order)

    def refund(self, key: str, keep: int) -> Payment:
        if key not in self.orders:
            raise Refused("unknown_payment", "not known yet")
        order = self.orders[key]
        if order.kept - order.returning <= keep and not order.returning:
            raise Refused("nothing_due", "no more than that was taken")
        order.returning = order.kept - keep
        return self.tell(order)

    def receipt(self, key: str) -> Receipt:
        order = self.orders.get(key)
        if order is None or not order.was_paid or order.kept < order.total:
            raise Refused("not_paid", "not paid")
        line = ReceiptLine(name="个人所得税", name_en="Income tax", share="national", amount_fen=order.total)
        return Receipt(
            number=f"R{order.number}",
            title="完税证明",
            payer="王*明 1234",
            lines=(line,),
            total_fen=order.total,
            issued_on=self.day,
        )

    def settlement(self, day: str, after: str) -> Settlement:
        moved = sorted(key for key, order in self.orders.items() if day in order.days and key > after)
        page = tuple(self.tell(self.orders[key]) for key in moved[:PAGE])
        return Settlement(day=day, payments=page, more=len(moved) > PAGE)

    # --- what payers and the bank itself do ---
    def take(self, key: str) -> None:
        """Somebody pays, however often and however late."""
        order = self.orders[key]
        order.payments.append(order.total)
        order.paid_on = order.paid_on or self.day
        order.days.add(self.day)

    def give_back(self, key: str) -> None:
        """What is on its way back arrives."""
        order = self.orders[key]
        if order.returning:
            order.returned, order.returning = order.returned + order.returning, 0
            order.days.add(self.day)

    def tell(self, order: Order) -> Payment:
        return Payment(
            key=order.key,
            order=order.number,
            declaration=order.declaration,
            state=order.state,
            total_fen=order.total,
            paid_fen=order.taken,
            refunded_fen=order.returned,
            qr=f"https://pay.example/{order.number}" if order.state == "open" else "",
            expires_in_s=EXPIRES_S if order.state == "open" else 0,
            paid_on=order.paid_on,
            name="个人所得税",
        )
