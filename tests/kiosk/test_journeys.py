"""Journeys by touch through the real daemon, with a simulated printer and card reader at ptys."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from drivers.newland.sim import NewlandSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import made_up_number, resident
from kiosk_ui.actions import Language
from kiosk_ui.i18n import tr
from tests.card_kit import kiosk_at
from tests.kiosk.process_kit import TO_THE_LIST, Driven, driven, hold, memory_has
from tests.kiosk.ways_kit import KEYPAD, TOUCH, ways
from tests.node_kit import CALL, EVALUATE, START, Node, check_tickets, config_text, hall_at, of

NOBODY = "mqtt://127.0.0.1:9"  # no broker: a hall works without
SAID_S = 2.0  # after which it is said that the hall cannot be asked
CONFIG = (
    config_text(hall="rating_limit_s = 120.0", printer_settings="job_timeout_s = 20")
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


SCANNER = """
[[device]]
id = "scanner"
driver = "newland"
model = "newland-serial"
url = "serial://${HALL_TTY_SCANNER}?baud=9600"
"""
CODES = ("a\x01b\x1bc", "nobody's code", "预约码", "9" * 10_000)


@ways(TOUCH, KEYPAD)
async def test_q2_k7_all_that_can_be_done_is_done(tmp_path: Path, by: str, language: Language) -> None:
    """A ticket, its rating, a notice and a check-in, one citizen after the other: by touch, or by a keypad
    and nothing else."""
    async with hall(tmp_path, CONFIG + SCANNER) as (node, kiosk):
        press = kiosk.tap if by == "touch" else kiosk.key
        first = ("language",) if language == "en" else ()

        await press(*first, "open-services", "take-tax")  # two touches from home, in one's own language
        found = await kiosk.at("ticket")
        assert found["ticket"] == "A001" and tr(language, "ticket.printed") in found["text"]
        assert len(await node.slip_of("A001")) == 1
        await press("done")

        await act_at_window_1(node)
        await press(*first, "open-rate_window")
        await kiosk.until(lambda found: "rate-1" in found["ids"])
        await press("rate-1", "level-2", "reason-207", "send")
        await said(kiosk, tr(language, "said.rated"))
        (rated,) = await node.has("rating.given")
        assert (rated["ticket"], rated["level"], rated["reasons"]) == ("A001", 2, [207])
        await press("ok", "finish")

        await press(*first, "open-guide", *TO_THE_LIST, "print")
        await said(kiosk, tr(language, "said.notice_printed"))
        assert "1001" in "\n".join(node.slips[-1].text)
        await press("ok", "home", "finish")

        await book(node, "R-7f3a9c1e")
        scanner = next(iter(node.rig.of(NewlandSim).values()))
        for _ in range(2):  # however often it is scanned, it is one ticket
            await press(*first, "open-check_in", "scan")
            await hold(scanner, "R-7f3a9c1e", kiosk, lambda found: found["screen"] == "ticket")
            assert (await kiosk.at("ticket"))["ticket"] == "A002"
            await press("done")
        assert [len(await node.slip_of(ticket)) for ticket in ("A001", "A002")] == [1, 1]
        assert len(await reserved(node)) == 2


async def act_at_window_1(node: Node) -> None:
    """Of the first who waits, from the call to the question how it was."""
    for key, kind in ((CALL, "ticket.called"), (START, "service.started"), (EVALUATE, "service.finished")):
        await node.key(key)
        await node.has(kind)


async def said(kiosk: Driven, words: str) -> None:
    await kiosk.until(lambda found: "ok" in found["ids"] and words in found["text"])


async def book(node: Node, ref: str) -> None:
    """For a few minutes from now."""
    now = datetime.fromisoformat((await node.ask("kiosk.view")).data["time"])
    soon = now + timedelta(minutes=5)
    args = {"ref": ref, "service": "tax", "day": f"{soon:%Y-%m-%d}", "time": f"{soon:%H:%M}"}
    reply = await node.ask("appointment.book", args)
    assert reply.result == "done", reply


async def test_a_code_that_is_none_is_a_calm_sentence(tmp_path: Path) -> None:
    """10 kB, control characters, somebody else's, Chinese."""
    async with hall(tmp_path, CONFIG + SCANNER) as (node, kiosk):
        scanner = next(iter(node.rig.of(NewlandSim).values()))
        for code in CODES:
            await kiosk.tap("open-check_in", "scan")
            await hold(scanner, code, kiosk, lambda found: found["said"])
            found = await kiosk.look()
            assert found["said"] and "ok" in found["ids"], f"there is no way on: {code[:20]!r}"
            await kiosk.tap("ok", "home")
        assert await reserved(node) == []


async def test_k18_out_of_paper_the_number_is_on_the_screen_until_there_is_paper_again(
    tmp_path: Path,
) -> None:
    """In the middle of it: the number with a code to photograph, the guide open, what needs paper with the
    reason; and with new paper all is as before."""
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services")
        node.rig.printer.set_paper("out")
        await node.until(lambda problem: problem == "paper_out", partial(printer, node))
        await kiosk.tap("take-tax")
        found = await kiosk.at("ticket")
        assert found["ticket"] == "A001" and "A001" in found["text"]
        assert "请拍照" in found["text"] and tr("zh", "ticket.code") in found["text"]
        assert of(node.journal(), "ticket.shown")[0]["ticket"] == "A001"
        assert node.slips == []
        await kiosk.tap("done")
        await kiosk.at("home")
        await kiosk.until(lambda found: tr("zh", "home.no_paper") in found["text"])
        await kiosk.tap("open-guide", *TO_THE_LIST)
        found = await kiosk.at("notice")
        assert "print" not in found["ids"] and "打印机暂时不能用" in found["text"]
        node.rig.printer.set_paper("ok")
        await kiosk.until(lambda found: "print" in found["ids"])
        await kiosk.tap("home")
        assert tr("zh", "home.no_paper") not in (await kiosk.at("home"))["text"]
        await kiosk.tap("open-services", "take-tax")
        assert (await kiosk.at("ticket"))["ticket"] == "A002"
        assert len(await node.slip_of("A002")) == 1


async def printer(node: Node) -> Any:
    return (await node.ask("kiosk.view")).data["printer"]


@pytest.mark.few
async def test_a_daemon_that_is_killed_is_said_within_2_s_and_nothing_is_lost(tmp_path: Path) -> None:
    """At rest on a page: it says so, the guide stays open, and it goes on where it was."""
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services")
        node.daemon.kill()
        away = await kiosk.at("out_of_service", SAID_S)
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


async def test_k9_a_card_is_masked_and_leaves_no_trace_in_any_memory(tmp_path: Path) -> None:
    """The number is never in the kiosk, in the node's memory only while it is told, and after the session in
    nobody's memory, file or picture."""
    number, name = made_up_number(), resident().parts[0][0]
    traces = [text.encode(code) for text in (number, name) for code in ("utf-8", "utf-16-le", "utf-32-le")]
    sim = SdtSim(find_s=0.02, select_s=0.02, read_s=0.1)
    async with kiosk_at(tmp_path, NOBODY, sim) as node, driven(node.socket, tmp_path) as kiosk:
        await kiosk.until(lambda found: "测试大厅" in found["text"])
        await kiosk.tap("wake")
        await kiosk.say("do card")
        reader = await one_child(kiosk.process.pid)
        sim.put_card(resident())
        shown = await kiosk.until(lambda found: found["personal"][1])
        assert shown["personal"] == [f"{name[0]}*{name[-1]}", f"{number[:3]}{'*' * 11}{number[-4:]}"]
        masked, hall = shown["personal"][1].encode(), "测试大厅".encode()
        for pid, there in ((kiosk.process.pid, masked), (node.daemon.pid, hall)):
            assert memory_has(pid, there, *traces) == {there}, "this look finds what is there"
        assert not psutil.pid_exists(reader), "who has read the number has gone with it"
        await drawn_afresh(kiosk)
        after = await kiosk.say("do finish")
        assert after["personal"] == ["", ""]
        for pid in (kiosk.process.pid, node.daemon.pid):
            assert memory_has(pid, *traces) == set()
        await drawn_afresh(kiosk)
        told = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert {"hall.db", "hall.db-wal", "daemon.log", "kiosk.log"} <= set(told)
        assert [(where, trace) for where, data in told.items() for trace in traces if trace in data] == []
        assert json.dumps(after).find(number) == -1


async def one_child(pid: int) -> int:
    async with asyncio.timeout(20):
        while not (children := psutil.Process(pid).children()):  # noqa: ASYNC110 the system sets no Event
            await asyncio.sleep(0.01)
    (child,) = children
    return child.pid


async def drawn_afresh(kiosk: Driven) -> None:
    """Until nothing on the glass is of what was there before."""
    async with asyncio.timeout(20):
        while (glass := await kiosk.say("glass"))["shown"] != glass["wanted"]:  # noqa: ASYNC110 nor does it
            await asyncio.sleep(0.05)


async def test_a_card_pulled_away_early_is_said_and_read_when_it_lies_there_again(tmp_path: Path) -> None:
    sim = SdtSim(find_s=0.02, select_s=0.02, read_s=0.3)
    async with kiosk_at(tmp_path, NOBODY, sim) as node, driven(node.socket, tmp_path) as kiosk:
        await kiosk.until(lambda found: "测试大厅" in found["text"])
        await kiosk.tap("wake")
        await kiosk.say("do card")
        sim.put_card(resident())
        async with asyncio.timeout(20):
            await sim.reading.wait()
        sim.take_card()
        found = await kiosk.until(lambda found: found["said"])
        assert found["personal"] == ["", ""]
        assert "证件拿开得太早" in found["text"] and "ok" in found["ids"]
        await kiosk.tap("ok")
        await kiosk.say("do card")
        sim.put_card(resident())
        found = await kiosk.until(lambda found: found["personal"][1] or found["said"])
        assert found["personal"][1].endswith(made_up_number()[-4:])


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
