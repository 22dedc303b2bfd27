"""JSON from a peer that is not trusted: as RFC 8259 has it, bounded in depth, and numbers as they stand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Never

MAX_DEPTH = 32  # of objects and arrays; what devices send has less than ten
MAX_DIGITS = 40  # of one number: more is no measure of anything

Json = Any  # None, bool, int, Decimal, str, list[Json] or dict[str, Json]; `Any`, since it comes unchecked


def loads(text: str | bytes) -> Json:
    """Fractions become Decimal, so that an amount keeps its digits. Raises ValueError with the reason."""
    if isinstance(text, bytes):
        text = text.decode()  # json.loads would guess at other encodings, which RFC 8259, 8.1, has done with
    try:
        found = json.loads(text, parse_float=_number, parse_int=_whole, parse_constant=_constant)
    except RecursionError:
        raise ValueError(f"more than {MAX_DEPTH} levels") from None
    _check_depth(found)
    return found


def _number(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return Decimal(digits)


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _check_depth(found: Json) -> None:
    level, depth = [found], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} levels")
        inner = [each for each in level if isinstance(each, dict | list)]
        level = [value for each in inner for value in (each.values() if isinstance(each, dict) else each)]
