"""What reports read of an event: only the members that they count by, at a third of the cost of all.

A year is two million events, and a dictionary of each took most of a report's time. The record keeps each as
compact JSON whose members stand in the order of the message, so a pattern made of the message reads
it; what it does not fit, of another make or with escaped characters, is read as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic_core import from_json

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

_PLAIN = r'[^"\\,\[\]{}]*'  # a text without escapes, or a number: neither a list nor an object

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
    """By JSON. Raises ValueError for what is none, as no event of the record is."""
    event: dict[str, Any] = from_json(body)
    return tuple(_text(event.get(name, "")) for name in ("boot", "mono", *wanted))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _reader(fact: type[Fact], wanted: tuple[str, ...]) -> Reader:
    match = re.compile(_pattern(fact, wanted)).match

    def read(body: str) -> Values:
        found = match(body)
        return found.groups() if found else plainly(wanted, body)

    return read


def _pattern(fact: type[Fact], wanted: tuple[str, ...]) -> str:
    """From the first member to the last that is wanted; of each value its text, without quotes.

    A comma within a text, followed by a member's name in quotes, would have these quotes escaped: so what
    is passed over ends where it seems to.
    """
    parts = []
    for name in (*Stamp.model_fields, *fact.model_fields):
        is_read = name in ("boot", "mono", *wanted)
        parts.append(f'"{name}":"?({_PLAIN})"?' if is_read else f'"{name}":[^,]*')
        if name == wanted[-1]:
            break
    return r"\{" + ",".join(parts) + "[,}]"
