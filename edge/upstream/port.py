"""The one port to the government network's services: what a node may ask, and how it can fail.

Every method may raise `Away`, `Refused` or `Nonsense`, and nothing else. After `Away` and `Nonsense` nobody
knows whether what was asked was done; what is idempotent may be asked again, and everything is, but for
`identify`, which does no harm either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from edge.upstream.messages import (
    About,
    Appointment,
    Case,
    Certificate,
    Declaration,
    Declaring,
    Notice,
    Obligation,
    Payment,
    Receipt,
    Settlement,
    Slot,
)

RefundReason = Literal["paid_late", "paid_twice", "paid_wrong_sum"]


class UpstreamError(Exception):
    """`code` is for programs, `str()` the cause and the remedy for technicians. Neither names a person."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code


class Away(UpstreamError):
    """Nobody answers, or not in time, or with an error of its own: ask again later."""


class Nonsense(UpstreamError):
    """What came is not what the contract says: the two sides are of different versions, or it is not them."""


class Refused(UpstreamError):
    """Understood, and refused for a reason: asking the same again is of no use. `code` is the problem's
    (RFC 9457); `total_fen` comes with "amount_changed"."""

    def __init__(self, code: str, cause: str, total_fen: int | None = None) -> None:
        super().__init__(code, cause)
        self.total_fen = total_fen


class Upstream(Protocol):
    """Days are ISO dates local to the hall, sums are fen, `key` and `ref` 32 hex digits chosen by chance by
    who asks, `subject` the secret of a visit."""

    async def about(self) -> About: ...
    async def notices(self) -> Sequence[Notice]: ...
    async def case(self, number: str) -> Case: ...
    async def cases_of(self, subject: str) -> Sequence[Case]: ...
    async def forget(self, subject: str) -> None: ...

    async def slots(self, service: str, day: str) -> Sequence[Slot]: ...
    async def appointments_of(self, subject: str) -> Sequence[Appointment]: ...
    async def book(self, subject: str, wish: Appointment) -> Appointment: ...
    async def cancel(self, subject: str, ref: str) -> None: ...

    async def obligations(self, subject: str) -> Sequence[Obligation]: ...
    async def declare(self, subject: str, key: str, declared: Sequence[Declaring]) -> Declaration: ...
    async def certificates_of(self, subject: str) -> Sequence[Certificate]: ...
    async def certificate(self, subject: str, certificate: str) -> Receipt: ...

    async def pay(self, key: str, declaration: str, total_fen: int) -> Payment: ...
    async def payment(self, key: str) -> Payment:
        """Raises Refused("unknown_payment") where the key is not known yet."""
        ...

    async def close(self, key: str) -> Payment:
        """From now on nothing is taken under this key, known or not."""
        ...

    async def refund(self, key: str, keep_fen: int, reason: RefundReason) -> Payment:
        """Give back what was taken beyond `keep_fen`. Raises Refused("nothing_due")."""
        ...

    async def receipt(self, key: str) -> Receipt: ...
    async def payments_of(self, subject: str) -> Sequence[Payment]: ...
    async def settlement(self, day: str, after: str = "") -> Settlement:
        """Of this terminal, whose name the client knows; a page at a time."""
        ...
