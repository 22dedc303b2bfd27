"""What a printer's status bits mean: a table per model, and what may be wrong with a printer.

The default table is Epson's (ESC/POS command reference, DLE EOT and GS a). A model that uses the bits
differently brings its own in `config/models/<model>.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval

from drivers.api import ConditionSpec

Code = Literal[
    "unrecoverable_error",
    "cutter_fault",
    "mechanical_error",
    "cover_open",
    "paper_out",
    "head_hot",
    "awaiting_recovery",
    "offline",
    "silent",
    "paper_near_end",
]
Source = Literal["rt1", "rt2", "rt3", "rt4", "asb1", "asb2", "asb3", "asb4"]
REAL_TIME: tuple[Source, ...] = ("rt1", "rt2", "rt3", "rt4")  # DLE EOT 1…4
ASB: tuple[Source, ...] = ("asb1", "asb2", "asb3", "asb4")


@dataclass(frozen=True, slots=True)
class StatusBit:
    """`code` is on where every bit of `mask` is set in the byte from `source`."""

    source: Source
    mask: Annotated[int, Interval(ge=1, le=0xFF)]
    code: Code


EPSON = (
    StatusBit("rt1", 0x08, "offline"),
    StatusBit("rt1", 0x20, "awaiting_recovery"),
    StatusBit("rt2", 0x04, "cover_open"),
    StatusBit("rt2", 0x20, "paper_out"),
    StatusBit("rt3", 0x04, "mechanical_error"),
    StatusBit("rt3", 0x08, "cutter_fault"),
    StatusBit("rt3", 0x20, "unrecoverable_error"),
    StatusBit("rt3", 0x40, "head_hot"),
    StatusBit("rt4", 0x0C, "paper_near_end"),
    StatusBit("rt4", 0x60, "paper_out"),
    StatusBit("asb1", 0x08, "offline"),
    StatusBit("asb1", 0x20, "cover_open"),
    StatusBit("asb2", 0x01, "awaiting_recovery"),
    StatusBit("asb2", 0x04, "mechanical_error"),
    StatusBit("asb2", 0x08, "cutter_fault"),
    StatusBit("asb2", 0x20, "unrecoverable_error"),
    StatusBit("asb2", 0x40, "head_hot"),
    StatusBit("asb3", 0x03, "paper_near_end"),
    StatusBit("asb3", 0x0C, "paper_out"),
)

# In the order in which one of several is named as the cause.
CONDITIONS = (
    ConditionSpec(
        "unrecoverable_error",
        "error",
        "打印机出现无法自行恢复的故障",
        "The printer has a fault it cannot recover from",
        "关闭打印机电源，10 秒后重新打开；仍有故障请送修",
        "Switch the printer off, wait 10 s, switch it on; if the fault stays, have it repaired",
    ),
    ConditionSpec(
        "cutter_fault",
        "error",
        "切刀卡住",
        "The cutter is stuck",
        "打开机盖，取出卡住的纸片，用齿轮将切刀退回，再合上机盖；程序会自动恢复打印",
        "Open the cover, take out jammed paper, turn the cutter back by its wheel, close the cover; "
        "printing resumes by itself",
    ),
    ConditionSpec(
        "mechanical_error",
        "error",
        "打印机机械故障，或打印中机盖被打开",
        "Mechanical error, or the cover was opened while printing",
        "检查纸路有无卡纸，装好纸卷并合上机盖",
        "Look for jammed paper, seat the roll and close the cover",
    ),
    ConditionSpec("cover_open", "error", "机盖打开", "The cover is open", "合上机盖", "Close the cover"),
    ConditionSpec("paper_out", "error", "缺纸", "Out of paper", "更换纸卷", "Put in a new roll"),
    ConditionSpec(
        "head_hot",
        "warning",
        "打印头过热，降温后自动恢复",
        "The print head is too hot; it goes on by itself once cool",
        "等待数分钟；若反复出现，检查通风和打印浓度",
        "Wait a few minutes; if it keeps happening, check ventilation and print density",
    ),
    ConditionSpec(
        "awaiting_recovery",
        "warning",
        "打印机等待恢复联机",
        "The printer waits to be brought back online",
        "程序会自动恢复；若不恢复，按一次走纸键",
        "It is recovered by itself; if not, press the feed button once",
    ),
    ConditionSpec(
        "offline",
        "error",
        "打印机脱机",
        "The printer is offline",
        "松开走纸键；检查机盖和纸卷",
        "Release the feed button; check the cover and the roll",
    ),
    ConditionSpec(
        "silent",
        "error",
        "打印机不应答状态查询",
        "The printer does not answer status queries",
        "检查电源、数据线和串口参数（波特率、流控）",
        "Check power, cable and line settings (speed, flow control)",
    ),
    ConditionSpec(
        "paper_near_end",
        "info",
        "纸卷将尽，仍可打印",
        "The roll is near its end; printing goes on",
        "准备新纸卷",
        "Have a new roll at hand",
    ),
)

_PLAIN_OFFLINE = "offline"  # a consequence of most faults: told only where no cause is known
BLOCKING: tuple[str, ...] = tuple(c.code for c in CONDITIONS if c.severity != "info")
# The printer itself has stopped and will not finish the job without a person. A hot head goes on by itself,
# a pressed feed button ends, and silence says nothing about the paper.
STOPPING = frozenset({"unrecoverable_error", "cutter_fault", "mechanical_error", "cover_open", "paper_out"})
# What DLE ENQ ends, once its cause is gone.
RECOVERABLE = frozenset({"cutter_fault", "mechanical_error", "awaiting_recovery"})


class StatusBook:
    """Which conditions are on, from the last whole status. Each whole status replaces what the one before
    it said, for the codes that the table knows from its kind (DLE EOT or ASB)."""

    def __init__(self, table: Iterable[StatusBit]) -> None:
        self._table = tuple(table)
        self._on: dict[str, bool] = {}

    def update(self, status: Mapping[Source, int]) -> None:
        known: dict[str, bool] = {}
        for bit in self._table:
            if bit.source in status:
                known[bit.code] = known.get(bit.code, False) or status[bit.source] & bit.mask == bit.mask
        self._on.update(known)

    def mark(self, code: Code, on: bool) -> None:
        """A condition that no status bit tells."""
        self._on[code] = on

    def codes(self) -> frozenset[str]:
        on = {code for code, is_on in self._on.items() if is_on}
        if on & set(BLOCKING) - {_PLAIN_OFFLINE}:
            on.discard(_PLAIN_OFFLINE)
        return frozenset(on)

    def blocking(self) -> str:
        """The gravest condition that stops printing now, "" where there is none."""
        on = self.codes()
        return next((code for code in BLOCKING if code in on), "")

    def stopped(self) -> str:
        """The gravest condition that has ended a job under way, "" where there is none."""
        on = self.codes()
        return next((code for code in BLOCKING if code in on and code in STOPPING), "")
