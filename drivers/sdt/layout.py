"""The text of a card, 256 bytes of UTF-16LE padded with spaces, as an `IdCard`.

Layouts: resident identity card (GA 450-2013); residence permit for Hong Kong, Macao and Taiwan, marked 'J' at
byte 248 (GA 450-2013 with its amendment of 2018); foreigner's permanent residence card of 2017, marked 'I'.
The number of bytes of each field is beside its name below.

`IdCard.fields`, all as text; a field that the card leaves blank is there and empty:

    resident    name sex nation birth address number issuer valid_from valid_to
    permit      name sex birth address number issuer valid_from valid_to pass_number issue_count
    foreigner   name name_zh sex number country birth valid_from valid_to version office

Dates are YYYY-MM-DD; `valid_to` may be 长期. `sex` and `nation` are names (`drivers.sdt.nations`). A
foreigner's `name` is the English one, `country` three letters of ISO 3166-1. Nothing else is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from drivers.erase import erase
from drivers.messages import IdCard
from drivers.sdt import number
from drivers.sdt.codec import TEXT_BYTES
from drivers.sdt.nations import NATIONS, SEXES

Kind = Literal["resident", "permit", "foreigner"]
_Layout = tuple[tuple[str, int], ...]

_FACE: _Layout = (
    *(("name", 30), ("sex", 2), ("nation", 4), ("birth", 16), ("address", 70), ("number", 36)),
    *(("issuer", 30), ("valid_from", 16), ("valid_to", 16)),
)
LAYOUTS: dict[Kind, _Layout] = {
    "resident": (*_FACE, ("", 36)),
    "permit": (*_FACE, ("pass_number", 18), ("issue_count", 4), ("", 6), ("type", 2), ("", 6)),
    "foreigner": (
        *(("name", 120), ("sex", 2), ("number", 30), ("country", 6), ("name_zh", 30)),
        *(("valid_from", 16), ("valid_to", 16), ("birth", 16), ("version", 4), ("office", 8)),
        *(("type", 2), ("", 6)),
    ),
}
TYPE_AT = 248  # the type is one character, a space on a resident's card
_KINDS: dict[str, Kind] = {"": "resident", "J": "permit", "I": "foreigner"}
_FIELDS: dict[Kind, tuple[str, ...]] = {
    "resident": tuple(name for name, _ in _FACE),
    "permit": (*(name for name, _ in _FACE if name != "nation"), "pass_number", "issue_count"),
    "foreigner": (
        *("name", "name_zh", "sex", "number", "country", "birth", "valid_from", "valid_to"),
        *("version", "office"),
    ),
}
_PADDING = tuple(each.encode("utf-16-le") for each in " \0\u3000")
_LONG_TERM = "长期"
_BROKEN = "\ufffd"  # what no UTF-16 is decoded to
_FOREIGNER = re.compile(r"[A-Z]{3}[0-9]{12}")  # country, office, birth, order, check; no GB 11643 number


class BadCard(Exception):
    """What was read is no card's text. `code` says why; nothing of the card stands in the error."""

    def __init__(self, code: Literal["check_digit", "unreadable", "unknown_card"]) -> None:
        super().__init__(code)
        self.code = code


def read(text: bytearray) -> IdCard:
    """Raises BadCard: "unknown_card" for a layout that is not known, "check_digit" for a number whose check
    character is wrong, "unreadable" for any other text that no card has."""
    if len(text) != TEXT_BYTES:
        raise BadCard("unreadable")
    with memoryview(text) as view:
        kind = _KINDS.get(_decode(view[TYPE_AT : TYPE_AT + 2]))
        if kind is None:
            raise BadCard("unknown_card")
        found = _split(view, LAYOUTS[kind])
    said: dict[str, str] = {}
    try:
        if any(_BROKEN in value for value in found.values()) or not found["name"]:
            raise BadCard("unreadable")
        _check_number(kind, found["number"])
        said = {name: _meaning(name, found[name]) for name in _FIELDS[kind]}
    finally:  # what only led to what is told, and all of what is no card
        erase(*(text for name, text in found.items() if text is not said.get(name)))
    return IdCard(kind, said["name"], said["number"], tuple(said.items()))


def _split(view: memoryview, layout: _Layout) -> Mapping[str, str]:
    found, start = {}, 0
    for name, size in layout:
        if name:
            found[name] = _decode(view[start : start + size])
        start += size
    return found


def _decode(part: memoryview) -> str:
    """Without its padding, which is cut off beforehand: a text that is stripped leaves behind what it was."""
    while part and part[:2] in _PADDING:
        part = part[2:]
    while part and part[-2:] in _PADDING:
        part = part[:-2]
    return str(part, "utf-16-le", "replace")


def _check_number(kind: Kind, text: str) -> None:
    if not (_FOREIGNER.fullmatch(text) if kind == "foreigner" else number.has_form(text)):
        raise BadCard("unreadable")
    if kind != "foreigner" and not number.is_valid(text):
        raise BadCard("check_digit")


def _meaning(name: str, text: str) -> str:
    match name:
        case "sex":
            return SEXES.get(text, text)
        case "nation":
            return NATIONS.get(text, text)
        case "birth" | "valid_from" | "valid_to":
            return text if name == "valid_to" and text == _LONG_TERM else _date(text)
    return text


def _date(text: str) -> str:
    """Raises BadCard outside of the `except`, so that no trace holds what was read."""
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:])) if re.fullmatch("[0-9]{8}", text) else None
    except ValueError:
        day = None
    if day is None:
        raise BadCard("unreadable")
    return day.isoformat()
