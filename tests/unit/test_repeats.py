"""Which press after a start is one of before it: by device, content, time and boot, and only once."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.repeats import REPEAT_S, Repeats
from edge.rules import evolve
from edge.rules.model import Input, Key, Moment, Rate, State, TakeTicket
from edge.store import Recorded
from edge.wire import (
    DayOpened,
    Fact,
    ServiceStarted,
    Stamp,
    TicketCalled,
    TicketInDoubt,
    TicketPrinted,
    TicketReserved,
)

BOOT, OTHER_BOOT = "b" * 32, "c" * 32
KEPT_S = 100.0  # when the last act was kept
SOON_S = KEPT_S + 2.0  # a restart later
NUMBER = 11


class Before:
    """What was kept before the start."""

    def __init__(self, *, boot: str = BOOT) -> None:
        self.state = State()
        self._boot = boot
        self._kept: list[Recorded] = []
        self.keep("node", DayOpened(day="2025-03-03"))

    def keep(self, by: str, *facts: Fact) -> Before:
        for fact in facts:
            seq = len(self._kept) + 1
            stamp = Stamp(
                epoch="e" * 32,
                seq=seq,
                id=f"{seq:032x}",
                at=1.7e9,
                boot=self._boot,
                mono=KEPT_S,
                clock_ok=True,
                by=by,
            )
            self._kept.append(Recorded(stamp, fact))
            evolve(self.state, fact, Moment(stamp.at, stamp.mono, stamp.boot))
        return self

    def start(self) -> Repeats:
        repeats = Repeats(BOOT)
        for recorded in self._kept:
            repeats.remember(recorded)
        repeats.settle(self.state)
        return repeats

    def takes(self, device: str, wish: Input, mono_s: float = SOON_S) -> bool:
        """Whether this, as the first after the start, is a repeat."""
        return self.start().take(device, wish, self.state, mono_s)


def ticket(service: str = "tax", number: int = NUMBER) -> TicketReserved:
    return TicketReserved(
        ticket=f"A{number:03d}", service=service, number=number, session=f"{number}", can_show=False
    )


def call(times: int = 1) -> TicketCalled:
    return TicketCalled(ticket="A011", window="1", staff="1001", times=times)


def take(service: str = "tax") -> TakeTicket:
    return TakeTicket(service, "another press", False, "")


def key(action: KeyAction = KeyAction.CALL, digits: str = "", window: str = "1") -> Key:
    return Key(window, action, digits)


def called(*, boot: str = BOOT, times: int = 1) -> Before:
    before = Before(boot=boot).keep("buttons", ticket())
    before.keep("printer", TicketPrinted(ticket="A011", copies=1))
    return before.keep("caller-1", *(call(each + 1) for each in range(times)))


# --- a button ---
def test_a_ticket_that_no_slip_is_known_of_is_the_repeats() -> None:
    before = Before().keep("buttons", ticket())
    assert before.takes("buttons", take())
    assert before.keep("node", TicketInDoubt(ticket="A011", slips=1, reason="restart")).takes(
        "buttons", take()
    ), "the second end came before the repeat"


def test_only_the_same_button_of_the_same_device_repeats_it() -> None:
    before = Before().keep("buttons", ticket())
    assert not before.takes("buttons", take("social"))
    elder = TakeTicket("tax", "another press", priority="elder")
    assert not before.takes("buttons", elder)
    assert Before().keep("buttons", ticket().model_copy(update={"priority": "elder"})).takes("buttons", elder)
    assert not before.takes("buttons-2", take())
    assert not before.takes("buttons", key())


def test_it_is_a_repeat_once_and_only_as_the_first_press() -> None:
    before = Before().keep("buttons", ticket())
    repeats = before.start()
    assert repeats.take("buttons", take(), before.state, SOON_S)
    assert not repeats.take("buttons", take(), before.state, SOON_S)
    repeats = before.start()
    assert not repeats.take("buttons", take("social"), before.state, SOON_S)
    assert not repeats.take("buttons", take(), before.state, SOON_S)


def test_a_press_of_another_device_does_not_use_it_up() -> None:
    before = Before().keep("buttons", ticket(number=10)).keep("buttons-2", ticket())
    repeats = before.start()
    assert repeats.take("buttons-2", take(), before.state, SOON_S)
    assert repeats.take("buttons", take(), before.state, SOON_S)


@pytest.mark.parametrize(
    ("mono_s", "repeat"),
    [(KEPT_S - 0.1, False), (KEPT_S, True), (KEPT_S + REPEAT_S, True), (KEPT_S + REPEAT_S + 0.1, False)],
)
def test_it_is_a_repeat_within_the_limit(mono_s: float, repeat: bool) -> None:
    assert Before().keep("buttons", ticket()).takes("buttons", take(), mono_s) is repeat
    assert called().takes("caller-1", key(), mono_s) is repeat


def test_times_of_another_boot_say_nothing() -> None:
    assert not Before(boot=OTHER_BOOT).keep("buttons", ticket()).takes("buttons", take())
    assert not called(boot=OTHER_BOOT).takes("caller-1", key())


def test_a_slip_that_was_out_before_the_start_belongs_to_whoever_took_it() -> None:
    before = Before().keep("buttons", ticket())
    before.keep("printer", TicketPrinted(ticket="A011", copies=1))
    assert not before.takes("buttons", take())


def test_the_copy_may_come_out_before_the_repeat_is_heard() -> None:
    before = Before().keep("buttons", ticket())
    repeats = before.start()
    before.keep("printer", TicketPrinted(ticket="A011", copies=2))
    assert repeats.take("buttons", take(), before.state, SOON_S)


# --- a caller ---
@pytest.mark.parametrize(
    ("times", "wish", "repeat"),
    [
        (1, key(), True),
        (1, key(digits="11"), True),
        (1, key(digits="011"), True),
        (1, key(digits="1"), False),  # the end of 011, and another ticket
        (1, key(digits="0"), False),
        (1, key(digits="111"), False),
        (1, key(window="2"), False),
        (1, key(KeyAction.RECALL), False),  # the first recall is an act of its own
        (1, key(KeyAction.START), False),
        (1, Rate("1", 5, 3), False),
        (2, key(KeyAction.RECALL), True),
        (2, key(KeyAction.RECALL, window="2"), False),
        (2, key(), False),  # whoever is called does not come
    ],
)
def test_a_call_is_repeated_by_the_key_that_made_it(times: int, wish: Input, repeat: bool) -> None:
    assert called(times=times).takes("caller-1", wish) is repeat


def test_a_call_that_went_on_was_acknowledged() -> None:
    before = called().keep("caller-1", ServiceStarted(ticket="A011", window="1", staff="1001"))
    assert not before.takes("caller-1", key())
    before = called().keep("desk", call(2))
    assert not before.takes("caller-1", key()), "recalled by somebody else"


def test_what_goes_on_after_the_start_ends_it_too() -> None:
    before = called()
    repeats = before.start()
    before.keep("desk", ServiceStarted(ticket="A011", window="1", staff="1001"))
    assert not repeats.take("caller-1", key(), before.state, SOON_S)


def test_a_hall_without_a_past_knows_no_repeat() -> None:
    assert not Before().takes("buttons", take())
    assert not Repeats(BOOT).take("buttons", take(), State(), SOON_S)
