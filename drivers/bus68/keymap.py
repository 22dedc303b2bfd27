"""What the keys of a model mean, as data: `{"0C" = "call", "5 0F" = "skip", "** 0F" = "login"}`.

The left side is a key, in hex, after digits that it needs: `5 0F` that digit, `** 0F` two digits or more,
`0F` alone any or none. The most exact entry holds. The right side is an action of `KeyAction`, `ignore`
(acknowledged, nothing follows), or for a ticket-button panel `button 3`, or `button` numbered by the digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from drivers.messages import ButtonPressed, KeyAction, KeyPressed

IGNORE = "ignore"
_ENTRY = re.compile(r"(?:(?P<digits>[0-9]{1,16}|\*\*) )?(?P<key>[0-9A-F]{2})")
_BUTTON = re.compile(r"button(?: (?P<number>[1-9][0-9]{0,3}))?")
_FIRST_KEY = 0x0A  # below it are digits
_MANY = 2  # digits that `**` asks for

Meaning = KeyPressed | ButtonPressed | None  # None: known, and to be ignored


class UnknownKey(Exception):
    """The map has no entry for what was pressed; the text says what that was."""


class KeyMap:
    def __init__(self, name: str, entries: Mapping[str, str]) -> None:
        """Raises ValueError with every entry that cannot be, in a technician's words."""
        problems: list[str] = []
        self._entries: dict[tuple[str, int], str] = {}
        for left, right in entries.items():
            match = _ENTRY.fullmatch(left.upper())
            if match is None or int(match["key"], 16) < _FIRST_KEY:
                problems.append(f"key map {name!r}: {left!r} is not a key like '0C', '5 0F' or '** 0F'")
            elif right != IGNORE and not _BUTTON.fullmatch(right) and right not in set(KeyAction):
                known = ", ".join([*KeyAction, IGNORE, "button", "button 3"])
                problems.append(f"key map {name!r}: {left!r} = {right!r} is none of {known}")
            else:
                self._entries[match["digits"] or "", int(match["key"], 16)] = right
        if problems:
            raise ValueError("; ".join(problems))

    @property
    def has_buttons(self) -> bool:
        return any(_BUTTON.fullmatch(meaning) for meaning in self._entries.values())

    @property
    def has_actions(self) -> bool:
        return any(meaning in set(KeyAction) for meaning in self._entries.values())

    def meaning(self, data: bytes) -> Meaning:
        """What the data of a key frame says: digits 00…09, then a key. Raises UnknownKey."""
        if not data or data[-1] < _FIRST_KEY or any(byte >= _FIRST_KEY for byte in data[:-1]):
            raise UnknownKey(f"{data.hex(' ').upper() or 'no bytes'}: not digits and a key")
        digits, key = "".join(str(byte) for byte in data[:-1]), data[-1]
        if digits and (digits, key) in self._entries:
            return _say(self._entries[digits, key], "", data)  # the digits are part of the command
        many = self._entries.get(("**", key)) if len(digits) >= _MANY else None
        return _say(many or self._entries.get(("", key)), digits, data)


def _say(meaning: str | None, digits: str, data: bytes) -> Meaning:
    button = _BUTTON.fullmatch(meaning or "")
    number = (button["number"] or digits) if button else ""
    if meaning is None or (button and not number):
        raise UnknownKey(f"{data.hex(' ').upper()} is not in the key map")
    if meaning == IGNORE:
        return None
    return ButtonPressed(int(number)) if button else KeyPressed(KeyAction(meaning), digits)
