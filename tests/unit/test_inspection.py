"""A device tried by a technician: not while it serves somebody, one at a time, and then as it was before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from drivers.api import ConditionSpec
from drivers.messages import (
    AskRating,
    Beep,
    CheckHealth,
    KeyAction,
    Order,
    Outcome,
    PrintSlip,
    Result,
    ShowDigits,
    ShowLines,
    ShowText,
)
from edge.commands import Commands
from edge.ids import new_id
from edge.inspection import patterns
from edge.inspection.verbs import Inspection
from edge.rules.model import Key
from edge.store import StoreFull
from edge.supervisor import Supervisor
from edge.trials import TrialPrints
from edge.wire import DeviceOrdered, DeviceStatus, Reply, Request
from tests.unit.hall_kit import FakeDevices, Stage, kept, stage, until
from tests.unit.test_settings_examples import demo


@dataclass(slots=True)
class Tried(FakeDevices):
    """Of which some are `at_work`, and some `answer` as they are told, the others DONE."""

    at_work: set[str] = field(default_factory=set)
    answers: dict[type, Outcome] = field(default_factory=dict)

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:
        outcome = await FakeDevices.order(self, device, order, deadline_s)
        return self.answers.get(type(order), outcome)

    def has_order(self, device: str) -> bool:
        return device in self.at_work

    away: set[str] = field(default_factory=set)
    released: list[tuple[str, float]] = field(default_factory=list)

    def status(self, device: str) -> DeviceStatus:
        return DeviceStatus(device=device, state="backoff" if device in self.away else "online", since=0.0)

    def problem(self, _device: str) -> str:
        return ""

    async def release(self, device: str, for_s: float) -> bool:
        self.released.append((device, for_s))
        return True

    def words_of(self, device: str) -> dict[str, ConditionSpec]:
        return self.meant.get(device, {})

    def on(self, device: str) -> list[Order]:
        return [order for name, order in self.orders if name == device]


@dataclass(slots=True)
class Node:
    commands: Commands
    hall: Stage
    devices: Tried

    async def ask(self, verb: str, *, client: str = "hallctl", **args: Any) -> Reply:
        return await self.commands.handle(Request(id=new_id(), verb=verb, args=args), client)

    async def check(self, device: str, level: str = "external", **more: Any) -> Reply:
        return await self.ask("device.check", device=device, level=level, **more)

    async def show(self, device: str, pattern: str = "all", **more: Any) -> Reply:
        return await self.ask("device.show", device=device, pattern=pattern, **more)

    async def acts(self) -> list[tuple[str, str, str, str]]:
        """Of technicians: by whom, the device, what, how."""
        return [
            (each.stamp.by, each.fact.device, each.fact.order, each.fact.how)
            for each in await kept(self.hall.store)
            if isinstance(each.fact, DeviceOrdered)
        ]


@asynccontextmanager
async def node(folder: Path) -> AsyncIterator[Node]:
    devices = Tried()
    async with stage(folder, devices, demo()) as hall:
        await hall.hall.taken_up()
        await until("the strips are told", lambda: devices.on("strip-1"))
        commands, supervisor = Commands(hall.store), cast("Supervisor", devices)
        trials = TrialPrints(hall.settings, hall.hall.clock, devices, hall.store)
        commands.add(*Inspection(hall.hall, supervisor, hall.store, trials).verbs(), *trials.verbs())
        devices.orders.clear()
        yield Node(commands, hall, devices)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SEEN_S", 0.05)
    monkeypatch.setattr(patterns, "SHOWN_S", 0.05)


async def test_what_is_shown_is_put_back(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        (closed,) = at.hall.hall.shown_on("strip-1")
        reply = await at.show("strip-1", "colors")
        assert (reply.result, reply.data["pattern"]) == ("done", "colors")
        assert "verdict" not in reply.data, "who looks at it is the judge"
        assert reply.data["look_zh"] and reply.data["look_en"]
        *shown, last = at.devices.on("strip-1")
        assert [each.color for each in shown if isinstance(each, ShowText)] == ["red", "green", "yellow"]
        assert last == closed == ShowText("窗口关闭", "yellow")


async def test_a_board_has_its_calls_and_its_notice_back(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        assert (await at.show("board", "colors")).result == "done"
        orders = [each for each in at.devices.on("board") if isinstance(each, ShowLines)]
        assert [each.area for each in orders] == ["calls", "notice"] * 2
        assert [len(each.lines) for each in orders] == [3, 3, 0, 1]
        assert "午休" in orders[-1].lines[0].text


async def test_each_kind_does_what_is_seen_or_heard_of_it(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        for device in ("caller-1", "pad-1", "printer"):
            reply = await at.check(device)
            assert (reply.result, reply.data["device"]) == ("done", device)
            assert reply.data["look_zh"] and reply.data["look_en"]
        assert at.devices.on("caller-1") == [ShowDigits("8888"), Beep(), ShowDigits("")]
        assert at.devices.on("pad-1") == [AskRating()]
        assert [type(each) for each in at.devices.on("printer")] == [CheckHealth, PrintSlip]


async def test_internally_a_device_is_asked_and_nothing_else(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        for device in ("printer", "board", "card-reader", "scanner"):
            reply = await at.check(device, "internal")
            assert reply.data["verdict"] == "ok"
            assert "look_zh" not in reply.data
            assert at.devices.on(device) == [CheckHealth()]
        await at.check("strip-1", "internal")
        assert at.devices.on("strip-1") == [ShowText("窗口关闭", "yellow")], "what it shows already"
        never_heard = await at.check("caller-1", "internal")
        assert (never_heard.data["verdict"], at.devices.on("caller-1")) == ("unknown", [])


async def test_what_a_device_cannot_is_refused_with_words(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        for reply, code in (
            (await at.check("scanner"), "unsupported"),
            (await at.check("pad-6"), "unsupported"),
            (await at.check("windows"), "unsupported"),
            (await at.check("cam-1", "internal"), "unsupported"),
            (await at.show("printer"), "unsupported"),
            (await at.show("caller-1", "colors"), "unsupported"),
            (await at.check("none", "internal"), "unknown_device"),
            (await at.show("none"), "unknown_device"),
            (await at.show("strip-1", "stripes"), "bad_args"),
            (await at.check("strip-1", "interactive"), "bad_args"),
            (await at.check("strip-1", by="a\nb"), "bad_args"),
        ):
            assert (reply.result, reply.code) == ("rejected", code)
            assert reply.zh and reply.en
        assert at.devices.orders == []
        assert await at.acts() == []


async def test_who_is_served_goes_first(tmp_path: Path) -> None:
    """At the window that has called, on the boards, and where a device has its hands full."""
    async with node(tmp_path) as at:
        await at.hall.bus.ask(at.hall.hall.take("tax", "touch"), "test")
        await until("it is printed", lambda: at.hall.hall.state.tickets["A001"].phase == "waiting")
        for action, digits in (("login", "101"), ("call", "")):
            await press(at, action, digits)
        await until("it is called", lambda: at.devices.on("board"))
        at.devices.at_work = {"card-reader"}
        before = len(at.devices.orders)
        for device in ("strip-1", "caller-1", "pad-1", "board"):
            assert (await at.check(device)).code == "busy"
        assert (await at.show("strip-1")).code == "busy"
        assert (await at.check("card-reader", "internal")).code == "busy", "somebody's card lies there"
        assert len(at.devices.orders) == before
        assert (await at.check("board", "internal")).result == "done", "nobody sees it"
        assert (await at.check("strip-2")).result == "done"


async def test_a_call_in_the_middle_is_what_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SHOWN_S", 0.9)
    async with node(tmp_path) as at:
        await at.hall.bus.ask(at.hall.hall.take("tax", "touch"), "test")
        await until("it is printed", lambda: at.hall.hall.state.tickets["A001"].phase == "waiting")
        await press(at, "login", "101")
        showing = asyncio.create_task(at.show("strip-1", "colors"))
        await until("it is shown", lambda: ShowText("红色") in at.devices.on("strip-1"))
        await press(at, "call")
        await until("the call stands there", lambda: at.devices.on("strip-1")[-1] == ShowText("请 A001 号"))
        reply = await showing
        assert (reply.result, reply.code) == ("rejected", "busy")
        assert at.devices.on("strip-1")[-1] == ShowText("请 A001 号")
        assert ShowText("绿色", "green") not in at.devices.on("strip-1"), "it gave way"


async def test_a_device_is_tried_by_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SHOWN_S", 60.0)
    async with node(tmp_path) as at:
        first = asyncio.create_task(at.show("strip-1"))
        await until("it is shown", lambda: at.devices.on("strip-1"))
        assert (await at.check("strip-1", "internal")).code == "busy"
        assert (await at.check("strip-2")).result == "done"
        first.cancel()


async def test_one_that_is_broken_off_is_put_back_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SHOWN_S", 60.0)
    async with node(tmp_path) as at:
        showing = asyncio.create_task(at.show("strip-1"))
        await until("it is shown", lambda: at.devices.on("strip-1"))
        showing.cancel()
        await until("it is back", lambda: at.devices.on("strip-1")[-1] == ShowText("窗口关闭", "yellow"))
        assert (await at.check("strip-1", "internal")).result == "done", "it is free again"


async def test_a_device_that_does_not_answer_is_told(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        silent = Outcome(Result.UNKNOWN, "silent")
        at.devices.answers = {CheckHealth: silent, ShowText: silent}
        assert (await at.check("printer", "internal")).data["verdict"] == "fault"
        shown = await at.show("strip-1")
        assert (shown.result, shown.code) == ("unknown", "silent")
        assert shown.data["next_zh"] and "look_zh" not in shown.data
        assert shown.zh and shown.en


async def test_a_board_need_not_have_every_area(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        at.devices.answers = {ShowLines: Outcome(Result.REJECTED, "unknown_area")}
        assert (await at.check("board")).data["verdict"] == "fault", "but one"


async def test_who_has_a_device_do_something_is_kept_before_it_is_done(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        await at.check("strip-1", by="李工")
        await at.show("strip-1", "columns", by="李工")
        await at.check("printer", "internal")
        await at.ask("device.test_print", by="王工")
        assert await at.acts() == [
            ("李工", "strip-1", "check", "external"),
            ("李工", "strip-1", "show", "columns"),
            ("hallctl", "printer", "check", "internal"),
            ("王工", "printer", "test_print", ""),
        ]


async def test_a_full_disk_stops_nobody_who_puts_things_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(_drafts: object, _answer: object = None) -> None:
        raise StoreFull("no room on the disk")

    async with node(tmp_path) as at:
        monkeypatch.setattr(at.hall.store, "append", full)
        assert (await at.check("printer", "internal", by="李工")).result == "done"
        assert "it is not kept who ordered this" in caplog.text


async def press(at: Node, action: str, digits: str = "") -> None:
    await at.hall.bus.ask(Key("1", KeyAction(action), digits), "test")


async def test_the_line_of_a_device_that_works_is_not_given_away(tmp_path: Path) -> None:
    async with node(tmp_path) as at:
        for device in ("printer", "strip-1"):
            refused = await at.ask("device.release", device=device)
            assert (refused.result, refused.code) == ("rejected", "in_use")
            assert "线路" in refused.zh
        at.devices.away |= {"strip-1"}
        assert (await at.ask("device.release", device="strip-1")).code == "in_use", "others are on that line"
        assert (at.devices.released, await at.acts()) == ([], [])

        at.devices.away |= {"printer"}
        assert (await at.ask("device.release", device="printer", for_s=20, by="li")).result == "done"
        assert at.devices.released == [("printer", 20.0)]
        assert await at.acts() == [("li", "printer", "release", "20 s")]
        assert (await at.ask("device.release", device="nobody")).code == "unknown_device"
