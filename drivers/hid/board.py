"""What presses mean on a rating pad, a panel of ticket buttons or a caller."""

from __future__ import annotations

from drivers.hid.keymap import MAX_DIGITS, KeyMap, UnknownKey
from drivers.hid.keys import DIGITS, SILENT, code_of, name_of
from drivers.hid.settings import HidSettings
from drivers.hid.strokes import Stroke
from drivers.messages import Body, ButtonPressed, LevelPressed


class Board:
    """Of one opened device. Times are monotonic seconds."""

    def __init__(self, settings: HidSettings) -> None:
        self._settings = settings
        self._levels = {code_of(name): level for name, level in settings.levels.items()}
        self._buttons = {code_of(name): number for name, number in settings.buttons.items()}
        self._keys = KeyMap(settings.keys)
        self._last_s: dict[int, float] = {}  # of each key, when it was last touched; there are 767
        self._digits = ""
        self._typed_s = 0.0

    def take(self, stroke: Stroke, now_s: float) -> Body | None:
        """What follows, None where nothing does. Raises UnknownKey."""
        code = stroke.code
        touched_s = self._last_s.get(code)
        self._last_s[code] = now_s
        is_digit = self._settings.use == "caller" and code in DIGITS
        window_s = self._settings.bounce_s if is_digit else self._settings.repeat_s
        if not stroke.down or (touched_s is not None and now_s - touched_s < window_s):
            return None
        match self._settings.use:
            case "pad" if code in self._levels:
                return LevelPressed(self._levels[code], code)
            case "buttons" if code in self._buttons:
                return ButtonPressed(self._buttons[code])
            case "caller":
                if not is_digit:
                    return self._command(code, now_s)
                self._type(code, now_s)
                return None
        if code in SILENT:
            return None  # a pad may press Num Lock before its digits
        raise UnknownKey(name_of(code))

    def forget(self, code: int) -> None:
        """The press could not be handed on: the next one is as good as new."""
        self._last_s.pop(code, None)

    def lose(self) -> None:
        """Keys were lost: a number that lacks a digit would be a wrong one."""
        self._digits = ""

    def _type(self, code: int, now_s: float) -> None:
        self._expire(now_s)
        if len(self._digits) == MAX_DIGITS:
            self._digits = ""
            raise UnknownKey(f"more than {MAX_DIGITS} digits")
        self._digits += DIGITS[code]
        self._typed_s = now_s

    def _command(self, code: int, now_s: float) -> Body | None:
        self._expire(now_s)
        digits, self._digits = self._digits, ""
        try:
            meaning = self._keys.meaning(digits, code)
        except UnknownKey:
            if code in SILENT:
                self._digits = digits
                return None
            raise
        if meaning is None and self._keys.is_ignored(code):
            self._digits = digits
        return meaning

    def _expire(self, now_s: float) -> None:
        if now_s - self._typed_s >= self._settings.digits_s:
            self._digits = ""
