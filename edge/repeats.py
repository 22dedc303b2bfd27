"""Presses that were kept and perhaps never acknowledged, because the daemon died between the two.

A button or a caller that hears no acknowledgement sends its press again, and its driver, which would know the
repeat, is a new one. What the store kept tells: the press of a device whose effect is just as it left it, a
ticket that no slip is known of, a call that nobody has answered, is taken again for what it was. It is then
acknowledged and decides nothing. So one person gets one ticket, and one key calls one citizen. All other
keys need no memory: the rules find nothing left to do for a second start, end, skip, log-in or rating.

What is still possible:
- Who really presses the same again within `REPEAT_S` of such an end has pressed once: a ticket's slip comes
  all the same, since a ticket without one is printed again at the start; a window's second key works.
- Where the slip was out before the daemon died, the press was long acknowledged, and the next is another
  person's. A line that had held the acknowledgement back for as long as a slip takes would bring two tickets.
- What is kept has no digits: "next" within `REPEAT_S` of a call by number is taken for its repeat.
"""

from __future__ import annotations

from drivers.messages import KeyAction
from edge.rules.model import Input, Key, State, TakeTicket
from edge.store import Recorded
from edge.wire import TicketCalled, TicketReserved

REPEAT_S = 10.0  # from the press as it was kept; callers give up sooner. It spans the restart


class Repeats:
    """`boot`: times of another are not compared; a machine starts more slowly than callers give up."""

    def __init__(self, boot: str) -> None:
        self._boot = boot
        self._last: dict[str, Recorded] = {}  # by device: its last act before the start

    def remember(self, recorded: Recorded) -> None:
        """What was kept before the start, in its order. Costs one act a device."""
        if recorded.stamp.boot == self._boot:
            self._last[recorded.stamp.by] = recorded

    def settle(self, state: State) -> None:
        """All is remembered, and `state` is what follows. What has gone on from there was acknowledged."""
        self._last = {by: each for by, each in self._last.items() if _stands(each, state, "reserved")}

    def take(self, device: str, wish: Input, state: State, mono_s: float) -> bool:
        """Whether this is the press of before the start. Asked for each input of a device: the first says
        whether it is, and none after that."""
        last = self._last.pop(device, None)
        if last is None or not 0 <= mono_s - last.stamp.mono <= REPEAT_S:
            return False
        return _stands(last, state, "reserved", "waiting") and _is_press(last, wish, state)


def _stands(act: Recorded, state: State, *phases: str) -> bool:
    """Whether nothing has followed from it but, for a ticket, that it has come to one of `phases`."""
    match act.fact:
        case TicketReserved(ticket=name):
            ticket = state.tickets.get(name)
            return ticket is not None and ticket.phase in phases
        case TicketCalled(ticket=name, window=window, times=times):
            ticket = state.tickets.get(name)
            return ticket is not None and (ticket.phase, ticket.window, ticket.calls) == (
                "called",
                window,
                times,
            )
    return False


def _is_press(act: Recorded, wish: Input, state: State) -> bool:
    """Whether the rules would have made this of it. The act stands, so its ticket is there."""
    match act.fact, wish:
        case TicketReserved() as kept, TakeTicket(service, priority=priority):
            return (kept.service, kept.priority) == (service, priority)
        case TicketCalled() as call, Key(window, KeyAction.CALL, digits):
            named = not digits or digits.lstrip("0") == str(state.tickets[call.ticket].number)
            return call.times == 1 and call.window == window and named
        case TicketCalled() as call, Key(window, KeyAction.RECALL):
            return call.times > 1 and call.window == window
    return False
