"""Boards that lose power, do not do what they are told, answer late, twice, damaged or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from drivers.api import BadSettings, DeviceFault, LinkLost, ProtocolBreach
from drivers.bx5k.driver import BoardDriver
from drivers.bx5k.sim import BoardSim, simulator
from drivers.bx5k.sim_ears import spoken
from drivers.messages import Result, ShowLines, ShowText
from drivers.transport.faults import Faults, FaultyLink
from drivers.transport.sick import WELL, Ills
from tests.protocol.doubles_bx5k import NAMES, POWERED, SETTINGS, Bench, WallClock, bench
from tests.warped import warped


async def shows_all(b: Bench) -> None:
    await b.show("calls", "A012")
    await b.show("notice", "请排队")
    await b.switch(True)
    await b.until(lambda: b.sim.brightness == 12)


def whole(b: Bench) -> bool:
    return (b.read("calls"), b.read("notice"), b.sim.brightness) == (["A012"], ["请排队"], 12)


# --- power and line ---
@warped
async def test_after_a_reconnect_all_is_sent_again() -> None:
    driver, sim = BoardDriver(), BoardSim(names=NAMES)
    async with bench(sim, driver=driver) as b:
        await shows_all(b)
        await b.far.close()
        assert isinstance(await b.error(), LinkLost)
    sim.cut_power()
    async with bench(sim, driver=driver) as b:
        await b.until(lambda: whole(b), 5)


@warped
async def test_a_light_that_was_ordered_off_stays_off_after_a_reconnect() -> None:
    driver, sim = BoardDriver(), BoardSim(names=NAMES)
    async with bench(sim, driver=driver) as b:
        await b.switch(False)
    sim.cut_power()
    assert sim.light
    async with bench(sim, driver=driver) as b:
        await b.until(lambda: not sim.light, 5)


@warped
async def test_a_power_cut_that_the_line_does_not_notice() -> None:
    """On a serial line nothing tells it; the board no longer lists the areas."""
    async with bench() as b:
        await shows_all(b)
        await asyncio.sleep(60)
        b.sim.cut_power()
        assert b.read("calls") == []
        await b.until(lambda: whole(b), 31)
        await asyncio.sleep(60)
        assert b.codes == set()


@warped
async def test_a_board_without_power_is_silent_and_shows_all_again_when_it_is_back() -> None:
    async with bench() as b:
        await shows_all(b)
        b.sim.power(False)
        await b.shows("silent")
        b.sim.power(True)
        await b.until(lambda: whole(b) and not b.codes, 10)


@warped
async def test_an_order_to_a_silent_board_is_unknown_and_shown_later() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.power(False)
        outcome = await b.show("calls", "A012")
        assert (outcome.result, outcome.code) == (Result.UNKNOWN, "silent")
        b.sim.power(True)
        await b.until(lambda: b.read("calls") == ["A012"], 40)


@warped
async def test_long_silence_asks_for_the_line_to_be_opened_afresh() -> None:
    async with bench(ills=Ills(mute=True)) as b:
        error = await b.error()
        assert isinstance(error, DeviceFault)
        assert error.code == "silent"
        assert not b.ctx.is_ready


@warped
async def test_a_line_lost_with_orders_in_hand_and_waiting() -> None:
    async with bench() as b:
        await b.ready()
        await asyncio.sleep(10)
        b.sick.ills = Ills(mute=True)
        in_hand = b.ctx.order(ShowLines("calls", (ShowText("A012"),)))
        await asyncio.sleep(0.1)
        waiting = b.ctx.order(ShowLines("notice", (ShowText("B"),)))
        await asyncio.sleep(0.1)
        await b.far.close()
        await b.error()
        assert [c.outcomes[0].result for c in (in_hand, waiting)] == [Result.UNKNOWN, Result.REJECTED]


# --- what it does not do although it was told ---
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("dark", "dark"),
        ("dim", "brightness_differs"),
        ("stopped_clock", "clock_drift"),
        ("short_status", "status_unreadable"),
    ],
)
@warped
async def test_a_fault_is_told(fault: str, code: str) -> None:
    sim = BoardSim(names=NAMES)
    setattr(sim, fault, True)
    async with bench(sim) as b:
        await b.shows(code)
        await asyncio.sleep(300)
        assert b.codes == {code}  # and the line stays open
        setattr(sim, fault, False)
        await b.shows()
        assert (await b.show("calls", "A012")).result is Result.DONE
        assert b.read("calls") == ["A012"]


@warped
async def test_a_board_that_will_not_go_dark() -> None:
    settings = replace(SETTINGS, power=POWERED.power)
    async with bench(settings=settings, clock=WallClock(datetime(2024, 5, 15, 18, 29))) as b:
        await b.ready()
        b.sim.errors[0xA3, 0x00] = 2
        await b.shows("refused", "lit")
        b.sim.errors.clear()
        await b.shows()
        assert not b.sim.light


@warped
async def test_a_refused_order_for_the_light_takes_no_effect_later() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.errors[0xA3, 0x00] = 2
        outcome = await b.switch(False)
        assert (outcome.result, outcome.code) == (Result.FAILED, "refused")
        b.sim.errors.clear()
        await asyncio.sleep(300)
        assert b.sim.light


@warped
async def test_a_program_that_nobody_knows() -> None:
    async with bench(settings=replace(SETTINGS, programs=("P000",))) as b:
        await b.ready()
        await asyncio.sleep(60)
        assert b.codes == set()
        b.sim.program = "P777"
        await b.shows("unknown_program")
        assert b.ctx.own.conditions["unknown_program"] == "P777"
        b.sim.program = "P000"
        await b.shows()


@warped
async def test_a_board_that_lists_no_areas_is_not_sent_them_for_ever() -> None:
    class Forgetful(BoardSim):
        forgets = True

        def _status(self) -> bytes:
            if not self.forgets:
                return super()._status()
            kept, self.areas = self.areas, {}
            status, self.areas = super()._status(), kept
            return status

    sim = Forgetful(names=NAMES)
    async with bench(sim) as b:
        await b.show("calls", "A012")
        await b.shows("areas_missing")
        updates = b.sim.updates[0]
        await asyncio.sleep(600)
        assert b.sim.updates[0] == updates
        sim.forgets = False
        await b.shows()


# --- errors ---
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (1, "refused"),
        (4, "out_of_memory"),
        (5, "bad_checksums"),
        (7, "flash_fault"),
        (12, "no_font"),
        (13, "wrong_model"),
        (16, "refused"),
        (99, "refused"),
    ],
)
@warped
async def test_an_error_is_a_condition_until_the_command_is_accepted(error: int, code: str) -> None:
    async with bench() as b:
        await b.show("calls", "A012")
        b.sim.errors[0xA3, 0x06] = error
        outcome = await b.show("calls", "A013")
        assert (outcome.result, outcome.code) == (Result.FAILED, code)
        assert b.codes == {code}
        assert b.ctx.own.conditions[code] == f"command A3 06: error {error:02X}"
        b.sim.cut_power()
        b.sim.errors.clear()
        # What was refused is not what is kept.
        await b.until(lambda: b.read("calls") == ["A012"] and not b.codes)


@warped
async def test_a_busy_board_is_asked_again() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.busy = 5
        assert (await b.show("calls", "A012")).result is Result.DONE
        assert b.codes == set()


@warped
async def test_a_board_that_stays_busy_is_told() -> None:
    async with bench() as b:
        await b.ready()
        await asyncio.sleep(10)
        b.sim.busy = SETTINGS.busy_tries
        outcome = await b.show("calls", "A012")
        assert (outcome.result, outcome.code) == (Result.FAILED, "busy")
        assert b.codes == {"busy"}
        assert (await b.show("calls", "A012")).result is Result.DONE
        assert b.codes == set()


# --- the line ---
@warped
async def test_a_damaged_reply_is_asked_for_again() -> None:
    async with bench() as b:
        await b.ready()
        b.sick.ills = Ills(bad_check=1.0, answers=2)
        assert (await b.show("calls", "A012")).result is Result.DONE
        assert b.sick.ills == WELL


@warped
async def test_late_answers_do_not_pass_for_the_next_questions() -> None:
    """Each answer comes when its question has been given up and put again."""
    async with bench() as b:
        await b.ready()
        await asyncio.sleep(10)
        b.sick.ills = Ills(late_s=1.5)
        first = await b.show("calls", "A012")
        b.sick.ills = WELL
        b.sim.errors[0xA3, 0x06] = 4
        second = await b.show("notice", "B")
        assert (first.result, second.result) == (Result.DONE, Result.FAILED)
        assert "answers_twice" not in b.codes


@warped
async def test_an_adapter_that_hears_itself_disturbs_nothing() -> None:
    async with bench(ills=Ills(echo=True)) as b:
        await shows_all(b)
        await asyncio.sleep(300)
        assert whole(b)
        assert b.codes == set()


@pytest.mark.parametrize("overflow", ["drop", "error"])
@warped
async def test_nothing_that_is_sent_overflows_the_board(overflow: str) -> None:
    async with bench(BoardSim(names=NAMES, overflow=overflow)) as b:
        for size in (10, 400, 500, 1000, 3000):
            assert (await b.show("notice", "乛" * size, "￥" * size)).result is Result.DONE
        assert b.sim.dropped == 0


@warped
async def test_a_flood_is_a_breach() -> None:
    async with bench() as b:
        await b.ready()
        for _ in range(40):
            await b.far.write(b"\xa5\x01\x02\x5a" * 10)
        assert isinstance(await b.error(), ProtocolBreach)


@pytest.mark.parametrize("answer", [b"\xa2\x00\x00\x00\x00", b"\xa3\x06\x00\x00\x00", b"\x00"])
@warped
async def test_replies_never_asked_for_are_borne_and_then_a_breach(answer: bytes) -> None:
    async with bench() as b:
        await b.ready()
        await asyncio.sleep(10)
        await b.far.write(spoken(0x8000, 1, 0x51, answer) * 10)
        assert (await b.show("calls", "A012")).result is Result.DONE
        await b.far.write(spoken(0x8000, 1, 0x51, answer) * 100)
        assert isinstance(await b.error(), ProtocolBreach)


@warped
async def test_a_board_that_takes_no_more_bytes_has_its_line_opened_afresh() -> None:
    driver = BoardDriver()
    async with bench(driver=driver) as b:
        await b.ready()
        b.sick.ills = Ills(stuck=True)
        error = await b.error()
        assert isinstance(error, LinkLost)
        assert error.code == "line_stalled"
    async with bench(b.sim, driver=driver) as b:
        await b.shows()


@warped
async def test_two_boards_at_one_address_are_told_until_the_line_is_opened_anew() -> None:
    driver = BoardDriver()
    async with bench(driver=driver, ills=Ills(twin_s=0.0)) as b:
        await b.shows("answers_twice")
        await asyncio.sleep(300)
        assert b.codes == {"answers_twice"}  # and the line stays open
        assert (await b.show("calls", "A012")).result is Result.DONE
    async with bench(b.sim, driver=driver) as b:
        await b.ready()
        await asyncio.sleep(300)
        assert b.codes == set()


@pytest.mark.parametrize("seed", range(5))
@warped
async def test_flipped_and_lost_bytes(seed: int) -> None:
    faults = Faults(loss=0.002, flip=0.002, seed=seed)
    wrap: Callable[..., FaultyLink] = lambda link: FaultyLink(link, faults)  # noqa: E731 one line
    settings = replace(SETTINGS, bad_frames=1000)
    async with bench(settings=settings, wrap=wrap) as b:
        done = [await b.show("calls", f"A{n:03d}") for n in range(30)]
        assert sum(outcome.result is Result.DONE for outcome in done) >= 20
        for n, outcome in enumerate(done[-1:], 29):
            if outcome.result is Result.DONE:
                assert b.read("calls") == [f"A{n:03d}"]


# --- the simulator's options ---
def test_a_simulator_by_its_options() -> None:
    sim = simulator({"areas": "calls:0,notice:1", "dark": "1", "busy": "2", "address": "0x10"})
    assert (sim.dark, sim.busy, sim.shown("notice")) == (True, 2, ())


@pytest.mark.parametrize("params", [{"colour": "red"}, {"busy": "very"}, {"areas": "calls"}])
def test_a_simulators_wrong_options(params: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        simulator(params)
