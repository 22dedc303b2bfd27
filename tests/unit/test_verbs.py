"""The verbs of a node on a real hall: what is answered, when, and how often it is done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from drivers.messages import KeyAction, Outcome, Result
from edge.bus import Bus
from edge.commands import Commands, NoArgs, Verb
from edge.ids import new_id
from edge.outbox import Outbox
from edge.reload import Reload
from edge.rules.model import TimerFired
from edge.settings import Settings
from edge.settings.express import ExpressTable, StepTable
from edge.store import Store
from edge.supervisor import Stopping, Supervisor
from edge.verbs import WINDOW_SUMMARIES, Verbs
from edge.wire import Reply, Request
from edge.wire.kiosk import KioskAppointments, KioskPosition
from tests.unit.hall_kit import CLOCK, FakeDevices, Stage, demo_settings, stage, until


class Restarts:
    """The part of the supervisor that the verbs use."""

    def problem(self, device: str) -> str:
        if device == "nobody":
            raise KeyError(device)
        return ""

    async def restart(self, device: str) -> bool:
        if device == "late":
            raise Stopping
        return device != "stuck"


class Reloads:
    """The part of a reload that the verbs use."""

    async def reload(self, request_id: str) -> Reply:
        return Reply(id=request_id, result="done", data={"restarted": ["printer"]})


@asynccontextmanager
async def node(
    folder: Path, devices: FakeDevices | None = None, settings: Settings | None = None
) -> AsyncIterator[tuple[Commands, Stage]]:
    async with stage(folder, devices, settings) as hall:
        commands = Commands(hall.store)
        verbs = Verbs(
            settings=hall.settings,
            hall=hall.hall,
            bus=hall.bus,
            store=hall.store,
            devices=cast("Supervisor", Restarts()),
            outbox=Outbox(hall.store),
            reload=cast("Reload", Reloads()),
            status=lambda: {"node": "here"},
        )
        for verb in verbs.all():
            commands.add(verb)
        yield commands, hall


async def ask(commands: Commands, verb: str, request_id: str = "", **args: Any) -> Reply:
    return await commands.handle(Request(id=request_id or new_id(), verb=verb, args=args), "test")


async def test_a_ticket_over_the_socket_is_answered_when_it_is_printed(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        reply = await ask(commands, "ticket.take", service="tax")
        assert reply.result == "done"
        assert reply.data["ticket"] == "A001"
        assert reply.data["printed"] is True
        assert reply.data["phase"] == "waiting"
        assert hall.hall.state.waiting["tax"]


async def test_a_ticket_that_cannot_be_printed_is_shown_where_there_is_a_screen(tmp_path: Path) -> None:
    async with node(tmp_path, FakeDevices(prints=[Outcome(Result.FAILED, "cover_open")])) as (commands, _):
        shown = await ask(commands, "ticket.take", service="tax", can_show=True)
        assert (shown.result, shown.data["printed"], shown.data["phase"]) == ("done", False, "waiting")
        lost = await ask(commands, "ticket.take", service="tax")
        assert (lost.result, lost.code) == ("failed", "not_printed")
        assert "再取一次" in lost.zh


async def test_a_class_that_is_not_configured_is_refused_in_words(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        reply = await ask(commands, "ticket.take", service="tax", priority="emperor")
        assert (reply.result, reply.code) == ("rejected", "unknown_priority")
        assert reply.zh and reply.en and not hall.hall.state.tickets


async def test_who_missed_the_call_comes_back_over_the_socket(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        await ask(commands, "ticket.take", service="tax")
        await ask(commands, "window.login", window="1", digits="1001")
        await ask(commands, "window.call", window="1")
        await ask(commands, "window.skip", window="1")
        reply = await ask(commands, "ticket.come_back", ticket="A001")
        assert (reply.result, reply.data["phase"]) == ("done", "waiting")
        assert [ticket for _, ticket in hall.hall.state.waiting["tax"]] == ["A001"]


async def test_a_ticket_is_put_by_and_sent_on_over_the_socket(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        await ask(commands, "ticket.take", service="tax")
        for window in ("1", "2"):
            await ask(commands, "window.login", window=window, digits="1001")
        await ask(commands, "window.call", window="1")
        held = await ask(commands, "window.hold", window="1", digits="5")
        assert (held.result, held.data) == ("done", {"ticket": "A001", "minutes": 5})
        await ask(commands, "window.call", window="1", digits="1")
        refused = await ask(commands, "window.transfer", window="1", to="1")
        assert (refused.result, refused.code) == ("rejected", "transfer_itself")
        sent = await ask(commands, "window.transfer", window="1", to="2", back=True)
        assert (sent.result, sent.data["window"]) == ("done", "2")
        assert hall.hall.state.tickets["A001"].back == "1"
        gone = await ask(commands, "window.transfer", window="9", to="2")
        assert (gone.result, gone.code) == ("rejected", "unknown_window")


async def test_what_is_open_is_told(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        reply = await ask(commands, "hall.offers")
        opened = {"open": True, "opens": ""}
        assert reply.data["services"] == dict.fromkeys(hall.settings.services, opened)
        assert reply.data["windows"] == dict.fromkeys(hall.settings.windows, opened)


async def test_a_notice_is_answered_with_what_the_boards_show(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        reply = await ask(commands, "board.notice", text="下午五点半关门")
        assert (reply.result, reply.data) == ("done", {"notice": "下午五点半关门"})
        assert hall.hall.state.notice == "下午五点半关门"
        refused = await ask(commands, "board.notice", text="一\n二")
        assert (refused.result, refused.code) == ("rejected", "notice_not_text")
        assert refused.zh and refused.en
        own = hall.settings.boards.notice
        assert own and (await ask(commands, "board.notice")).data == {"notice": own}


async def test_a_repeated_command_gets_the_first_answer_and_is_done_once(tmp_path: Path) -> None:
    again = new_id()
    async with node(tmp_path) as (commands, hall):
        first, second = await asyncio.gather(
            ask(commands, "ticket.take", again, service="tax"),
            ask(commands, "ticket.take", again, service="tax"),
        )
        assert first == second
        assert list(hall.hall.state.tickets) == ["A001"]
    async with node(tmp_path) as (commands, hall):  # after a restart, from the store
        assert await ask(commands, "ticket.take", again, service="tax") == first
        other = await ask(commands, "ticket.take", service="tax")
        assert other.data["ticket"] == "A002"
        assert list(hall.hall.state.tickets) == ["A001", "A002"]


async def test_a_window_is_worked_over_the_socket(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, _):
        await ask(commands, "ticket.take", service="tax")
        done = [
            await ask(commands, "window.login", window="1", digits="101"),
            await ask(commands, "window.call", window=1),  # a number is as good as its text
            await ask(commands, "window.start", window="1"),
            await ask(commands, "window.evaluate", window="1"),
            await ask(commands, "rating.give", window="1", level=4),
        ]
        assert [reply.result for reply in done] == ["done"] * 5
        refused = await ask(commands, "window.call", window="1")
        assert (refused.result, refused.code) == ("rejected", "queue_empty")
        assert refused.zh
        assert refused.en


async def test_a_screen_lists_the_reasons_and_gives_some_with_the_rating_of_its_act(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        offered = (await ask(commands, "rating.reasons")).data
        assert offered["indicator_version"] == "2020"
        assert list(offered["levels"]) == ["5", "4", "3", "2", "1"]
        bad = offered["levels"]["2"][-1]
        assert (bad["code"], bad["zh"], bad["en"]) == (214, "服务态度生硬", "curt attitude")

        await ask(commands, "ticket.take", service="tax")
        await ask(commands, "window.login", window="1", digits="101")
        await ask(commands, "window.call", window="1")
        await ask(commands, "window.finish", window="1")
        rating = {"window": "1", "act": f"{hall.hall.state.day}/A001"}
        wrong = await ask(commands, "rating.give", **rating, level=5, reasons=[214])
        assert (wrong.result, wrong.code) == ("rejected", "reason_of_other_level")
        assert (await ask(commands, "rating.give", **rating, level=2, reasons=[214])).result == "done"
        again = await ask(commands, "rating.give", **rating, level=5)
        assert (again.result, again.code) == ("rejected", "rating_over")


async def test_whatever_cannot_be_done_is_refused_with_a_reason(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, _):
        replies = {
            "unknown_verb": await ask(commands, "window.fly", window="1"),
            "unknown_window": await ask(commands, "window.call", window="77"),
            "unknown_device": await ask(commands, "device.restart", device="nobody"),
            "stopping": await ask(commands, "device.restart", device="late"),
            "driver_stuck": await ask(commands, "device.restart", device="stuck"),
            "unknown_service": await ask(commands, "ticket.take", service="space"),
            "other_epoch": await ask(commands, "backfill", epoch="0" * 32, seq=1),
            "expired": await commands.handle(
                Request(id=new_id(), verb="status", args={}, expires=time.time() - 1),
                "t",
            ),
        }
        for code, reply in replies.items():
            assert (reply.result, reply.code) == ("rejected", code)
            assert reply.zh, code
            assert reply.en, code
        for args in ({"window": "1", "level": 6}, {"window": "1"}, {"window": "1", "level": 1, "more": 1}):
            assert (await ask(commands, "rating.give", **args)).code == "bad_args"
        assert (await ask(commands, "window.login", window="1", digits="x1")).code == "bad_args"


async def test_status_and_backfill_are_answered_and_not_kept(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        request = new_id()
        assert (await ask(commands, "status", request)).data == {"node": "here"}
        assert await hall.store.answer_for(request) is None
        reply = await ask(commands, "backfill", epoch=hall.store.epoch, seq=1)
        assert reply.data == {"from": 1, "oldest": 1}


async def test_a_reload_is_asked_for_once_and_its_answer_kept(tmp_path: Path) -> None:
    request = new_id()
    async with node(tmp_path) as (commands, hall):
        reply = await ask(commands, "node.reload", request)
        assert reply.data == {"restarted": ["printer"]}
        assert await hall.store.answer_for(request) == reply
        assert (await ask(commands, "node.reload", file="other.toml")).code == "bad_args"


async def test_every_window_action_but_transfer_is_a_verb(tmp_path: Path) -> None:
    assert set(KeyAction) - set(WINDOW_SUMMARIES) == {KeyAction.TRANSFER}
    async with node(tmp_path) as (commands, _):
        assert all(verb.summary for verb in commands.verbs.values())


async def test_a_handler_that_is_cut_off_leaves_its_waiters_with_unknown(tmp_path: Path) -> None:
    """Who asks the same again meanwhile must not hang, nor be told that nothing happened."""
    store = await Store.open(tmp_path / "hall.db")
    commands, begun = Commands(store), asyncio.Event()

    async def slow(_args: NoArgs, _request: Request, _client: str) -> Reply:
        begun.set()
        await asyncio.sleep(60)
        raise AssertionError

    commands.add(Verb("slow", NoArgs, slow, "for the test"))
    request = new_id()
    first = asyncio.create_task(ask(commands, "slow", request))
    await begun.wait()
    second = asyncio.create_task(ask(commands, "slow", request))
    await asyncio.sleep(0.05)
    first.cancel()
    assert (await second).result == "unknown"
    await store.close()


async def test_the_bus_lets_only_so_many_wait() -> None:
    bus = Bus(limit=1)
    asked = [asyncio.create_task(bus.ask(TimerFired(name), "x")) for name in "ab"]
    await until("one waits in the bus, one before it", lambda: bus.waiting == 1)
    asked[0].cancel()
    await asyncio.wait({asked[0]})
    assert (await bus.next()).input == TimerFired("b")  # who gave up has asked nothing
    asked[1].cancel()
    await asyncio.wait({asked[1]})


def soon() -> dict[str, str]:
    """Five minutes from now, by the hall's clock."""
    coming = datetime.fromtimestamp(CLOCK.now().wall_s, ZoneInfo("Asia/Shanghai")) + timedelta(minutes=5)
    return {"day": coming.date().isoformat(), "time": f"{coming:%H:%M}"}


async def test_an_appointment_is_booked_and_checked_in_over_the_socket(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        when = soon()
        booked = await ask(commands, "appointment.book", ref="k7Qx-0001", service="tax", **when)
        assert (booked.result, booked.data["time"]) == ("done", when["time"])
        bad = await ask(commands, "appointment.book", ref="k7Qx-0002", service="tax", day="soon", time="9")
        assert bad.code == "bad_args"
        assert bad.zh == (
            '参数不对：day = "soon"：不是日期；文字（加引号），例如 2026-12-01；'
            'time = "9"：写法不对；文字（加引号），须符合 ^([01][0-9]|2[0-3]):[0-5][0-9]$，例如 09:30'
        )
        here = await ask(commands, "appointment.check_in", ref="k7Qx-0001")
        assert (here.data["ticket"], here.data["phase"], here.data["printed"]) == ("A001", "waiting", True)
        twice = await ask(commands, "appointment.check_in", ref="k7Qx-0001")
        assert twice.code == "appointment_used" and "A001" in twice.zh
        gone = await ask(commands, "appointment.cancel", ref="k7Qx-0001")
        assert gone.code == "appointment_used"
        assert "appointment.checked_in" in await hall.facts()


async def test_the_appointments_of_a_card_are_told_to_who_stands_there_only(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        when = {"service": "tax", **soon()}
        await ask(commands, "appointment.book", ref="k7Qx-0001", person="a" * 32, **when)
        await ask(commands, "appointment.book", ref="k7Qx-0002", person="b" * 32, **when)
        for wrong in ("34088119900101123X", "A" * 32, "a" * 31):
            assert (
                await ask(commands, "appointment.book", ref="k7Qx-3", person=wrong, **when)
            ).code == "bad_args"

        find = Request(id=new_id(), verb="appointment.find", args={"person": "a" * 32})
        assert (await commands.handle(find, "mqtt")).code == "local_only"
        found = KioskAppointments.model_validate((await commands.handle_local(find, "kiosk")).data)
        (first,) = found.appointments
        assert (first.ref, first.service, first.time, first.ticket) == ("k7Qx-0001", "tax", when["time"], "")
        await ask(commands, "appointment.check_in", ref="k7Qx-0001")
        found = KioskAppointments.model_validate((await commands.handle_local(find, "kiosk")).data)
        assert [each.ticket for each in found.appointments] == ["A001"]
        assert await hall.facts()


async def test_who_has_a_slip_is_told_where_in_the_queue_he_is(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall):
        for _ in range(2):
            await ask(commands, "ticket.take", service="tax")
        slip = f"{hall.settings.hall.id}/{hall.hall.state.day}/A002"
        found = KioskPosition.model_validate((await ask(commands, "ticket.find", ticket=slip)).data)
        assert (found.ticket, found.service, found.phase, found.ahead) == ("A002", "tax", "waiting", 1)
        assert found.to_min is None or found.to_min % 5 == 0
        await ask(commands, "window.login", window="1", digits="1001")
        await ask(commands, "window.call", window="1")
        called = KioskPosition.model_validate((await ask(commands, "ticket.find", ticket="A001")).data)
        assert (called.phase, called.window, called.ahead, called.ratable) == ("called", "1", None, False)
        await ask(commands, "window.finish", window="1")
        assert (await ask(commands, "ticket.find", ticket="A001")).data["ratable"]
        nobody = await ask(commands, "ticket.find", ticket="Z999")
        assert (nobody.result, nobody.code) == ("rejected", "unknown_ticket") and nobody.zh


async def test_a_project_is_opened_and_listed_over_the_socket(tmp_path: Path) -> None:
    step = StepTable(id="one", name="一", service="tax")
    lane = ExpressTable(id="fast", name="快", limit_days=8, amber_days=6, step=(step,))
    settings = replace(demo_settings(tmp_path), express={"fast": lane})
    async with node(tmp_path, settings=settings) as (commands, hall):
        await ask(commands, "ticket.take", service="tax")
        await ask(commands, "window.login", window="1", digits="1001")
        await ask(commands, "window.call", window="1")
        assert (await ask(commands, "project.open", window="1", lane="slow")).code == "unknown_lane"
        opened = await ask(commands, "project.open", window="1", lane="fast")
        project, due = str(opened.data["project"]), str(opened.data["due"])
        assert project == f"{hall.hall.state.day}/A001" and due > hall.hall.state.day
        (listed,) = (await ask(commands, "project.list")).data["projects"]
        assert (listed["project"], listed["due"], listed["phase"]) == (project, due, "on_time")
        assert listed["next"] == ["one"]
        await ask(commands, "project.step", window="1", project=project, step="one")
        assert (await ask(commands, "project.list")).data["projects"] == []
        gone = await ask(commands, "project.withdraw", window="1", project=project)
        assert gone.code == "unknown_project"
