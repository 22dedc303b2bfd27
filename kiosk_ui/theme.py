"""Colours by what they are for: a page names a tone, and the theme that was chosen has a colour for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from kiosk_ui.actions import Contrast

Colour = tuple[int, int, int]

_DARK = 0.04045  # of sRGB: where its curve becomes a line


class Tone(StrEnum):
    PAPER = "paper"  # behind everything
    CARD = "card"  # what lies on the paper
    INK = "ink"
    SOFT = "soft"  # ink of what is said beside; still read as body text
    LINE = "line"  # edges of cards
    ACCENT = "accent"
    ON_ACCENT = "on_accent"
    TINT = "tint"  # a breath of the accent: what is chosen, what is called
    GOOD = "good"
    GOOD_TINT = "good_tint"
    WARN = "warn"
    WARN_TINT = "warn_tint"
    BAD = "bad"
    BAD_TINT = "bad_tint"
    OFF = "off"  # ink of what cannot be chosen now
    OFF_FILL = "off_fill"
    FOCUS = "focus"  # the ring around what keys are at
    SHADE = "shade"  # below a raised card
    BAND = "band"  # the header's ground
    ON_BAND = "on_band"
    CODE_DARK = "code_dark"  # of QR codes, which cameras want dark on light in every theme
    CODE_LIGHT = "code_light"


@dataclass(frozen=True, slots=True)
class Theme:
    name: Contrast
    colours: Mapping[Tone, Colour]
    edge_mm: float  # of cards and buttons: thicker where contrast is high

    def __getitem__(self, tone: Tone) -> Colour:
        return self.colours[tone]


def _theme(name: Contrast, edge_mm: float, **colours: str) -> Theme:
    return Theme(
        name, MappingProxyType({Tone(tone): _colour(code) for tone, code in colours.items()}), edge_mm
    )


def _colour(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return red, green, blue


THEMES: Mapping[Contrast, Theme] = MappingProxyType(
    {
        Contrast.NORMAL: _theme(
            Contrast.NORMAL,
            0.3,
            **{"paper": "f3f6f6", "card": "ffffff", "ink": "14262b", "soft": "364a50", "line": "d3dfe0"},
            **{"accent": "0b5560", "on_accent": "ffffff", "tint": "e0eff0", "focus": "b35300"},
            **{"good": "0d5436", "good_tint": "e2f2e9", "warn": "6b3f00", "warn_tint": "fdf1dc"},
            **{"bad": "8c1d18", "bad_tint": "fbe9e7", "off": "37474c", "off_fill": "eaeeee"},
            **{"shade": "dde5e6", "band": "0b5560", "on_band": "ffffff"},
            **{"code_dark": "000000", "code_light": "ffffff"},
        ),
        Contrast.DARK_ON_LIGHT: _theme(
            Contrast.DARK_ON_LIGHT,
            0.8,
            **{"paper": "ffffff", "card": "ffffff", "ink": "000000", "soft": "000000", "line": "000000"},
            **{"accent": "00343d", "on_accent": "ffffff", "tint": "e6f4f5", "focus": "a83c00"},
            **{"good": "003d22", "good_tint": "ffffff", "warn": "4a2a00", "warn_tint": "ffffff"},
            **{"bad": "6e0000", "bad_tint": "ffffff", "off": "333333", "off_fill": "f0f0f0"},
            **{"shade": "ffffff", "band": "ffffff", "on_band": "000000"},
            **{"code_dark": "000000", "code_light": "ffffff"},
        ),
        Contrast.LIGHT_ON_DARK: _theme(
            Contrast.LIGHT_ON_DARK,
            0.8,
            **{"paper": "000000", "card": "000000", "ink": "ffffff", "soft": "ffffff", "line": "ffffff"},
            **{"accent": "ffe14d", "on_accent": "000000", "tint": "262200", "focus": "5cd6ff"},
            **{"good": "8ff0b4", "good_tint": "000000", "warn": "ffd27a", "warn_tint": "000000"},
            **{"bad": "ffb3ab", "bad_tint": "000000", "off": "c8c8c8", "off_fill": "1c1c1c"},
            **{"shade": "000000", "band": "000000", "on_band": "ffffff"},
            **{"code_dark": "000000", "code_light": "ffffff"},
        ),
    }
)


def contrast(one: Colour, other: Colour) -> float:
    """The ratio of WCAG 2: 1 of a colour with itself, 21 of black with white."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _DARK else ((part + 0.055) / 1.055) ** 2.4
