"""Made-up money: what is taken under each key, and what is given back. Nothing that moved is ever forgotten.

open → paid, or closed by who asked or by its time. Money that comes twice, or after the end, is taken all the
same, as banks do, and waits to be given back: refunding → refunded.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edge.upstream.sandbox.world import Problem, World

OPEN_S = 180  # that a payer has
REFUND_S = 1.0  # that giving back takes
MAX_PAYMENTS = 100_000  # of all: a sandbox is started afresh before


@dataclass(slots=True)
class Payment:
    """`moved`: the days on which money came or went."""

    key: str
    declaration: str = ""
    terminal: str = ""
    order: str = ""
    name: str = ""
    name_en: str = ""
    total_fen: int = 0
    ends_s: float = 0.0
    closed: bool = False
    paid_fen: int = 0
    paid_on: str = ""
    refunded_fen: int = 0
    refunding_fen: int = 0
    refunded_s: float = 0.0  # when what is on its way back has arrived
    moved: set[str] = field(default_factory=set)
    held: list[int] = field(default_factory=list)  # paid, and on its way until the key is closed

    @property
    def kept_fen(self) -> int:
        return self.paid_fen - self.refunded_fen - self.refunding_fen

    @property
    def is_settled(self) -> bool:
        """What was asked for was taken, and is kept."""
        return 0 < self.total_fen <= self.kept_fen


class Bank:
    """`today` is the hall's day, `now_s` a clock that never steps."""

    def __init__(
        self, world: World, today: Callable[[], str], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._world = world
        self._today = today
        self._now_s = now_s
        self._payments: dict[str, Payment] = {}
        self.open_s: float = OPEN_S
        self.refund_s: float = REFUND_S

    def all(self) -> list[Payment]:
        for payment in self._payments.values():
            self._age(payment)
        return list(self._payments.values())

    def get(self, key: str) -> Payment:
        """Raises Problem."""
        payment = self._payments.get(key)
        if payment is None:
            raise Problem(404, "unknown_payment", "this key is not known yet")
        return self._age(payment)

    def by_order(self, order: str) -> Payment | None:
        return next((self._age(each) for each in self._payments.values() if each.order == order), None)

    def of_declaration(self, declaration: str) -> list[Payment]:
        return [each for each in self.all() if each.declaration == declaration]

    def pay(
        self, key: str, declaration: str, terminal: str, total_fen: int, name: str, *, name_en: str = ""
    ) -> Payment:
        """Begin; who asks has made sure that the declaration is of this sum. Raises Problem."""
        before = self._payments.get(key)
        if before is not None:
            return self._repeated(self._age(before), declaration, terminal, total_fen)
        for other in self.of_declaration(declaration):
            if other.is_settled:
                raise Problem(409, "already_paid", "this has been paid")
            if self.state(other) == "open":
                raise Problem(409, "in_payment", "another payment of this is open")
        payment = Payment(key, declaration, terminal, self._number(key), name, name_en, total_fen)
        payment.ends_s = self._now_s() + self.open_s
        self._keep(payment)
        return payment

    def close(self, key: str) -> Payment:
        """Known or not: from now on nothing is to be taken. What was taken before stays."""
        if key not in self._payments:
            self._keep(Payment(key))
        payment = self.get(key)
        if not payment.paid_fen:
            payment.closed = True
        return payment

    def settle_held(self, payment: Payment) -> None:
        """Money that was on its way arrives."""
        for fen in payment.held:
            self._take(payment, fen)
        payment.held.clear()

    def pays(self, payment: Payment, fen: int, *, late: bool) -> bool:
        """At the page of a payer's bank. `late`: it arrives after the key is closed. False: refused."""
        state = self.state(self._age(payment))
        if late and state == "open":
            payment.held.append(fen)
            return True
        if state == "closed" and not late:
            return False
        self._take(payment, fen)
        return True

    def refund(self, key: str, keep_fen: int) -> Payment:
        """Raises Problem."""
        payment = self.get(key)
        due_fen = payment.kept_fen - keep_fen
        if due_fen > 0:
            self._arrived(payment)
            payment.refunding_fen = due_fen
            payment.refunded_s = self._now_s() + self.refund_s
            payment.moved.add(self._today())
        elif due_fen < 0 or not (payment.refunded_fen or payment.refunding_fen):
            raise Problem(409, "nothing_due", "no more than that was taken")
        return payment

    def state(self, payment: Payment) -> str:
        if payment.refunding_fen:
            return "refunding"
        if payment.refunded_fen:
            return "refunded"
        if payment.closed:
            return "closed"
        return "paid" if payment.paid_fen else "open"

    def told(self, payment: Payment, pages: str) -> dict[str, Any]:
        """As the contract has it; `pages` is where payers find this bank."""
        self._age(payment)
        answer: dict[str, Any] = {
            "key": payment.key,
            "state": self.state(payment),
            "total_fen": payment.total_fen,
            "paid_fen": payment.paid_fen,
            "refunded_fen": payment.refunded_fen,
        }
        if payment.order:
            answer |= {"order": payment.order, "declaration": payment.declaration}
            answer |= {"name": payment.name, "name_en": payment.name_en}
        if self.state(payment) == "open":
            left_s = max(0, round(payment.ends_s - self._now_s()))
            answer |= {"qr": f"{pages}/pay/{payment.order}", "expires_in_s": left_s}
        return answer | ({"paid_on": payment.paid_on} if payment.paid_on else {})

    def _repeated(self, payment: Payment, declaration: str, terminal: str, total_fen: int) -> Payment:
        if payment.closed:
            raise Problem(409, "closed", "this key has been closed")
        if (payment.declaration, payment.terminal, payment.total_fen) != (declaration, terminal, total_fen):
            raise Problem(409, "other_order", "this key is another order's")
        return payment

    def _keep(self, payment: Payment) -> None:
        if len(self._payments) >= MAX_PAYMENTS:
            raise Problem(409, "sandbox_full", "the sandbox is full: start it afresh")
        self._payments[payment.key] = payment

    def _take(self, payment: Payment, fen: int) -> None:
        payment.paid_fen += fen
        payment.paid_on = payment.paid_on or self._today()
        payment.moved.add(self._today())

    def _age(self, payment: Payment) -> Payment:
        """What time has done to it since it was looked at last."""
        if payment.refunding_fen and self._now_s() >= payment.refunded_s:
            self._arrived(payment)
        if payment.order and not payment.paid_fen and self._now_s() >= payment.ends_s:
            payment.closed = True
        return payment

    @staticmethod
    def _arrived(payment: Payment) -> None:
        payment.refunded_fen += payment.refunding_fen
        payment.refunding_fen = 0

    def _number(self, key: str) -> str:
        return f"P{self._today().replace('-', '')}{self._world.digits(11, 'order', key)}"
