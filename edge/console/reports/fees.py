"""The period's fees by window and unit: how often, how much, what was given back, in yuan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.console.reports.sheets import TOTAL, Column, Row, Sheet, rounded

Value = str  # as it stands in an event
FEN = 100


@dataclass(slots=True)
class Fees:
    """Sums in fen, which are whole: yuan are made of them where they are shown."""

    charges: int = 0
    charged_fen: int = 0
    refunds: int = 0
    refunded_fen: int = 0
    amiss: int = 0  # charges of another amount than was configured for their item
    without_act: int = 0

    def charge(self, amount: Value, act: Value, configured: Value) -> None:
        amount_fen = _fen(amount)
        self.charges += 1
        self.charged_fen += amount_fen
        self.amiss += configured.isdigit() and int(configured) != amount_fen
        self.without_act += not act

    def refund(self, amount: Value) -> None:
        self.refunds += 1
        self.refunded_fen += _fen(amount)

    def add(self, other: Fees) -> None:
        self.charges += other.charges
        self.charged_fen += other.charged_fen
        self.refunds += other.refunds
        self.refunded_fen += other.refunded_fen
        self.amiss += other.amiss
        self.without_act += other.without_act


def _fen(text: Value) -> int:
    """0 for what is no amount: what a node says beside its stamp nobody has checked yet."""
    return int(text) if text.isascii() and text.isdigit() else 0


@dataclass(frozen=True, slots=True, order=True)
class Place:
    hall: str
    node: str
    unit: str
    window: str


COUNTED = (
    Column("收费笔数", "Charges"),
    Column("收费（元）", "Charged, yuan", "yuan"),
    Column("退费笔数", "Refunds"),
    Column("退费（元）", "Refunded, yuan", "yuan"),
    Column("净收（元）", "Net, yuan", "yuan"),
    Column("与标准不符笔数", "Charges not as configured"),
    Column("无对应办件笔数", "Charges without an act"),
)
_HALL, _UNIT = Column("厅", "Hall", "text"), Column("单位", "Unit", "text")
_NODE, _WINDOW = Column("节点", "Node", "text"), Column("窗口", "Window", "text")


def fee_sheets(fees: Iterable[tuple[Place, Fees]]) -> list[Sheet]:
    found = list(fees)
    return [
        _sheet("fee_units", ("单位收费", "Fees by unit"), (_HALL, _UNIT), found, lambda p: (p.hall, p.unit)),
        _sheet(
            "fee_windows",
            ("窗口收费", "Fees by window"),
            (_HALL, _NODE, _UNIT, _WINDOW),
            found,
            lambda p: (p.hall, p.node, p.unit, p.window),
        ),
    ]


def _sheet(
    key: str,
    names: tuple[str, str],
    heads: tuple[Column, ...],
    fees: Iterable[tuple[Place, Fees]],
    part: Callable[[Place], tuple[str, ...]],
) -> Sheet:
    groups: dict[tuple[str, ...], Fees] = {}
    whole = Fees()
    for place, each in fees:
        groups.setdefault(part(place), Fees()).add(each)
        whole.add(each)
    columns = (*heads, *COUNTED)
    rows = tuple(rounded(columns, (*name, *_counted(each))) for name, each in sorted(groups.items()))
    totals = rounded(columns, (TOTAL, *("" for _ in heads[1:]), *_counted(whole)))
    return Sheet(key, *names, columns, rows, totals)


def _counted(fees: Fees) -> Row:
    return (
        fees.charges,
        fees.charged_fen / FEN,
        fees.refunds,
        fees.refunded_fen / FEN,
        (fees.charged_fen - fees.refunded_fen) / FEN,
        fees.amiss,
        fees.without_act,
    )
