"""The kit catches every broken driver and codec: each is a failing check, with the reason in words."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from drivers.api import BadFrame, Link
from drivers.conformance import NotConformant, Subject, check_codec, check_driver, run_warped
from drivers.conformance.checks import CHECKS, works_on_every_line
from drivers.messages import Beep
from tests.protocol.conformance import broken
from tests.protocol.conformance.broken import CAUGHT_BY
from tests.protocol.conformance.toy import MAX_FRAME, ToyBell, ToyCodec, ToyDriver, subject

FRAMES = st.binary(min_size=1, max_size=16)


@pytest.mark.parametrize("driver", CAUGHT_BY, ids=lambda driver: driver.__name__)
def test_a_broken_driver_is_caught(driver: type[ToyDriver]) -> None:
    name, words = CAUGHT_BY[driver]
    with pytest.raises(NotConformant, match=words):
        run_warped(CHECKS[name](subject(driver)))


def test_every_broken_driver_is_tried_and_every_check_catches_one() -> None:
    defined = {
        each
        for _, each in inspect.getmembers(broken, inspect.isclass)
        if each.__module__ == broken.__name__ and issubclass(each, ToyDriver)
    }
    assert defined == set(CAUGHT_BY)
    assert {check for check, _ in CAUGHT_BY.values()} == set(CHECKS)


@pytest.mark.parametrize("driver", [broken.ChokesOnNoise, broken.GivesUpOnNoise])
def test_on_a_reliable_line_a_loss_must_still_end_in_what_a_new_line_cures(driver: type[ToyDriver]) -> None:
    with pytest.raises(NotConformant):
        run_warped(CHECKS["survives_a_lossy_line"](replace(subject(driver), reliable_line=True)))
    run_warped(CHECKS["survives_a_lossy_line"](replace(subject(), reliable_line=True)))


def test_all_failures_are_told_together_with_the_promise() -> None:
    with pytest.raises(ExceptionGroup, match="toy does not conform") as failed:
        check_driver(subject(broken.FailedOnLoss))
    notes = [note for error in failed.value.exceptions for note in error.__notes__]
    assert any(note.startswith("in raises_link_lost: ") for note in notes)
    assert any(note.startswith("in stops_at_once: ") for note in notes)


def test_only_a_sick_peer_shows_what_is_lost_in_a_write() -> None:
    with pytest.raises(ExceptionGroup) as failed:
        check_driver(subject(broken.ForgetsWhileWriting))
    (only,) = failed.value.exceptions
    assert only.__notes__[0].startswith("the peer was stuck")
    assert only.__notes__[1].startswith("in survives_a_sick_peer: ")


def test_a_simulator_that_fails_is_named() -> None:
    class Falling(ToyBell):
        async def run(self, link: Link) -> None:
            await link.write(self._codec.encode(b"Ibell-1"))
            raise ZeroDivisionError("a cog fell off")

    with pytest.raises(NotConformant, match="simulator itself failed") as failed:
        run_warped(works_on_every_line(subject(peer=Falling)))
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


def test_settings_and_samples_must_be_the_drivers_own() -> None:
    with pytest.raises(NotConformant, match="settings"):
        run_warped(CHECKS["declares_limits"](replace(subject(), settings=Subject)))  # type: ignore[arg-type]  # the mistake
    with pytest.raises(NotConformant, match="stranger"):
        run_warped(CHECKS["declares_limits"](replace(subject(), orders=[("stranger", Beep())])))


# --- codecs ---
class Codec(ToyCodec):
    """The toy's, for the broken ones to break."""


class CutsMatter(Codec):
    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        self._held.clear()  # "a frame comes in one piece"
        return super().feed(data)


class Raises(Codec):
    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        return [frame for frame in super().feed(data) if isinstance(frame, bytes) or 1 / (frame.data[0] - 7)]


class SkipsWholeFrames(Codec):
    """Believes the length of a frame whose check byte is wrong."""

    def _drop(self, found: list[bytes | BadFrame]) -> None:
        found.append(BadFrame("no frame"))
        del self._held[: self._held[1] + 3 if len(self._held) > 1 else 1]


class ForgetsToCheck(Codec):
    def encode(self, frame: bytes) -> bytes:
        return super().encode(frame)[:-1] + b"\0"


class TooLong(Codec):
    def encode(self, frame: bytes) -> bytes:
        return b"\0" * MAX_FRAME + super().encode(frame)


class Hoards(Codec):
    """Honest about what it holds: too much."""

    def __init__(self) -> None:
        super().__init__()
        self._log = bytearray()

    @property
    def buffered(self) -> int:
        return len(self._held) + len(self._log)

    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        found = super().feed(data)
        if not self._held:
            self._log.clear()
        else:
            self._log += data
        return found


class Lies(Hoards):
    @property
    def buffered(self) -> int:
        return len(self._held)


class Loud(Codec):
    """Throws everything bad into one report."""

    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        found = super().feed(data)
        bad = b"".join(frame.data for frame in found if isinstance(frame, BadFrame))
        good = [frame for frame in found if isinstance(frame, bytes)]
        return [*good, BadFrame("all of it", bad)] if len(bad) > 64 else found


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        (CutsMatter, "in pieces of"),
        (Raises, r"feed\(\) raised ZeroDivisionError"),
        (SkipsWholeFrames, "there came"),
        (ForgetsToCheck, "and decoded is"),
        (TooLong, "bytes long, declared are"),
        (Hoards, "says that it holds"),
        (Lies, "and says"),
        (Loud, "at most 64 are for the log"),
    ],
)
def test_a_broken_codec_is_caught(codec: type[ToyCodec], words: str) -> None:
    with pytest.raises(NotConformant, match=words):
        check_codec(codec, FRAMES, max_frame=MAX_FRAME, examples=100)
