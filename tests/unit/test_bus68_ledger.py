"""A repeat is told from a press, and our own bytes from others'."""

from __future__ import annotations

from drivers.bus68.echo import MARGIN_S, EchoFilter
from drivers.bus68.ledger import UNACKNOWLEDGED_S, Heard, Ledger

FRAME, OTHER = b"\x03\x01\x0c", b"\x03\x01\x0d"


def test_a_press_waits_until_the_hall_has_taken_it() -> None:
    ledger = Ledger()
    heard, press = ledger.hear("a", FRAME, 0.0, 1.0)
    assert heard is Heard.NEW
    assert ledger.hear("a", FRAME, 3600.0, 1.0) == (Heard.WAITING, press)
    press.taken = True
    assert ledger.hear("a", FRAME, 3600.1, 1.0) == (Heard.TAKEN, press)


def test_the_window_begins_with_the_first_acknowledgement() -> None:
    ledger = Ledger()
    _, press = ledger.hear("a", FRAME, 0.0, 1.0)
    press.taken, press.acknowledged_s = True, 5.0
    assert ledger.hear("a", FRAME, 5.9, 1.0)[0] is Heard.TAKEN
    assert ledger.hear("a", FRAME, 6.0, 1.0)[0] is Heard.NEW


def test_another_key_and_another_child_are_other_presses() -> None:
    ledger = Ledger()
    assert ledger.hear("a", FRAME, 0.0, 1.0)[0] is Heard.NEW
    assert ledger.hear("b", FRAME, 0.0, 1.0)[0] is Heard.NEW
    assert ledger.hear("a", OTHER, 0.1, 1.0)[0] is Heard.NEW
    assert ledger.hear("a", FRAME, 0.2, 1.0)[0] is Heard.NEW


def test_a_press_taken_and_never_acknowledged_is_remembered_for_a_while() -> None:
    """The line was lost between: the caller may go on repeating once it is back."""
    ledger = Ledger()
    _, press = ledger.hear("a", FRAME, 0.0, 1.0)
    press.taken = True
    ledger.forget_waiting()
    assert ledger.hear("a", FRAME, 3.0, 1.0)[0] is Heard.TAKEN
    assert ledger.hear("a", FRAME, 3.0 + UNACKNOWLEDGED_S, 1.0)[0] is Heard.NEW


def test_a_press_that_nobody_will_take_is_forgotten() -> None:
    ledger = Ledger()
    _, press = ledger.hear("a", FRAME, 0.0, 1.0)
    ledger.forget_waiting()
    assert ledger.hear("a", FRAME, 0.1, 1.0)[0] is Heard.NEW
    ledger.forget(press)  # an older one: the newer stays
    assert ledger.hear("a", FRAME, 0.2, 1.0)[0] is Heard.WAITING


# --- our own bytes ---
def test_what_was_sent_is_taken_out_of_what_is_heard() -> None:
    echo = EchoFilter(0.001, removes=True)
    echo.sent(b"abcd", 10.0)
    assert echo.remove(b"ab", 10.002) == b""
    assert echo.remove(b"cdXY", 10.004) == b"XY"
    assert echo.remove(b"abcd", 10.005) == b"abcd"


def test_a_garbled_echo_is_dropped_by_its_length() -> None:
    echo = EchoFilter(0.001, removes=True)
    echo.sent(b"abcd", 10.0)
    assert echo.remove(b"a?c", 10.003) == b""
    assert echo.remove(b"dXY", 10.004) == b"XY"


def test_an_echo_that_does_not_come_is_not_waited_for() -> None:
    echo = EchoFilter(0.001, removes=True)
    echo.sent(b"abcd", 10.0)
    assert echo.remove(b"XY", 10.004 + MARGIN_S + 0.001) == b"XY"
    echo.sent(b"ab", 20.0)
    assert echo.remove(b"abZ", 20.002) == b"Z"


def test_an_adapter_said_not_to_hear_itself_is_believed_and_caught() -> None:
    echo = EchoFilter(0.001, removes=False)
    echo.sent(b"abcd", 10.0)
    assert echo.remove(b"abcd", 10.004) == b"abcd"
    assert echo.is_own(b"abcd", 10.01)
    assert not echo.is_own(b"abce", 10.01)
    assert not echo.is_own(b"abcd", 10.004 + MARGIN_S + 0.001)
