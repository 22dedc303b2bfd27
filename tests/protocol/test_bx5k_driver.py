"""What a board shows, how bright, when: orders and timetables against a simulated controller."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from drivers.bx5k.sim import BoardSim
from drivers.messages import Beep, Result, SetPower, ShowLines, ShowText
from drivers.transport.sick import Ills
from tests.protocol.doubles_bx5k import NAMES, POWERED, SETTINGS, WallClock, bench
from tests.warped import warped

LONG = [f"第{n:03d}条：请到服务台领取材料" for n in range(120)]  # each a row, in all four parts


# --- texts ---
@warped
async def test_lines_are_shown_in_their_colours() -> None:
    async with bench() as b:
        lines = (ShowText("A012 到 3 号窗口"), ShowText("B007", "green"), ShowText("请稍候", "yellow"))
        assert (await b.obey(ShowLines("calls", lines))).result is Result.DONE
        shown = b.sim.shown("calls")
        assert [(line.text, line.color) for line in shown] == [(line.text, line.color) for line in lines]
        area = b.sim.areas[0]
        assert (area.x, area.y, area.width, area.height) == (0, 0, 256, 64)


@warped
async def test_no_lines_leave_the_area_dark_and_the_other_alone() -> None:
    async with bench() as b:
        await b.show("calls", "A012")
        await b.show("notice", "今日 17:00 下班")
        assert (await b.show("calls")).result is Result.DONE
        assert (b.read("calls"), b.read("notice")) == ([], ["今日 17:00 下班"])


@warped
async def test_a_text_is_no_command_and_what_gbk_lacks_is_told() -> None:
    async with bench() as b:
        await b.show("calls", "\\C3A\\n\x1b𠮷乗号")
        assert b.read("calls") == ["＼C3A＼n ？？号"]
        assert b.codes == {"characters_replaced"}
        assert b.ctx.own.conditions["characters_replaced"] == "calls: 𠮷乗"
        await b.show("calls", "A012")
        assert b.codes == set()


@warped
async def test_a_text_above_the_receive_buffer_is_shown_part_by_part() -> None:
    async with bench() as b:
        assert (await b.show("notice", *LONG)).result is Result.DONE
        seen: dict[str, None] = {}
        for _ in range(60):
            seen.update(dict.fromkeys(b.read("notice")))
            await asyncio.sleep(2)
        assert "".join(seen) == "".join(LONG)
        assert b.sim.dropped == 0
        assert b.codes == set()
        await b.show("notice", "短")
        updates = b.sim.updates[1]
        await asyncio.sleep(120)
        assert b.sim.updates[1] == updates


@warped
async def test_the_last_part_stays_where_the_area_says_so() -> None:
    notice = replace(SETTINGS.areas[1], run="last")
    async with bench(settings=replace(SETTINGS, areas=(notice,))) as b:
        await b.show("notice", *LONG)
        await asyncio.sleep(300)
        assert LONG[-1].endswith(b.read("notice")[-1])
        updates = b.sim.updates[1]
        await asyncio.sleep(300)
        assert b.sim.updates[1] == updates


@warped
async def test_a_book_is_cut_and_that_is_told() -> None:
    async with bench() as b:
        assert (await b.show("notice", "告" * 20_000)).result is Result.DONE
        assert b.codes == {"text_cut"}
        assert (await b.show("notice", "告示")).result is Result.DONE
        assert b.codes == set()


@warped
async def test_of_an_area_only_the_newest_order_is_sent() -> None:
    async with bench(BoardSim(names=NAMES)) as b:
        await b.ready()
        await asyncio.sleep(10)
        b.sick.ills = Ills(late_s=0.5)
        first = b.ctx.order(ShowLines("notice", (ShowText("0"),)))
        await asyncio.sleep(0.1)
        older = [b.ctx.order(ShowLines("calls", (ShowText(str(n)),))) for n in range(4)]
        newest = b.ctx.order(ShowLines("calls", (ShowText("4"),)))
        assert (await b.ctx.outcome(newest)).result is Result.DONE
        assert first.outcomes[0].result is Result.DONE
        assert [(c.outcomes[0].result, c.outcomes[0].code) for c in older] == [
            (Result.REJECTED, "replaced")
        ] * 4
        assert (b.read("calls"), b.sim.updates[0]) == (["4"], 1)


@warped
async def test_what_a_board_cannot_do_is_refused() -> None:
    async with bench() as b:
        outcome = await b.show("kitchen", "A012")
        assert (outcome.result, outcome.code) == (Result.REJECTED, "unknown_area")
        assert "calls, notice" in outcome.detail
        outcome = await b.obey(Beep())
        assert (outcome.result, outcome.code) == (Result.REJECTED, "unsupported")


# --- light ---
@warped
async def test_brightness_follows_the_timetable() -> None:
    clock = WallClock(datetime(2024, 5, 15, 19, 50))
    async with bench(clock=clock) as b:
        await b.until(lambda: b.sim.brightness == 12)
        await clock.until(datetime(2024, 5, 15, 19, 59, 59))
        assert b.sim.brightness == 12
        await clock.until(datetime(2024, 5, 15, 20, 0, 1))
        assert b.sim.brightness == 4
        await clock.until(datetime(2024, 5, 16, 6, 59, 59))
        assert b.sim.brightness == 4
        await clock.until(datetime(2024, 5, 16, 7, 0, 1))
        assert b.sim.brightness == 12
        assert b.codes == set()
        assert b.sim.commands[0xA3, 0x02] == 3


@warped
async def test_the_night_before_holds_until_the_first_step_of_the_day() -> None:
    async with bench(clock=WallClock(datetime(2024, 5, 15, 3, 0))) as b:
        await b.until(lambda: b.sim.brightness == 4)


@warped
async def test_an_order_for_the_light_holds_until_the_next_step() -> None:
    settings = replace(SETTINGS, power=POWERED.power)
    async with bench(settings=settings) as b:
        await b.show("calls", "A012")
        assert (await b.switch(False)).result is Result.DONE
        await asyncio.sleep(3600)
        assert (b.sim.light, b.read("calls"), b.codes) == (False, [], set())
        assert (await b.switch(True)).result is Result.DONE
        await b.clock.until(datetime(2024, 5, 15, 18, 29, 59))
        assert b.sim.light
        await b.clock.until(datetime(2024, 5, 15, 18, 30, 1))
        assert not b.sim.light
        await b.clock.until(datetime(2024, 5, 16, 7, 30, 1))
        assert b.sim.light
        assert b.read("calls") == ["A012"]


@warped
async def test_a_clock_of_ours_that_was_never_set_moves_nothing() -> None:
    clock = WallClock(datetime(1970, 1, 2), ok=False)
    async with bench(clock=clock) as b:
        await b.until(lambda: b.ctx.is_ready)
        await asyncio.sleep(300)
        assert (b.sim.commands[0xA2, 0x03], b.sim.commands[0xA3, 0x02]) == (0, 0)
        clock.ok = True
        await b.until(lambda: b.sim.commands[0xA2, 0x03] > 0)


# --- status ---
@warped
async def test_the_clock_is_set_at_start_and_when_it_has_drifted() -> None:
    async with bench(BoardSim(names=NAMES, drift=0.001)) as b:
        await b.ready()
        assert abs(b.sim.clock() - b.clock.local()) <= timedelta(seconds=1)
        await asyncio.sleep(3 * 3600)  # 10.8 s, put right twice
        assert abs(b.sim.clock() - b.clock.local()) <= timedelta(seconds=7)
        assert b.sim.commands[0xA2, 0x03] in (2, 3)
        assert b.codes == set()


@warped
async def test_what_the_board_says_of_itself_is_told() -> None:
    async with bench() as b:
        await b.show("calls", "A012")
        await asyncio.sleep(60)
        assert b.ctx.own.attributes == {
            "power": "on",
            "brightness": "12",
            "program": "P000",
            "areas": "0",
            "clock_drift_s": b.ctx.own.attributes["clock_drift_s"],
        }
        assert abs(int(b.ctx.own.attributes["clock_drift_s"])) <= 1
        assert b.ctx.own.identities[-1].model == "BX-5K1"
        assert b.ctx.own.identities[-1].serial == "BX5K100000000001"


@warped
async def test_an_idle_board_is_asked_once_in_a_heartbeat() -> None:
    async with bench() as b:
        await b.ready()
        await asyncio.sleep(60)
        before = b.sim.commands.total()
        await asyncio.sleep(600)
        assert b.sim.commands.total() - before == 20
        assert b.sim.commands[0xA2, 0x03] == 1


@warped
async def test_areas_of_another_configuration_are_taken_away() -> None:
    sim = BoardSim(names=NAMES)
    async with bench(sim) as b:
        await b.show("calls", "A012")
        await b.show("notice", "旧")
    async with bench(sim) as b:
        await b.show("calls", "A013")
        await b.ready()
        await asyncio.sleep(10)
        assert (b.read("calls"), b.read("notice")) == (["A013"], [])


@warped
async def test_orders_of_a_day_never_touch_flash() -> None:
    async with bench() as b:
        for n in range(500):
            await b.show("calls", f"A{n:03d}")
        await b.obey(SetPower(False))
        assert b.sim.flash_writes == 0
        assert {command for command in b.sim.commands if command[0] == 0xA1} == {(0xA1, 0x02)}
