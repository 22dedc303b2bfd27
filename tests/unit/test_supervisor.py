"""A device's life, transition by transition, on a clock that the test owns."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import pytest

from drivers.api import (
    BadSettings,
    Context,
    DeviceFault,
    DriverError,
    Identity,
    Link,
    LinkLost,
    ProtocolBreach,
)
from drivers.messages import Event
from edge import life
from edge import supervisor as supervisor_module
from edge.supervisor import Supervisor
from tests.unit.supervision import FakeChild, FakeConfig, FakeLoaded, Hall, ManualClock, running, settle


@pytest.fixture
def loaded() -> FakeLoaded:
    return FakeLoaded()


@pytest.fixture
def printer(loaded: FakeLoaded) -> FakeConfig:
    return FakeConfig("printer", loaded)


async def test_a_device_comes_online_over_connecting_and_handshake(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    loaded.puppet.greets = False
    async with running(printer) as hall:
        assert hall.states("printer") == ["connecting", "handshake"]
        loaded.puppet.ctx.ready(Identity(model="P1", firmware="2.0"))
        status = hall.now("printer")
        assert status.state == "online"
        assert status.attributes == {"model": "P1", "firmware": "2.0"}
        assert status.last_heard == status.since == hall.clock.now().wall_s
        assert status.restarts == 0
    assert hall.states("printer") == ["connecting", "handshake", "online", "stopped"]
    assert loaded.links[0].closed == 1


async def test_the_driver_is_given_its_settings_clock_and_device(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    loaded.settings = {"width": 80}
    async with running(printer) as hall:
        ctx = loaded.puppet.ctx
        assert (ctx.device, ctx.settings, ctx.clock) == ("printer", {"width": 80}, hall.clock)
        with pytest.raises(KeyError):
            ctx.child("stranger")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LinkLost("unplugged"), "link_lost"),
        (DeviceFault("motor"), "device_fault"),
        (DeviceFault("motor", code="paper_out"), "paper_out"),
        (ProtocolBreach("9 bad frames"), "protocol_breach"),
        (ZeroDivisionError("oops"), "driver_error"),
        (ExceptionGroup("tasks", [LinkLost("unplugged")]), "link_lost"),
        (ExceptionGroup("tasks", [LinkLost("unplugged"), ValueError("oops")]), "driver_error"),
        (asyncio.CancelledError(), "driver_error"),
    ],
)
async def test_a_failure_closes_the_link_backs_off_and_comes_back(
    printer: FakeConfig, loaded: FakeLoaded, error: BaseException, code: str
) -> None:
    async with running(printer) as hall:
        await loaded.puppet.fail(error)
        status = hall.now("printer")
        assert status.state == "backoff"
        assert [(c.code, c.severity) for c in status.conditions] == [(code, "error")]
        assert loaded.links[0].closed == 1
        assert status.attributes == {"model": "P1", "serial": "7"}, "offline is not unknown"
        await hall.clock.advance(1.2)
        assert hall.states("printer")[-4:] == ["backoff", "connecting", "handshake", "online"]
        assert hall.now("printer").restarts == 1
        assert hall.codes("printer") == []


async def test_a_loss_within_a_task_group_is_a_loss(printer: FakeConfig, loaded: FakeLoaded) -> None:
    """Python 3.11 leaves the task of the group with a cancellation that nobody asked for."""

    async def read() -> None:
        await asyncio.sleep(0)
        raise LinkLost("unplugged")

    async def script(_link: object, ctx: Context[Any]) -> None:
        ctx.ready(Identity())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(read())
        except ExceptionGroup as group:
            raise LinkLost("unplugged") from group

    loaded.puppet.script = script
    async with running(printer) as hall:
        assert hall.now("printer").state == "backoff"
        loaded.puppet.script = None
        await hall.clock.advance(5)
        assert hall.now("printer").state == "online"


async def test_one_driver_serves_one_life_over_all_its_losses(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(printer) as hall:
        for _ in range(3):
            await loaded.puppet.fail(LinkLost("unplugged"))
            await hall.clock.advance(10)
        assert (loaded.puppet.runs, loaded.made) == (4, 1), "what it remembers of the device is kept"
        assert await hall.supervisor.restart("printer")
        await settle()
        assert (loaded.puppet.runs, loaded.made) == (5, 2)


async def test_bad_settings_wait_for_a_reload(printer: FakeConfig, loaded: FakeLoaded) -> None:
    async with running(printer) as hall:
        await loaded.puppet.fail(BadSettings("no such baud rate", remedy="use 9600"))
        await hall.clock.advance(3600)
        assert (hall.now("printer").state, loaded.opens) == ("misconfigured", 1)
        words = hall.supervisor.words()["printer"]["bad_settings"]
        assert (words.remedy_zh, words.remedy_en) == ("use 9600", "use 9600")
        assert await hall.supervisor.restart("printer")
        await settle()
        assert hall.now("printer").state == "online"
        assert hall.codes("printer") == []


async def test_a_configuration_with_problems_is_never_opened_and_says_them() -> None:
    async with running(
        FakeConfig("pad", None, children={"pad-1": FakeChild()}, problems=["baud: 12 is not a rate"])
    ) as hall:
        for device in ("pad", "pad-1"):
            assert hall.now(device).state == "misconfigured"
        condition = hall.now("pad").conditions[0]
        assert (condition.code, condition.detail) == ("bad_settings", "baud: 12 is not a rate")
        good = FakeConfig("pad", FakeLoaded(), children={"pad-2": FakeChild()})
        assert await hall.supervisor.renew([good]) == []
        await settle()
        assert [each.device for each in hall.supervisor.statuses()] == ["pad", "pad-2"]
        assert hall.now("pad").state == "online"


async def test_open_errors_and_a_hanging_open_back_off(printer: FakeConfig, loaded: FakeLoaded) -> None:
    loaded.open_error = LinkLost("no such port")
    async with running(printer) as hall:
        assert (hall.now("printer").state, hall.codes("printer")) == ("backoff", ["link_lost"])
        loaded.open_error, loaded.open_hangs = None, True
        await hall.clock.advance(1.2)
        assert hall.now("printer").state == "connecting"
        await hall.clock.advance(life.OPEN_TIMEOUT_S)
        assert hall.now("printer").state == "backoff"
        assert hall.now("printer").conditions[0].detail == "not open within 10 s"
        loaded.open_hangs, loaded.open_error = False, asyncio.CancelledError()
        await hall.clock.advance(3)
        assert hall.codes("printer") == ["driver_error"], "a stray cancellation is an error like any other"
        loaded.open_error = None
        await hall.clock.advance(60)
        assert hall.now("printer").state == "online"
        assert hall.now("printer").restarts == 0, "the driver had never run before"


async def test_a_driver_that_returns_or_a_link_that_cannot_close_does_not_end_the_life(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    async def close_badly(link: Link, ctx: Context[Any]) -> None:
        loaded.links[-1].close_error = OSError("EIO")
        raise LinkLost("unplugged")

    loaded.puppet.script = close_badly
    async with running(printer) as hall:
        assert hall.now("printer").state == "backoff"
        loaded.puppet.script = None
        await hall.clock.advance(1.2)
        assert hall.now("printer").state == "online"
        loaded.puppet.run = _returns  # type: ignore[assignment, method-assign]
        await loaded.puppet.fail(LinkLost("again"))
        await hall.clock.advance(3)
        assert hall.now("printer").conditions[0].detail == "run() returned"


async def test_a_loss_is_told_before_a_link_that_hangs_is_closed(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    async with running(printer) as hall:
        loaded.links[0].close_hangs = True
        await loaded.puppet.fail(LinkLost("unplugged"))
        assert loaded.links[0].closed == 1
        assert hall.told[-1].state == "backoff"
        hall.supervisor.wake("printer")  # plugged in again meanwhile
        await settle()
        assert loaded.opens == 1, "one link at a time"
        await hall.clock.advance(life.CLOSE_TIMEOUT_S)
        assert hall.now("printer").state == "online"


async def _returns(link: Link, ctx: Context[Any]) -> None:
    ctx.ready(Identity())


async def test_absent_hardware_is_tried_at_least_once_a_minute_and_never_faulted(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    loaded.open_error = LinkLost("no such port")
    async with running(printer) as hall:
        await hall.clock.advance(300)
        before = loaded.opens
        await hall.clock.advance(3600)
        assert 3600 / 72 - 1 <= loaded.opens - before <= 3600 / 48 + 1
        assert "faulted" not in hall.states("printer")


async def test_more_than_five_restarts_in_a_minute_are_faulted_then_one_try_in_five_minutes(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    loaded.puppet.script = _faulty
    async with running(printer) as hall:
        await hall.clock.advance(60)
        assert hall.now("printer").state == "faulted"
        assert (loaded.opens, hall.now("printer").restarts) == (6, 5)
        await hall.clock.advance(life.FAULTED_RETRY_S - 60)
        assert loaded.opens == 6
        await hall.clock.advance(60)
        assert (loaded.opens, hall.now("printer").state) == (7, "faulted"), "one try, not a burst"
        loaded.puppet.script = None
        await hall.clock.advance(life.FAULTED_RETRY_S)
        assert hall.now("printer").state == "online"
        await hall.clock.advance(life.STABLE_S)
        await loaded.puppet.fail(DeviceFault("once more"))
        assert hall.now("printer").state == "backoff", "after a stable minute a failure is a new one"


async def _faulty(link: Link, ctx: Context[Any]) -> None:
    raise DeviceFault("motor")


async def test_hot_plug_cuts_the_rest_short_and_makes_rests_short_again(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    loaded.open_error = LinkLost("no such port")
    async with running(printer) as hall:
        await hall.clock.advance(300)
        before = loaded.opens
        hall.supervisor.wake("printer")
        await settle()
        assert loaded.opens == before + 1, "at once"
        await hall.clock.advance(1.2)
        assert loaded.opens == before + 2, "and soon again: udev may come before the permissions"
        loaded.open_error = None
        hall.supervisor.wake("printer")
        await settle()
        assert hall.now("printer").state == "online"
        hall.supervisor.wake("printer")
        await loaded.puppet.fail(LinkLost("unplugged"))
        assert hall.now("printer").state == "backoff", "a wake while online is not kept for later"


async def test_hot_plug_gives_a_faulted_device_a_try_but_not_a_new_start(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    loaded.puppet.script = _faulty
    async with running(printer) as hall:
        await hall.clock.advance(60)
        hall.supervisor.wake("printer")
        await settle()
        assert (loaded.opens, hall.now("printer").state) == (7, "faulted")


async def test_a_reload_starts_afresh_even_from_faulted(printer: FakeConfig, loaded: FakeLoaded) -> None:
    loaded.puppet.script = _faulty
    async with running(printer) as hall:
        await hall.clock.advance(60)
        assert await hall.supervisor.restart("printer")
        await settle()
        assert hall.now("printer").state == "backoff"


async def test_one_devices_failure_does_not_touch_another(printer: FakeConfig, loaded: FakeLoaded) -> None:
    other = FakeLoaded()
    async with running(printer, FakeConfig("board", other)) as hall:
        await loaded.puppet.fail(RuntimeError("oops"))
        assert (hall.now("printer").state, hall.now("board").state) == ("backoff", "online")
        assert other.opens == 1


async def test_a_loss_is_logged_once_and_the_return_once(
    printer: FakeConfig, loaded: FakeLoaded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with running(printer) as hall:
        caplog.clear()
        loaded.open_error = LinkLost("no such port")
        await loaded.puppet.fail(LinkLost("unplugged"))
        await hall.clock.advance(600)
        assert [record.getMessage() for record in caplog.records] == ["backoff: unplugged"]
        caplog.clear()
        loaded.open_error = None
        await hall.clock.advance(72)
        assert [record.getMessage() for record in caplog.records] == ["online"]
        assert 600 < vars(caplog.records[0])["away_s"] < 672


async def test_an_unexpected_error_is_logged_with_its_trace_once(
    printer: FakeConfig, loaded: FakeLoaded, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(link: Link, ctx: Context[Any]) -> None:
        raise ZeroDivisionError("oops")

    loaded.puppet.script = crash
    async with running(printer) as hall:
        await hall.clock.advance(60)
        warnings = [(r.getMessage(), r.exc_info is not None) for r in caplog.records]
        crashed = "ZeroDivisionError: oops"
        assert warnings == [(f"backoff: {crashed}", True), (f"faulted: {crashed}", True)]
        caplog.clear()
        loaded.puppet.script = None
        await hall.clock.advance(600)
        lost = LinkLost("unplugged")
        lost.__cause__ = OSError(5, "EIO")
        await loaded.puppet.fail(lost)
        assert [r.exc_info for r in caplog.records] == [None], "an error of the contract explains itself"


async def test_stopping_ends_within_the_bound_even_if_a_driver_resists(
    printer: FakeConfig, loaded: FakeLoaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_TIMEOUT_S", 0.05)
    release = asyncio.Event()

    async def resist(link: Link, ctx: Context[Any]) -> None:
        ctx.ready(Identity())
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        raise LinkLost("at last")

    loaded.puppet.script = resist
    async with running(printer) as hall:
        assert not await hall.supervisor.restart("printer")
        assert (hall.now("printer").state, hall.codes("printer")) == ("faulted", ["driver_stuck"])
        loaded.puppet.ctx.ready(Identity())
        assert hall.now("printer").state == "faulted", "a driver left behind says nothing any more"
        assert loaded.opens == 1, "nothing was started beside it"
        release.set()
        await settle()
        assert loaded.opens == 1, "and it does not begin again by itself"
        loaded.puppet.script = None
        assert await hall.supervisor.restart("printer"), "once it has ended, it can be started again"
        await settle()
        assert hall.now("printer").state == "online"


async def test_a_driver_that_makes_an_error_of_being_stopped_is_stopped_all_the_same(
    printer: FakeConfig, loaded: FakeLoaded
) -> None:
    async def convert(link: Link, ctx: Context[Any]) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise LinkLost("cancelled") from None

    loaded.puppet.script = convert
    async with running(printer) as hall:
        pass
    assert hall.states("printer")[-1] == "stopped"
    assert (loaded.opens, loaded.links[0].closed) == (1, 1)


async def test_an_error_of_the_core_ends_the_supervisor() -> None:
    def full(status: object) -> None:
        raise OSError("disk full")

    config = FakeConfig("board", FakeLoaded())
    seams = life.Seams(ManualClock(), random.Random(1), emit=_take_nothing, changed=full)
    with pytest.raises(OSError, match="disk full"):
        await Supervisor([config], seams).run()


async def _take_nothing(event: Event) -> None:
    raise AssertionError(event)


def test_an_id_is_given_once() -> None:
    bus = FakeConfig("bus", FakeLoaded(), children={"caller-1": FakeChild()})
    for other in (
        FakeConfig("bus", FakeLoaded()),
        FakeConfig("caller-1", FakeLoaded()),
        FakeConfig("bus-2", FakeLoaded(), children={"caller-1": FakeChild()}),
        FakeConfig("bus-2", FakeLoaded(), children={"bus-2": FakeChild()}),
    ):
        with pytest.raises(ValueError, match="two devices"):
            Hall(bus, other)


def test_of_a_group_the_worst_error_counts() -> None:
    lost, bad = LinkLost("lost"), BadSettings("bad")
    assert life.verdict(ExceptionGroup("tasks", [lost, bad])) is bad
    nested = ExceptionGroup("outer", [lost, ExceptionGroup("inner", [KeyError("x")])])
    assert life.verdict(nested).code == "driver_error"
    assert isinstance(life.verdict(nested), DriverError)
