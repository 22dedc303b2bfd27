"""Conditions, children, and what is told of them to the world."""

from __future__ import annotations

import asyncio
import logging

import pytest

from drivers.api import ConditionSpec, DeviceFault, Identity, LinkLost
from edge.device import CONDITIONS_LIMIT, DETAIL_LIMIT, LAST_HEARD_EVERY_S, LINE_CONDITIONS
from tests.unit.supervision import SPEC, FakeChild, FakeConfig, FakeLoaded, Hall, running, settle


@pytest.fixture
def loaded() -> FakeLoaded:
    return FakeLoaded()


@pytest.fixture
def bus(loaded: FakeLoaded) -> FakeConfig:
    return FakeConfig("bus", loaded, children={"caller-1": FakeChild(), "pad-1": FakeChild()})


# --- conditions ---
@pytest.mark.parametrize(
    ("code", "state", "problem"),
    [("paper_out", "degraded", "paper_out"), ("paper_low", "degraded", ""), ("note", "online", "")],
)
async def test_a_condition_of_warning_or_error_degrades_until_it_is_over(
    loaded: FakeLoaded, code: str, state: str, problem: str
) -> None:
    async with running(FakeConfig("printer", loaded)) as hall:
        raised_at = hall.clock.now().wall_s
        loaded.puppet.ctx.condition(code, True, "tray 2")
        await hall.clock.advance(5)
        status = hall.now("printer")
        assert status.state == state
        assert [(c.code, c.detail, c.since) for c in status.conditions] == [(code, "tray 2", raised_at)]
        assert hall.supervisor.problem("printer") == problem, "only an error keeps a device from working"
        loaded.puppet.ctx.condition(code, False)
        assert (hall.now("printer").state, hall.codes("printer")) == ("online", [])


async def test_attributes_keep_their_latest_value_and_outlive_the_line(loaded: FakeLoaded) -> None:
    async with running(FakeConfig("printer", loaded)) as hall:
        ctx, identity = loaded.puppet.ctx, hall.now("printer").attributes
        hall.told.clear()
        ctx.attribute("paper", "full")
        ctx.attribute("paper", "full")
        ctx.attribute("door", "open")
        before = hall.now("printer")
        ctx.attribute("paper", "low")
        ctx.attribute("door", "")
        assert hall.now("printer").attributes == identity | {"paper": "low"}
        assert before.attributes == identity | {"paper": "full", "door": "open"}, (
            "what was told stays as it was"
        )
        assert len(hall.told) == 4
        for number in range(100):
            ctx.attribute(f"made-up-{number}", "x" * 1000)
        assert len(hall.now("printer").attributes) == 32
        assert max(map(len, hall.now("printer").attributes.values())) == 256
        await loaded.puppet.fail(LinkLost("unplugged"))
        assert hall.now("printer").attributes["paper"] == "low", "offline is not unknown"


async def test_only_a_change_is_told_and_a_new_detail_keeps_the_time(loaded: FakeLoaded) -> None:
    async with running(FakeConfig("printer", loaded)) as hall:
        ctx = loaded.puppet.ctx
        hall.told.clear()
        ctx.condition("paper_low", True, "10 %")
        ctx.condition("paper_low", True, "10 %")
        ctx.condition("paper_out", False)
        assert len(hall.told) == 1
        first = hall.now("printer").conditions[0].since
        await hall.clock.advance(3)
        ctx.condition("paper_low", True, "5 %")
        assert len(hall.told) == 2
        assert [(c.detail, c.since) for c in hall.told[-1].conditions] == [("5 %", first)]
        assert hall.told[-1] == hall.now("printer")


async def test_conditions_raised_in_the_handshake_stand_when_it_comes_online(loaded: FakeLoaded) -> None:
    loaded.puppet.greets = False
    async with running(FakeConfig("printer", loaded)) as hall:
        loaded.puppet.ctx.condition("paper_out", True)
        assert (hall.now("printer").state, hall.supervisor.problem("printer")) == ("handshake", "offline")
        loaded.puppet.ctx.ready(Identity())
        assert hall.now("printer").state == "degraded"


async def test_a_loss_clears_what_nobody_is_there_to_take_back(loaded: FakeLoaded) -> None:
    async with running(FakeConfig("printer", loaded)) as hall:
        ctx = loaded.puppet.ctx
        ctx.condition("paper_out", True)
        heard = hall.now("printer").last_heard
        await hall.clock.advance(7)
        await loaded.puppet.fail(LinkLost("unplugged"))
        lost_at = hall.clock.now().wall_s
        assert hall.codes("printer") == ["link_lost"]
        assert hall.now("printer").last_heard == heard
        assert hall.supervisor.problem("printer") == "link_lost"
        told = len(hall.told)
        ctx.condition("paper_out", True)
        ctx.alive()
        ctx.ready(Identity(model="late"))
        assert len(hall.told) == told, "a task that outlived its run is not heard"
        assert hall.now("printer").attributes == {"model": "P1", "serial": "7"}
        loaded.open_error = LinkLost("no such port")
        await hall.clock.advance(300)
        assert [c.since for c in hall.now("printer").conditions] == [lost_at], (
            "lost since then, not since the last try"
        )


async def test_an_undeclared_condition_is_a_warning_and_a_driver_bug_logged_once(
    loaded: FakeLoaded, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(FakeConfig("printer", loaded)) as hall:
        for on in (True, False, True):
            loaded.puppet.ctx.condition("made_up", on)
        assert [(c.code, c.severity) for c in hall.now("printer").conditions] == [("made_up", "warning")]
        assert hall.now("printer").state == "degraded"
        bugs = [r for r in caplog.records if "driver bug" in r.getMessage()]
        assert [vars(r)["code"] for r in bugs] == ["made_up"]
        assert hall.supervisor.words()["printer"]["made_up"] == ConditionSpec(
            "made_up", "warning", "made_up", "made_up", "", ""
        )


async def test_a_driver_that_makes_up_conditions_without_end_is_bounded(
    loaded: FakeLoaded, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(FakeConfig("printer", loaded)) as hall:
        for number in range(1000):
            loaded.puppet.ctx.condition(f"c{number}", True, "x" * 1000)
        conditions = hall.now("printer").conditions
        assert len(conditions) == CONDITIONS_LIMIT
        assert {len(c.detail) for c in conditions} == {DETAIL_LIMIT}
        assert sum("conditions at once" in r.getMessage() for r in caplog.records) == 1


async def test_words_are_the_drivers_own_and_the_remedy_that_an_error_brings(loaded: FakeLoaded) -> None:
    assert all(spec.zh and spec.en and spec.remedy_zh and spec.remedy_en for spec in LINE_CONDITIONS.values())
    async with running(FakeConfig("printer", loaded)) as hall:
        loaded.puppet.ctx.condition("paper_out", True)
        assert hall.supervisor.words() == {"printer": {"paper_out": SPEC.conditions[0]}}
        await loaded.puppet.fail(DeviceFault("head too hot", remedy="wait ten minutes"))
        words = hall.supervisor.words()["printer"]["device_fault"]
        assert words.zh == LINE_CONDITIONS["device_fault"].zh
        assert words.remedy_en == "wait ten minutes"
        await hall.clock.advance(2)
        assert hall.supervisor.words() == {}


async def test_the_words_of_a_failure_are_declared_or_those_of_its_kind(
    loaded: FakeLoaded, caplog: pytest.LogCaptureFixture
) -> None:
    missing = ConditionSpec("port_missing", "error", "没有这个串口", "no such port", "插好", "plug it in")
    hall = Hall(FakeConfig("printer", loaded), conditions=(missing,))
    loaded.open_error = LinkLost("ENOENT", code="port_missing", remedy="plug the adapter in")
    task = asyncio.create_task(hall.supervisor.run())
    await settle()
    assert hall.supervisor.words()["printer"] == {"port_missing": missing}
    loaded.open_error = LinkLost("EIO", code="port_odd", remedy="turn it round")
    await hall.clock.advance(1.2)
    odd = hall.supervisor.words()["printer"]["port_odd"]
    assert (odd.zh, odd.remedy_en) == (LINE_CONDITIONS["link_lost"].zh, "turn it round")
    assert "driver bug" not in caplog.text, "a line's error needs no declaration by the driver"
    task.cancel()
    await asyncio.wait({task})


async def test_conditions_are_logged_when_they_come_and_go(
    loaded: FakeLoaded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with running(FakeConfig("printer", loaded)):
        caplog.clear()
        for detail in ("", "tray 1", "tray 2"):
            loaded.puppet.ctx.condition("paper_out", True, detail)
        loaded.puppet.ctx.condition("paper_out", False)
        said = [(r.levelname, r.getMessage(), vars(r)["device"]) for r in caplog.records]
        assert said == [("WARNING", "out of paper", "printer"), ("INFO", "over: out of paper", "printer")]


# --- last heard ---
async def test_hearing_alone_is_told_at_most_every_ten_seconds(loaded: FakeLoaded) -> None:
    async with running(FakeConfig("printer", loaded)) as hall:
        hall.told.clear()
        for _ in range(100):
            await hall.clock.advance(1)
            loaded.puppet.ctx.alive()
        assert len(hall.told) == 100 / LAST_HEARD_EVERY_S
        assert hall.now("printer").last_heard == hall.clock.now().wall_s, "whoever asks gets the newest"
        assert hall.clock.sleepers == 0, "and nothing ticks for it"


# --- children ---
async def test_children_take_the_state_of_their_line(bus: FakeConfig, loaded: FakeLoaded) -> None:
    async with running(bus) as hall:
        loaded.puppet.ctx.child("caller-1").ready(Identity())
        await loaded.puppet.fail(LinkLost("unplugged"))
        for device in ("bus", "caller-1", "pad-1"):
            assert hall.now(device).state == "backoff"
        assert hall.codes("caller-1") == [], "the cause stands with the line, once"
        assert hall.supervisor.problem("caller-1") == "offline"
    assert [hall.states(child)[-1] for child in ("caller-1", "pad-1")] == ["stopped", "stopped"]


async def test_a_child_does_not_tell_of_every_try(bus: FakeConfig, loaded: FakeLoaded) -> None:
    loaded.open_error = LinkLost("no such port")
    async with running(bus) as hall:
        await hall.clock.advance(600)
        assert hall.states("caller-1") == ["connecting", "backoff"]
        assert len(hall.states("bus")) > 20
        loaded.open_error = None
        await hall.clock.advance(72)
        assert hall.states("caller-1") == ["connecting", "backoff", "handshake"]


async def test_a_child_is_online_only_once_it_is_heard_on_this_line(
    bus: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(bus) as hall:
        assert (hall.now("caller-1").state, hall.now("caller-1").last_heard) == ("handshake", None)
        await hall.clock.advance(60)
        loaded.puppet.ctx.child("caller-1").alive()
        heard = hall.clock.now().wall_s
        assert (hall.now("caller-1").state, hall.now("caller-1").last_heard) == ("online", heard)
        assert hall.now("bus").last_heard == heard, "what a child says came over the line"
        assert hall.now("pad-1").last_heard is None, "the other has never been heard"
        await loaded.puppet.fail(LinkLost("unplugged"))
        await hall.clock.advance(1.2)
        assert (hall.now("bus").state, hall.now("caller-1").state) == ("online", "handshake")
        assert hall.now("caller-1").last_heard == heard, "silent since then, which is not never heard"


async def test_a_child_has_conditions_of_its_own(bus: FakeConfig, loaded: FakeLoaded) -> None:
    async with running(bus) as hall:
        child = loaded.puppet.ctx.child("caller-1")
        child.ready(Identity(model="C9"))
        child.condition("paper_low", True)
        assert (hall.now("caller-1").state, hall.codes("caller-1")) == ("degraded", ["paper_low"])
        assert (hall.now("bus").state, hall.now("pad-1").state) == ("online", "handshake")
        assert hall.now("caller-1").attributes == {"model": "C9"}
        assert set(hall.supervisor.words()) == {"caller-1"}


async def test_a_child_that_is_misconfigured_leaves_its_line_alone(loaded: FakeLoaded) -> None:
    children = {"caller-1": FakeChild(), "pad-1": FakeChild(problems=["address: 300 is above 255"])}
    async with running(FakeConfig("bus", loaded, children=children)) as hall:
        loaded.puppet.ctx.child("caller-1").alive()
        with pytest.raises(KeyError):
            loaded.puppet.ctx.child("pad-1")
        assert [hall.now(device).state for device in ("bus", "caller-1", "pad-1")] == [
            "online",
            "online",
            "misconfigured",
        ]
        assert hall.now("pad-1").conditions[0].detail == "address: 300 is above 255"
        assert hall.states("pad-1") == ["misconfigured"], "told once, whatever its line goes through"
    assert hall.states("pad-1") == ["misconfigured", "stopped"]


async def test_no_task_and_no_timer_is_spent_on_a_device_at_rest() -> None:
    configs = [
        FakeConfig(f"bus-{n}", FakeLoaded(), children={f"pad-{n}-{i}": FakeChild() for i in range(18)})
        for n in range(9)
    ]
    before = len(asyncio.all_tasks())
    async with running(*configs) as hall:
        await settle()
        assert len(asyncio.all_tasks()) - before == 1 + 2 * len(configs), "its own, and two a line"
        assert hall.clock.sleepers == 0


def test_statuses_before_the_start_are_stopped(bus: FakeConfig) -> None:
    hall = Hall(bus)
    assert {status.state for status in hall.supervisor.statuses()} == {"stopped"}
    assert hall.told == []
