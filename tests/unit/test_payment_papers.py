"""What stands on receipts and settlement slips, and what must never stand there."""

from __future__ import annotations

import pytest

from drivers.messages import SlipLine, SlipQr
from edge.rules.text import width
from edge.upstream.messages import Receipt, ReceiptLine
from edge.upstream.papers import MAX_NAMED, Block, Sheet, masked
from edge.wire import MAX_FEN, Difference, PaymentsSettled

MIN_PT = 10  # of any text on paper
DOT_PT = 72 / 203  # of a printer of 203 dpi
GLYPH_DOTS = 24  # of a Chinese character of size 1
MAX_BLOCKS = 64  # of a slip
ORDER = f"P{7:019d}"


def sheet(*, sandbox: bool = False, columns: int = 24) -> Sheet:
    return Sheet("云和县政务服务中心", columns, sandbox, "2026-11-25 09:30")


def receipt(payer: str = "王*明 1234", lines: int = 2) -> Receipt:
    names = (("个人所得税", "national", 10_000), ("印花税", "local", 2_350))
    every = [
        ReceiptLine(
            name=name,
            name_en="Tax",
            share=share,
            period="2026年10月",
            period_en="October 2026",
            amount_fen=fen,
        )
        for name, share, fen in (names * lines)[:lines]
    ]
    return Receipt(
        number="W-2026-0001",
        title="税收完税证明",
        title_en="Tax receipt",
        payer=payer,
        lines=tuple(every),
        total_fen=12_350,
        issued_on="2026-11-25",
        verify="https://verify.example/W-2026-0001",
    )


def text(blocks: tuple[Block, ...]) -> str:
    return "\n".join(each.text for each in blocks if isinstance(each, SlipLine))


def check_paper(blocks: tuple[Block, ...], columns: int) -> None:
    assert 1 <= len(blocks) <= MAX_BLOCKS
    for each in blocks:
        if isinstance(each, SlipLine):
            assert each.size * GLYPH_DOTS * DOT_PT >= MIN_PT
            assert all(width(line) <= columns for line in each.text.split("\n"))


@pytest.mark.parametrize("columns", [16, 24])
@pytest.mark.parametrize("lines", [0, 1, 2, 40])
def test_a_receipt_fits_and_can_be_read(columns: int, lines: int) -> None:
    check_paper(sheet(sandbox=True, columns=columns).receipt(receipt(lines=lines), ORDER, copy=True), columns)


def test_a_receipt_says_what_was_paid_to_whom() -> None:
    found = text(sheet().receipt(receipt(), ORDER, copy=False))
    for part in (
        "税收完税证明",
        "王*明 1234",
        "100.00 元",
        "23.50 元",
        "合计 Total 123.50 元",
        "中央",
        "地方",
        "2026年10月",
        "October 2026",
    ):
        assert part in found.replace("\n", " ")
    assert "副本" not in found
    assert "SANDBOX" not in found


def test_it_can_be_had_again_by_the_code_on_it() -> None:
    codes = [each.data for each in sheet().receipt(receipt(), ORDER, copy=False) if isinstance(each, SlipQr)]
    assert codes == ["https://verify.example/W-2026-0001", ORDER]


def test_a_copy_is_marked_first_and_a_sandbox_at_both_ends() -> None:
    blocks = sheet(sandbox=True).receipt(receipt(), ORDER, copy=True)
    assert isinstance(blocks[0], SlipLine)
    assert "副本 COPY" in blocks[0].text
    for each in (blocks[1], blocks[-1]):
        assert isinstance(each, SlipLine)
        assert "SANDBOX" in each.text


@pytest.mark.parametrize(
    ("payer", "shown"),
    [
        ("王*明 1234", "王*明 1234"),
        ("王小明 340123199001011234", "王** 1234"),
        ("王小明", "王**"),
        ("王*明 340***********123X", "王*明 123X"),
        ("王明340123199001011234", "王* 1234"),
        ("340123 1990 0101 1234", "1234"),
        ("", ""),
    ],
)
def test_whatever_comes_only_what_may_be_shown_is_on_paper(payer: str, shown: str) -> None:
    assert masked(payer) == shown


def settled(differences: int = 0) -> PaymentsSettled:
    some = tuple(
        Difference(key=f"{n:032x}", what="unknown_there", ours_fen=MAX_FEN, theirs_fen=0)
        for n in range(differences)
    )
    return PaymentsSettled(
        day="2026-11-25",
        created=9,
        paid=7,
        paid_fen=1_234_500,
        expired=2,
        refunded=1,
        refunded_fen=500,
        unsettled=0,
        differences=some,
        more=3 if differences else 0,
    )


@pytest.mark.parametrize("columns", [16, 24])
@pytest.mark.parametrize("differences", [0, 1, 40])
def test_a_settlement_fits_and_can_be_read(columns: int, differences: int) -> None:
    check_paper(sheet(sandbox=True, columns=columns).settlement(settled(differences)), columns)


def test_a_settlement_names_each_difference_that_has_room_and_counts_the_others() -> None:
    found = text(sheet().settlement(settled(40)))
    assert "差异 Differences 43" in found
    assert found.count("对方没有记录") == MAX_NAMED
    assert "另有 27 笔" in found
    assert "12345.00 元" in found
    assert "差异 Differences 0" in text(sheet().settlement(settled()))
