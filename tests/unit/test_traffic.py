"""What a line carries and suffers, counted; nothing of what was in it."""

from __future__ import annotations

import errno
import tracemalloc
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from drivers.api import LinkLost
from edge.traffic import DETAIL_CHARS, LOSSES, REASONS, Traffic


def test_both_ways_are_counted_since_the_line_was_opened() -> None:
    ticks = count()
    line = Traffic(lambda: float(next(ticks)))
    line.opened()
    line.sent(b"\x10\x04\x01")
    line.sent(b"\x10\x04\x01")
    assert line.told()["sent"] == {"bytes": 6, "at": 2.0, "unanswered": 2, "questions": 2, "missed": 1}
    line.heard(b"\x12\x00ok")
    told = line.told()
    assert told["heard"] == {"bytes": 4, "at": 3.0, "flat": 1, "text": 2}
    assert (told["sent"]["unanswered"], told["waited_s"]) == (0, 2.0), "since the first of the questions"
    line.opened()
    assert (line.told()["openings"], line.told()["heard"]["bytes"]) == (2, 4), "what made no sense stays"
    line.good()
    line.opened()
    assert (line.told()["openings"], line.told()["heard"]["bytes"]) == (3, 0)


def test_what_is_heard_is_counted_and_not_copied() -> None:
    """Where it is a person's own it is overwritten afterwards, in the one place that is known."""
    line, data = Traffic(), bytes(range(256)) * 256
    tracemalloc.start()
    line.heard(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < len(data) / 8
    told = line.told()["heard"]
    assert (told["bytes"], told["flat"], told["text"]) == (256 * 256, 256 * 9, 256 * 98)


def test_an_echo_is_known_however_it_is_cut() -> None:
    line = Traffic()
    line.sent(b"\x68\x03\x03\x68")
    for piece in (b"\x68", b"\x03\x03", b"\x68\x01"):
        line.heard(piece)
    assert line.told()["echoes"] == 1
    line.sent(b"\x68\x03\x03\x68")
    line.heard(b"\x68\x03\x03\x69")
    assert line.told()["echoes"] == 1, "an answer that begins alike is none"


@given(st.lists(st.text(max_size=80), max_size=60))
def test_reasons_are_bounded_and_none_is_lost(reasons: list[str]) -> None:
    line = Traffic()
    for reason in reasons:
        line.bad(reason)
    told = line.told()["frames"]
    assert len(told["reasons"]) <= REASONS + 1
    assert told["bad"] == sum(told["reasons"].values()) == len(reasons)


def test_a_loss_tells_how_long_the_line_was_open() -> None:
    now_s = 100.0
    line = Traffic(lambda: now_s)
    line.lost(LinkLost("no such port", code="port_missing"))
    line.opened()
    now_s = 107.5
    line.lost(LinkLost("gone", code="unplugged"))
    line.lost(LinkLost("no such port", code="port_missing"))
    assert [each["held_s"] for each in line.told()["losses"]] == [0.0, 7.5, 0.0]


def test_losses_tell_the_systems_error_and_are_bounded() -> None:
    line = Traffic()
    for number in range(LOSSES + 3):
        failure = LinkLost(f"no such port {number}" + "x" * 999, code="port_missing")
        failure.__cause__ = OSError(errno.ENOENT, "No such file")
        line.lost(failure)
    losses = line.told()["losses"]
    assert len(losses) == LOSSES
    assert (losses[-1]["code"], losses[-1]["errno"]) == ("port_missing", errno.ENOENT)
    assert len(losses[-1]["detail"]) == DETAIL_CHARS
    line.opened()
    assert len(line.told()["losses"]) == LOSSES, "a line that is open again has still been lost"
