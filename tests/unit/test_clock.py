"""Whether the wall clock counts as set, by what adjtimex(2) says."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import pytest

from edge.clock import SystemClock


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
