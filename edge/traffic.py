"""What a device's line carries and suffers, counted: how much and how well, never what was in it.

The counts are of the line since it was opened last, or since it last made sense where that is longer ago;
the losses are of all that came before.
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any
from zlib import crc32

from drivers.api import DriverError

REASONS = 8  # of bad frames told apart: families have three to six; a reason that is cut there is "other"
REASON_CHARS = 48  # what comes after a colon is of this frame alone
LOSSES = 16  # the newest: a loose plug loses its line that often within some minutes
DETAIL_CHARS = 256  # as of a condition
QUESTION_BYTES = 16  # of what was said last, to know an echo by: more than any question has
PATIENCE_S = 0.1  # for an answer, at the least: what follows sooner is of one order, as a page's pieces are
_NUMBER = re.compile(r"\b(?:[0-9A-F]{4}|\d+)\b")  # of this frame alone, too
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_FLAT = b"\x00\x80\xc0\xe0\xf0\xf8\xfc\xfe\xff"  # what is left of bytes that are read at a wrong speed
_IS_PRINTABLE, _IS_FLAT = (bytes(byte in kind for byte in range(256)) for kind in (_PRINTABLE, _FLAT))


class Traffic:
    """Of one line. Times are of the wall clock, as people tell them."""

    def __init__(self, wall_s: Callable[[], float] = time.time) -> None:
        self._wall_s = wall_s
        self._losses: deque[dict[str, Any]] = deque(maxlen=LOSSES)
        self._openings = 0
        self._open_since_s: float | None = None  # None: it is not open
        self._begin()

    def _begin(self) -> None:
        self._opened_s: float | None = None
        self._heard_s: float | None = None
        self._sent_s: float | None = None
        self._heard = self._sent = self._flat = self._text = 0  # bytes
        self._unanswered = self._echoes = 0
        self._questions = self._missed = 0
        self._good = 0
        self._bad: Counter[str] = Counter()
        self._asked_s: float | None = None  # since when the line owes an answer
        self._waited_s = 0.0  # for the last answer
        # What was said last, and what has been heard since: their lengths and sums, for both may be a
        # person's own.
        self._question = self._since = (0, 0)

    # --- told by the line ---
    def opened(self) -> None:
        """What has never made sense is kept over openings: a silent line is opened anew each minute."""
        if self._good:
            self._begin()
        self._unanswered, self._asked_s = 0, None
        self._openings += 1
        self._opened_s = self._open_since_s = self._wall_s()

    def lost(self, failure: DriverError) -> None:
        """With the number of the system's error behind it; the error itself would hold its stack."""
        error = failure.__cause__
        number = error.errno if isinstance(error, OSError) else None
        at_s, detail = self._wall_s(), str(failure)[:DETAIL_CHARS]
        held_s = 0.0 if self._open_since_s is None else round(max(0.0, at_s - self._open_since_s), 3)
        told = {"at": at_s, "code": failure.code, "detail": detail, "errno": number, "held_s": held_s}
        self._losses.append(told)
        self._open_since_s = None

    def sent(self, data: bytes) -> None:
        before_s, self._sent_s = self._sent_s, self._wall_s()
        self._sent += len(data)
        if len(data) <= QUESTION_BYTES:
            self._questions += 1
            waited = before_s is not None and self._sent_s - before_s >= PATIENCE_S
            self._missed += waited and self._unanswered > 0
        self._unanswered += 1
        if self._asked_s is None:
            self._asked_s = self._sent_s
        question = memoryview(data)[:QUESTION_BYTES]
        self._question, self._since = (len(question), crc32(question)), (0, 0)

    def heard(self, data: bytes) -> None:
        """Makes no copy: of what is a person's own it would stay, when all else is overwritten."""
        self._heard += len(data)
        self._flat += sum(map(_IS_FLAT.__getitem__, data))
        self._text += sum(map(_IS_PRINTABLE.__getitem__, data))
        self._heard_s = self._wall_s()
        self._unanswered = 0
        if self._asked_s is not None:
            self._waited_s, self._asked_s = self._heard_s - self._asked_s, None
        self._compare(data)

    def _compare(self, data: bytes) -> None:
        """Who hears his own question hears no device."""
        known, checksum = self._since
        missing = self._question[0] - known
        if missing > 0:
            piece = memoryview(data)[:missing]
            self._since = known + len(piece), crc32(piece, checksum)
            self._echoes += self._since == self._question

    # --- told by the driver ---
    def good(self) -> None:
        self._good += 1

    def bad(self, reason: str) -> None:
        kind = _NUMBER.sub("…", reason.partition(":")[0])[:REASON_CHARS]
        self._bad[kind if kind in self._bad or len(self._bad) < REASONS else "other"] += 1

    # --- for who asks ---
    def told(self) -> dict[str, Any]:
        """As the data of an answer."""
        return {
            "openings": self._openings,
            "opened_at": self._opened_s,
            "heard": {"bytes": self._heard, "at": self._heard_s, "flat": self._flat, "text": self._text},
            "sent": {
                "bytes": self._sent,
                "at": self._sent_s,
                "unanswered": self._unanswered,  # since something was heard
                "questions": self._questions,
                "missed": self._missed,  # of these: the next was put, and nothing had come
            },
            "waited_s": round(self._waited_s, 3),
            "echoes": self._echoes,
            "frames": {"good": self._good, "bad": self._bad.total(), "reasons": dict(self._bad)},
            "losses": list(self._losses),
        }
