"""Dots: lines of text and QR symbols drawn here, for what a printer cannot draw itself.

Imported only when a slip needs it: Pillow costs memory. A bitmap is (bytes per row, rows), high bit left,
1 = black.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from drivers.printer.settings import EM_DOTS

LINE_HEIGHT = 1.3  # of the em, near the printer's own: its 24-dot lines stand 30 dots apart
# Debian's fonts-noto-cjk (the face "SC"): it has some 2,000 of the rarest characters, 𠮷 among them, that
# the Noto Sans SC installed with the program lacks.
DEBIAN_CJK = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2)
_BASELINE = 1.0  # em below the line's top: Å rises by 0.98, | falls by 0.28
_THRESHOLD = 128  # of 255: above it a dot is black
_NO_CHARACTER = "\U0010ffff"  # in no font: shows what a font draws for what it lacks


class _Face:
    def __init__(self, path: str, index: int, em: int) -> None:
        self.font = ImageFont.truetype(path, em, index, layout_engine=ImageFont.Layout.BASIC)
        self._blank = bytes(self.font.getmask(_NO_CHARACTER))

    def has(self, char: str) -> bool:
        return char.isspace() or bytes(self.font.getmask(char)) != self._blank


@lru_cache(maxsize=4)  # a slip uses a few sizes; a face holds about 0.3 MB
def _faces(fonts: tuple[str, ...], em: int) -> tuple[_Face, ...]:
    import pylopdf_fonts_zh_cn  # noqa: PLC0415 - with Pillow, only when a line is drawn

    places = [*((font, 0) for font in fonts), (str(pylopdf_fonts_zh_cn.sans_path()), 0)]
    if Path(DEBIAN_CJK[0]).is_file():
        places.append(DEBIAN_CJK)
    return tuple(_Face(path, index, em) for path, index in places)


class Pen:
    """Draws lines of one size, each character in the first font that has it. One that none has is drawn as a
    crossed box: it is seen to be missing, never left out."""

    def __init__(self, fonts: tuple[str, ...], size: int) -> None:
        self._em = EM_DOTS * size
        self._faces = _faces(fonts, self._em)

    def width(self, char: str) -> float:
        font = self._font(char)
        return float(font.getlength(char)) if font else float(self._em)

    def lacks(self, char: str) -> bool:
        return self._font(char) is None

    def draw(self, text: str, dots: int) -> tuple[int, bytes]:
        """At most `dots` wide, and no wider than the text."""
        width = max(1, min(dots, round(sum(map(self.width, text)))))
        image = Image.new("L", (width, round(self._em * LINE_HEIGHT)), 0)
        pencil = ImageDraw.Draw(image)
        left = 0.0
        for char in text:
            if font := self._font(char):
                pencil.text((left, self._em * _BASELINE), char, fill=255, font=font, anchor="ls")
            else:
                self._box(pencil, left)
            left += self.width(char)
        return (width + 7) // 8, image.point(lambda v: 255 * (v >= _THRESHOLD)).convert("1").tobytes()

    def _font(self, char: str) -> ImageFont.FreeTypeFont | None:
        return next((face.font for face in self._faces if face.has(char)), None)

    def _box(self, pencil: ImageDraw.ImageDraw, left: float) -> None:
        edge = self._em * 0.08
        corners = (left + edge, edge, left + self._em - edge, self._em - edge)
        pencil.rectangle(corners, outline=255, width=max(2, self._em // 16))
        pencil.line(corners, fill=255, width=max(2, self._em // 16))


def qr(data: bytes, module: int) -> tuple[int, bytes]:
    """A QR symbol, level M, with its quiet zone."""
    import segno  # noqa: PLC0415 - not needed for text

    symbol = segno.make_qr(data, error="m", mode="byte", boost_error=False)
    rows = [bytes(row) for row in symbol.matrix_iter(scale=module, border=4)]
    width = len(rows[0])
    row_bytes = (width + 7) // 8
    pad = "0" * (row_bytes * 8 - width)
    bits = ("".join("1" if dot else "0" for dot in row) + pad for row in rows)
    return row_bytes, b"".join(int(row, 2).to_bytes(row_bytes, "big") for row in bits)
