"""What a window's LED strip says. Never by colour alone: the text says the same."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from edge.rules.boards import way_to, window_name
from edge.rules.effects import Show
from edge.rules.model import Hall, State, Ticket, Window, WindowState
from edge.rules.text import width

Sign = Literal["closed", "paused", "free", "rating", "called", "recalled", "serving", "sent"]
Color = Literal["red", "green", "yellow"]

_AT_WORK = ("正在办理 {}", "办理 {}", "办理{}", "{}")
# Longest first; the last is for strips of 8 columns (four Chinese characters) and fewer.
_TEXTS: MappingProxyType[Sign, tuple[Color, tuple[str, ...]]] = MappingProxyType(
    {
        "closed": ("yellow", ("窗口关闭",)),
        "paused": ("yellow", ("暂停服务",)),
        "free": ("green", ("空闲",)),
        "called": ("red", ("请 {} 号", "请 {}", "请{}", "{}")),
        "recalled": ("red", ("再请 {} 号", "再请 {}", "再请{}", "{}")),
        "serving": ("green", _AT_WORK),
        "rating": ("green", _AT_WORK),  # the citizen is still there, at the pad
        "sent": ("yellow", ("{} 请等候叫号", "{}请等叫号", "{}")),
    }
)


def sign_of(seat: WindowState, ticket: Ticket | None, *, login_required: bool) -> Sign:
    """What a window has to say. `ticket` is the one called or served there."""
    if ticket is not None:
        if ticket.phase == "serving":
            return "serving"
        return "recalled" if ticket.calls > 1 else "called"
    if login_required and not seat.staff:
        return "closed"
    if seat.paused:
        return "paused"
    if seat.sent:
        return "sent"
    return "rating" if seat.rating else "free"


def strip_text(sign: Sign, ticket: str = "", columns: int = 16) -> str:
    """The longest text for `sign` that fits; where none fits, the shortest."""
    texts = [text.format(ticket) for text in _TEXTS[sign][1]]
    return next((text for text in texts if width(text) <= columns), texts[-1])


def show(window: Window, sign: Sign, ticket: str = "") -> Show:
    return Show(window.id, strip_text(sign, ticket, window.strip_columns), _TEXTS[sign][0])


def sent(window: Window, ticket: str, to: str) -> Show:
    """Where the citizen goes on: `to` is the other window's name, "" where any of a service will call."""
    if not to:
        return show(window, "sent", ticket)
    return Show(window.id, way_to(ticket, to, window.strip_columns), _TEXTS["sent"][0])


def strip_of(state: State, hall: Hall, window: Window) -> Show:
    """The window's strip as the state has it: what it must show after a restart."""
    seat = state.window(window.id)
    ticket = state.tickets.get(seat.ticket)
    sign = sign_of(seat, ticket, login_required=hall.login_required)
    if sign == "sent":
        return sent(window, seat.sent, window_name(seat.sent_to, hall) if seat.sent_to else "")
    return show(window, sign, seat.rating.ticket if sign == "rating" and seat.rating else seat.ticket)
