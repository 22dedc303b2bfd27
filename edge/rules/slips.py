"""What stands on a printed slip. It carries no personal data: the number, and what to do with it.

Sizes: a printer's 24-dot Chinese character is 3 mm high at 203 dpi (8.5 pt), so text is of size 2 (17 pt) and
the number of size 6: its digits, 17 of 24 dots, are 12.75 mm high.
"""

from __future__ import annotations

from datetime import datetime

from drivers.messages import SlipLine, SlipQr
from edge.rules.model import Hall, State, Ticket
from edge.rules.roster import clock
from edge.rules.text import wrap
from edge.rules.views import waiting_ahead
from edge.wire import told_min

TEXT_SIZE = 2
NUMBER_SIZE = 6
QR_MODULE = 6  # dots: 0.75 mm, which a telephone's camera reads from 20 cm


def slip(state: State, ticket: Ticket, hall: Hall, *, copy: bool = False) -> tuple[SlipLine | SlipQr, ...]:
    """The slip of `ticket` as things stand. `copy` marks one that may not be the first."""
    service = hall.services.get(ticket.service)  # a new configuration may have taken it out meanwhile
    ahead = waiting_ahead(state, hall, ticket.service, ticket)
    priority = hall.priorities.get(ticket.priority)
    booking = state.bookings.get(ticket.appointment)
    taken = datetime.fromtimestamp(ticket.reserved_at, hall.zone)
    return (
        *(_text(hall, "副本 COPY", "与原号相同，只叫一次", "Same number, called once") if copy else ()),
        *_text(hall, hall.name),
        SlipLine(ticket.id, NUMBER_SIZE, "center"),
        *_text(hall, service.name if service else ticket.service),
        *(_text(hall, priority.name) if priority else ()),
        *(_text(hall, f"预约 {clock(booking.minute)} Appointment") if booking else ()),
        *_text(hall, f"前面等候 {ahead} 人", f"{ahead} ahead of you"),
        *_text(hall, *_wait(state, ticket)),
        *_text(hall, "取号时间 Taken at", f"{taken:%Y-%m-%d %H:%M}"),
        *_text(hall, "请留意屏幕，听候叫号", "Please watch the screen and listen for your number"),
        *_text(hall, "当日有效 Valid today"),
        SlipQr(f"{hall.id}/{ticket.act}", QR_MODULE),
    )


def _wait(state: State, ticket: Ticket) -> tuple[str, ...]:
    """What its holder was told when he took it; nothing where nobody could know."""
    told = state.pace.told.get(ticket.id)
    if told is None:
        return ()
    low, high = told_min(told.p50_s, told.p90_s)
    if low in (0, high):
        return f"预计等候 {high} 分钟以内", f"Wait: within {high} min"
    return f"预计等候 {low} 至 {high} 分钟", f"Wait: about {low} to {high} min"


def _text(hall: Hall, *texts: str) -> tuple[SlipLine, ...]:
    lines = (line for text in texts for line in wrap(text, hall.slip_columns))
    return tuple(SlipLine(line, TEXT_SIZE, "center") for line in lines)
