"""The announcer against its simulated loudspeaker: what is heard, how often, and an honest word on it."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.api import DeviceFault, LinkLost, ProtocolBreach
from drivers.conformance import RecordingContext
from drivers.conformance.rig import Rig
from drivers.conformance.subject import Subject
from drivers.conformance.warp import run_warped
from drivers.messages import Announce, Outcome, Result
from drivers.transport.sick import WELL, Ills, Sick
from drivers.transport.sound import open_sound
from drivers.voice.clips import Clip
from drivers.voice.driver import VoiceDriver
from drivers.voice.settings import VoiceSettings
from drivers.voice.sim import VoiceSim
from tests.voice_kit import RATE, tone_set, until
from tests.warped import warped

CALL = Announce(("请", "A", "0", "1", "2", "号", "到", "3", "号窗口"))
CALL_S = 9 * 0.02 + 8 * 0.04
VoiceRig = Rig[VoiceSettings, Sick[VoiceSim]]


@pytest.fixture
def tones(tmp_path: Path) -> dict[str, Clip]:
    return tone_set(tmp_path)


def at_work(
    folder: Path, story: Callable[[VoiceRig], Awaitable[None]], sim: VoiceSim | None = None, **settings: Any
) -> None:
    """Run `story` with a driver that is ready; time is warped."""
    chosen = VoiceSettings(**{"clips": str(folder), "chime": False, **settings})

    async def run() -> None:
        subject = Subject(VoiceDriver, lambda: Sick(sim or VoiceSim()), chosen)
        async with Rig.run(subject) as rig:
            await rig.ready()
            await story(rig)

    run_warped(run())


async def say(rig: VoiceRig, order: Announce = CALL) -> Outcome:
    return await rig.context.outcome(rig.context.order(order), 60)


def whole(tones: dict[str, Clip], words: tuple[str, ...], gap_ms: int = 40) -> bytes:
    return bytes(2 * RATE * gap_ms // 1000).join(tones[word].samples for word in words)


# --- what is heard ---
def test_done_comes_when_the_last_sample_has_been_heard(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        command = rig.context.order(CALL)
        await rig.context.until(lambda: command.taken)
        await asyncio.sleep(CALL_S - 0.05)
        assert command.outcomes == []
        assert await rig.context.outcome(command) == Outcome(Result.DONE)
        (heard,) = rig.peer.simulator.heard
        assert heard.whole
        assert heard.sound.samples == whole(tones, CALL.words)
        assert heard.label == "请A012号到3号窗口"

    at_work(tmp_path, story)


def test_two_announcements_never_overlap(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        orders = [Announce(("请", letter, "号")) for letter in "ABC"]
        commands = [rig.context.order(order) for order in orders]
        for command in commands:
            assert (await rig.context.outcome(command)).result is Result.DONE
        assert [heard.label for heard in rig.peer.simulator.heard] == ["请A号", "请B号", "请C号"]
        for earlier, later in zip(rig.peer.simulator.heard, rig.peer.simulator.heard[1:], strict=False):
            assert earlier.end_s is not None
            assert earlier.end_s <= later.begin_s

    at_work(tmp_path, story)


def test_it_is_said_as_often_as_asked_and_the_chime_once(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        assert (await say(rig, Announce(("请", "A"), times=2))).result is Result.DONE
        first, second = rig.peer.simulator.heard
        assert first.sound.samples == whole(tones, ("chime", "请", "A"))
        assert second.sound.samples == whole(tones, ("请", "A"))
        assert first.end_s is not None
        assert second.begin_s - first.end_s >= 0.7

    at_work(tmp_path, story, chime=True)


def test_volume_is_the_settings_and_the_orders(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        await say(rig, Announce(("A",), volume=50))
        loud = max(array("h", tones["A"].samples))
        heard = max(array("h", rig.peer.simulator.heard[0].sound.samples))
        assert heard == pytest.approx(loud * 0.4, rel=0.01)

    at_work(tmp_path, story, volume=80)


# --- recordings ---
def test_a_missing_set_is_told_before_it_is_needed_and_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "later"

    async def story(rig: VoiceRig) -> None:
        await rig.context.until(lambda: "clip_missing" in rig.context.own.conditions)
        assert "请.wav" in rig.context.own.conditions["clip_missing"]
        outcome = await say(rig)
        assert (outcome.result, outcome.code) == (Result.REJECTED, "clip_missing")
        tone_set(folder)
        assert (await say(rig)).result is Result.DONE
        assert rig.context.conditions == set()

    at_work(folder, story)


def test_without_please_a_call_is_still_said(tmp_path: Path, tones: dict[str, Clip]) -> None:
    (tmp_path / "请.wav").unlink()

    async def story(rig: VoiceRig) -> None:
        assert (await say(rig)).result is Result.DONE
        assert rig.peer.simulator.heard[0].sound.samples == whole(tones, CALL.words[1:])
        assert "请.wav" in rig.context.own.conditions["clip_missing"]

    at_work(tmp_path, story)


def test_without_a_digit_nothing_is_said(tmp_path: Path, tones: dict[str, Clip]) -> None:
    (tmp_path / "2.wav").unlink()

    async def story(rig: VoiceRig) -> None:
        outcome = await say(rig)
        assert (outcome.result, outcome.code) == (Result.REJECTED, "clip_missing")
        assert rig.peer.simulator.heard == []

    at_work(tmp_path, story)


def test_a_spoilt_recording_is_told_by_name(tmp_path: Path, tones: dict[str, Clip]) -> None:
    (tmp_path / "A.wav").write_bytes(b"no sound")

    async def story(rig: VoiceRig) -> None:
        outcome = await say(rig)
        assert (outcome.result, outcome.code) == (Result.REJECTED, "clip_bad")
        assert "A.wav" in rig.context.own.conditions["clip_bad"]

    at_work(tmp_path, story)


def test_no_words_are_no_announcement(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        assert (await say(rig, Announce(()))).result is Result.REJECTED

    at_work(tmp_path, story, chime=True)


# --- a card in trouble ---
def test_a_busy_card_means_that_nothing_was_heard(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        outcome = await say(rig)
        assert (outcome.result, outcome.code) == (Result.FAILED, "play_failed")
        assert "busy" in rig.context.own.conditions["play_failed"]
        rig.peer.simulator.busy = False
        assert (await say(rig)).result is Result.DONE
        assert rig.context.conditions == set()

    at_work(tmp_path, story, VoiceSim(busy=True))


def test_a_card_that_breaks_off_leaves_it_unknown(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        outcome = await say(rig)
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "play_failed")

    at_work(tmp_path, story, VoiceSim(breaks_after=0.5))


def test_said_once_of_twice_is_not_failed(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        command = rig.context.order(Announce(("A",), times=2))
        await until(lambda: bool(rig.peer.simulator.heard) and rig.peer.simulator.heard[0].whole)
        rig.peer.simulator.busy = True
        outcome = await rig.context.outcome(command)
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "play_failed")
        assert "said 1 of 2 times" in outcome.detail

    at_work(tmp_path, story)


def test_a_hung_player_is_stopped_and_the_next_is_heard(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        loop = asyncio.get_running_loop()
        begin_s = loop.time()
        outcome = await say(rig)
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "player_stuck")
        assert loop.time() - begin_s < CALL_S + 3.0 + 1.0
        assert rig.peer.simulator.heard[0].end_s is not None, "it is silent before the next one"
        assert "player_stuck" in rig.context.own.conditions
        rig.peer.simulator.stuck = False
        assert (await say(rig)).result is Result.DONE
        assert rig.context.conditions == set()

    at_work(tmp_path, story, VoiceSim(stuck=True))


def test_a_player_that_cannot_be_stopped_is_a_fault(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        command = rig.context.order(CALL)
        error = await rig.driver_error(30, "a player that cannot be stopped")
        assert isinstance(error, DeviceFault)
        assert [outcome.result for outcome in command.outcomes] == [Result.UNKNOWN]

    at_work(tmp_path, story, VoiceSim(stuck=True, deaf_to_stop=True))


@warped
async def test_a_card_that_is_unplugged_is_named_until_it_is_back(tmp_path: Path) -> None:
    """Behind the line that a real card has: it is lost with the cause, and cannot be opened meanwhile."""
    tone_set(tmp_path)
    sim, ctx = VoiceSim(), RecordingContext(VoiceDriver.spec, VoiceSettings(clips=str(tmp_path)))
    for _ in range(2):
        link = await open_sound("alsa://default", sim)
        run = asyncio.create_task(VoiceDriver().run(link, ctx))
        assert (await ctx.outcome(ctx.order(CALL), 60)).result is Result.DONE
        sim.missing = True
        await asyncio.wait({run}, timeout=60)
        gone = run.exception()
        assert isinstance(gone, LinkLost)
        assert gone.code == "no_card"
        await link.close()
        with pytest.raises(LinkLost) as still:
            await open_sound("alsa://default", sim)
        assert still.value.code == "no_card"
        sim.missing = False


def test_a_player_that_does_not_answer_is_told_until_it_does(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        rig.peer.ills = Ills(mute=True, answers=2)
        await rig.until(lambda: "silent" in rig.context.own.conditions, 60)
        assert "silent" in rig.context.own.conditions
        await rig.until(lambda: not rig.context.conditions, 60)
        assert (await say(rig)).result is Result.DONE
        rig.peer.ills = Ills(mute=True)
        error = await rig.driver_error(60, "silence")
        assert isinstance(error, DeviceFault)
        assert error.code == "silent"

    at_work(tmp_path, story)


# --- a line in trouble ---
def test_answers_that_come_late_still_count(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        rig.peer.ills = Ills(late_s=1.0)
        assert (await say(rig)).result is Result.DONE

    at_work(tmp_path, story)


def test_an_answer_that_got_lost_is_no_failure(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        rig.peer.ills = Ills(bad_check=1.0, answers=1)
        assert (await say(rig)).result is Result.DONE, "asked to stop, the server says again that it is over"
        assert (rig.peer.ills, len(rig.peer.simulator.heard)) == (WELL, 1)

    at_work(tmp_path, story)


def test_a_flood_of_answers_that_nobody_asked_for_ends_the_run(
    tmp_path: Path, tones: dict[str, Clip]
) -> None:
    async def story(rig: VoiceRig) -> None:
        rig.peer.simulator.unasked = 200
        error = await rig.driver_error(30, "a flood")
        assert isinstance(error, ProtocolBreach)

    at_work(tmp_path, story)


def test_a_few_of_them_are_passed_over(tmp_path: Path, tones: dict[str, Clip]) -> None:
    async def story(rig: VoiceRig) -> None:
        rig.peer.simulator.unasked = 5
        assert (await say(rig)).result is Result.DONE
        assert len(rig.peer.simulator.heard) == 1

    at_work(tmp_path, story)
