"""What is asked, read strictly and by hand: the contract's patterns and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from datetime import date
from typing import Any, Never

from edge.upstream.sandbox.world import Problem

ID = r"[a-z0-9][a-z0-9_-]{0,63}"
HEX = r"[0-9a-f]{32}"
TERMINAL = rf"{ID}/{ID}"
CASE = r"[0-9]{14}"
NUMBER = r"[0-9]{17}[0-9X]"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
MAX_FEN = 10**12
MAX_BODY = 64 * 1024
REASONS = ("paid_late", "paid_twice", "paid_wrong_sum")


def wrong(what: str) -> Problem:
    return Problem(422, "wrong_request", f"{what} is not as the contract has it")


def matched(value: Any, pattern: str, what: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise wrong(what)
    return value


def day(value: Any) -> date:
    """Raises Problem."""
    text = matched(value, r"\d{4}-\d\d-\d\d", "day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong("day") from None


def fen(value: Any, what: str) -> int:
    """1.0 is an integer to JSON Schema."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_FEN:
        raise wrong(what)
    return value


def body(raw: bytes, kind: str, fields: Set[str]) -> dict[str, Any]:
    """An object with exactly these fields."""
    if kind != "application/json":
        raise Problem(415, "wrong_request", "a request is application/json")
    try:
        found = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise wrong("the request") from None
    if not isinstance(found, dict) or set(found) != fields:
        raise wrong("the request")
    return found


def card(raw: bytes, kind: str) -> tuple[str, str]:
    """(name, number)."""
    found = body(raw, kind, {"name", "number"})
    name = found["name"]
    if not isinstance(name, str) or not 1 <= len(name) <= 64:
        raise wrong("name")
    return name, matched(found["number"], NUMBER, "number")


def wishes(raw: bytes, kind: str) -> dict[str, dict[str, int]]:
    """The values declared, by obligation."""
    listed = body(raw, kind, {"obligations"})["obligations"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= 20:
        raise wrong("obligations")
    found: dict[str, dict[str, int]] = {}
    for each in listed:
        if not isinstance(each, Mapping) or set(each) != {"id", "values"}:
            raise wrong("obligations")
        values = each["values"]
        if not isinstance(values, Mapping) or len(values) > 12:
            raise wrong("values")
        id_ = matched(each["id"], ID, "id")
        if id_ in found:
            raise Problem(409, "twice", "an obligation is declared twice")
        found[id_] = {matched(name, ID, "values"): fen(value, "values") for name, value in values.items()}
    return found


def order(raw: bytes, kind: str) -> dict[str, Any]:
    found = body(raw, kind, {"declaration", "total_fen", "terminal"})
    matched(found["declaration"], HEX, "declaration")
    matched(found["terminal"], TERMINAL, "terminal")
    return found | {"total_fen": fen(found["total_fen"], "total_fen")}


def refund(raw: bytes, kind: str) -> int:
    """What is to be kept."""
    found = body(raw, kind, {"keep_fen", "reason"})
    if found["reason"] not in REASONS:
        raise wrong("reason")
    return fen(found["keep_fen"], "keep_fen")


def _no_number(text: str) -> Never:
    raise ValueError(text)
