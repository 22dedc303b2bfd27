"""Names of keys, as linux/input-event-codes.h and `evtest` have them, and what they type (US layout)."""

from __future__ import annotations

import re

MAX_KEY = 0x2FF

_FROM_1 = (
    "ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE TAB Q W E R T Y U I O P LEFTBRACE RIGHTBRACE ENTER "
    "LEFTCTRL A S D F G H J K L SEMICOLON APOSTROPHE GRAVE LEFTSHIFT BACKSLASH Z X C V B N M COMMA DOT "
    "SLASH RIGHTSHIFT KPASTERISK LEFTALT SPACE CAPSLOCK F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NUMLOCK SCROLLLOCK "
    "KP7 KP8 KP9 KPMINUS KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT"
)
_FROM_86 = "102ND F11 F12"
_FROM_96 = (
    "KPENTER RIGHTCTRL KPSLASH SYSRQ RIGHTALT LINEFEED HOME UP PAGEUP LEFT RIGHT END DOWN PAGEDOWN INSERT "
    "DELETE MACRO MUTE VOLUMEDOWN VOLUMEUP POWER KPEQUAL KPPLUSMINUS PAUSE"
)
_FROM_125 = "LEFTMETA RIGHTMETA COMPOSE"
_FROM_183 = "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24"

CODES: dict[str, int] = {
    f"KEY_{name}": first + place
    for first, names in ((1, _FROM_1), (86, _FROM_86), (96, _FROM_96), (125, _FROM_125), (183, _FROM_183))
    for place, name in enumerate(names.split())
} | {"KEY_KPCOMMA": 121}
NAMES = {code: name for name, code in CODES.items()}
_NUMBER = re.compile(r"0x[0-9a-f]{1,3}")


def code_of(name: str) -> int:
    """Of a name, or of a number such as "0x120" for keys without one here. Raises ValueError."""
    upper = name.upper()
    if upper in CODES:
        return CODES[upper]
    if _NUMBER.fullmatch(name.lower()) and 0 < (code := int(name, 16)) <= MAX_KEY:
        return code
    raise ValueError(f"{name!r} is no key: write it as `evtest` does (KEY_KP1), or as a number (0x120)")


def name_of(code: int) -> str:
    return NAMES.get(code, f"0x{code:03x}")


def codes_of(*names: str) -> frozenset[int]:
    return frozenset(CODES[f"KEY_{name}"] for name in names)


DIGITS = {CODES[f"KEY_{pad}{digit}"]: str(digit) for pad in ("", "KP") for digit in range(10)}
SHIFTS = codes_of("LEFTSHIFT", "RIGHTSHIFT")
CHORDS = codes_of("LEFTCTRL", "RIGHTCTRL", "LEFTALT", "RIGHTALT", "LEFTMETA", "RIGHTMETA")
ENTERS = codes_of("ENTER", "KPENTER")
CAPS_LOCK = CODES["KEY_CAPSLOCK"]
SILENT = (
    SHIFTS | CHORDS | {CAPS_LOCK, CODES["KEY_NUMLOCK"], CODES["KEY_SCROLLLOCK"]}
)  # type nothing themselves

_SIGNS = {  # name → without and with shift
    "MINUS": "-_",
    "EQUAL": "=+",
    "LEFTBRACE": "[{",
    "RIGHTBRACE": "]}",
    "SEMICOLON": ";:",
    "APOSTROPHE": "'\"",
    "GRAVE": "`~",
    "BACKSLASH": "\\|",
    "102ND": "\\|",
    "COMMA": ",<",
    "DOT": ".>",
    "SLASH": "/?",
    "SPACE": "  ",
    "KPASTERISK": "**",
    "KPMINUS": "--",
    "KPPLUS": "++",
    "KPDOT": "..",
    "KPSLASH": "//",
    "KPEQUAL": "==",
    "KPCOMMA": ",,",
}
TYPED: dict[int, tuple[str, str]] = (
    {CODES[f"KEY_{name}"]: (pair[0], pair[1]) for name, pair in _SIGNS.items()}
    | {CODES[f"KEY_{char}"]: (char.lower(), char) for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    | {CODES[f"KEY_{digit}"]: (digit, sign) for digit, sign in zip("1234567890", "!@#$%^&*()", strict=True)}
    | {CODES[f"KEY_KP{digit}"]: (digit, digit) for digit in "0123456789"}  # as with Num Lock on
)
