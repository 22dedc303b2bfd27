"""Supervision between hall, store and broker: once each, over restarts too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivers.api import NotKept
from drivers.messages import KeyAction, LevelPressed
from edge.ids import new_id
from edge.store import Draft, Recorded, StoreFull
from edge.supervision.kept import from_bytes
from edge.supervision.part import NoSupervision, supervision_of
from edge.supervision.work import OWNER, WATCH
from edge.wire import Reply, Request
from tests.unit.hall_kit import demo_settings
from tests.unit.warning_kit import Stepped, settings_with, watched

WAIT = 'kind = "wait"\namber = 10\nred = 20\nescalate_after_min = 5'
IDLE = 'kind = "idle"'


async def test_a_long_wait_is_raised_told_acknowledged_and_over(tmp_path: Path) -> None:
    async with watched(tmp_path, settings_with(tmp_path, WAIT), Stepped()) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(10.5)
        assert hall.broker.alerts == {}
        await hall.passes(1)
        alert = hall.broker.alerts["wait-tax"]
        assert (alert.zh, alert.severity) == ("税务：有人等候超过 10 分钟（报出时 11 分钟）", "warning")
        assert (
            alert.en
            == "service tax: somebody has waited for more than 10 minutes (11 minutes when it was told)"
        )
        assert alert.warning
        assert (alert.warning.to, alert.warning.acknowledged_by) == ("大厅值班主任", "")
        assert hall.alerts.raised() == [alert]
        reply = await hall.acknowledge("wait-tax", "张三", "已增开 3 号窗口")
        assert (reply.result, reply.data) == ("done", {"key": "wait-tax"})
        await hall.passes(0.1)
        warning = hall.broker.alerts["wait-tax"].warning
        assert warning
        assert (warning.acknowledged_by, warning.note) == ("张三", "已增开 3 号窗口")
        await hall.key("1", KeyAction.CALL)
        await hall.passes(2)
        assert hall.broker.alerts == {}
        assert await hall.kinds() == ["raised wait-tax", "acknowledged wait-tax", "cleared wait-tax"]
        assert [each["by"] for each in await hall.facts()] == ["node", "hallctl", "node"]


async def test_nobody_sees_to_it(tmp_path: Path) -> None:
    async with watched(tmp_path, settings_with(tmp_path, WAIT), Stepped()) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(40)
        told = [(each["kind"], each.get("reason"), each["to"]) for each in await hall.facts()]
        assert told == [
            ("alert.raised", None, "大厅值班主任"),
            ("alert.updated", "escalated", "中心负责人"),
            ("alert.updated", "red", "中心负责人"),
            ("alert.updated", "escalated", "中心负责人"),
        ]
        assert hall.broker.alerts["wait-tax"].severity == "error"


async def test_killed_and_started_again_nothing_is_raised_twice(tmp_path: Path) -> None:
    settings, clock = settings_with(tmp_path, WAIT), Stepped()
    async with watched(tmp_path, settings, clock) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(11.5)
        await hall.acknowledge("wait-tax", "张三")
    for _ in range(2):
        async with watched(tmp_path, settings, clock) as hall:
            await hall.passes(0.1)
            warning = hall.broker.alerts["wait-tax"].warning
            assert warning
            assert warning.acknowledged_by == "张三"
            assert hall.broker.told == ["+wait-tax amber"]
            await hall.passes(2)
            assert await hall.kinds() == ["raised wait-tax", "acknowledged wait-tax"]


@pytest.mark.parametrize("kept", [None, b"rubbish", b'{"seq": 1}'])
async def test_what_is_remembered_saves_time_and_nothing_else(tmp_path: Path, kept: bytes | None) -> None:
    """Where it cannot be read, the acts are; and it is not needed to be up to date."""
    settings, clock = settings_with(tmp_path, WAIT), Stepped()
    async with watched(tmp_path, settings, clock) as hall:
        await hall.passes(0.1)  # it is remembered before anything has happened
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(11.5)
        if kept is not None:
            await hall.store.remember(OWNER, {WATCH: kept})
    async with watched(tmp_path, settings, clock) as hall:
        await hall.passes(2)
        assert hall.broker.told == ["+wait-tax amber"]
        assert await hall.kinds() == ["raised wait-tax"]


async def test_what_the_configuration_does_not_watch_any_more_is_cleared(tmp_path: Path) -> None:
    clock = Stepped()
    async with watched(tmp_path, settings_with(tmp_path, WAIT), clock) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(11.5)
    async with watched(tmp_path, settings_with(tmp_path, IDLE + '\nwindows = ["5"]'), clock) as hall:
        await hall.passes(0.5)
        assert hall.broker.told == ["+wait-tax amber", "-wait-tax"], "no ghost stays at the broker"
        assert (await hall.facts())[-1]["reason"] == "not_watched"


async def test_steps_of_the_clock_raise_and_clear_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path, settings_with(tmp_path, WAIT), Stepped()) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(5)
        for step_s in (3600.0, -7200.0, 0.0):
            hall.clock.stepped_s = step_s
            await hall.passes(1)
        assert await hall.kinds() == []
        await hall.passes(4)
        assert await hall.kinds() == ["raised wait-tax"]
        for step_s in (3600.0, -7200.0, 0.0):
            hall.clock.stepped_s = step_s
            await hall.passes(0.5)
        assert await hall.kinds() == ["raised wait-tax"]


async def test_a_clock_that_is_put_right_after_the_machines_start_escalates_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, clock = settings_with(tmp_path, IDLE), Stepped()
    async with watched(tmp_path, settings, clock) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(6)
        assert await hall.kinds() == ["raised idle-1"]
    for module in ("edge.hall", "edge.store.store"):
        monkeypatch.setattr(f"{module}.boot_id", lambda: "b" * 32)
    async with watched(tmp_path, settings, clock) as hall:
        hall.clock.stepped_s = 3600.0
        await hall.passes(3)
        assert await hall.kinds() == ["raised idle-1"]
        await hall.key("1", KeyAction.CALL)
        await hall.passes(1)
        assert await hall.kinds() == ["raised idle-1", "cleared idle-1"]


async def test_the_queue_of_yesterday_is_over(tmp_path: Path) -> None:
    """Also where two days pass in which nothing happens, and nobody looks."""
    async with watched(tmp_path, settings_with(tmp_path, WAIT, IDLE), Stepped()) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(12)
        raised = ["raised idle-1", "raised wait-tax", "updated idle-1"]
        assert sorted(await hall.kinds()) == raised
        await hall.acknowledge("wait-tax", "张三")
        hall.clock.suspend(2 * 86_400.0)
        await hall.passes(2)
        cleared = ["cleared idle-1", "cleared wait-tax"]
        assert sorted(await hall.kinds()) == ["acknowledged wait-tax", *cleared, *raised]
        assert hall.hall.state.day < hall.hall.now().day, "supervision opens no day"
        await hall.take()
        await hall.passes(5)
        assert len(await hall.kinds()) == 6


async def test_where_nothing_can_be_kept_nothing_is_told_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with watched(tmp_path, settings_with(tmp_path, WAIT), Stepped()) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()

        async def full(drafts: list[Draft], answer: Reply | None = None) -> list[Recorded]:
            raise StoreFull("no room")

        with monkeypatch.context() as patch:
            patch.setattr(hall.store, "append", full)
            await hall.passes(15)
            assert hall.broker.told == []
        assert caplog.text.count("cannot be kept") == 1
        await hall.passes(0.2)
        assert await hall.kinds() == ["raised wait-tax"]
        with monkeypatch.context() as patch, pytest.raises(NotKept) as caught:
            patch.setattr(hall.store, "append", full)
            await hall.acknowledge("wait-tax", "张三")
        assert caught.value.code == "store_full"
        assert (await hall.acknowledge("wait-tax", "张三")).result == "done"


async def test_who_acknowledges_second_is_told_who_was_first(tmp_path: Path) -> None:
    async with watched(tmp_path, settings_with(tmp_path, WAIT), Stepped()) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.take()
        await hall.passes(11.5)
        request = new_id()
        assert (await hall.acknowledge("wait-tax", "张三", request=request)).result == "done"
        kept = await hall.store.answer_for(request)
        assert kept is not None, "a repeated request gets this answer"
        assert kept.result == "done"
        again = await hall.acknowledge("wait-tax", "李四")
        assert (again.result, again.code, again.zh) == ("rejected", "acknowledged", "张三 已经确认了这条告警")
        assert (await hall.kinds()).count("acknowledged wait-tax") == 1
        for key in ("wait-social", "device-printer", ""):
            assert (await hall.acknowledge(key, "张三")).code == "unknown_warning"


async def test_a_device_is_warned_of_while_it_stops_something(tmp_path: Path) -> None:
    async with watched(tmp_path, settings_with(tmp_path, 'kind = "stopped"'), Stepped()) as hall:
        hall.device("caller-1", "link_lost")
        hall.device("strip-1", "link_lost")
        await hall.passes(10)
        assert await hall.kinds() == [], "nobody is at window 1, and a strip stops nothing"
        await hall.key("1", KeyAction.LOGIN, "1001")
        await hall.passes(4)
        assert hall.broker.alerts["stopped-caller-1"].zh.startswith("caller-1 故障超过 3 分钟，窗口叫不了号")
        hall.device("caller-1")
        await hall.passes(1)
        assert await hall.kinds() == ["raised stopped-caller-1", "cleared stopped-caller-1"]


async def test_ratings_are_remembered_over_days_and_restarts(tmp_path: Path) -> None:
    settings, clock = (
        settings_with(tmp_path, 'kind = "uniform"\nlast = 20\namber = 0.5\nclear = 0.1'),
        Stepped(),
    )
    for _ in range(2):
        async with watched(tmp_path, settings, clock) as hall:
            await hall.key("1", KeyAction.LOGIN, "1001")
            for _ in range(3):
                await hall.take()
                await hall.key("1", KeyAction.CALL)
                await hall.key("1", KeyAction.FINISH)
                await hall.say("pad-1", LevelPressed(5, 5))
            await hall.passes(0.1)
        await clock.advance(86_400.0)
    async with watched(tmp_path, settings, clock) as hall:
        await hall.passes(11)
        found = from_bytes((await hall.store.memories(OWNER))[OWNER][WATCH])
        assert found is not None
        assert found.ratings == {"1": (5,) * 6}


async def test_a_node_without_warnings_loads_no_supervision(tmp_path: Path) -> None:
    nothing: Any = None
    parts = {"hall": nothing, "store": nothing, "alerts": nothing, "clock": nothing}
    found = supervision_of(demo_settings(tmp_path), **parts)
    assert isinstance(found, NoSupervision)
    asked = Request(id=new_id(), verb="alert.acknowledge")
    assert (await found.acknowledge("wait-tax", "张三", "", asked, "hallctl")).code == "unknown_warning"
