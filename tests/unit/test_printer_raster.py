"""Drawn lines: the right characters, dark on paper, and nothing left out in silence."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from drivers.messages import SlipLine
from drivers.printer import raster, render
from drivers.printer.settings import PrinterSettings


def _picture(bitmap: tuple[int, bytes]) -> Image.Image:
    row_bytes, rows = bitmap
    return Image.frombytes("1", (row_bytes * 8, len(rows) // row_bytes), rows)


def _ink(bitmap: tuple[int, bytes]) -> float:
    data = _picture(bitmap).tobytes()
    return sum(byte.bit_count() for byte in data) / (len(data) * 8)


@pytest.fixture
def only_our_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "DEBIAN_CJK", ("/nowhere", 0))
    raster._faces.cache_clear()


@pytest.mark.usefixtures("only_our_font")
def test_rare_name_characters_are_in_the_font_that_is_installed() -> None:
    pen = raster.Pen((), 2)
    assert [char for char in "䶮㛃镕喆堃王" if pen.lacks(char)] == []
    assert len({pen.draw(char, 576) for char in "䶮㛃王"}) == 3
    for char in "䶮㛃王":
        assert 0.05 < _ink(pen.draw(char, 576)) < 0.5


@pytest.mark.usefixtures("only_our_font")
def test_what_no_font_has_is_a_box_that_can_be_seen() -> None:
    pen = raster.Pen((), 2)
    assert pen.lacks("𪚥")
    assert pen.lacks("\ue000")
    row_bytes, rows = pen.draw("王𪚥", 576)
    box = pen.draw("𪚥", 576)
    assert _ink(box) > 0.05
    picture, alone = _picture((row_bytes, rows)), _picture(box)
    assert picture.crop((48, 0, 96, 62)).tobytes() == alone.crop((0, 0, 48, 62)).tobytes()


@pytest.mark.skipif(not Path(raster.DEBIAN_CJK[0]).is_file(), reason="fonts-noto-cjk is not installed")
def test_debians_font_has_the_rarest() -> None:
    raster._faces.cache_clear()
    assert not raster.Pen((), 2).lacks("𠮷")


@pytest.mark.usefixtures("only_our_font")
def test_the_fonts_are_tried_in_order(tmp_path: Path) -> None:
    """Pillow's own font has Latin only: it draws the A, and the Chinese comes from the next."""
    own = ImageFont.load_default(20)
    assert isinstance(own, ImageFont.FreeTypeFont)
    assert isinstance(own.path, BytesIO)
    latin = tmp_path / "latin.ttf"
    latin.write_bytes(own.path.getvalue())
    pen, ours = raster.Pen((str(latin),), 2), raster.Pen((), 2)
    assert pen.draw("A", 576) != ours.draw("A", 576)
    assert pen.draw("王", 576) == ours.draw("王", 576)
    assert not pen.lacks("王")


def test_spaces_are_spaces() -> None:
    assert _ink(raster.Pen((), 2).draw(" \u3000 ", 576)) == 0


def test_a_line_is_never_wider_than_the_paper_and_as_high_as_its_size() -> None:
    for size in (1, 2, 4):
        row_bytes, rows = raster.Pen((), size).draw("王小䶮" * 30, 576)
        assert row_bytes <= 72
        assert len(rows) == row_bytes * round(31.2 * size)


def test_descenders_and_strokes_stay_within_the_line() -> None:
    """Neither the top nor the bottom row of dots carries ink that was cut off."""
    row_bytes, rows = raster.Pen((), 4).draw("gjQ|䶮Å", 576)
    assert not any(rows[:row_bytes])
    assert not any(rows[-row_bytes:])


def test_a_drawn_line_wraps_by_its_dots() -> None:
    settings = PrinterSettings(min_size=1, columns=32, band_bytes=4096)
    pieces = render.render((SlipLine("䶮" * 17, 1),), settings)
    widths = {piece.partition(b"\x1dv0\x00")[2][0] for piece in pieces[1:]}
    assert len(pieces) == 3  # start, sixteen of 24 dots, and one more
    assert widths == {48, 3}
