"""What is said aloud, word by word as recordings have it, and how loud at which time of day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from drivers.messages import Instant
from edge.rules.boards import window_name
from edge.rules.effects import CallOut
from edge.rules.model import Hall

FULL = 100  # per cent of the device's own volume
_PARTS = re.compile(r"[A-Za-z]|[0-9]+|[^A-Za-z0-9\s]+")
_ASIDE = re.compile(r"[（(].*?[)）]")  # "3 号窗口（税务）": read by who stands there, not said
_MAX_NUMBER = 99  # that is said as a number; longer ones digit by digit
_TEN = 10


@dataclass(frozen=True, slots=True)
class Times:
    """Minutes of the hall's local day. `quiet` are spans, the end not in them, that may go over midnight;
    `volumes` hold from their minute on until the next one's, over midnight too."""

    quiet: tuple[tuple[int, int], ...] = ()
    volumes: tuple[tuple[int, int], ...] = ()  # (minute, per cent), by minute


def sentence(out: CallOut, hall: Hall) -> tuple[str, ...]:
    """请 A 0 1 2 号 到 3 号窗口, or 再请 … where it is called again."""
    window = _ASIDE.sub("", window_name(out.window, hall))
    return ("再请" if out.again else "请", *out.ticket, "号", "到", *_words(window))


def _words(name: str) -> tuple[str, ...]:
    return tuple(word for part in _PARTS.findall(name) for word in _said(part))


def _said(part: str) -> tuple[str, ...]:
    if not part.isascii():
        return (part,)
    if part.isdigit() and part[0] != "0" and int(part) <= _MAX_NUMBER:
        return number(int(part))
    return tuple(part.upper())


def number(value: int) -> tuple[str, ...]:
    """1 to 99 as it is said: 7, 十, 十 2, 2 十, 2 十 1. The digit 2 is 二: it names, and counts nothing."""
    tens, ones = divmod(value, _TEN)
    words = (() if tens <= 1 else (str(tens),)) + (("十",) if tens else ())
    return words + ((str(ones),) if ones else ())


def volume(times: Times, now: Instant, zone: tzinfo) -> int:
    """Per cent; 0 in quiet hours. A clock that has not been set silences nothing: a call too many is better
    than one that nobody hears."""
    if not now.clock_ok:
        return FULL
    local = datetime.fromtimestamp(now.wall_s, zone)
    return volume_at(times, local.hour * 60 + local.minute)


def volume_at(times: Times, minute: int) -> int:
    if any(_within(minute, begin, end) for begin, end in times.quiet):
        return 0
    if not times.volumes:
        return FULL
    since = [per_cent for begin, per_cent in times.volumes if begin <= minute]
    return since[-1] if since else times.volumes[-1][1]


def _within(minute: int, begin: int, end: int) -> bool:
    return begin <= minute < end if begin < end else minute >= begin or minute < end
