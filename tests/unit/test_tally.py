"""What devices have done and suffered, counted once, and over restarts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import pytest

from drivers.messages import (
    Announce,
    AskRating,
    Beep,
    ButtonPressed,
    CheckHealth,
    Event,
    Instant,
    KeyAction,
    KeyPressed,
    LevelPressed,
    Order,
    Outcome,
    PrintSlip,
    ReadCard,
    ReadCode,
    Result,
    SetPower,
    ShowDigits,
    ShowLines,
    ShowText,
    SlipLine,
    SlipQr,
    WatchCamera,
)
from edge.statistics import KEEP_EVERY_S, OWNER, Statistics
from edge.store import Store
from edge.tally import HOURS, LOST, NAMES, Tally, names_of
from edge.wire import Condition, DeviceStateName, DeviceStatus
from tests.unit.supervision import ManualClock

DONE, FAILED, UNKNOWN = (Outcome(result) for result in (Result.DONE, Result.FAILED, Result.UNKNOWN))
NOW = Instant(0.0, 0.0, True)


class Hours:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


def status(state: DeviceStateName, *codes: str, device: str = "d") -> DeviceStatus:
    conditions = tuple(Condition(code=code, severity="error", since=0.0) for code in codes)
    return DeviceStatus(device=device, state=state, conditions=conditions, since=0.0)


def counted(tally: Tally, device: str = "d") -> dict[str, float]:
    """What it has beside the hours, those that are nothing left out."""
    return {name: count for name, count in tally.counts(device).items() if count and name != HOURS}


def test_a_slip_is_its_lines_characters_codes_and_one_cut() -> None:
    tally = Tally(Hours())
    slip = PrintSlip("j", (SlipLine("一二\n三"), SlipLine("A001", 6), SlipQr("x")))
    tally.order("d", slip, DONE)
    tally.order("d", slip, DONE)
    assert counted(tally) == {
        "ReceiptLinePrintedCount": 6,
        "ReceiptCharacterPrintedCount": 14,
        "BarcodePrintedCount": 2,
        "PaperCutCount": 2,
    }


def test_a_slip_that_did_not_come_out_counts_as_what_it_is() -> None:
    tally = Tally(Hours())
    for outcome in (FAILED, UNKNOWN, UNKNOWN, Outcome(Result.REJECTED)):
        tally.order("d", PrintSlip("j", (SlipLine("x"),)), outcome)
    assert counted(tally) == {"HallOrderFailedCount": 1, "HallOrderUnknownCount": 2}


@pytest.mark.parametrize(
    ("order", "name"),
    [
        (ReadCode(5.0), "GoodScanCount"),
        (ReadCard(5.0), "GoodReadCount"),
        (Beep(), "ToneSoundedCount"),
        (AskRating(), "HallRatingAskedCount"),
        (Announce(("请",)), "HallAnnouncementCount"),
        (ShowText("x"), "HallTextShownCount"),
        (ShowDigits("1"), "HallTextShownCount"),
        (ShowLines("calls", ()), "HallTextShownCount"),
    ],
)
def test_an_order_that_is_done_counts_by_its_name(order: Order, name: str) -> None:
    tally = Tally(Hours())
    tally.order("d", order, DONE)
    assert counted(tally) == {name: 1}
    assert name in names_of({type(order)})


def test_every_order_is_known_or_counts_nothing_when_it_is_done() -> None:
    silent = {SetPower, WatchCamera, CheckHealth}
    own = set(names_of(set()))
    assert {order for order in get_args(Order) if set(names_of({order})) == own} == silent


def test_a_card_that_could_not_be_read_has_failed_and_none_that_lay_there_has_not() -> None:
    tally = Tally(Hours())
    for code in ("unreadable", "check_digit", "no_card", "withdrawn", "same_card"):
        tally.order("d", ReadCard(5.0), Outcome(Result.FAILED, code))
    tally.order("d", ReadCode(5.0), Outcome(Result.FAILED, "no_code"))
    assert counted(tally) == {"FailedReadCount": 2}


def test_presses_count_for_who_was_pressed() -> None:
    tally = Tally(Hours())
    for body in (KeyPressed(KeyAction.CALL), ButtonPressed(1), LevelPressed(5, 3)):
        tally.event(Event("i", "d", NOW, body))
    tally.event(Event("i", "e", NOW, LevelPressed(1, 0)))
    assert counted(tally) == {"KeyPressedCount": 2, "HallRatingPressedCount": 1}
    assert counted(tally, "e") == {"HallRatingPressedCount": 1}


def test_hours_are_those_in_which_it_was_there() -> None:
    hours = Hours()
    tally = Tally(hours)
    states: dict[int, DeviceStateName] = {
        0: "connecting",
        1: "online",
        3: "degraded",
        4: "backoff",
        9: "online",
    }
    for at_h, state in states.items():
        hours.at_s = 3600.0 * at_h
        tally.status(status(state))
    hours.at_s = 3600.0 * 9.5
    assert tally.counts("d")[HOURS] == 3.5
    assert tally.counts("d")[HOURS] == 3.5, "asking counts nothing twice"


def test_a_loss_counts_once_however_often_it_is_tried_again() -> None:
    tally = Tally(Hours())
    states: tuple[DeviceStateName, ...] = ("online", "backoff", "connecting", "backoff", "faulted", "online")
    for state in (*states, "degraded", "backoff"):
        tally.status(status(state))
    assert counted(tally) == {LOST: 2}


def test_what_is_wrong_counts_each_time_that_it_comes_on() -> None:
    tally = Tally(Hours())
    for codes in (
        ("cover_open",),
        ("cover_open", "cutter_fault"),
        (),
        ("cover_open", "silent"),
        ("paper_out",),
    ):
        tally.status(status("degraded", *codes))
    tally.status(status("backoff", "silent"))
    assert counted(tally) == {
        "ReceiptCoverOpenCount": 2,
        "FailedPaperCutCount": 1,
        "PrinterFaultCount": 1,
        LOST: 2,
    }


def test_it_goes_on_from_what_was_counted_before() -> None:
    hours = Hours()
    before, after = Tally(hours), Tally(hours)
    before.status(status("online"))
    hours.at_s = 7200.0
    before.order("d", Beep(), DONE)
    after.order("d", Beep(), DONE)
    after.go_on("d", before.counts("d"))
    assert after.counts("d") == {HOURS: 2.0, "ToneSoundedCount": 2}
    assert set(after.counts("d")) <= NAMES


# --- over restarts ---
@asynccontextmanager
async def keeping(store: Store, tally: Tally, *devices: str) -> AsyncIterator[ManualClock]:
    """One run of the node, ended in order."""
    clock = ManualClock()
    task = asyncio.create_task(Statistics(tally, lambda: devices, store, clock).run())
    try:
        async with asyncio.timeout(60):
            while not clock.sleepers:  # noqa: ASYNC110 it has been read: its clock has no event to tell
                await asyncio.sleep(0.01)
        yield clock
    finally:
        task.cancel()
        await asyncio.wait({task})


async def on_disk(store: Store) -> dict[str, dict[str, float]]:
    found = (await store.memories(OWNER)).get(OWNER, {})
    return {device: json.loads(data) for device, data in found.items()}


async def test_it_is_kept_at_the_end_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    for _ in range(3):
        tally = Tally(Hours())
        async with keeping(store, tally, "d", "e"):
            tally.order("d", Beep(), DONE)
    assert counted(tally) == {"ToneSoundedCount": 3}
    assert (await on_disk(store))["d"]["ToneSoundedCount"] == 3
    await store.close()


async def test_a_power_cut_takes_five_minutes_at_most(tmp_path: Path) -> None:
    assert KEEP_EVERY_S <= 300
    store, tally = await Store.open(tmp_path / "hall.db"), Tally(Hours())
    async with keeping(store, tally, "d") as clock:
        tally.order("d", Beep(), DONE)
        await clock.advance(KEEP_EVERY_S)
        async with asyncio.timeout(60):
            while not await on_disk(store):  # noqa: ASYNC110 another thread writes it
                await asyncio.sleep(0.01)
        assert (await on_disk(store))["d"]["ToneSoundedCount"] == 1
    await store.close()


async def test_a_device_that_a_reload_adds_is_kept_like_the_others(tmp_path: Path) -> None:
    store, tally, devices = await Store.open(tmp_path / "hall.db"), Tally(Hours()), ["d"]
    clock = ManualClock()
    task = asyncio.create_task(Statistics(tally, lambda: devices, store, clock).run())
    async with asyncio.timeout(60):
        while not clock.sleepers:  # noqa: ASYNC110 as above
            await asyncio.sleep(0.01)
    devices.append("new")
    tally.order("new", Beep(), DONE)
    task.cancel()
    await asyncio.wait({task})
    assert (await on_disk(store))["new"]["ToneSoundedCount"] == 1
    await store.close()


async def test_devices_that_are_gone_are_forgotten_and_rubbish_begins_anew(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    rubbish = {
        "gone": b"{}",
        "d": b"\xff",
        "e": b"[1]",
        "f": b'{"ToneSoundedCount": 5, "Made": 1, "up": "x"}',
        "g": b'{"ToneSoundedCount": 1e999, "PaperCutCount": NaN}',
    }
    await store.remember(OWNER, rubbish)
    tally = Tally(Hours())
    async with keeping(store, tally, "d", "e", "f", "g"):
        assert counted(tally, "d") == counted(tally, "e") == {}
        assert counted(tally, "f") == {"ToneSoundedCount": 5}
        assert counted(tally, "g") == {"ToneSoundedCount": 1e15}
    assert set(await on_disk(store)) == {"d", "e", "f", "g"}
    await store.close()


async def test_what_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.remember(OWNER, {"d": b'{"ToneSoundedCount": 5}'})
    await store.close()
    await Statistics(
        Tally(Hours()), lambda: ["d"], store, ManualClock()
    ).run()  # it is closed: nothing can be read
    again = await Store.open(tmp_path / "hall.db")
    assert (await on_disk(again))["d"] == {"ToneSoundedCount": 5}
    await again.close()
