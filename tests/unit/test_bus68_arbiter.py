"""The arbiter on a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.bus68.arbiter import (
    HOLD_LIMIT_S,
    QUEUE,
    SHOW_AGAIN_S,
    WRITE_DELAY_S,
    Acknowledgement,
    Arbiter,
    Job,
    Send,
    Wait,
)
from drivers.bus68.settings import BusSettings
from drivers.messages import Outcome, Result

BYTE_S = 10 / 9600
SETTINGS = BusSettings()


@dataclass
class Desk:
    """An arbiter, the time, what it has sent and how each order ended."""

    arbiter: Arbiter = field(default_factory=lambda: Arbiter(SETTINGS))
    now_s: float = 100.0
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    ended: dict[str, Outcome] = field(default_factory=dict)

    def order(self, name: str, child: str = "strip", *, strip: int | None = 5, display: bool = True) -> None:
        def finish(outcome: Outcome) -> None:
            assert name not in self.ended, "finished twice"
            self.ended[name] = outcome

        self.arbiter.submit(Job(child, name.encode(), finish, strip, display))

    def acknowledge(self, child: str, name: str = "ack") -> None:
        self.arbiter.acknowledge(Acknowledgement(child, name.encode(), lambda _: None))

    def step(self) -> Wait | None:
        """Send what may be sent now, and say for what the arbiter waits then; None: nothing to wait for."""
        while isinstance(step := self.arbiter.next(self.now_s), Send):
            self.sent.append((self.now_s, step.data))
            self.arbiter.sent(step, self.now_s)
        return step if step.until_s is not None else None

    def go(self, until_s: float) -> None:
        """Let time pass, answering to every wait."""
        while (wait := self.step()) is not None and wait.until_s is not None and wait.until_s <= until_s:
            assert wait.until_s > self.now_s, "busy polling"
            self.now_s = wait.until_s
        self.now_s = until_s

    @property
    def names(self) -> list[str]:
        return [data.decode() for _, data in self.sent]


def test_an_idle_line_is_used_at_once_and_then_asks_for_nothing() -> None:
    desk = Desk()
    assert desk.step() is None
    desk.order("digits", "caller", strip=None)
    assert desk.step() is None
    assert desk.sent == [(100.0, b"digits")]
    assert desk.ended["digits"] == Outcome(Result.DONE, "unconfirmed")


def test_the_line_is_left_alone_after_an_acknowledgement() -> None:
    desk = Desk()
    desk.acknowledge("caller", "0123456789")
    desk.order("text")
    desk.go(101.0)
    (acknowledged_s, _), (text_s, text) = desk.sent[:2]
    assert text == b"text"
    silence_s = text_s - (acknowledged_s + 10 * BYTE_S)
    assert SETTINGS.ack_silence_s <= silence_s <= SETTINGS.ack_silence_s + WRITE_DELAY_S + 1e-9


def test_acknowledgements_go_before_orders_and_keep_the_silence_among_them() -> None:
    desk = Desk()
    desk.order("text")
    desk.acknowledge("caller-1", "one")
    desk.acknowledge("caller-2", "two")
    desk.go(101.0)
    assert desk.names[:3] == ["one", "two", "text"]
    assert desk.sent[1][0] - desk.sent[0][0] >= 3 * BYTE_S + SETTINGS.ack_silence_s


def test_a_newer_acknowledgement_of_one_child_replaces_the_older() -> None:
    desk = Desk()
    desk.acknowledge("caller", "old")
    desk.acknowledge("caller", "new")
    desk.go(101.0)
    assert desk.names == ["new"]


def test_nothing_is_sent_into_a_frame_that_comes_in() -> None:
    desk = Desk()
    desk.arbiter.received(100.0, partial=True)
    desk.acknowledge("caller")
    assert desk.step() == Wait(100.0 + SETTINGS.gap_s)
    desk.now_s = 100.05
    desk.arbiter.received(100.05, partial=True)
    assert desk.step() == Wait(100.05 + SETTINGS.gap_s)
    desk.arbiter.received(100.06, partial=False)
    desk.now_s = 100.06
    assert desk.step() == Wait(100.06 + SETTINGS.turnaround_s)
    desk.go(100.07)
    assert desk.names == ["ack"]


def test_an_order_lets_those_speak_who_wait_for_the_line_and_an_acknowledgement_does_not_wait() -> None:
    desk = Desk()
    desk.arbiter.received(100.0, partial=False)
    desk.order("text")
    assert desk.step() == Wait(100.0 + SETTINGS.listen_s)
    desk.acknowledge("caller")
    assert desk.step() == Wait(100.0 + SETTINGS.turnaround_s)
    desk.go(100.5)
    desk.arbiter.answered(5)
    desk.order("digits", "caller", strip=None)
    desk.order("beep", "caller", strip=None, display=False)
    desk.go(101.0)
    (digits_s, _), (beep_s, _) = desk.sent[-2:]
    assert beep_s - (digits_s + 6 * BYTE_S) >= SETTINGS.listen_s - 1e-9


def test_a_frame_that_does_not_go_on_holds_the_line_for_a_while_only() -> None:
    desk = Desk()
    desk.arbiter.received(100.0, partial=True)
    desk.acknowledge("caller")
    desk.go(100.0 + SETTINGS.gap_s - 0.001)
    assert not desk.arbiter.gap_over(desk.now_s)
    assert desk.sent == []
    desk.go(100.0 + SETTINGS.gap_s)
    assert desk.arbiter.gap_over(desk.now_s)
    desk.go(100.2)
    assert desk.names == ["ack"]


def test_endless_noise_does_not_hold_the_line_for_ever() -> None:
    desk = Desk()
    desk.acknowledge("caller")
    while not desk.sent and desk.now_s < 110.0:
        desk.arbiter.received(desk.now_s, partial=True)
        desk.now_s += 0.003  # longer than the turnaround, much shorter than the gap
        desk.step()
    assert desk.sent[0][0] - 100.0 <= HOLD_LIMIT_S + 0.01


def test_a_strip_is_asked_again_and_then_nobody_knows() -> None:
    desk = Desk()
    desk.order("text")
    desk.go(110.0)
    assert desk.names == ["text"] * (1 + SETTINGS.retries)
    assert desk.ended["text"] == Outcome(Result.UNKNOWN, "silent", "no answer from strip 0x05")
    waited_s = desk.sent[1][0] - desk.sent[0][0]
    assert waited_s >= 4 * BYTE_S + SETTINGS.answer_timeout_s - 1e-9


def test_a_strip_that_answers_is_done_and_others_answers_are_not_its() -> None:
    desk = Desk()
    desk.order("text")
    desk.step()
    desk.arbiter.answered(6)
    assert desk.ended == {}
    desk.arbiter.answered(5)
    assert desk.ended["text"] == Outcome(Result.DONE)
    desk.arbiter.answered(5)  # late, or twice
    desk.go(101.0)
    assert desk.names == ["text"]


def test_nothing_is_sent_while_a_strip_owes_its_answer() -> None:
    desk = Desk()
    desk.order("text")
    desk.step()
    desk.acknowledge("caller")
    desk.order("digits", "caller", strip=None)
    desk.go(100.1)
    assert desk.names == ["text"]
    desk.arbiter.answered(5)
    desk.go(100.11)
    assert desk.names == ["text", "ack"]


def test_a_silent_strip_lets_the_others_have_their_turn() -> None:
    desk = Desk()
    desk.order("dead", "strip-1", strip=1)
    for name in ("two", "three"):
        desk.order(name, f"caller-{name}", strip=None)
    desk.go(110.0)
    assert desk.names == ["dead", "two", "three", "dead", "dead"]


def test_a_strip_known_as_silent_is_asked_once_until_it_answers() -> None:
    desk = Desk()
    desk.order("first")
    desk.go(102.0)
    desk.order("second")
    desk.go(104.0)
    assert desk.names[3:] == ["second"]
    assert desk.ended["second"].code == "silent"
    desk.order("third")
    desk.step()
    desk.arbiter.answered(5)
    desk.order("fourth")
    desk.go(106.0)
    assert desk.names[4:] == ["third"] + ["fourth"] * 3


def test_a_silent_strip_is_shown_its_last_text_again_until_it_answers() -> None:
    desk = Desk()
    desk.order("old")
    desk.go(102.0)
    desk.order("new")
    desk.go(102.5)
    del desk.sent[:]
    desk.go(100.0 + 3 * SHOW_AGAIN_S + 2)
    assert desk.names == ["new"] * 3
    assert desk.sent[1][0] - desk.sent[0][0] >= SHOW_AGAIN_S - 1e-9
    desk.now_s = desk.sent[-1][0] + SHOW_AGAIN_S
    desk.step()
    desk.arbiter.answered(5)
    del desk.sent[:]
    assert desk.step() is None, "nothing is left to be asked"


def test_a_late_answer_of_a_silent_strip_counts() -> None:
    desk = Desk()
    desk.order("text")
    desk.go(100.0 + SHOW_AGAIN_S + 2)
    del desk.sent[:]
    desk.arbiter.answered(5)  # to nothing that is asked just now
    desk.go(100.0 + 3 * SHOW_AGAIN_S)
    assert desk.sent == []


def test_silent_strips_take_turns_and_leave_the_line_to_the_others() -> None:
    desk = Desk()
    for n in (1, 2, 3):
        desk.order(f"text-{n}", f"strip-{n}", strip=n)
    desk.go(105.0)
    del desk.sent[:]
    desk.go(105.0 + 60 * SHOW_AGAIN_S)
    assert desk.names == ["text-1", "text-2", "text-3"] * 20


def test_a_text_under_way_is_not_shown_twice() -> None:
    desk = Desk()
    desk.order("old")
    desk.go(102.0)
    del desk.sent[:]
    desk.arbiter.received(102.0, partial=True)
    desk.now_s = 100.0 + SHOW_AGAIN_S + 1
    desk.arbiter.received(desk.now_s, partial=True)  # the line is held, and the new text waits
    desk.order("new")
    desk.step()
    desk.arbiter.received(desk.now_s, partial=False)
    desk.go(desk.now_s + 1)
    assert desk.names == ["new"]


def test_a_newer_text_takes_the_place_of_an_unsent_one() -> None:
    desk = Desk()
    desk.acknowledge("caller")
    for name in ("one", "two", "three"):
        desk.order(name)
    desk.go(100.15)
    assert desk.names == ["ack", "three"]
    assert {name: outcome.code for name, outcome in desk.ended.items()} == {
        "one": "replaced",
        "two": "replaced",
    }
    assert desk.ended["one"].result is Result.REJECTED


def test_a_text_that_was_sent_and_then_replaced_is_unknown() -> None:
    desk = Desk()
    desk.order("one")
    desk.step()
    desk.order("two")
    desk.go(100.25)
    assert desk.names == ["one", "two"]
    assert (desk.ended["one"].result, desk.ended["one"].code) == (Result.UNKNOWN, "replaced")


def test_a_text_waiting_for_its_second_try_is_replaced_as_unknown() -> None:
    desk = Desk()
    desk.order("one", "strip-1", strip=1)
    desk.order("other", "strip-2", strip=2)
    desk.go(100.25)  # "one" was not answered, "other" is on its way
    desk.order("two", "strip-1", strip=1)
    assert (desk.ended["one"].result, desk.ended["one"].code) == (Result.UNKNOWN, "replaced")
    desk.arbiter.answered(2)
    desk.go(100.3)
    assert desk.names == ["one", "other", "two"]


def test_beeps_are_not_replaced_and_keep_their_order_with_digits() -> None:
    desk = Desk()
    desk.acknowledge("caller")
    desk.order("beep", "caller", strip=None, display=False)
    desk.order("digits", "caller", strip=None)
    desk.order("again", "caller", strip=None, display=False)
    desk.go(101.0)
    assert desk.names == ["ack", "beep", "digits", "again"]


def test_the_queue_has_an_end() -> None:
    desk = Desk()
    desk.acknowledge("caller")
    for number in range(QUEUE + 1):
        desk.order(f"beep {number}", f"caller {number}", strip=None, display=False)
    assert desk.ended == {
        f"beep {QUEUE}": Outcome(Result.REJECTED, "queue_full", f"{QUEUE} orders wait for the bus")
    }
    desk.go(200.0)
    assert len(desk.names) == 1 + QUEUE
    desk.order("more", "caller", strip=None)
    desk.go(201.0)
    assert desk.names[-1] == "more"


def test_when_the_line_goes_every_order_ends_honestly() -> None:
    desk = Desk()
    desk.order("retried", "strip-1", strip=1)
    desk.order("asked", "strip-2", strip=2)
    desk.go(100.25)
    desk.order("unsent", "strip-3", strip=3)
    desk.arbiter.abandon()
    assert {name: outcome.result for name, outcome in desk.ended.items()} == {
        "retried": Result.UNKNOWN,
        "asked": Result.UNKNOWN,
        "unsent": Result.REJECTED,
    }
    assert {outcome.code for outcome in desk.ended.values()} == {"link_lost"}


def test_an_order_whose_write_never_ended_is_unknown() -> None:
    desk = Desk()
    desk.order("stuck", "strip-1", strip=1)
    assert isinstance(desk.arbiter.next(100.0), Send)
    desk.arbiter.abandon()
    assert desk.ended["stuck"] == Outcome(Result.UNKNOWN, "link_lost", "the bus was closed")
