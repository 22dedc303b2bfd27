"""What reports read of an event: only the members that they count by, at a third of the cost of all.

A year is two million events, and a dictionary of each took most of a report's time. The record keeps each as
compact JSON whose members stand in the order of the message, so a pattern made of the message reads
it; what it does not fit, of another make or with escaped characters, is read as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, get_args

from pydantic_core import from_json

from edge.console.engine import RecordError
from edge.wire import (
    Fact,
    RatingGiven,
    ServiceFinished,
    ServiceStarted,
    StaffLoggedIn,
    StaffLoggedOut,
    Stamp,
    TicketAssumed,
    TicketCalled,
    TicketNoShow,
    TicketPrinted,
    TicketReserved,
    TicketShown,
    TicketTransferred,
)

Values: TypeAlias = tuple[str, ...]  # boot, mono, then what READ names; "" is not there
Reader: TypeAlias = Callable[[str], Values]

_FROM = '"boot":'  # no text holds that: its quotes would be escaped
_TEXT = r'"([^"\\]*)"'  # without escapes it is what it looks like
_NUMBER = r'([^",\[\]{}]*)'  # or true, false, null

READ: Mapping[type[Fact], tuple[str, ...]] = {
    TicketReserved: ("ticket", "service"),
    TicketPrinted: ("ticket",),
    TicketShown: ("ticket",),
    TicketAssumed: ("ticket",),
    TicketCalled: ("ticket", "window", "staff"),
    TicketNoShow: ("ticket", "window", "staff"),
    TicketTransferred: ("ticket", "window", "staff", "service"),
    ServiceStarted: ("ticket", "window", "staff"),
    ServiceFinished: ("ticket", "window", "staff", "rating_asked", "unit", "promise_min"),
    RatingGiven: ("ticket", "window", "staff", "level"),
    StaffLoggedIn: ("window", "staff"),
    StaffLoggedOut: ("window", "staff", "reason"),
}


def kind_of(fact: type[Fact]) -> str:
    return str(fact.model_fields["kind"].default)


def readers() -> dict[str, Reader]:
    """By kind."""
    return {kind_of(fact): _reader(fact, wanted) for fact, wanted in READ.items()}


def plainly(wanted: tuple[str, ...], body: str) -> Values:
    """By JSON. Raises RecordError."""
    event = parsed(body)
    return tuple(_text(event.get(name, "")) for name in ("boot", "mono", *wanted))


def parsed(body: str) -> dict[str, Any]:
    """Raises RecordError: the hub keeps nothing that is no JSON object, so it has been changed since."""
    try:
        event = from_json(body)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise RecordError(f"an event of the record is damaged ({body[:60]!r} …): run hall-console verify")
    return event


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _reader(fact: type[Fact], wanted: tuple[str, ...]) -> Reader:
    match = re.compile(_pattern(fact, wanted)).match

    def read(body: str) -> Values:
        found = match(body, body.find(_FROM))  # before it stand numbers and names that nobody counts
        return found.groups() if found else plainly(wanted, body)

    return read


def _pattern(fact: type[Fact], wanted: tuple[str, ...]) -> str:
    """From `boot` to the last member that is wanted; of each value its text, without quotes.

    A comma within a text, followed by a member's name in quotes, would have these quotes escaped, and a list
    or an object is not passed over: so what is passed over ends where it seems to.
    """
    parts = []
    members = {**Stamp.model_fields, **fact.model_fields}
    for name, about in list(members.items())[list(members).index("boot") :]:
        value = _TEXT if _is_text(about.annotation) else _NUMBER
        parts.append(f'"{name}":' + (value if name in ("boot", "mono", *wanted) else r"[^,\[{]*"))
        if name == wanted[-1]:
            break
    return ",".join(parts) + "[,}]"


def _is_text(annotation: object) -> bool:
    choices = get_args(annotation)
    return annotation is str or (bool(choices) and all(isinstance(choice, str) for choice in choices))
