"""The citizen identity number: 17 digits and a check character (GB 11643-1999, ISO 7064 MOD 11-2)."""

from __future__ import annotations

import re

DIGITS = 17
_CHECKS = "10X98765432"  # by the remainder
_WEIGHTS = tuple(2 ** (DIGITS - place) % 11 for place in range(DIGITS))
_NUMBER = re.compile(rf"[0-9]{{{DIGITS}}}[0-9X]")


def check_character(digits: str) -> str:
    """Of the first 17 digits. Raises ValueError for anything else, without saying what it was."""
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"not {DIGITS} digits")
    return _check(digits)


def has_form(number: str) -> bool:
    return bool(_NUMBER.fullmatch(number))


def is_valid(number: str) -> bool:
    """Whether it has the form, and the check character that belongs to it."""
    return has_form(number) and _check(number) == number[DIGITS]


def _check(number: str) -> str:
    """By its first 17 digits, of which no copy is made."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]
