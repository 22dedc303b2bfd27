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
    FeeCharged,
    FeeRefunded,
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

Values: TypeAlias = tuple[str, ...]  # of an event, as READ names them; "" is not there
Match: TypeAlias = Callable[[str], re.Match[str] | None]

_MOMENT = ("boot", "mono")
READ: Mapping[type[Fact], tuple[str, ...]] = {
    TicketReserved: ("ticket", "service"),
    TicketPrinted: (*_MOMENT, "ticket"),
    TicketShown: (*_MOMENT, "ticket"),
    TicketAssumed: (*_MOMENT, "ticket"),
    TicketCalled: (*_MOMENT, "ticket", "window", "staff"),
    TicketNoShow: ("ticket", "window", "staff"),
    TicketTransferred: ("ticket", "window", "staff", "service"),
    ServiceStarted: (*_MOMENT, "ticket"),
    ServiceFinished: (*_MOMENT, "ticket", "window", "staff", "rating_asked", "unit", "promise_min"),
    FeeCharged: ("receipt", "amount_fen", "window", "unit", "act", "fee_fen"),
    FeeRefunded: ("amount_fen", "window", "unit"),
    RatingGiven: ("id", "ticket", "window", "staff", "level"),
    StaffLoggedIn: ("window",),
    StaffLoggedOut: ("window", "reason"),
}


def kind_of(fact: type[Fact]) -> str:
    return str(fact.model_fields["kind"].default)


def plainly(wanted: tuple[str, ...], body: str) -> Values:
    """By JSON. Raises RecordError."""
    event = parsed(body)
    return tuple(_text(event.get(name, "")) for name in wanted)


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


def matcher(fact: type[Fact], wanted: tuple[str, ...]) -> Match:
    """Its groups are the Values; None where only JSON can tell, which is for `plainly`."""
    return re.compile(_pattern(fact, wanted)).match


def _pattern(fact: type[Fact], wanted: tuple[str, ...]) -> str:
    """Of an event from its begin to the last member that is wanted."""
    members = {**Stamp.model_fields, **fact.model_fields}
    upto = list(members).index(wanted[-1]) + 1
    parts = [
        f'"{name}":{_value(name in Stamp.model_fields, _is_text(about.annotation), name in wanted)}'
        for name, about in list(members.items())[:upto]
    ]
    return r"\{" + ",".join(parts) + "[,}]"


def _value(of_stamp: bool, is_text: bool, is_wanted: bool) -> str:
    """What is not wanted ends where it seems to: a quote within a text is escaped, and so is that of the
    member's name that would have to follow it. A list or an object never fits.

    A stamp the hub has checked: its numbers are numbers, and the one text that may hold escapes, `by`, is
    nobody's want. `*+` gives nothing back, which spares the matcher the places to return to.
    """
    if is_text:
        return (r'"([^"]*+)"' if of_stamp else r'"([^"\\]*+)"') if is_wanted else r'"[^"]*+"'
    if of_stamp:
        return r'([^",]*+)' if is_wanted else r"[^,]*+"
    return r'([^",\[\]{}]*+)' if is_wanted else r"[^,\[{]*+"  # or true, false, null


def _is_text(annotation: object) -> bool:
    choices = get_args(annotation)
    return annotation is str or (bool(choices) and all(isinstance(choice, str) for choice in choices))
