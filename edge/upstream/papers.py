"""What stands on the papers of payments. Of who pays, a receipt has the masked name and the last four
characters of the number, and nothing more, whatever the services send.

Text is of size 2, which is 17 pt on a printer's 24-dot characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drivers.messages import SlipLine, SlipQr
from edge.rules.fees import yuan
from edge.rules.text import wrap
from edge.upstream.messages import Receipt
from edge.wire import PaymentsSettled

TEXT_SIZE = 2
QR_MODULE = 6  # dots: 0.75 mm, which a telephone's camera reads from 20 cm
RULE = "－" * 10
MAX_LINES = 12  # of a receipt: a slip has 64 blocks; what is left out is said to be
MAX_NAMED = 16  # differences on a settlement slip, for the same reason
SHARES = {"national": "中央 National", "local": "地方 Local"}
DIFFERENCES = {
    "sum": ("金额不一致", "Sums differ"),
    "unknown_here": ("本机没有记录", "Not known here"),
    "unknown_there": ("对方没有记录", "Not known there"),
    "unsettled": ("尚未结清", "Not settled yet"),
}
_PAYER = re.compile(r"([^0-9]*)(.*)", re.DOTALL)  # a name, then a number
_MASKS = "*＊○●"

Block = SlipLine | SlipQr


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper of a hall, `columns` wide. `printed` is the hall's own time."""

    hall: str
    columns: int
    sandbox: bool
    printed: str

    def receipt(self, receipt: Receipt, order: str, *, copy: bool) -> tuple[Block, ...]:
        return tuple(self._receipt(receipt, order, copy))

    def settlement(self, settled: PaymentsSettled) -> tuple[Block, ...]:
        return tuple(self._settlement(settled))

    def note(
        self, title: str, title_en: str, texts: Iterable[tuple[str, ...]], code: str = ""
    ) -> tuple[Block, ...]:
        """What is no money's: these texts, one below the other, and a code last."""
        return tuple(self._note(title, title_en, texts, code))

    def _note(
        self, title: str, title_en: str, texts: Iterable[tuple[str, ...]], code: str
    ) -> Iterator[Block]:
        yield from self._head(title, title_en)
        for each in texts:
            yield from self._text(*each)
        if code:
            yield SlipQr(code, QR_MODULE)
        yield from self._text(f"打印 Printed {self.printed}")
        yield from self._foot()

    def _receipt(self, receipt: Receipt, order: str, copy: bool) -> Iterator[Block]:
        if copy:
            yield from self._text("副本 COPY", "与原凭证相同", "Same as the first one", align="center")
        yield from self._head(receipt.title, receipt.title_en)
        yield from self._text(f"编号 No. {receipt.number}", f"缴款人 Payer {masked(receipt.payer)}")
        yield from self._text(RULE)
        for line in receipt.lines[:MAX_LINES]:
            about = "，".join(filter(None, (SHARES.get(line.share, ""), line.period)))
            yield from self._text(line.name, line.name_en, about, line.period_en)
            yield from self._text(f"{yuan(line.amount_fen)} 元", align="right")
        if more := len(receipt.lines) - MAX_LINES:
            yield from self._text(f"另有 {more} 项，见电子凭证") if more > 0 else ()
        yield from self._text(RULE)
        yield from self._text(f"合计 Total {yuan(receipt.total_fen)} 元", align="right")
        yield from self._text(f"开具日期 Issued {receipt.issued_on}", f"打印 Printed {self.printed}")
        if receipt.verify:
            yield from self._text("扫码查验 Scan to verify", align="center")
            yield SlipQr(receipt.verify, QR_MODULE)
        if order:
            yield from self._text("补打时扫此码", "Scan to print again", order, align="center")
            yield SlipQr(order, QR_MODULE)
        yield from self._foot()

    def _settlement(self, settled: PaymentsSettled) -> Iterator[Block]:
        yield from self._head("缴款日结单", "Daily settlement")
        yield from self._text(settled.day, align="center")
        yield from self._text(RULE)
        yield from self._text(f"发起 Created {settled.created}", f"缴款 Paid {settled.paid}")
        yield from self._text(f"{yuan(settled.paid_fen)} 元", align="right")
        yield from self._text(f"过期 Expired {settled.expired}", f"退款 Refunded {settled.refunded}")
        yield from self._text(f"{yuan(settled.refunded_fen)} 元", align="right")
        yield from self._text(f"未结清 Unsettled {settled.unsettled}", RULE)
        count = len(settled.differences) + settled.more
        yield from self._text(f"差异 Differences {count}")
        for each in settled.differences[:MAX_NAMED]:
            zh, en = DIFFERENCES[each.what]
            sums = f"本机 {yuan(each.ours_fen)} / 对方 {yuan(each.theirs_fen)} 元"
            yield SlipLine("\n".join(self._wrapped(f"…{each.key[-8:]}", zh, en, sums)), TEXT_SIZE)
        if (more := count - MAX_NAMED) > 0:
            yield from self._text(f"另有 {more} 笔 and {more} more")
        yield from self._text(f"打印 Printed {self.printed}")
        yield from self._foot()

    def _head(self, title: str, title_en: str) -> Iterator[Block]:
        if self.sandbox:
            yield from self._text("演示数据 SANDBOX", "不是真实凭证 not genuine", align="center")
        yield from self._text(self.hall, title, title_en, align="center")

    def _foot(self) -> Iterator[Block]:
        if self.sandbox:
            yield from self._text("演示数据 SANDBOX", align="center")

    def _text(self, *texts: str, align: str = "left") -> Iterator[Block]:
        """One block: a slip has room for so many."""
        if lines := self._wrapped(*texts):
            where = {"center": "center", "right": "right"}.get(align, "left")
            yield SlipLine("\n".join(lines), TEXT_SIZE, where)  # type: ignore[arg-type] # one of the three

    def _wrapped(self, *texts: str) -> list[str]:
        return [line for text in texts for line in wrap(text, self.columns)]


def masked(payer: str) -> str:
    """A name that came masked stays as it is; of any other only the first character does."""
    found = _PAYER.fullmatch(payer.strip())
    name, number = (found[1].strip(" *"), found[2]) if found else ("", "")
    if name and not set(name) & set(_MASKS):
        name = name[0] + "*" * min(len(name) - 1, 2)
    return f"{name} {re.sub('[^0-9Xx]', '', number)[-4:]}".strip()
