"""Ways through the kiosk that a journey is tried by."""

from __future__ import annotations

import pytest

TOUCH, KEYPAD = ("touch", "zh"), ("keypad", "en")


def ways(*quick: tuple[str, str]) -> pytest.MarkDecorator:
    """By finger and by keypad, in Chinese and in English: those that are `quick`, and thorough ones."""
    every = [(by, language) for by in ("touch", "keypad") for language in ("zh", "en")]
    params = [pytest.param(*way, marks=() if way in quick else pytest.mark.thorough) for way in every]
    return pytest.mark.parametrize(("by", "language"), params)
