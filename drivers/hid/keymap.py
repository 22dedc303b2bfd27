"""What the keys of a caller mean, as data: `{KEY_KPENTER = "call", "5 KEY_KPDOT" = "skip"}`.

The left side is a key, after digits that it needs: `5 KEY_KPDOT` that digit, `** KEY_KPDOT` two digits or
more, `KEY_KPDOT` alone any or none. The most exact entry holds. The right side is an action of `KeyAction`,
`clear` (the digits typed are taken back) or `ignore`. Digit keys of both rows type digits, and mean nothing
else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from drivers.hid.keys import DIGITS, code_of, name_of
from drivers.messages import KeyAction, KeyPressed

IGNORE, CLEAR = "ignore", "clear"
MAX_DIGITS = 16  # the longest number known is one of a member of staff; more is a key that got stuck
_ENTRY = re.compile(r"(?:(?P<digits>[0-9]{1,16}|\*\*) )?(?P<key>\S+)")
_MANY = 2  # digits that `**` asks for


class UnknownKey(Exception):
    """There is no entry for what was pressed; the text says what that was."""


class KeyMap:
    def __init__(self, entries: Mapping[str, str]) -> None:
        """Raises ValueError with every entry that cannot be, in a technician's words."""
        problems: list[str] = []
        self._entries: dict[tuple[str, int], str] = {}
        for left, right in entries.items():
            match = _ENTRY.fullmatch(left)
            try:
                code = code_of(match["key"] if match else left)
            except ValueError as error:
                problems.append(f"keys: {error}")
                continue
            if match is None or code in DIGITS:
                problems.append(f"keys: {left!r} is a digit, which means nothing by itself")
            elif right not in {*KeyAction, IGNORE, CLEAR}:
                known = ", ".join([*KeyAction, IGNORE, CLEAR])
                problems.append(f"keys: {left!r} = {right!r} is none of {known}")
            else:
                self._entries[match["digits"] or "", code] = right
        if problems:
            raise ValueError("; ".join(problems))

    def meaning(self, digits: str, code: int) -> KeyPressed | None:
        """Of a key after `digits`; None: nothing follows. Raises UnknownKey."""
        exact = self._entries.get((digits, code)) if digits else None
        many = self._entries.get(("**", code)) if len(digits) >= _MANY else None
        word = exact or many or self._entries.get(("", code))
        if word is None:
            raise UnknownKey(f"{name_of(code)} after {len(digits)} digits")
        if word in (IGNORE, CLEAR):
            return None
        return KeyPressed(KeyAction(word), "" if exact else digits)

    def is_ignored(self, code: int) -> bool:
        """Whether the digits typed before it stay as they are."""
        return self._entries.get(("", code)) == IGNORE
