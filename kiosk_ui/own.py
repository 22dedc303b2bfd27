"""What technicians are told of the program itself: how long it runs, what it takes, and its last errors."""

from __future__ import annotations

import logging
import time
from collections import deque
from pathlib import Path

from edge import __version__
from kiosk_ui.model import Own

MAX_ERRORS = 20
MAX_ERROR = 200  # characters
PAGE_KB = 4


class OwnErrors(logging.Handler):
    """Keeps the last of what the kiosk's own log warns of. Nothing in that log is a person's."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: deque[str] = deque(maxlen=MAX_ERRORS)

    def emit(self, record: logging.LogRecord) -> None:
        when = time.strftime("%m-%d %H:%M:%S", time.localtime(record.created))
        first, *_ = record.getMessage().splitlines() or [""]
        self._kept.append(f"{when} {first}"[:MAX_ERROR])

    @property
    def newest_first(self) -> tuple[str, ...]:
        return tuple(reversed(self._kept))


def own(up_s: float, troubles: dict[str, str], errors: tuple[str, ...]) -> Own:
    told = tuple(f"{code}: {detail}" if detail else code for code, detail in troubles.items())
    return Own(__version__, int(up_s // 60), _memory_mb(), told, errors)


def _memory_mb() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):  # another system than Linux
        return 0
    return pages * PAGE_KB // 1024
