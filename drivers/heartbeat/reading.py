"""What a terminal's document says: values in the hall's words, and what is wrong with it or in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from drivers.heartbeat.pointer import resolve
from drivers.heartbeat.settings import WORDS, Field, HeartbeatSettings, Mapped
from drivers.strictjson import Json
from drivers.terminal import clean, stamp

_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")  # of yuan
_LAST_SECOND = 4_102_444_800  # 2100: a number beyond is no time in seconds
_CONDITIONS = {  # field and word → condition
    ("health", "degraded"): "degraded",
    ("health", "fault"): "fault",
    ("health", "out_of_service"): "out_of_service",
    ("paper", "low"): "paper_low",
    ("paper", "out"): "paper_out",
    ("paper", "jammed"): "paper_jammed",
    ("door", "open"): "door_open",
}


class Unreadable(ValueError):
    """A value that cannot be that field's, with the reason."""


@dataclass(slots=True)
class Reading:
    values: dict[str, str] = field(default_factory=dict)  # of the fields that could be read
    wrong: list[tuple[str, str]] = field(default_factory=list)  # condition and detail


def read(document: Json, settings: HeartbeatSettings) -> Reading:
    reading = Reading()
    for name, place in settings.fields.items():
        try:
            found = resolve(document, place)
        except KeyError:
            found = None
        if found is None:
            reading.wrong.append(("field_missing", f"{name} at {place}"))
            continue
        try:
            reading.values[name] = _value(name, found, settings)
        except Unreadable as reason:
            reading.wrong.append(("field_unreadable", f"{name} at {place}: {reason}"))
    reading.wrong += _conditions(reading)
    return reading


def _conditions(reading: Reading) -> Iterator[tuple[str, str]]:
    for name, word in reading.values.items():
        if code := _CONDITIONS.get((name, word)):
            yield code, ""


def _value(name: Field, found: Json, settings: HeartbeatSettings) -> str:
    match name:
        case "health" | "paper" | "door":
            return _word(name, found, settings)
        case "takings_today":
            return _amount(found)
        case "last_citizen":
            return _moment(found)
        case "version":
            return clean(_raw(found)) or _refuse(found)


def _word(name: Mapped, found: Json, settings: HeartbeatSettings) -> str:
    """By the map of the settings; without one the terminal must say our words itself."""
    raw = _raw(found)
    words = settings.values.get(name) or {word: word for word in WORDS[name]}
    return words.get(raw) or _refuse(found)


def _amount(found: Json) -> str:
    """In yuan, with two digits after the point."""
    raw = _raw(found)
    return f"{Decimal(raw):.2f}" if _AMOUNT.fullmatch(raw) else _refuse(found)


def _moment(found: Json) -> str:
    """Of a time only: a text could be a name, and is not even told. One without a zone is left as it is."""
    if type(found) is int and 0 < found < _LAST_SECOND:
        return stamp(found)
    try:
        moment = datetime.fromisoformat(found if isinstance(found, str) else "")
        return stamp(moment.timestamp()) if moment.tzinfo else moment.isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        raise Unreadable("no time") from None


def _raw(found: Json) -> str:
    """A text, number or truth as the settings' maps have it."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, str | int | Decimal):
        return str(found)
    return _refuse(found)


def _refuse(found: Json) -> str:
    """Raises Unreadable, with the beginning of the value."""
    kind = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", Decimal: "number"}
    shown = clean(str(found), 12) if isinstance(found, str | int | Decimal) else ""
    raise Unreadable(f"{kind.get(type(found), 'value')} {shown}".strip())
