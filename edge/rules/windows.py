"""What the keys at a window do, from its caller or over the control socket.

The hall's rules, decided here:
- Calling the next one ends what is on: a citizen being served is finished, one who was called but did not
  come is a no-show. Where nobody can be called, nothing is ended either.
- Finish and evaluate are the same: every act is to be rated, so every end of an act invites a rating. Without
  "start" before it, service is taken to have started then.
- A number may be called before its turn, that of a no-show too. One that several services of a window use
  means the one that was put by here, then the one that waits longest, and only then a no-show.
- Nobody can pause, log out or hand a window over while a ticket is open there, nor skip or take back an act
  that has begun: no act may get lost, and no rating be avoided that way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drivers.messages import KeyAction
from edge.rules import absence, holds, ratings, transfers
from edge.rules.desk import Desk, attended, finish
from edge.rules.effects import (
    CallOff,
    CallOut,
    Display,
    Effect,
    InviteRating,
    Refuse,
    Show,
    ShowCalled,
    ShowNotice,
)
from edge.rules.model import Decision, Hall, Key, Place, State, Ticket, Transfer, Window
from edge.rules.notices import notice_of
from edge.rules.priority import next_ticket, overtaken
from edge.rules.rejections import refused, rejection
from edge.rules.roster import When
from edge.rules.strips import Sign, show, strip_of
from edge.rules.tickets import ticket_id
from edge.wire import (
    CallCancelled,
    Fact,
    ServiceStarted,
    StaffLoggedIn,
    StaffLoggedOut,
    TicketCalled,
    WindowPaused,
    WindowResumed,
)

MAX_STAFF_DIGITS = 16  # longer is a slip of the finger; staff numbers have four to eight
MAX_TICKET_DIGITS = 4  # of the longest number there is


def press(state: State, key: Key, hall: Hall, now_s: float, moment: When | None = None) -> Decision:
    """`now_s`: even time."""
    window = hall.windows.get(key.window)
    if window is None:
        return refused("unknown_window")
    desk = Desk.of(state, hall, window, now_s)
    if key.action is KeyAction.LOGIN:
        return _login(desk, key.digits)
    if hall.login_required and not desk.seat.staff:
        return desk.refuse("not_logged_in")
    if key.action is KeyAction.CALL:
        return _call(desk, key.digits)
    if key.action is KeyAction.TRANSFER:
        return transfers.transfer(desk, Transfer(window.id, key.digits), moment)
    if key.action is KeyAction.HOLD:
        return holds.hold(desk, key.digits)
    if key.action in _ON_CALLED:
        return _on_called(desk, _ON_CALLED[key.action])
    return _AT_ANY_TIME[key.action](desk)


def send_on(state: State, wish: Transfer, hall: Hall, moment: When | None = None) -> Decision:
    desk = attended(state, hall, wish.window)
    if isinstance(desk, Decision):
        return desk
    return transfers.transfer(desk, wish, moment)


def take_up(state: State, hall: Hall) -> Decision:
    """After a restart every strip, display, pad and board is told again, and limits begin anew.

    Nothing is said aloud: nobody knows what was said before, and a number that is called twice sends people
    about. Who waited to be called when the node died is on his strip, and a recall says it.
    """
    effects: tuple[Effect, ...] = (ShowCalled(state.called), ShowNotice(notice_of(state, hall)))
    for window in hall.windows.values():
        effects += shown_at(state, hall, window)
        if rating := state.window(window.id).rating:
            effects += ratings.invite(window, rating.act, hall)
    return Decision(effects=effects)


def shown_at(state: State, hall: Hall, window: Window) -> tuple[Show, Display]:
    """What is to stand on a window's strip and on its caller's display."""
    ticket = state.tickets.get(state.window(window.id).ticket)
    return strip_of(state, hall, window), Display(window.id, _digits(ticket) if ticket else "")


# --- calling ---
def _call(desk: Desk, digits: str) -> Decision:
    if desk.seat.paused:
        return desk.refuse("paused")
    ticket = _named(desk, digits) if digits else _next(desk)
    if ticket is None and any(known.phase == "expired" for known in _known(desk, digits)):
        return desk.refuse("ticket_expired_here")
    if ticket is None and digits:
        return desk.refuse("no_such_ticket")
    if ticket is None:
        beep = Refuse(desk.window.id), strip_of(desk.state, desk.hall, desk.window)
        return Decision(effects=beep, rejection=rejection("queue_empty"))
    overtook = () if digits else _overtook(desk, ticket)
    return _clear(desk) + holds.end(ticket, "called") + _called(desk, ticket, 1, overtook)


def _next(desk: Desk) -> Ticket | None:
    return next_ticket(desk.state, desk.window, desk.hall, desk.now_s)


def _overtook(desk: Desk, ticket: Ticket) -> tuple[str, ...]:
    """The services of this window in which somebody is overtaken by that."""
    state, window, now_s = desk.state, desk.window, desk.now_s
    return tuple(each for each in window.services if overtaken(state, each, ticket, window.id, now_s))


def _named(desk: Desk, digits: str) -> Ticket | None:
    """The ticket of that number, waiting, put by or not come, among the services of this window."""
    callable_ = [ticket for ticket in _known(desk, digits) if ticket.phase in {"waiting", "held", "no_show"}]
    return min(callable_, key=lambda ticket: _likely(desk, ticket), default=None)


def _likely(desk: Desk, ticket: Ticket) -> tuple[bool, bool, Place]:
    """The smaller is the one that staff mean."""
    put_by_here = ticket.phase == "held" and ticket.window == desk.window.id
    return not put_by_here, ticket.phase == "no_show", ticket.place


def _known(desk: Desk, digits: str) -> list[Ticket]:
    """Today's tickets of that number, of the services of this window."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_TICKET_DIGITS):
        return []
    services = desk.hall.services.values()  # of any: a ticket sent on keeps its number
    tickets = (desk.state.tickets.get(ticket_id(service, int(digits))) for service in services)
    return [ticket for ticket in tickets if ticket and ticket.service in desk.window.services]


def _clear(desk: Desk) -> Decision:
    """End what is on at the window, because the next one is called."""
    if desk.ticket is None:
        return Decision()
    if desk.ticket.phase == "serving" and transfers.goes_back(desk):
        return transfers.give_back(desk)
    if desk.ticket.phase == "serving":
        return _end_act(desk, desk.ticket)
    return Decision(absence.missed(desk.ticket, desk.hall, desk.by()))


def _called(desk: Desk, ticket: Ticket, times: int, overtook: tuple[str, ...] = ()) -> Decision:
    fact = TicketCalled(ticket=ticket.id, times=times, overtook=overtook, **desk.by())
    sign: Sign = "recalled" if times > 1 else "called"
    out = CallOut(ticket.id, desk.window.id, again=times > 1)
    effects = show(desk.window, sign, ticket.id), Display(desk.window.id, _digits(ticket)), out
    return Decision(
        (fact,), (*effects, *_arrived(desk, ticket)), answer={"ticket": ticket.id, "times": times}
    )


def _arrived(desk: Desk, ticket: Ticket) -> tuple[Effect, ...]:
    """The window that sent it on need not show the way any more."""
    effects: tuple[Effect, ...] = ()
    for id_, seat in desk.state.windows.items():
        window = desk.hall.windows.get(id_)
        if window and seat.sent == ticket.id and window != desk.window:
            rated = seat.rating.ticket if seat.rating else ""
            effects += (show(window, "rating" if rated else "free", rated),)
    return effects


def _digits(ticket: Ticket) -> str:
    return f"{ticket.number:03d}"


# --- with a ticket that has been called ---
def _on_called(desk: Desk, rule: Callable[[Desk, Ticket], Decision]) -> Decision:
    if desk.ticket is None:
        return desk.refuse("nothing_called")
    if desk.ticket.phase == "serving":
        return desk.refuse("already_serving")
    return rule(desk, desk.ticket)


def _recall(desk: Desk, ticket: Ticket) -> Decision:
    if ticket.calls >= desk.hall.no_show_calls:
        return desk.refuse("called_enough")
    return _called(desk, ticket, ticket.calls + 1)


def _start(desk: Desk, ticket: Ticket) -> Decision:
    fact = ServiceStarted(ticket=ticket.id, **desk.by())
    effects = show(desk.window, "serving", ticket.id), CallOff(ticket.id, taken_back=False)
    return Decision((fact,), effects, answer={"ticket": ticket.id})


def _skip(desk: Desk, ticket: Ticket) -> Decision:
    return _left(desk, ticket, *absence.missed(ticket, desk.hall, desk.by()))


def _cancel(desk: Desk, ticket: Ticket) -> Decision:
    off = Decision(effects=(CallOff(ticket.id, taken_back=True),))
    return off + _left(desk, ticket, CallCancelled(ticket=ticket.id, **desk.by()))


def _left(desk: Desk, ticket: Ticket, *facts: Fact) -> Decision:
    return desk.idle(*facts) + Decision(answer={"ticket": ticket.id})


# --- the end of an act ---
def _finish(desk: Desk) -> Decision:
    if desk.ticket is None:
        return desk.refuse("nothing_to_finish")
    if transfers.goes_back(desk):
        return transfers.give_back(desk)
    ended = _end_act(desk, desk.ticket) + Decision(answer={"ticket": desk.ticket.id})
    if desk.ticket.phase != "serving":
        return ended + desk.clear("rating", ticket=desk.ticket.id)
    # The strip says so already. Each text that it need not be told makes it rarer that a caller speaks while
    # a strip answers.
    return ended + Decision(effects=(Display(desk.window.id, ""),))


def _evaluate(desk: Desk) -> Decision:
    """Finish; or, after that, light the pad again, within the same limit."""
    if desk.ticket is None and desk.seat.rating:
        again = InviteRating(desk.window.id)
        return Decision(effects=(again,), answer={"ticket": desk.seat.rating.ticket})
    return _finish(desk)


def _end_act(desk: Desk, ticket: Ticket) -> Decision:
    """Its rating begins; one that still waits here can have no answer any more."""
    started = Decision()
    if ticket.phase == "called":
        fact = ServiceStarted(ticket=ticket.id, **desk.by())
        started = Decision((fact,), (CallOff(ticket.id, taken_back=False),))
    finished = finish(desk.hall, ticket, desk.window.id, desk.seat.staff, rating_asked=True)
    invited = started + Decision((finished,), ratings.invite(desk.window, ticket.act, desk.hall))
    return ratings.close(desk.window.id, desk.seat, "next_call") + invited


# --- staff ---
def _login(desk: Desk, digits: str) -> Decision:
    """A colleague may take over a window that was left logged in, but not an open ticket."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_STAFF_DIGITS):
        return desk.refuse("staff_number")
    answer = Decision(answer={"staff": digits})
    if desk.seat.staff == digits:
        return answer
    if desk.ticket:
        return desk.refuse("ticket_open")
    login = StaffLoggedIn(window=desk.window.id, staff=digits)
    if desk.seat.staff:
        return _leave(desk) + desk.clear("free", login) + answer
    return desk.idle(login) + answer


def _logout(desk: Desk) -> Decision:
    if desk.ticket:
        return desk.refuse("ticket_open")
    if not desk.seat.staff:
        return desk.refuse("not_logged_in")
    return _leave(desk) + desk.clear("closed" if desk.hall.login_required else "free")


def _leave(desk: Desk) -> Decision:
    left = Decision((StaffLoggedOut(reason="key", **desk.by()),))
    return ratings.close(desk.window.id, desk.seat, "logout") + left


def _pause(desk: Desk) -> Decision:
    if desk.ticket:
        return desk.refuse("ticket_open")
    facts = () if desk.seat.paused else (WindowPaused(**desk.by()),)
    return desk.clear("paused", *facts)


def _resume(desk: Desk) -> Decision:
    if not desk.seat.paused:
        return Decision(effects=(strip_of(desk.state, desk.hall, desk.window),))
    return desk.idle(WindowResumed(**desk.by()))


_ON_CALLED: Mapping[KeyAction, Callable[[Desk, Ticket], Decision]] = {
    KeyAction.RECALL: _recall,
    KeyAction.START: _start,
    KeyAction.SKIP: _skip,
    KeyAction.CANCEL: _cancel,
}
_AT_ANY_TIME: Mapping[KeyAction, Callable[[Desk], Decision]] = {
    KeyAction.FINISH: _finish,
    KeyAction.EVALUATE: _evaluate,
    KeyAction.LOGOUT: _logout,
    KeyAction.PAUSE: _pause,
    KeyAction.RESUME: _resume,
}
