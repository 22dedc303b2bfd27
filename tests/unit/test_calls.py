"""Calls at work: boards and voices told in order, in whatever state, on a clock that the test owns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.conformance.context import ManualClock
from drivers.messages import Announce, Order, Outcome, Result, ShowLines
from edge.calls import SPEAK_DEADLINE_S, Calls
from edge.rules.effects import Called, CallOff, CallOut, ShowCalled
from edge.settings import Settings, load
from tests.unit.board_kit import BOARDS, entry_points
from tests.unit.registry_kit import HEAD, write

SPEAK_S = 6.0


@dataclass
class Devices:
    """A voice that takes SPEAK_S for an announcement and keeps a diary; it may be away, or hang."""

    clock: ManualClock
    voice: str = "well"
    said: list[tuple[float, float | None, Announce]] = field(default_factory=list)  # begin, end
    shown: list[tuple[float, str, ShowLines]] = field(default_factory=list)

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:  # noqa: ARG002 as in life
        assert isinstance(order, Announce)
        if self.voice == "away":
            return Outcome(Result.REJECTED, "offline")
        begin_s = self.clock.now().mono_s
        self.said.append((begin_s, None, order))
        await self.clock.sleep(deadline_s if self.voice == "hung" else SPEAK_S * order.times)
        self.said[-1] = (begin_s, self.clock.now().mono_s, order)
        return Outcome(Result.UNKNOWN, "timeout") if self.voice == "hung" else Outcome(Result.DONE)

    def tell(self, device: str, order: Order) -> None:
        assert isinstance(order, ShowLines)
        self.shown.append((self.clock.now().mono_s, device, order))

    def sentences(self) -> list[str]:
        return ["".join(order.words) for _, _, order in self.said]

    def on(self, board: str, area: str) -> list[str]:
        """The lines that stand there now."""
        orders = [order for _, device, order in self.shown if device == board and order.area == area]
        return [line.text for line in orders[-1].lines] if orders else []


@dataclass
class Stage:
    clock: ManualClock
    devices: Devices
    calls: Calls

    def out(self, *tickets: str, window: str = "1", again: bool = False) -> None:
        for ticket in tickets:
            self.calls.out(CallOut(ticket, window, again))


def settings_of(folder: Path, *, hall: str = "", more: str = "", devices: str = BOARDS) -> Settings:
    head = HEAD.replace('allow = ["slip", "line"]', 'allow = ["board", "speaker"]')
    head = head.replace('name = "示范大厅"', f'name = "示范大厅"\n{hall}')
    return load(write(folder / "hall.toml", head + more + devices), env={}, entry_points=entry_points())


@asynccontextmanager
async def stage(
    folder: Path, *, hall: str = "", more: str = "", devices: str = BOARDS
) -> AsyncIterator[Stage]:
    settings = settings_of(folder, hall=hall, more=more, devices=devices)
    assert [device.id for device in settings.devices if device.problems] == []
    clock = ManualClock()
    diary = Devices(clock)
    calls = Calls(settings, diary, clock, diary.tell)
    try:
        yield Stage(clock, diary, calls)
    finally:
        await calls.close()


async def test_two_calls_at_once_are_said_one_after_the_other(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        hall.out("A001")
        hall.out("B002", window="2")
        await hall.clock.advance(3 * SPEAK_S)
        (begin_1, end_1, _), (begin_2, end_2, _) = hall.devices.said
        assert (begin_1, end_1, begin_2, end_2) == (0.0, SPEAK_S, SPEAK_S, 2 * SPEAK_S)
        assert hall.devices.sentences() == ["请A001号到1号窗口", "请B002号到2号窗口"]


async def test_the_boards_show_a_call_as_it_is_said(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        hall.out("A001", "A002")
        await hall.clock.advance(SPEAK_S - 1)
        assert hall.devices.on("board-1", "calls") == ["A001请到1号窗口"]
        await hall.clock.advance(2)
        for board in ("board-1", "board-2"):
            assert hall.devices.on(board, "calls") == ["A002请到1号窗口", "A001请到1号窗口"]


async def test_a_call_is_said_as_often_as_the_hall_wants(tmp_path: Path) -> None:
    async with stage(tmp_path, hall="announce_times = 2") as hall:
        hall.out("A001", again=True)
        await hall.clock.advance(1)
        (_, _, order) = hall.devices.said[0]
        assert (order.times, order.volume, order.words[0]) == (2, 100, "再请")


@pytest.mark.parametrize("voice", ["away", "hung"])
async def test_a_voice_in_trouble_holds_nobody_up(tmp_path: Path, voice: str) -> None:
    async with stage(tmp_path) as hall:
        hall.devices.voice = voice
        hall.out("A001", "A002", "A003")
        turn_s = 4.0 if voice == "away" else SPEAK_DEADLINE_S
        await hall.clock.advance(2 * turn_s + 1)
        moments = [moment for moment, device, _ in hall.devices.shown if device == "board-1"]
        assert moments == [0.0, turn_s, 2 * turn_s]


async def test_in_quiet_hours_boards_show_and_nothing_is_said(tmp_path: Path) -> None:
    async with stage(tmp_path, more='[voice]\nquiet = ["00:00-24:00"]\n') as hall:
        hall.out("A001", "A002")
        await hall.clock.advance(5)
        assert hall.devices.said == []
        assert hall.devices.on("board-1", "calls") == ["A002请到1号窗口", "A001请到1号窗口"]


async def test_the_volume_is_that_of_the_time_of_day(tmp_path: Path) -> None:
    async with stage(tmp_path, more='[voice]\nvolumes = { "00:00" = 35 }\n') as hall:
        hall.out("A001")
        await hall.clock.advance(1)
        assert hall.devices.said[0][2].volume == 35


async def test_a_call_taken_back_is_not_said_and_goes_from_the_boards(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        hall.out("A001", "A002")
        await hall.clock.advance(1)
        hall.calls.off(CallOff("A002", taken_back=True))
        hall.calls.off(CallOff("A001", taken_back=True))
        await hall.clock.advance(3 * SPEAK_S)
        assert hall.devices.sentences() == ["请A001号到1号窗口"], "what is being said is said to its end"
        assert hall.devices.on("board-1", "calls") == []


async def test_who_has_come_is_not_called_and_nothing_flickers(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        hall.out("A001", "A002")
        await hall.clock.advance(1)
        before = list(hall.devices.shown)
        hall.calls.off(CallOff("A001", taken_back=False))
        hall.calls.off(CallOff("A002", taken_back=False))
        await hall.clock.advance(3 * SPEAK_S)
        assert hall.devices.shown == before
        assert len(hall.devices.said) == 1


async def test_after_a_restart_the_last_four_are_shown_and_nothing_is_said(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        hall.calls.reset(ShowCalled((Called("A002", "1"), Called("A001", "2"))))
        await hall.clock.advance(60)
        assert hall.devices.on("board-1", "calls") == ["A002请到1号窗口", "A001请到2号窗口"]
        assert hall.devices.said == []


async def test_a_board_that_is_back_is_told_everything(tmp_path: Path) -> None:
    async with stage(tmp_path, more='[boards]\ncolumns = 30\nnotice = "欢迎"\n') as hall:
        hall.out("A001")
        await hall.clock.advance(1)
        hall.devices.shown.clear()
        hall.calls.refresh("board-2")
        assert hall.devices.on("board-2", "calls") == ["A001 请到 1 号窗口"]
        assert hall.devices.on("board-2", "notice") == ["欢迎"]
        hall.calls.notice("放假")
        assert hall.devices.on("board-1", "notice") == hall.devices.on("board-2", "notice") == ["放假"]


async def test_the_line_goes_on_after_it_was_empty(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        hall.out("A001")
        await hall.clock.advance(100)
        hall.out("A002")
        await hall.clock.advance(1)
        hall.out("A003")
        await hall.clock.advance(100)
        assert [begin for begin, _, _ in hall.devices.said] == [0.0, 100.0, 106.0]


async def test_a_hall_without_boards_and_voice_does_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, devices="") as hall:
        hall.out("A001")
        hall.calls.reset(ShowCalled(()))
        before = asyncio.all_tasks()
        await hall.clock.advance(100)
        assert (hall.devices.said, hall.devices.shown) == ([], [])
        assert asyncio.all_tasks() == before


async def test_a_board_that_was_in_error_is_told_once_it_is_put_right(tmp_path: Path) -> None:
    wrong = BOARDS.replace("tcp://192.0.2.2:5005", "nowhere")
    assert settings_of(tmp_path, devices=wrong).all_of("board") == ["board-1"]
    async with stage(tmp_path) as hall:
        hall.calls.adopt(settings_of(tmp_path, devices=wrong))
        hall.calls.notice("放假")
        assert [board for _, board, _ in hall.devices.shown] == ["board-1"]
        hall.calls.adopt(settings_of(tmp_path))
        hall.calls.notice("停水")
        assert [board for _, board, _ in hall.devices.shown] == ["board-1", "board-1", "board-2"]


# --- settings ---
def test_what_a_board_and_a_voice_are_is_checked(tmp_path: Path) -> None:
    wrong = BOARDS.replace('kind = "voice"', 'kind = "board"').replace(
        'id = "board-2"\nkind = "board"', 'id = "board-2"\nkind = "board"\nwindow = "1"'
    )
    found = settings_of(tmp_path, devices=wrong)
    said = {device.id: " ".join(map(str, device.problems)) for device in found.devices}
    assert said["board-1"] == ""
    assert "only a caller" in said["board-2"]
    assert "speaker cannot be that" in said["voice"]
    assert found.all_of("board") == ["board-1"]
