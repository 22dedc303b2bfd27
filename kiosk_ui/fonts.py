"""The fonts of the kiosk: where they are, how wide a text is in them, and its picture.

Chinese is set in Noto Sans SC. A character that it lacks, as some names have, comes from Noto Sans JP, and
then from Debian's Noto CJK where that is installed. With no font at all only ASCII can be shown:
`can_chinese` says so, and the log tells a technician what to install.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from importlib import util
from itertools import groupby
from pathlib import Path

import pygame
import pygame.freetype

from kiosk_ui.kept import Kept
from kiosk_ui.panel import Panel
from kiosk_ui.theme import Colour

log = logging.getLogger(__name__)

_PACKAGED = (
    ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"),
    ("pylopdf_fonts_jp", "NotoSansJP-Regular.otf"),
)
DEBIAN = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_DEBIAN_SC = 2  # the face of simplified Chinese in that file
CAP_HEIGHT_EM = 0.733  # of Noto Sans SC
_BOLD_EM = 1 / 40  # how much strokes grow: the packages have no bold face

MAX_WIDTHS = 4096  # words measured: a hall's screens have about 2000; 1 MB
MAX_PICTURES_BYTES = 6 * 2**20  # of text surfaces: a screen full of it and a half
MAX_PICTURE_BYTES = 2**18  # of one of them: the clock for all to see, which nobody sees again, takes 400 kB
_GLYPHS = 512  # that FreeType keeps of a face

NO_FONT = (
    "no Chinese font is there: only English is shown. Install one: apt-get install fonts-noto-cjk",
    "没有中文字体，只能显示英文。请安装：apt-get install fonts-noto-cjk",
)


def installed() -> list[Path]:
    """The font files that are there, the preferred one first."""
    found = []
    for package, name in _PACKAGED:
        spec = util.find_spec(package)
        if spec is not None and spec.origin:
            found.append(Path(spec.origin).parent / name)
    return [path for path in (*found, DEBIAN) if path.is_file()]


class Fonts:
    """Measures and draws text for one panel. All it keeps is bounded, and `forget` drops every text."""

    def __init__(self, panel: Panel, files: Sequence[Path] | None = None) -> None:
        if not pygame.freetype.get_init():
            pygame.freetype.init(_GLYPHS)
        self._panel = panel
        self._faces = list(_opened(installed() if files is None else files))
        self.can_chinese = bool(self._faces)
        if not self._faces:
            log.error("%s; %s", *NO_FONT)
            self._faces = [_face(None)]
        self._widths: dict[tuple[str, int, bool], float] = {}
        self._pictures = Kept(self._rendered, surface_bytes, MAX_PICTURES_BYTES, MAX_PICTURE_BYTES)

    def missing(self, text: str) -> str:
        """The characters of it that no face has."""
        return "".join(
            each for each in dict.fromkeys(text) if not any(_has(face, each) for face in self._faces)
        )

    def width(self, text: str, size_mm: float, bold: bool) -> float:
        key = (text, self._panel.px(size_mm), bold)
        if key not in self._widths:
            if len(self._widths) >= MAX_WIDTHS:
                self._widths.clear()
            self._widths[key] = self._panel.mm(sum(part.w for part in self._measured(*key)))
        return self._widths[key]

    def picture(self, text: str, size_mm: float, bold: bool, colour: Colour) -> pygame.Surface:
        """The text as a transparent surface; not to be drawn upon."""
        return self._pictures[text, self._panel.px(size_mm), bold, colour]

    @property
    def pictures_bytes(self) -> int:
        return self._pictures.bytes

    def forget(self) -> None:
        """Drop every text and overwrite its picture: it may be a person's."""
        for surface in self._pictures.all():
            surface.fill((0, 0, 0, 0))
        self._pictures.clear()
        self._widths.clear()

    def _measured(self, text: str, px: int, bold: bool) -> Iterator[pygame.Rect]:
        for face, run in self._runs(text):
            face.strong = bold
            yield face.get_rect(run, size=px)

    def _rendered(self, asked: tuple[str, int, bool, Colour]) -> pygame.Surface:
        text, px, bold, colour = asked
        parts = []
        for face, run in self._runs(text):
            face.strong = bold
            surface, rect = face.render(run, colour, size=px)
            parts.append((surface, rect.y))
        if len(parts) == 1:
            return quick(parts[0][0])
        return _joined(parts)

    def _runs(self, text: str) -> Iterator[tuple[pygame.freetype.Font, str]]:
        """The text cut where its face changes."""
        if len(self._faces) == 1 or text.isascii():
            yield self._faces[0], text
            return
        for face, run in groupby(text, self._face_of):
            yield face, "".join(run)

    def _face_of(self, character: str) -> pygame.freetype.Font:
        return next((face for face in self._faces if _has(face, character)), self._faces[0])


def _opened(files: Sequence[Path]) -> Iterator[pygame.freetype.Font]:
    """Those that can be opened and have Chinese; what is wrong with the others is logged."""
    for file in files:
        try:
            face = _face(file)
        except (OSError, RuntimeError, pygame.error) as error:
            log.error("the font %s cannot be opened: %s", file, error)  # noqa: TRY400 - its words say all
            continue
        if _has(face, "政"):
            yield face
        else:
            log.error("the font %s has no Chinese", file)


def _face(file: Path | None) -> pygame.freetype.Font:
    index = _DEBIAN_SC if file == DEBIAN else 0
    face = pygame.freetype.Font(None if file is None else str(file), 16, font_index=index, ucs4=True)
    face.pad = True  # surfaces as high as the line, as wide as the text goes on
    face.strength = _BOLD_EM
    return face


def _has(face: pygame.freetype.Font, character: str) -> bool:
    return face.get_metrics(character)[0] is not None


def _joined(parts: list[tuple[pygame.Surface, int]]) -> pygame.Surface:
    """The surfaces side by side with their base lines at one height; each comes with its own's."""
    base = max(each for _, each in parts)
    height = max(base - each + surface.get_height() for surface, each in parts)
    width = sum(surface.get_width() for surface, _ in parts)
    joined = pygame.Surface((width, height), pygame.SRCALPHA)
    x = 0
    for surface, each in parts:
        joined.blit(surface, (x, base - each))
        x += surface.get_width()
    return joined


def quick(surface: pygame.Surface) -> pygame.Surface:
    """With its colours in the order of the screen's: drawn forty times as fast as in another one."""
    return surface.convert(pygame.Surface((1, 1), pygame.SRCALPHA))


def surface_bytes(surface: pygame.Surface) -> int:
    return surface.get_pitch() * surface.get_height()
