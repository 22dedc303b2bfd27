"""Logging: one line a record, to standard error, for a person or for a program; under systemd to its journal.

Standard library only. What is said beside the message (`extra=`) follows it as `key=value`, and is a field of
its own in the journal: DEVICE, CODE, CONDITION and so on. Control characters are escaped, because what a
device sends must not reach a technician's terminal as commands.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Hashable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from edge.journal import MESSAGE, SOCKET, JournalHandler

Scrub = Callable[[str], str]

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NEEDS_QUOTES = re.compile(r'[\s"=]|^$')
# Levels of syslog(3): PRIORITY of an entry, and what journald reads from a leading <n> (sd-daemon(3)).
_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG_PRIORITY = 7
TAIL_LINES = 200  # of the log, for who asks the daemon for it: some 40 KB
TAIL_CHARS = 500  # of each: a traceback keeps its beginning
# A resident's ID number: 17 digits and a check character (GB 11643-1999). A mobile number: 11 digits from 13
# on. Letters at either side mean a hexadecimal id, which is neither.
_PERSONAL = (
    (re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])"), "[id]"),
    (re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])"), "[phone]"),
)


def scrub_personal(line: str) -> str:
    """`line` without ID and mobile numbers: a log carries none, not even masked."""
    for pattern, instead in _PERSONAL:
        line = pattern.sub(instead, line)
    return line


def _escape(text: str) -> str:
    """Control characters as JSON writes them, which leaves JSON what it is."""
    return _CONTROL.sub(lambda found: _ESCAPES.get(found.group()) or f"\\u{ord(found.group()):04x}", text)


def _value(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if _NEEDS_QUOTES.search(text) else text


class LineFormatter(logging.Formatter):
    """One line a record."""

    def __init__(self, style: Literal["text", "json"], *, scrub: Scrub) -> None:
        super().__init__()
        self._json = style == "json"
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        """With time and level, for who has neither."""
        stamp = "" if self._json else f"{_iso(record.created)} {record.levelname} "
        return stamp + self.fields(record)[MESSAGE]

    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        """As the journal keeps it: the line, and a field for each thing that is said beside the message."""
        extras = {key: self._clean(value) for key, value in vars(record).items() if key not in _STANDARD}
        beside = {key.upper(): _escape(str(value)) for key, value in extras.items()}
        if record.exc_info and record.exc_info[0]:
            extras["exc"] = self._clean(self.formatException(record.exc_info))
        message = self._scrub(record.getMessage())
        line = _as_json(record, message, extras) if self._json else _as_text(record, message, extras)
        named = {MESSAGE: _escape(line), "PRIORITY": str(_priority(record)), "LOGGER": record.name}
        return named | {key: value for key, value in beside.items() if key not in named}

    def _clean(self, value: object) -> object:
        """`value` as it is unless it holds what must not be told; a number stays one in JSON."""
        text = str(value)
        scrubbed = self._scrub(text)
        return value if scrubbed == text else scrubbed


def _priority(record: logging.LogRecord) -> int:
    levels = (priority for level, priority in _PRIORITIES if record.levelno >= level)
    return next(levels, _DEBUG_PRIORITY)


def _as_text(record: logging.LogRecord, message: str, extras: Mapping[str, object]) -> str:
    rest = "".join(f" {key}={_value(value)}" for key, value in extras.items())
    return f"{record.name}: {message}{rest}"


def _as_json(record: logging.LogRecord, message: str, extras: Mapping[str, object]) -> str:
    said = {
        "at": _iso(record.created),
        "level": record.levelname,
        "logger": record.name,
        "message": message,
    }
    return json.dumps({**extras, **said}, ensure_ascii=False, default=str)


def _iso(wall_s: float) -> str:
    return datetime.fromtimestamp(wall_s, UTC).isoformat(timespec="milliseconds")


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether `stream` goes to journald: JOURNAL_STREAM names its device and inode (systemd.exec(5))."""
    try:
        stat = os.fstat(stream.fileno())
    except (OSError, ValueError):  # closed, or no file at all
        return False
    return environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it stands in the log, without time and level, cut to TAIL_CHARS. `seq` counts from 1 on."""

    seq: int
    at_s: float  # wall clock
    level: str
    text: str


class LogTail(logging.Handler):
    """The newest lines, for a technician who has no journal before him."""

    def __init__(self, formatter: LineFormatter) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(formatter)
        self._fields = formatter.fields
        self._lines: deque[Line] = deque(maxlen=TAIL_LINES)
        self._seq = 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self._fields(record)[MESSAGE][:TAIL_CHARS]
        except Exception:  # noqa: BLE001 as all handlers: a record that cannot be shown ends nothing
            self.handleError(record)
            return
        self._seq += 1
        self._lines.append(Line(self._seq, record.created, record.levelname, text))

    def after(self, seq: int) -> tuple[int, list[Line]]:
        """The number of the newest, and those after `seq` that are kept."""
        return self._seq, [each for each in self._lines if each.seq > seq]


def log_tail() -> LogTail | None:
    """That of this process; None where `setup` was never called."""
    return next((each for each in logging.getLogger().handlers if isinstance(each, LogTail)), None)


def setup(
    level: str = "INFO",
    style: Literal["text", "json"] = "text",
    *,
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
    scrub: Scrub = scrub_personal,
    journal: str = SOCKET,
    identifier: str = "hall-edge",
) -> logging.Handler:
    """Send every logger to `stream` (standard error), or to the journal that it leads to. Replaces what was
    set up before."""
    out = stream or sys.stderr
    formatter = LineFormatter(style, scrub=scrub)
    handler: logging.Handler
    if is_journal(out, environ):
        handler = JournalHandler(formatter.fields, out, identifier, journal)
    else:
        handler = logging.StreamHandler(out)
        handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler, LogTail(LineFormatter("text", scrub=scrub))]
    root.setLevel(level)
    return handler


def setup_beside(
    level: int, identifier: str, *, journal: str = SOCKET, environ: Mapping[str, str] = os.environ
) -> bool:
    """For a program that has a log of its own for people: every logger to the journal, where standard error
    leads there. Whether it does."""
    if not is_journal(sys.stderr, environ):
        return False
    setup(logging.getLevelName(level), environ=environ, journal=journal, identifier=identifier)
    return True


class DeviceLog(logging.LoggerAdapter[logging.Logger]):
    """A log whose every line names the device; `extra=` of a call is kept beside it."""

    def __init__(self, device: str) -> None:
        super().__init__(logging.getLogger("device"), {"device": device})

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {**(kwargs.get("extra") or {}), **(self.extra or {})}
        return msg, kwargs


class Once:
    """Tells the first time from all others, for lines that are worth one record.

    Remembers at most `limit` keys; past that nothing is new, since one who makes up keys would fill the log.
    """

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._seen: set[Hashable] = set()

    def first(self, key: Hashable) -> bool:
        """True only the first time for `key`."""
        if key in self._seen or len(self._seen) >= self._limit:
            return False
        self._seen.add(key)
        return True

    def forget(self, key: Hashable) -> None:
        """The matter is over: the next time is a first time again."""
        self._seen.discard(key)
