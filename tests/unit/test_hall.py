"""Event → rule → one transaction → effects, with a real store under it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.api import NotKept
from drivers.messages import (
    AskRating,
    Beep,
    ButtonPressed,
    KeyAction,
    KeyPressed,
    LevelPressed,
    Outcome,
    PrintSlip,
    Result,
    ShowLines,
    ShowText,
    SlipLine,
)
from edge.settings import Settings, load
from edge.settings.tables import PriorityTable, RosterTable
from edge.store import Draft, Recorded, StoreFull
from edge.wire import DeviceStatus, Reply
from tests.unit.board_kit import BOARDS, entry_points
from tests.unit.hall_kit import FakeDevices, Stage, demo_settings, kept, stage, until
from tests.unit.registry_kit import HEAD, write


def status(device: str, state: str) -> DeviceStatus:
    return DeviceStatus.model_validate({"device": device, "state": state, "since": 1})


async def serve_one(hall: Stage) -> None:
    await hall.say("buttons", ButtonPressed(1))
    await until("the ticket waits", lambda: hall.hall.state.waiting.get("tax"))
    await hall.say("caller-1", KeyPressed(KeyAction.LOGIN, "101"))
    await hall.say("caller-1", KeyPressed(KeyAction.CALL))
    await hall.say("caller-1", KeyPressed(KeyAction.START))
    await hall.say("caller-1", KeyPressed(KeyAction.EVALUATE))
    await hall.say("pad-1", LevelPressed(5, 3))


async def test_an_act_from_the_button_to_the_rating_is_kept_in_order(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        await serve_one(hall)
        assert await hall.facts() == [
            "day.opened",
            "ticket.reserved",
            "ticket.printed",
            "staff.logged_in",
            "ticket.called",
            "service.started",
            "service.finished",
            "rating.given",
        ]
        texts = [order.text for order in hall.devices.shown(ShowText) if isinstance(order, ShowText)]
        assert "请 A001 号" in texts
        assert texts[-1] == "空闲"
        assert hall.devices.shown(AskRating)
        assert hall.changes


async def test_what_is_acknowledged_is_kept_before_it_is_answered(tmp_path: Path) -> None:
    """`on_event` is what a driver waits for before it acknowledges a press."""
    async with stage(tmp_path) as hall:
        await hall.say("buttons", ButtonPressed(2))
        assert "ticket.reserved" in await hall.facts()


async def test_the_fact_names_the_device_whose_act_it_was(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        await serve_one(hall)
        by = {recorded.fact.kind: recorded.stamp.by for recorded in await kept(hall.store)}
        assert (by["ticket.reserved"], by["ticket.printed"], by["rating.given"]) == (
            "buttons",
            "printer",
            "pad-1",
        )


async def test_a_restart_takes_the_day_up_where_it_was(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        await serve_one(hall)
        await hall.say("buttons", ButtonPressed(1))
        await until("it waits", lambda: hall.hall.state.waiting.get("tax"))
        before = hall.hall.state
    async with stage(tmp_path) as hall:
        await hall.say("caller-1", KeyPressed(KeyAction.RECALL))  # refused: only to know that it is at work
        assert hall.hall.state == before
        await hall.say("buttons", ButtonPressed(1))
        await until("the next number", lambda: "A003" in hall.hall.state.tickets)


async def test_a_press_that_comes_again_after_a_crash_is_done_once(tmp_path: Path) -> None:
    silent = FakeDevices(prints=[Outcome(Result.UNKNOWN, "timeout")])
    async with stage(tmp_path, silent) as hall:
        await hall.say("buttons", ButtonPressed(1))
    for _ in range(2):  # the second crash comes before the acknowledgement, too
        async with stage(tmp_path, silent) as hall:
            await hall.say("buttons", ButtonPressed(1))
            assert [*hall.hall.state.tickets] == ["A001"]
    async with stage(tmp_path) as hall:
        await until("the copy is out", lambda: hall.hall.state.waiting.get("tax"))
        await hall.say("buttons", ButtonPressed(1))
        assert [*hall.hall.state.tickets] == ["A001"]
        await hall.say("buttons", ButtonPressed(1))
        assert [*hall.hall.state.tickets] == ["A001", "A002"], "the next press is another person's"


async def test_what_a_crash_did_not_interrupt_is_no_repeat(tmp_path: Path) -> None:
    async with stage(tmp_path, FakeDevices(prints=[Outcome(Result.UNKNOWN, "timeout")])) as hall:
        await hall.say("buttons", ButtonPressed(1))
    async with stage(tmp_path) as hall:
        await hall.say("buttons", ButtonPressed(2))
        assert [*hall.hall.state.tickets] == ["A001", "B001"], "another service"
        await until("both are out", lambda: sum(map(len, hall.hall.state.waiting.values())) == 2)
    async with stage(tmp_path) as hall:
        await hall.say("buttons", ButtonPressed(2))
        assert [*hall.hall.state.tickets] == ["A001", "B001", "B002"], "its slip was out before the crash"


async def test_a_call_that_comes_again_after_a_crash_calls_nobody_else(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        for _ in range(2):
            await hall.say("buttons", ButtonPressed(1))
        await until("both wait", lambda: len(hall.hall.state.waiting.get("tax", ())) == 2)
        await hall.say("caller-1", KeyPressed(KeyAction.LOGIN, "1001"))
        await hall.say("caller-1", KeyPressed(KeyAction.CALL))
    async with stage(tmp_path) as hall:
        await hall.say("caller-1", KeyPressed(KeyAction.CALL))
        assert hall.hall.state.window("1").ticket == "A001"
        await hall.say("caller-1", KeyPressed(KeyAction.RECALL))
        assert hall.hall.state.tickets["A001"].calls == 2
    async with stage(tmp_path) as hall:
        await hall.say("caller-1", KeyPressed(KeyAction.RECALL))
        assert hall.hall.state.tickets["A001"].calls == 2
        await hall.say("caller-1", KeyPressed(KeyAction.START))
    async with stage(tmp_path) as hall:
        await hall.say("caller-1", KeyPressed(KeyAction.START))  # refused by the rules, as ever
        assert (await hall.facts()).count("service.started") == 1


async def test_a_print_that_a_crash_cut_short_comes_again_as_a_copy(tmp_path: Path) -> None:
    silent = FakeDevices(prints=[Outcome(Result.UNKNOWN, "timeout")])
    async with stage(tmp_path, silent) as hall:
        await hall.say("buttons", ButtonPressed(1))
    async with stage(tmp_path) as hall:
        await until("it waits", lambda: hall.hall.state.waiting.get("tax"))
        [slip] = hall.devices.shown(PrintSlip)
        assert isinstance(slip, PrintSlip)
        lines = [block.text for block in slip.blocks if isinstance(block, SlipLine)]
        assert "副本 COPY" in lines
        assert "A001" in lines


async def test_a_slip_that_did_not_come_out_leaves_no_ghost(tmp_path: Path) -> None:
    async with stage(tmp_path, FakeDevices(prints=[Outcome(Result.FAILED, "paper_out")])) as hall:
        await hall.say("buttons", ButtonPressed(1))
        await until("voided", lambda: hall.hall.state.tickets["A001"].phase == "voided")
        assert not hall.hall.state.waiting.get("tax")


async def test_a_printer_in_trouble_issues_no_number(tmp_path: Path) -> None:
    """Nor is the press acknowledged: the panel shows an error, and the citizen does not wait for a slip."""
    async with stage(tmp_path, FakeDevices(trouble="paper_out")) as hall:
        with pytest.raises(NotKept) as caught:
            await hall.say("buttons", ButtonPressed(1))
        assert caught.value.code == "cannot_print"
        assert await hall.facts() == ["day.opened"]


async def test_a_key_that_can_do_nothing_beeps(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        await hall.say("caller-2", KeyPressed(KeyAction.CALL))
        await until("a beep", lambda: hall.devices.shown(Beep))
        assert hall.devices.orders[-1] == ("caller-2", Beep())


async def test_a_device_of_no_window_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage(tmp_path) as hall:
        await hall.say("buttons", ButtonPressed(99))
        await hall.say("stranger", KeyPressed(KeyAction.CALL))
        assert set(await hall.facts()) <= {"day.opened"}
    assert "belongs to no window or service" in caplog.text


async def test_a_full_store_keeps_nothing_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage(tmp_path) as hall:
        await hall.say("caller-1", KeyPressed(KeyAction.LOGIN, "101"))
        keep = hall.store.append

        async def full(drafts: list[Draft], answer: Reply | None = None) -> list[Recorded]:
            raise StoreFull("no room")

        monkeypatch.setattr(hall.store, "append", full)
        for _ in range(2):
            with pytest.raises(NotKept) as caught:
                await hall.say("buttons", ButtonPressed(1))
        assert caught.value.code == "store_full"
        assert hall.hall.full == "no room"
        assert caplog.text.count("nothing can be kept") == 1
        assert not hall.hall.state.tickets
        monkeypatch.setattr(hall.store, "append", keep)
        await hall.say("buttons", ButtonPressed(1))
        assert hall.hall.full == ""
        assert "A001" in hall.hall.state.tickets


async def test_a_printed_slip_is_handed_on_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(tmp_path) as hall:
        keep, refused = hall.store.append, 0

        async def sometimes(drafts: list[Draft], answer: Reply | None = None) -> list[Recorded]:
            nonlocal refused
            if drafts[0].fact.kind == "ticket.printed" and not refused:
                refused += 1
                raise StoreFull("no room")
            return await keep(drafts, answer)

        monkeypatch.setattr(hall.store, "append", sometimes)
        monkeypatch.setattr("edge.effects.RETRY_S", 0.01)
        await hall.say("buttons", ButtonPressed(1))
        await until("it waits after all", lambda: hall.hall.state.waiting.get("tax"))
        assert refused == 1


async def test_a_line_that_is_open_again_gets_its_strips_texts(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        await hall.say("caller-1", KeyPressed(KeyAction.LOGIN, "101"))
        await asyncio.sleep(0)
        hall.devices.orders.clear()
        for state in ("connecting", "online"):
            hall.hall.on_status(
                DeviceStatus.model_validate({"device": "windows", "state": state, "since": 1})
            )
        await until("six texts", lambda: len(hall.devices.orders) == 6)
        assert ("strip-1", ShowText("空闲", "green")) in hall.devices.orders
        hall.devices.orders.clear()
        for state in ("degraded", "online"):
            hall.hall.on_status(
                DeviceStatus.model_validate({"device": "strip-2", "state": state, "since": 1})
            )
        closed = ShowText("窗口关闭", "yellow")
        await until("the strip's own", lambda: hall.devices.orders == [("strip-2", closed)])


def with_boards(folder: Path) -> Settings:
    head = HEAD.replace('allow = ["slip", "line"]', 'allow = ["board", "speaker"]')
    notice = '[boards]\nnotice = "欢迎"\n'
    return load(write(folder / "hall.toml", head + notice + BOARDS), env={}, entry_points=entry_points())


@pytest.mark.parametrize("state", ["online", "degraded"])
async def test_a_board_that_is_back_gets_its_areas_again(tmp_path: Path, state: str) -> None:
    async with stage(tmp_path, settings=with_boards(tmp_path)) as hall:
        await until("both told at the start", lambda: len(hall.devices.shown(ShowLines)) == 6)
        hall.devices.orders.clear()
        for each in ("backoff", "connecting", "handshake", state, "degraded"):
            hall.hall.on_status(status("board-1", each))
        await until("its areas", lambda: len(hall.devices.orders) == 2)
        assert hall.devices.orders == [
            ("board-1", ShowLines("calls", ())),
            ("board-1", ShowLines("notice", (ShowText("欢迎", "green"),))),
        ]


async def test_a_button_gives_no_ticket_on_a_day_off(tmp_path: Path) -> None:
    day_off = RosterTable(days=("workdays", "restdays"), hours=(), services=("tax",))
    settings = replace(demo_settings(tmp_path), roster=(day_off,))
    async with stage(tmp_path, settings=settings) as hall:
        with pytest.raises(NotKept) as refused:
            await hall.say("buttons", ButtonPressed(1))
        assert refused.value.code == "closed_today"
        assert hall.hall.offers()["services"]["tax"] == {"open": False, "opens": ""}
        assert hall.devices.shown(PrintSlip) == []


async def test_a_button_for_a_class_takes_a_ticket_of_that_class(tmp_path: Path) -> None:
    elder = PriorityTable(id="elder", name="老年人", credit_min=15)
    settings = replace(demo_settings(tmp_path), priorities={"elder": elder})
    wire = replace(settings.wires["buttons"], priorities={1: "elder"})
    settings.__dict__["wires"] = settings.wires | {"buttons": wire}  # where the property keeps them
    async with stage(tmp_path, settings=settings) as hall:
        await hall.say("buttons", ButtonPressed(1))
        await hall.say("buttons", ButtonPressed(2))
        assert [ticket.priority for ticket in hall.hall.state.tickets.values()] == ["elder", ""]
