"""Projects of the express lanes under supervision: amber while one is due, red while one is overdue, by
working days, over days and restarts."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from drivers.messages import KeyAction
from edge.bus import Bus
from edge.ids import new_id
from edge.projects import OpenArgs, Projects, StepArgs
from edge.rules.express import summary
from edge.settings import Settings
from edge.wire import Reply, Request
from edge.workdays import is_workday
from tests.unit.warning_kit import Stepped, Watched, settings_with, watched

LANE = """
[[express]]
id = "fast"
name = "重大投资项目"
limit_days = 8
amber_days = 6

[[express.step]]
id = "tax"
name = "税务登记"
service = "tax"

"""
KEY = "project-fast"
CHINA = timezone(timedelta(hours=8))
OPENED = date(2024, 4, 26)  # a Friday before a Sunday that is worked and five days that are not
AMBER, DUE = date(2024, 5, 8), date(2024, 5, 10)
# 28 Apr (Sunday, worked) is the first working day, then 29, 30, 6, 7, 8 (the sixth), 9, and 10 May.


def with_lane(folder: Path, *warnings: str) -> Settings:
    return settings_with(folder, *(warnings or ('kind = "project"',)), more=LANE)


def verbs(hall: Watched, settings: Settings) -> Projects:
    bus: Bus = hall.hall._bus
    return Projects(hall.hall, bus, settings.rules_hall())


async def at(hall: Watched, day: date, hour: float = 9.0) -> None:
    """A day begins with whoever is first at a window; one that is past noon has begun before."""
    moment = datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(hours=hour)
    hall.clock.stepped_s += moment.timestamp() - hall.clock.now().wall_s
    await hall.key("1", KeyAction.LOGIN, "1001")
    await hall.passes(0.2)


async def opened(hall: Watched, settings: Settings) -> str:
    await hall.take()
    await hall.key("1", KeyAction.CALL)
    request = Request(id=new_id(), verb="project.open")
    reply = await verbs(hall, settings).open(OpenArgs(window="1", lane="fast"), request, "hallctl")
    assert (reply.result, reply.data["due"]) == ("done", DUE.isoformat()), reply
    return str(reply.data["project"])


async def done(hall: Watched, settings: Settings, project: str) -> Reply:
    args = StepArgs(window="1", project=project, step="tax")
    return await verbs(hall, settings).step(args, Request(id=new_id(), verb="project.step"), "hallctl")


async def test_a_project_is_warned_of_once_amber_once_red_and_over_when_it_is_closed(tmp_path: Path) -> None:
    settings = with_lane(tmp_path)
    async with watched(tmp_path, settings, Stepped()) as hall:
        await at(hall, OPENED)
        project = await opened(hall, settings)
        seen = {}
        day = OPENED
        while day < date(2024, 5, 14):
            day += timedelta(days=1)
            if is_workday(day):
                await at(hall, day)
                alert = hall.broker.alerts.get(KEY)
                seen[day] = alert.severity if alert else ""
        assert [day for day, severity in seen.items() if severity == "warning"] == [
            AMBER,
            date(2024, 5, 9),
            DUE,
        ]
        assert [day for day, severity in seen.items() if severity == "error"] == [
            date(2024, 5, 11),  # a Saturday that is worked
            date(2024, 5, 13),
            date(2024, 5, 14),
        ]
        assert (await done(hall, settings, project)).result == "done"
        await hall.passes(0.2)
        assert hall.broker.alerts == {}
        assert await hall.kinds() == [f"raised {KEY}", f"updated {KEY}", f"cleared {KEY}"]
        told = [(each.get("level"), each.get("reason")) for each in await hall.facts()]
        assert told == [("amber", None), ("red", "red"), (None, "over")]


async def test_its_words_name_the_lane_and_the_project_that_is_due_first(tmp_path: Path) -> None:
    settings = with_lane(tmp_path)
    async with watched(tmp_path, settings, Stepped()) as hall:
        await at(hall, OPENED)
        first = await opened(hall, settings)
        await hall.key("1", KeyAction.FINISH)
        second = await opened(hall, settings)
        await at(hall, AMBER)
        alert = hall.broker.alerts[KEY]
        assert alert.zh.startswith("重大投资项目：有项目快到期")
        assert alert.en.startswith("lane fast: a project is due")
        assert alert.zh.endswith(f"（{first}，{DUE} 到期）")
        assert alert.en.endswith(f" ({first}, due {DUE})")
        await done(hall, settings, first)
        await hall.passes(0.2)
        assert second in hall.broker.alerts[KEY].zh, "it is told of what is left"
        assert await hall.kinds() == [f"raised {KEY}"]


async def test_nobody_is_called_at_midnight_or_on_a_free_day(tmp_path: Path) -> None:
    settings = with_lane(tmp_path)
    async with watched(tmp_path, settings, Stepped()) as hall:
        await at(hall, OPENED)
        await opened(hall, settings)
        await at(hall, date(2024, 5, 7))
        hall.clock.stepped_s += 86_400 * 5  # 12 May, a Sunday: nobody comes
        await hall.passes(1)
        assert hall.broker.alerts == {}
        await at(hall, date(2024, 5, 13))
        assert hall.broker.alerts[KEY].severity == "error", "red at once, with the first act of the day"
        assert await hall.kinds() == [f"raised {KEY}"]


async def test_killed_and_started_again_it_is_told_as_it_was(tmp_path: Path) -> None:
    settings, clock = with_lane(tmp_path), Stepped()
    async with watched(tmp_path, settings, clock) as hall:
        await at(hall, OPENED)
        await opened(hall, settings)
        await at(hall, AMBER)
        await hall.acknowledge(KEY, "张三", "已催办")
        before = hall.broker.alerts[KEY]
    for _ in range(2):
        async with watched(tmp_path, settings, clock) as hall:
            await hall.passes(0.2)
            assert hall.broker.told == [f"+{KEY} amber"]
            told = hall.broker.alerts[KEY]
            assert (told.zh, told.warning and told.warning.acknowledged_by) == (before.zh, "张三")
            assert await hall.kinds() == [f"raised {KEY}", f"acknowledged {KEY}"]


async def test_unacknowledged_for_a_working_day_it_goes_to_the_next_in_line(tmp_path: Path) -> None:
    settings = with_lane(tmp_path)
    async with watched(tmp_path, settings, Stepped()) as hall:
        await at(hall, OPENED)
        await opened(hall, settings)
        await at(hall, AMBER)
        await hall.passes(60 * 7.9)
        assert len(await hall.facts()) == 1
        await hall.passes(60 * 0.2)
        assert [each.get("reason") for each in await hall.facts()] == [None, "escalated"]


async def test_a_lane_that_is_gone_warns_of_nothing(tmp_path: Path) -> None:
    settings, clock = with_lane(tmp_path), Stepped()
    async with watched(tmp_path, settings, clock) as hall:
        await at(hall, OPENED)
        await opened(hall, settings)
        await at(hall, AMBER)
        assert KEY in hall.broker.alerts
    settings = settings_with(tmp_path, 'kind = "project"', more=LANE.replace('"fast"', '"other"'))
    async with watched(tmp_path, settings, clock) as hall:
        await hall.passes(0.2)
        assert hall.broker.alerts == {}
        assert (await hall.facts())[-1]["reason"] == "not_watched"
        assert summary(hall.hall.state, settings.rules_hall()), "the project itself is still there"


@pytest.mark.parametrize(
    ("day", "counts"),
    [(OPENED, (1, 0, 0)), (AMBER, (1, 1, 0)), (DUE, (1, 1, 0)), (date(2024, 5, 11), (1, 0, 1))],
)
async def test_a_line_says_how_many_and_which_is_first(
    tmp_path: Path, day: date, counts: tuple[int, int, int]
) -> None:
    settings = with_lane(tmp_path)
    async with watched(tmp_path, settings, Stepped()) as hall:
        await at(hall, OPENED)
        rules = settings.rules_hall()
        nothing = {"open": 0, "due": 0, "overdue": 0, "next": "", "next_due": ""}
        assert summary(hall.hall.state, rules) == nothing
        project = await opened(hall, settings)
        await at(hall, day)
        found = summary(hall.hall.state, rules)
        assert found and (found["open"], found["due"], found["overdue"]) == counts
        assert (found["next"], found["next_due"]) == (project, DUE.isoformat())


async def test_a_hall_without_lanes_has_no_such_line(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, 'kind = "idle"')
    async with watched(tmp_path, settings, Stepped()) as hall:
        assert summary(hall.hall.state, settings.rules_hall()) is None
