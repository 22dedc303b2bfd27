"""A citizen sent on to another window or service, with the ticket that he has and the place that it gave him.

The act goes on, and is rated once, at the window that ends it: who came for one matter is asked once, and
each window that had a part in it stands in the events. A ticket sent to a window waits for that one alone,
until its member of staff leaves; then any window of the service may call it. One sent "there and back" is not
finished over there: whoever presses finish sends it back, where it is the next.
There is one way back, the last that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from edge.rules.desk import Desk
from edge.rules.effects import CallOff, Display
from edge.rules.model import Decision, Hall, Ticket, Transfer, Window
from edge.rules.roster import When, clock, window_hours
from edge.rules.strips import sent
from edge.wire import Fact, ServiceStarted, TicketTransferred


def transfer(desk: Desk, wish: Transfer, moment: When | None = None) -> Decision:
    """To a window, to a service, or to a window for one of its services. Without a service named, the window
    goes on with the ticket's own where it has it, else with its first."""
    if desk.ticket is None:
        return desk.refuse("nothing_to_transfer")
    if not wish.to and not wish.service:
        return desk.refuse("transfer_where")
    to = _numbered(desk.hall, wish.to)
    if wish.to and to is None:
        return desk.refuse("transfer_no_window")
    service = wish.service or _service_at(to, desk.ticket)
    if to == desk.window or (to is None and service == desk.ticket.service):
        return desk.refuse("transfer_itself")
    serving = [
        window for window in ([to] if to else desk.hall.windows.values()) if service in window.services
    ]
    if not serving:
        return desk.refuse("transfer_no_service")
    no = _closed(desk, serving, service, moment)
    if no:
        return no
    way: Literal["there_and_back", "there"] = "there_and_back" if wish.back else "there"
    return _sent(desk, desk.ticket, service, to, way)


def _closed(desk: Desk, windows: list[Window], service: str, moment: When | None) -> Decision | None:
    """Nobody is sent to where the roster opens later, though somebody may have stayed logged in there. After
    its last hour who has a ticket is served, by whoever is still there."""
    hours = [window_hours(desk.hall, window.id, moment, service) for window in windows]
    opens = [each.opens for each in hours if each.opens is not None]
    now = [window for window, each in zip(windows, hours, strict=True) if each.is_open]
    if not now and opens:
        return desk.refuse("transfer_until", time=clock(min(opens)))
    if _any_open(desk, now) or (not now and desk.hall.login_required and _any_open(desk, windows)):
        return None
    return desk.refuse("transfer_closed") if now else desk.refuse("transfer_closed_today")


def goes_back(desk: Desk) -> bool:
    """Whether the ticket here is to go back, and somebody is there to go on with it."""
    return _there(desk) is not None


def give_back(desk: Desk) -> Decision:
    """In the place of finishing it, where it `goes_back`."""
    assert desk.ticket
    return _sent(desk, desk.ticket, desk.ticket.back_service, _there(desk), "back")


def _there(desk: Desk) -> Window | None:
    """The window that the ticket here came from; where that has closed, another of the same service."""
    if desk.ticket is None or not desk.ticket.back:
        return None
    service = desk.ticket.back_service
    windows = [each for each in desk.hall.windows.values() if service in each.services]
    able = [each for each in windows if each != desk.window and _any_open(desk, [each])]
    return next((each for each in able if each.id == desk.ticket.back), next(iter(able), None))


def _sent(
    desk: Desk,
    ticket: Ticket,
    service: str,
    to: Window | None,
    way: Literal["there", "there_and_back", "back"],
) -> Decision:
    began: tuple[Fact, ...] = ()
    if ticket.phase == "called":
        began = (ServiceStarted(ticket=ticket.id, **desk.by()),)
    where = to.id if to else ""
    fact = TicketTransferred(ticket=ticket.id, service=service, to=where, way=way, **desk.by())
    strip = sent(desk.window, ticket.id, to.name if to else "")
    effects = CallOff(ticket.id, taken_back=True), strip, Display(desk.window.id, "")
    answer: dict[str, str | int] = {"ticket": ticket.id, "service": service, "window": where}
    return Decision((*began, fact), effects, answer=answer)


def _numbered(hall: Hall, window: str) -> Window | None:
    """By its id, as it is or as a number with zeros before it."""
    return hall.windows.get(window) or hall.windows.get(window.lstrip("0"))


def _service_at(window: Window | None, ticket: Ticket) -> str:
    assert window
    return ticket.service if ticket.service in window.services else window.services[0]


def _any_open(desk: Desk, windows: Iterable[Window]) -> bool:
    """Whether anybody is there; one who has paused will be."""
    return any(not desk.hall.login_required or desk.state.window(window.id).staff for window in windows)
