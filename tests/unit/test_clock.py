"""Whether the wall clock counts as set, by what adjtimex(2) says."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass

import pytest

from drivers.messages import Instant
from edge.clock import PlayedClock, SystemClock
from tests.unit.supervision import ManualClock


@dataclass
class Libc:
    """A C library whose kernel gives this answer."""

    answer: int

    def adjtimex(self, _timex: object) -> int:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "ok"),
    [(0, True), (1, True), (4, True), (5, False), (-1, False)],
    ids=["TIME_OK", "TIME_INS", "TIME_WAIT", "TIME_ERROR", "refused"],
)
def test_the_clock_counts_as_set_only_where_the_kernel_says_so(
    monkeypatch: pytest.MonkeyPatch, answer: int, ok: bool
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_args, **_kwargs: Libc(answer))
    assert SystemClock(trust_rtc=False).now().clock_ok is ok


def test_a_trusted_clock_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_args, **_kwargs: Libc(-1))
    assert SystemClock(trust_rtc=True).now().clock_ok


@pytest.mark.parametrize("trusted", [True, False])
def test_a_clock_in_1970_counts_as_set_for_nobody(monkeypatch: pytest.MonkeyPatch, *, trusted: bool) -> None:
    """An empty battery on the board; the kernel knows no better before a time server has answered."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_args, **_kwargs: Libc(0))
    assert SystemClock(trust_rtc=trusted).now().clock_ok
    monkeypatch.setattr(time, "time", lambda: 86_400.0)
    assert not SystemClock(trust_rtc=trusted).now().clock_ok


# --- a day that is played ---
class Machine(ManualClock):
    """Its wall clock is not set, and it notes what it was asked to sleep."""

    def __init__(self, mono_s: float) -> None:
        super().__init__()
        self.at_s = mono_s
        self.slept_s: list[float] = []

    def now(self) -> Instant:
        return Instant(5.0, self.at_s, clock_ok=False)

    async def sleep(self, delay_s: float) -> None:
        self.slept_s.append(delay_s)


def test_a_played_day_begins_where_it_was_told_and_runs_as_much_faster() -> None:
    machine = Machine(1000.0)
    clock = PlayedClock(machine, 1_000_000.0, 60.0)
    begun = clock.now()
    assert (begun.wall_s, begun.clock_ok) == (1_000_000.0, True)
    machine.at_s += 2.5
    later = clock.now()
    assert (later.wall_s - begun.wall_s, later.mono_s - begun.mono_s) == (150.0, 150.0)


async def test_its_sleep_is_as_much_shorter() -> None:
    machine = Machine(0.0)
    await PlayedClock(machine, 0.0, 60.0).sleep(30.0)
    assert machine.slept_s == [0.5]


def test_after_a_restart_the_day_begins_again_and_even_time_does_not() -> None:
    machine = Machine(1000.0)
    before = PlayedClock(machine, 7.0, 60.0).now()
    machine.at_s += 1.0
    after = PlayedClock(machine, 7.0, 60.0).now()
    assert after.wall_s == before.wall_s == 7.0
    assert after.mono_s - before.mono_s == 60.0
