"""The words of charging: what is known of a fee, and what is wished at a window."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Fee:
    """A charge of today. `fee_fen`: what the configuration had for its item then."""

    receipt: str
    window: str
    amount_fen: int
    act: str = ""
    item: str = ""
    fee_fen: int | None = None
    refunded_fen: int = 0

    @property
    def left_fen(self) -> int:
        return self.amount_fen - self.refunded_fen


@dataclass(frozen=True, slots=True)
class ChargeFee:
    """`act`: "" is that of the window; `item`: "" is that of the act. `earlier`: what is kept of the receipt
    from days before `day`."""

    window: str
    amount_fen: int
    receipt: str
    item: str = ""
    act: str = ""
    earlier: Fee | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class RefundFee:
    """`amount_fen` None: all that is left of it. `earlier`, `day`: as of a charge."""

    window: str
    receipt: str
    amount_fen: int | None = None
    earlier: Fee | None = None
    day: str = ""


def yuan(fen: int) -> str:
    """12.50, exact: no float has touched it."""
    return f"{fen // 100}.{fen % 100:02d}"
