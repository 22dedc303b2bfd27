"""The kiosk's line to a daemon that answers well, badly, late or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from kiosk_ui import link as link_module
from kiosk_ui.link import LOOK_EVERY_S, LOOK_TIMEOUT_S, Link
from kiosk_ui.messages import (
    Answered,
    Ask,
    AskReasons,
    Inspect,
    Lost,
    Read,
    Told,
    ToldDevices,
    ToldReasons,
    Withdraw,
)
from tests.kiosk.daemon_kit import Daemon, never, replying
from tests.kiosk.slow_kit import SlowToEnd
from tests.kiosk.update_kit import VIEW

WORK, OTHER = "a" * 32, "b" * 32
TAKE = Ask(WORK, "ticket.take", {"service": "tax", "session": "s", "can_show": True})
TICKET = {"ticket": "A004", "service": "tax", "phase": "waiting", "ahead": 3, "printed": True}


@asynccontextmanager
async def linked(folder: Path, *, started: bool = True) -> AsyncIterator[tuple[Daemon, Link]]:
    daemon = Daemon(folder)
    link = Link(
        daemon.socket,
        "kiosk-1",
        "secret",
        daemon.heard.append,
        lambda: daemon.troubles,
        shows=lambda: daemon.page,
    )
    if started:
        await daemon.start()
    running = asyncio.create_task(link.run())
    try:
        yield daemon, link
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await daemon.stop()


async def test_it_looks_and_says_each_second_that_it_is_alive(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, _):
        daemon.troubles["touch_lost"] = "no touch device"
        await daemon.until(lambda: len(daemon.verbs("kiosk.alive")) >= 2)
        assert daemon.all(Told)[0].view == VIEW
        first, second = daemon.verbs("kiosk.alive")[:2]
        assert first.args["kiosk"] == "kiosk-1" and first.args["run"] == second.args["run"]
        assert second.args["troubles"] == {"touch_lost": "no touch device"}


async def test_it_tells_its_page_to_who_looks_and_nothing_where_it_has_none(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, _):
        await daemon.until(lambda: len(daemon.verbs("kiosk.alive")) >= 1)
        assert daemon.verbs("kiosk.shows") == [], "nobody has asked"
        daemon.says["kiosk.alive"] = replying(data={"look": OTHER})
        before = len(daemon.verbs("kiosk.alive"))
        await daemon.until(lambda: len(daemon.verbs("kiosk.alive")) >= before + 2)
        assert daemon.verbs("kiosk.shows") == [], "its page cannot be made"
        daemon.page = "home", {"role": "page"}
        await daemon.until(lambda: daemon.verbs("kiosk.shows"))
        args = {"kiosk": "kiosk-1", "look": OTHER, "screen": "home", "page": {"role": "page"}}
        assert daemon.verbs("kiosk.shows")[0].args == args


async def test_a_daemon_that_is_gone_is_said_and_is_back_by_itself(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, _):
        await daemon.until(lambda: daemon.all(Told))
        await daemon.stop()
        await daemon.until(lambda: isinstance(daemon.heard[-1], Lost))
        await daemon.start()
        await daemon.until(lambda: isinstance(daemon.heard[-1], Told))


async def test_a_daemon_that_hangs_is_said(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, _):
        daemon.says["kiosk.view"] = never()
        await daemon.until(lambda: daemon.heard and isinstance(daemon.heard[-1], Lost))


async def test_what_makes_no_sense_is_not_believed(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, _):
        lies: list[dict[str, object]] = [
            {"data": {"services": [{"id": "tax", "name": "税务", "ahead": -3}]}},
            {"data": {"time": "yesterday"}},
            {"data": {"windows": "many"}},
            {"result": "rejected", "code": "unknown_verb"},
        ]
        for lie in lies:
            daemon.says["kiosk.view"] = replying(**lie)
            daemon.heard.clear()
            await daemon.until(lambda: daemon.heard)
            assert daemon.heard[-1] == Lost()


@pytest.mark.parametrize("said", [b"\x00\xff\xfe no line of ours\n", b"{" * 5_000_000, b"[]\n", b""])
async def test_a_socket_that_speaks_nonsense_is_a_hall_that_cannot_be_asked(
    tmp_path: Path, said: bytes
) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(said)
            await writer.drain()
        writer.close()

    async with linked(tmp_path, started=False) as (daemon, link):
        server = await asyncio.start_unix_server(speak, daemon.socket)
        link.carry(TAKE)
        await daemon.until(lambda: daemon.all(Answered) and daemon.all(Lost))
        assert daemon.all(Answered)[0].answer.result == "unknown"
        server.close()
        daemon.socket.unlink(missing_ok=True)
        await daemon.start()
        await daemon.until(lambda: isinstance(daemon.heard[-1], Told))


def test_that_a_daemon_hangs_is_told_within_2_s() -> None:
    assert LOOK_EVERY_S + LOOK_TIMEOUT_S < 2.0


async def test_q2_a_question_has_the_id_of_its_work_and_its_answer_is_told(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, link):
        daemon.says["ticket.take"] = replying(data=TICKET)
        link.carry(TAKE)
        await daemon.until(lambda: daemon.all(Answered))
        (asked,) = daemon.verbs("ticket.take")
        (answered,) = daemon.all(Answered)
        assert (asked.id, answered.work) == (WORK, WORK)
        assert answered.answer.ticket and answered.answer.ticket.ticket == "A004"


async def test_a_ticket_that_makes_no_sense_is_none(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, link):
        for wrong in ({}, TICKET | {"ticket": ""}, TICKET | {"phase": "lost"}, TICKET | {"ahead": "many"}):
            daemon.heard.clear()
            daemon.says["ticket.take"] = replying(data=wrong)
            link.carry(TAKE)
            await daemon.until(lambda: daemon.all(Answered))
            assert daemon.all(Answered)[0].answer.code == "bad_reply"


async def test_a_connection_that_ends_in_the_middle_leaves_it_unknown(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, link):
        daemon.says["ticket.take"] = never()
        link.carry(TAKE)
        await daemon.until(lambda: daemon.verbs("ticket.take"))
        await daemon.stop()
        await daemon.until(lambda: daemon.all(Answered))
        assert daemon.all(Answered)[0].answer.result == "unknown"


async def test_nobody_there_is_unknown_too_so_that_it_is_asked_again(tmp_path: Path) -> None:
    async with linked(tmp_path, started=False) as (daemon, link):
        link.carry(TAKE)
        await daemon.until(lambda: daemon.all(Answered))
        answer = daemon.all(Answered)[0].answer
        assert (answer.result, answer.code) == ("unknown", "unreachable")


async def test_nobody_waits_for_what_was_withdrawn(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, link):
        daemon.says["ticket.take"] = never()
        link.carry(TAKE)
        await daemon.until(lambda: daemon.verbs("ticket.take"))
        assert link.asking == 1
        link.carry(Withdraw(WORK))
        await daemon.until(lambda: link.asking == 0)
        assert daemon.all(Answered) == []


async def test_what_was_withdrawn_has_ended_when_the_link_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowToEnd()
    monkeypatch.setattr(link_module, "_reading", slow)
    async with linked(tmp_path) as (_daemon, link):
        link.carry(Read(WORK, "card", "reader", "s"))
        await slow.begun.wait()
        link.carry(Withdraw(WORK))
    assert len(slow.ended) == 1


async def test_there_is_a_limit_to_what_is_asked_at_once(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, link):
        daemon.says["ticket.take"] = never()
        for number in range(10):
            link.carry(Ask(f"{number:032x}", "ticket.take", TAKE.args))
        await daemon.until(lambda: len(daemon.verbs("ticket.take")) >= 6)
        assert link.asking == 6
        assert [each.answer.code for each in daemon.all(Answered)] == ["busy"] * 4
        await daemon.until(lambda: len(daemon.verbs("kiosk.view")) >= 2)


async def test_reasons_are_asked_for_and_checked(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, link):
        levels = {"2": [{"code": 213, "zh": "不熟练", "en": "not skilled"}]}
        daemon.says["rating.reasons"] = replying(data={"indicator_version": "2020", "levels": levels})
        link.carry(AskReasons())
        await daemon.until(lambda: daemon.all(ToldReasons))
        assert daemon.all(ToldReasons)[0].reasons.levels["2"][0].code == 213
        daemon.says["rating.reasons"] = replying(data={"levels": {"9": []}})
        link.carry(AskReasons())
        await daemon.until(lambda: len(daemon.verbs("rating.reasons")) == 2 and link.asking == 0)
        assert len(daemon.all(ToldReasons)) == 1


async def test_what_is_told_of_the_devices_is_checked(tmp_path: Path) -> None:
    async with linked(tmp_path) as (daemon, link):
        daemon.says["kiosk.devices"] = replying(data={"devices": [{"id": "slips", "state": "online"}]})
        link.carry(Inspect())
        await daemon.until(lambda: daemon.all(ToldDevices))
        (device,) = daemon.all(ToldDevices)[0].devices.devices
        assert (device.id, device.state, device.conditions) == ("slips", "online", ())
        daemon.says["kiosk.devices"] = replying(data={"devices": "many"})
        link.carry(Inspect())
        await daemon.until(lambda: len(daemon.verbs("kiosk.devices")) == 2 and not link.asking)
        assert len(daemon.all(ToldDevices)) == 1


@pytest.mark.parametrize("stands", [True, False])
async def test_of_a_reading_that_begins_afresh_each_hour_technicians_are_told_nothing(
    caplog: pytest.LogCaptureFixture, *, stands: bool
) -> None:
    answer = await link_module._reading({"stands": stands}, 0.0)  # whoever reads has not even begun
    assert (answer.result, answer.code) == ("failed", "no_reading")
    assert ("reading failed" in caplog.text) is not stands
