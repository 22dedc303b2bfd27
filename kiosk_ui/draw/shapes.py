"""Smooth shapes: rounded rectangles with soft corners, icons from their files, QR codes."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import resources

import pygame
import segno

from kiosk_ui.fonts import quick, surface_bytes
from kiosk_ui.kept import Kept
from kiosk_ui.node import Icon
from kiosk_ui.theme import Colour

_FINER = 4  # times, that a corner is drawn larger before it is made smooth
MAX_DISCS_BYTES = 1 << 20  # corners are small; a few are the grounds of icons, of some 100 kB
MAX_ICONS_BYTES = 2 << 20  # a page has ten, of 10 kB beside words and 300 kB above them
MAX_CODES = 2  # a code is a ticket's or a payment's, and wiped with it
_QUIET = 4  # modules of light around a code, as the standard has it


def rounded(surface: pygame.Surface, rect: pygame.Rect, radius: int, colour: Colour) -> None:
    """A filled rectangle whose corners are smooth."""
    radius = min(radius, rect.w // 2, rect.h // 2)
    if radius < 1:
        surface.fill(colour, rect)
        return
    surface.fill(colour, (rect.x, rect.y + radius, rect.w, rect.h - 2 * radius))
    for y, part in ((rect.y, 0), (rect.bottom - radius, radius)):
        surface.fill(colour, (rect.x + radius, y, rect.w - 2 * radius, radius))
        for x, half in ((rect.x, 0), (rect.right - radius, radius)):
            surface.blit(_discs[radius, colour], (x, y), (half, part, radius, radius))


def _disc(asked: tuple[int, Colour]) -> pygame.Surface:
    radius, colour = asked
    large = pygame.Surface((2 * radius * _FINER,) * 2, pygame.SRCALPHA)
    large.fill((*colour, 0))
    pygame.draw.circle(large, colour, (radius * _FINER,) * 2, radius * _FINER)
    return pygame.transform.smoothscale(large, (2 * radius,) * 2)


def icon(which: Icon, side: int, colour: Colour) -> pygame.Surface:
    return _icons[which, side, colour]


def _icon(asked: tuple[Icon, int, Colour]) -> pygame.Surface:
    which, side, colour = asked
    return quick(pygame.image.load_sized_svg(io.BytesIO(_svg(which, colour)), (side, side)))


def _svg(which: Icon, colour: Colour) -> bytes:
    file = resources.files("kiosk_ui.draw").joinpath("icons", f"{which}.svg")
    return file.read_bytes().replace(b"currentColor", b"#%02x%02x%02x" % colour)


@lru_cache(MAX_CODES)
def code(text: str, side: int, dark: Colour, light: Colour) -> pygame.Surface:
    """A QR code, modules of whole pixels in the middle of a light square."""
    matrix = segno.make(text, error="m", micro=False).matrix
    module = side // (len(matrix) + 2 * _QUIET)
    start = (side - module * len(matrix)) // 2
    surface = pygame.Surface((side, side), 0, 8)  # of two colours: a large one would be 1 MB of 32 bits
    surface.set_palette((light, dark))
    surface.fill(light)
    for row, cells in enumerate(matrix):
        for column, cell in enumerate(cells):
            if cell:
                surface.fill(dark, (start + column * module, start + row * module, module, module))
    return surface


def forget() -> None:
    """Drop what may be a person's."""
    code.cache_clear()


_discs = Kept(_disc, surface_bytes, MAX_DISCS_BYTES)
_icons = Kept(_icon, surface_bytes, MAX_ICONS_BYTES)
