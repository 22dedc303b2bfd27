"""Journeys by touch through the real daemon, with a simulated printer and card reader at ptys."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drivers.newland.sim import NewlandSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import made_up_number, resident
from tests.card_kit import kiosk_at
from tests.kiosk.process_kit import Driven, driven, memory_has
from tests.node_kit import Node, check_tickets, config_text, hall_at, of

pytestmark = pytest.mark.timeout(120)

NOBODY = "mqtt://127.0.0.1:9"  # no broker: a hall works without
CONFIG = (
    config_text()
    + """
[[kiosk]]
id = "kiosk-1"
silent_s = 3

[guide]
catalogue = "sample"
"""
)


@asynccontextmanager
async def hall(folder: Path, config: str = CONFIG) -> AsyncIterator[tuple[Node, Driven]]:
    async with hall_at(folder, NOBODY, hub=None, config=config) as node:
        await node.log_in("1")
        async with driven(node.socket, folder) as kiosk:
            await kiosk.until(lambda found: "测试大厅" in found["text"])
            await kiosk.tap("wake")
            yield node, kiosk


async def reserved(node: Node) -> list[dict[str, Any]]:
    return of(node.journal(), "ticket.reserved")


async def test_q2_a_ticket_is_three_touches_from_home_and_one_slip(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services", "take-tax")
        found = await kiosk.at("ticket")
        assert found["ticket"] == "A001" and "A001" in found["text"]
        assert len(await node.slip_of("A001")) == 1
        await kiosk.tap("done")
        assert len(await reserved(node)) == 1


async def test_k7_a_ticket_by_keypad_alone_in_english(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        found = await kiosk.key("language", "open-services", "take-tax")
        found = await kiosk.at("ticket")
        assert found["ticket"] == "A001" and "Your number" in found["text"]
        await kiosk.key("done")
        assert len(await node.slip_of("A001")) == 1


SCANNER = """
[[device]]
id = "scanner"
driver = "newland"
model = "newland-serial"
url = "serial://${HALL_TTY_SCANNER}?baud=9600"
"""


async def book(node: Node, ref: str) -> None:
    """For a few minutes from now."""
    now = datetime.fromisoformat((await node.ask("kiosk.view")).data["time"])
    soon = now + timedelta(minutes=5)
    args = {"ref": ref, "service": "tax", "day": f"{soon:%Y-%m-%d}", "time": f"{soon:%H:%M}"}
    reply = await node.ask("appointment.book", args)
    assert reply.result == "done", reply


async def test_an_appointment_is_checked_in_by_its_code_and_once_however_often_it_is_scanned(
    tmp_path: Path,
) -> None:
    async with hall(tmp_path, CONFIG + SCANNER) as (node, kiosk):
        scanner = next(iter(node.rig.of(NewlandSim).values()))
        await book(node, "R-7f3a9c1e")
        for _ in range(2):
            await kiosk.say("do check_in")
            assert (await kiosk.look())["working"]
            await node.until(lambda scanned: scanned, lambda: scanner.scan("R-7f3a9c1e"))
            assert (await kiosk.at("ticket"))["ticket"] == "A001"
            await kiosk.tap("home")
        assert len(await reserved(node)) == 1
        assert len(await node.slip_of("A001")) == 1


@pytest.mark.parametrize("code", ["9" * 3000, "a\x01b\x1bc", "nobody's code", "预约码"])
async def test_a_code_that_is_none_is_a_calm_sentence(tmp_path: Path, code: str) -> None:
    async with hall(tmp_path, CONFIG + SCANNER) as (node, kiosk):
        scanner = next(iter(node.rig.of(NewlandSim).values()))
        await kiosk.say("do check_in")
        await node.until(lambda scanned: scanned, lambda: scanner.scan(code))
        found = await kiosk.until(lambda found: found["said"] or not found["working"])
        assert found["said"] and "ok" in found["ids"], "there is a way on"
        await kiosk.tap("ok")
        assert await reserved(node) == []


async def test_k18_out_of_paper_the_number_is_on_the_screen(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services")
        node.rig.printer.set_paper("out")

        async def printer() -> Any:
            return (await node.ask("kiosk.view")).data["printer"]

        await node.until(lambda problem: problem == "paper_out", printer)
        await kiosk.tap("take-tax")
        found = await kiosk.at("ticket")
        assert found["ticket"] == "A001" and "A001" in found["text"]
        assert of(node.journal(), "ticket.shown")[0]["ticket"] == "A001"
        assert node.slips == []


async def test_a_daemon_that_is_killed_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    """At rest on a page: it says so, the guide stays open, and it goes on where it was."""
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services")
        node.daemon.kill()
        away = await kiosk.at("out_of_service")
        assert "open-guide" in away["ids"], "there is a way on"
        await node.start()
        await kiosk.at("services")
        await kiosk.tap("take-tax")
        assert (await kiosk.at("ticket"))["ticket"] == "A001"


@pytest.mark.parametrize("slips", [0, 1], ids=["before the slip", "after the slip"])
async def test_q2_a_daemon_killed_while_a_ticket_is_taken_loses_and_doubles_none(
    tmp_path: Path, slips: int
) -> None:
    """The number is kept and its answer never came: the kiosk asks again, and gets that number."""
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services")
        tapping = asyncio.create_task(kiosk.tap("take-tax"))
        await node.until(lambda found: len(found) == 1, lambda: reserved(node))
        await node.until(lambda found: len(found) >= slips, lambda: _slips(node))
        node.daemon.kill()
        await tapping
        found = await kiosk.look()
        if found["screen"] != "ticket":  # the answer had not come
            assert found["working"] and "A00" not in found["text"]
        await node.start()
        assert (await kiosk.at("ticket"))["ticket"] == "A001"
        await kiosk.tap("done")
        journal = node.journal()
        assert len(of(journal, "ticket.reserved")) == 1
        check_tickets(journal)
        assert {slip for each in node.slips for slip in [_number(each)]} <= {"A001"}


async def _slips(node: Node) -> list[Any]:
    return node.slips


def _number(slip: Any) -> str:
    return next(str(item.text) for item in slip.items if getattr(item, "size", None) == (6, 6))


async def test_a_daemon_that_hangs_is_said_too_and_its_late_answers_harm_nobody(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services")
        pid = node.daemon.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            await kiosk.at("out_of_service")
        finally:
            os.kill(pid, signal.SIGCONT)
        await kiosk.at("services")


async def test_k17_a_kiosk_that_is_killed_is_missed_and_back_when_it_is(tmp_path: Path) -> None:
    async with hall_at(tmp_path, NOBODY, hub=None, config=CONFIG) as node:
        async with driven(node.socket, tmp_path) as kiosk:
            await node.until(lambda states: states.get("kiosk-1") == "online", node.states)
            kiosk.process.kill()
            await node.until(lambda states: states.get("kiosk-1") == "backoff", node.states)
        async with driven(node.socket, tmp_path):
            await node.until(lambda states: states.get("kiosk-1") == "online", node.states)
        assert (await node.devices())["kiosk-1"]["restarts"] == 1


async def test_k9_a_card_is_masked_and_leaves_no_trace_in_memory(tmp_path: Path) -> None:
    """The number is never in the kiosk: not while the session stands, and not after it."""
    number, name = made_up_number(), resident().parts[0][0]
    traces = [text.encode(code) for text in (number, name) for code in ("utf-8", "utf-16-le", "utf-32-le")]
    sim = SdtSim(find_s=0.02, select_s=0.02, read_s=0.1)
    async with kiosk_at(tmp_path, NOBODY, sim) as node, driven(node.socket, tmp_path) as kiosk:
        await kiosk.until(lambda found: "测试大厅" in found["text"])
        await kiosk.tap("wake")
        await kiosk.say("do card")
        sim.put_card(resident())
        shown = await kiosk.until(lambda found: found["personal"][1])
        assert shown["personal"] == [f"{name[0]}*{name[-1]}", f"{number[:3]}{'*' * 11}{number[-4:]}"]
        masked = shown["personal"][1].encode()
        assert memory_has(kiosk.process.pid, masked) == {masked}, "this look finds what is there"
        assert memory_has(kiosk.process.pid, *traces) == set()
        began_s = time.monotonic()
        after = await kiosk.say("do finish")
        assert after["personal"] == ["", ""]
        assert memory_has(kiosk.process.pid, *traces) == set()
        assert time.monotonic() - began_s < 30, "K9 says 1 s: it is over when it is answered"
        assert number not in (tmp_path / "kiosk.log").read_text()
        assert json.dumps(after).find(number) == -1


async def test_a_card_that_is_not_laid_on_is_said_and_can_be_given_up(tmp_path: Path) -> None:
    sim = SdtSim(find_s=0.02, select_s=0.02, read_s=0.1)
    async with kiosk_at(tmp_path, NOBODY, sim) as node, driven(node.socket, tmp_path) as kiosk:
        await kiosk.until(lambda found: "测试大厅" in found["text"])
        await kiosk.tap("wake")
        await kiosk.say("do card")
        assert (await kiosk.look())["working"]
        await kiosk.say("do finish")
        sim.put_card(resident())
        await asyncio.sleep(0.5)
        assert (await kiosk.look())["personal"] == ["", ""], "what is laid on afterwards is nobody's"
