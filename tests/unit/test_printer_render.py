"""A slip as commands: characters, lines, limits."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import segno

from drivers.messages import SlipLine, SlipQr
from drivers.printer import commands, render
from drivers.printer.render import BadSlip
from drivers.printer.settings import PrinterSettings

PLAIN = PrinterSettings(min_size=1, asb=False)
BEGIN = commands.align("left") + commands.size(1)  # of a slip that begins with such a line


def _lines(block: SlipLine, settings: PrinterSettings = PLAIN) -> list[bytes]:
    head, *rest = render.render((block,), settings)
    assert head == commands.INITIALISE + commands.CHINESE_ON
    return rest


def _texts(block: SlipLine) -> list[str]:
    """Without the modes, which the first has."""
    first, *rest = _lines(block)
    return [line.decode("gb18030").rstrip("\n") for line in (first[len(BEGIN) :], *rest)]


# --- characters ---
@pytest.mark.parametrize(
    ("char", "gb2312", "gbk", "gb18030"),
    [
        ("A", True, True, True),
        ("号", True, True, True),
        ("，", True, True, True),
        ("镕", False, True, True),  # GBK only: a premier's name
        ("䶮", False, False, True),  # two bytes in GB18030, in no GBK font
        ("㛃", False, False, True),  # four bytes
        ("𠮷", False, False, True),
        ("é", True, True, True),
        ("€", False, False, True),
        ("\ue000", False, False, False),  # private use: whatever the font's maker liked
        ("\U0003abcd", False, False, False),  # no character
    ],
)
def test_what_a_font_has(char: str, gb2312: bool, gbk: bool, gb18030: bool) -> None:
    found = tuple(render.has(char, charset) for charset in ("gb2312", "gbk", "gb18030"))
    assert found == (gb2312, gbk, gb18030)


def test_no_text_can_become_a_command() -> None:
    hostile = "A\x1b@\x1dV\x42\x00\x10\x05\x02\x00号\u202e\u200b\ud800"
    (line,) = _lines(SlipLine(hostile))
    assert line == BEGIN + "A@VB号\n".encode("gb18030")


def test_a_newline_in_a_text_is_a_new_line() -> None:
    assert _lines(SlipLine("a\nb")) == [BEGIN + b"a\n", b"b\n"]


def test_an_empty_line_is_a_line() -> None:
    assert _lines(SlipLine("")) == [BEGIN + b"\n"]


# --- modes ---
def test_modes_are_told_at_the_beginning_and_where_they_change() -> None:
    blocks = (
        *(SlipLine("大厅", 2, "center"), SlipLine("A012", 6, "center"), SlipLine("税务", 2, "center")),
        *(SlipQr("A012"), SlipLine("x", 2, "center"), SlipLine("䶮", 2), SlipLine("y", 2)),
    )
    _, hall, number, service, code, after, drawn, last = render.render(blocks, PLAIN)
    center, left = commands.align("center"), commands.align("left")
    assert hall == center + commands.size(2) + "大厅\n".encode("gb18030")
    assert number == commands.size(6) + b"A012\n"
    assert service == commands.size(2) + "税务\n".encode("gb18030")
    assert code == commands.qr(b"A012", SlipQr("").module) + b"\n"
    assert (after, last) == (b"x\n", b"y\n")
    assert drawn.startswith(left + b"\x1dv0"), "of a picture no size is told"


def test_a_picture_before_the_first_text_leaves_its_size_to_be_told() -> None:
    _, code, line = render.render((SlipQr("x"), SlipLine("y", 1, "center")), PLAIN)
    assert code.startswith(commands.align("center") + b"\x1d(k")
    assert line == commands.size(1) + b"y\n"


def test_each_slip_tells_its_own_modes() -> None:
    """Whatever the slip before, or the printer's own, was."""
    first, again = (render.render((SlipLine("号", 2, "center"),), PLAIN) for _ in range(2))
    assert first == again and commands.align("center") + commands.size(2) in first[1]


# --- width ---
def test_lines_are_as_wide_as_the_paper() -> None:
    texts = _texts(SlipLine("号" * 50))
    assert texts == ["号" * 24, "号" * 24, "号" * 2]
    texts = _texts(SlipLine("号" * 9, 6))
    assert texts == ["号" * 4, "号" * 4, "号"]


def test_english_is_broken_at_spaces() -> None:
    words = "Please wait in the hall until your number is called at a window"
    assert _texts(SlipLine(words)) == ["Please wait in the hall until your number is", "called at a window"]


def test_a_word_longer_than_the_line_is_broken_anywhere() -> None:
    assert render.wrap("x" * 25, 10, render.columns_of) == ["x" * 10, "x" * 10, "x" * 5]


def test_small_text_is_enlarged_to_what_can_be_read() -> None:
    (line,) = _lines(SlipLine("号"), replace(PLAIN, min_size=2))
    assert line == commands.align("left") + commands.size(2) + "号\n".encode("gb18030")


# --- QR ---
def test_a_qr_code_fits_the_paper_at_every_size() -> None:
    for size in (1, 14, 15, 100, 213, 214, 331):
        for columns in (16, 32, 48):
            settings = replace(PLAIN, columns=columns)
            data = "x" * size
            modules = segno.make_qr(data, error="m", mode="byte", boost_error=False).symbol_size(border=4)[0]
            _, piece = render.render((SlipQr(data, 16),), settings)
            module = piece[piece.index(b"\x31\x43") + 2]
            assert module * modules <= settings.dots
            assert module == 16 or (module + 1) * modules > settings.dots


def test_the_capacity_table_is_the_standards() -> None:
    for version in range(1, 14):
        capacity = max(size for size in range(1, 332) if render._qr_side(b"x" * size) <= 17 + 4 * version)
        assert segno.make_qr("x" * capacity, error="m", mode="byte", boost_error=False).version == version


def test_a_drawn_qr_code_is_the_symbol_with_its_quiet_zone() -> None:
    data = "https://example.cn/A012"
    pieces = render.render((SlipQr(data, 4),), replace(PLAIN, qr="raster"))
    rows = b"".join(piece.partition(b"\x1dv0\x00")[2][4:] for piece in pieces[1:])
    symbol = segno.make_qr(data.encode(), error="m", mode="byte", boost_error=False)
    expected = [bytes(row) for row in symbol.matrix_iter(scale=4, border=4)]
    row_bytes = (len(expected[0]) + 7) // 8
    found = [
        [rows[y * row_bytes + x // 8] >> (7 - x % 8) & 1 for x in range(len(expected[0]))]
        for y in range(len(expected))
    ]
    assert found == [list(row) for row in expected]


# --- limits ---
@pytest.mark.parametrize(
    "blocks",
    [
        (),
        (SlipLine("x"),) * 65,
        (SlipLine("x" * 513),),
        (SlipLine("x", 0),),
        (SlipLine("x", 9),),
        (SlipQr(""),),
        (SlipQr("x" * 332),),
        (SlipQr("中" * 111),),
        (SlipQr("x", 0),),
        (SlipQr("x", 17),),
        (SlipLine("䶮" * 100, 8),),  # too many bytes once drawn
    ],
)
def test_what_is_beyond_a_limit_is_refused(blocks: tuple[SlipLine | SlipQr, ...]) -> None:
    with pytest.raises(BadSlip):
        render.render(blocks, PLAIN)


def test_a_font_that_is_none_refuses_the_slip() -> None:
    with pytest.raises(BadSlip, match="cannot draw"):
        render.render((SlipLine("䶮"),), replace(PLAIN, fonts=(__file__,)))


def test_every_piece_is_short_enough_to_ask_between() -> None:
    settings = replace(PLAIN, band_bytes=256, qr="raster")
    for piece in render.render((SlipLine("䶮" * 8, 2), SlipQr("x" * 100)), settings):
        assert len(piece) <= 256 + 11


def test_the_status_is_asked_for_with_every_slip() -> None:
    head, *_ = render.render((SlipLine("x"),), replace(PLAIN, asb=True))
    assert head == commands.INITIALISE + commands.ASB_ON + commands.CHINESE_ON


def test_plain_slips_cost_no_pillow() -> None:
    """Pillow and segno are loaded by the first slip that needs drawing, not by the daemon's start."""
    program = (
        "import sys; from drivers.printer import driver, render, sim; from drivers.messages import *\n"
        "from drivers.printer.settings import PrinterSettings as S\n"
        "render.render((SlipLine('号'), SlipQr('x')), S())\n"
        "assert not {'PIL', 'segno'} & set(sys.modules), 'loaded too early'\n"
        "render.render((SlipLine('䶮'),), S())\n"
        "assert 'PIL' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
