"""What a wedge scanner types: characters up to Enter or a pause, kept only while somebody asks for a code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.hid.keys import CAPS_LOCK, CHORDS, ENTERS, SHIFTS, SILENT, TYPED
from drivers.hid.strokes import Stroke
from drivers.scanning import MAX_CODE


@dataclass(frozen=True, slots=True)
class Typed:
    """A code. `fault` is the condition that spoilt it; then there is no text."""

    text: str = field(repr=False)
    left_out: int = 0  # keys that type no character: control characters
    fault: str = ""


class Typist:
    """Of one opened device. `wanted` says whether somebody asks: what begins while nobody does is not kept,
    to its end. Times are monotonic seconds."""

    def __init__(self, gap_s: float, wanted: Callable[[], bool]) -> None:
        self._gap_s = gap_s
        self._wanted = wanted
        self._down: set[int] = set()  # modifiers; there are eight
        self._caps = False
        self._last_s: float | None = None  # of the code under way
        self._kept = False
        self._chars: list[str] = []
        self._left_out = 0
        self._fault = ""

    def take(self, stroke: Stroke, now_s: float) -> Typed | None:
        """A code that has come to its end, where it was wanted from its beginning."""
        done = self.tick(now_s)
        code = stroke.code
        if code in SILENT:
            self._modify(stroke)
        elif stroke.down and code in ENTERS and not self._down & CHORDS:
            return done or self._end()
        elif stroke.down:
            self._type(code, now_s)
        return done

    def tick(self, now_s: float) -> Typed | None:
        """A pause ends a code: not every scanner is set to type Enter."""
        return self._end() if self._last_s is not None and now_s - self._last_s >= self._gap_s else None

    @property
    def due_s(self) -> float | None:
        return None if self._last_s is None else self._last_s + self._gap_s

    def lose(self, now_s: float) -> None:
        """Keys were lost, perhaps in the middle of a code, perhaps its beginning."""
        self._down.clear()
        self._caps = False
        self._begin(now_s)
        self._spoil("events_lost")

    def forget(self) -> None:
        """Nobody asks any more."""
        self._kept = False
        self._chars.clear()

    def _modify(self, stroke: Stroke) -> None:
        if stroke.code == CAPS_LOCK:
            self._caps ^= stroke.down
        elif stroke.down:
            self._down.add(stroke.code)
        else:
            self._down.discard(stroke.code)

    def _type(self, code: int, now_s: float) -> None:
        self._begin(now_s)
        if not self._kept or self._fault:
            return
        if code not in TYPED or self._down & CHORDS:
            self._left_out += 1
            return
        plain, shifted = TYPED[code]
        shift = bool(self._down & SHIFTS) != (self._caps and plain.isalpha())
        self._chars.append(shifted if shift else plain)
        if len(self._chars) > MAX_CODE:
            self._spoil("code_too_long")

    def _begin(self, now_s: float) -> None:
        if self._last_s is None:
            self._kept, self._left_out, self._fault = self._wanted(), 0, ""
        self._last_s = now_s

    def _spoil(self, fault: str) -> None:
        self._fault = fault
        self._chars.clear()

    def _end(self) -> Typed | None:
        if self._last_s is None:
            return None  # Enter without a code: the second half of a line's end
        typed = Typed("".join(self._chars), self._left_out, self._fault)
        self._last_s = None
        self._chars.clear()
        return typed if self._kept else None
