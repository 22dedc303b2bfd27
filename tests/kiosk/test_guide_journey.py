"""From home to a printed notice, by touch, through the real daemon with a simulated printer at a pty."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.control import ControlServer
from edge.wire import Reply, Request
from kiosk_ui.link import Link
from kiosk_ui.messages import Ask, Withdraw
from tests.kiosk.process_kit import TO_THE_LIST, Driven, driven
from tests.node_kit import Node, config_text, hall_at

NOBODY = "mqtt://127.0.0.1:9"  # no broker: a hall works without
CONFIG = (
    config_text(printer_settings="job_timeout_s = 20")
    + '\n[[kiosk]]\nid = "kiosk-1"\nsilent_s = 3\n[guide]\ncatalogue = "sample"\n'
)


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[tuple[Node, Driven]]:
    """With a kiosk at home whose guide is there."""
    async with hall_at(folder, NOBODY, hub=None, config=CONFIG) as node, driven(node.socket, folder) as kiosk:
        await kiosk.until(lambda found: "测试大厅" in found["text"])
        await kiosk.tap("wake")
        await kiosk.until(lambda found: "open-guide" in found["ids"])
        yield node, kiosk


async def slips(node: Node) -> list[str]:
    return ["\n".join(slip.text) for slip in node.slips if slip.text]


@pytest.mark.parametrize(("language", "said"), [("zh", "□ 原许可证正"), ("en", "The licence so far")])
async def test_a_notice_is_printed_for_the_case_at_hand(tmp_path: Path, language: str, said: str) -> None:
    async with hall(tmp_path) as (node, kiosk):
        if language == "en":
            await kiosk.tap("language")
        await kiosk.tap("open-guide", *TO_THE_LIST, "print")
        await node.until(lambda found: len(found) == 1, lambda: slips(node))
        (slip,) = await slips(node)
        assert said in slip and "1001" in slip
        assert "遗失补办" not in slip
        await kiosk.until(lambda found: "ok" in found["ids"])  # it says that it is printed
        await kiosk.tap("ok", "home")
        await kiosk.at("home")


async def test_k18_out_of_paper_the_list_stays_on_the_screen(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-guide", *TO_THE_LIST)
        node.rig.printer.set_paper("out")
        found = await kiosk.until(lambda found: "print" not in found["ids"])
        assert "打印机暂时不能用" in found["text"] and "原许可证正、副本" in found["text"]
        node.rig.printer.set_paper("ok")
        await kiosk.until(lambda found: "print" in found["ids"])
        assert await slips(node) == []


async def test_the_guide_is_open_while_the_daemon_is_away(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        node.daemon.kill()
        await kiosk.at("out_of_service")
        await kiosk.tap("open-guide", "search", "key-1", "key-0", "key-0", "key-1", "item-1001")
        assert "食品经营许可" in (await kiosk.at("item"))["text"]


async def test_a_kiosk_that_dies_while_its_notice_waits_prints_nothing(tmp_path: Path) -> None:
    """The printer is busy with somebody else's: what has not begun goes with who asked."""
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-guide", *TO_THE_LIST)
        node.rig.printer.line_s = 0.5
        other = asyncio.create_task(node.ask("notice.print", {"item": "0101", "session": "other"}))
        await node.until(lambda held: held > 0, lambda: waiting_bytes(node))
        await kiosk.tap("print")
        await kiosk.until(lambda found: found["working"])
        kiosk.process.kill()
        await kiosk.process.wait()
        node.rig.printer.line_s = 0.0
        assert (await other).result == "done"
        assert (await node.ask("ticket.take", {"service": "tax"})).result == "done"  # it would come after it
        printed = await slips(node)
        assert [("0101" in text, "1001" in text) for text in printed] == [(True, False), (False, False)]


async def waiting_bytes(node: Node) -> int:
    """That the printer has, and has not worked off."""
    return node.rig.printer.buffered


async def test_who_gives_up_or_ends_his_session_withdraws_his_notice(tmp_path: Path) -> None:
    """By the connection that asked for it alone: the kiosk's own line stays open."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def handle(request: Request, _client: str) -> Reply:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return Reply(id=request.id, result="done")

    server = ControlServer(tmp_path / "control.sock", handle, lambda verb: verb == "notice.print")
    await server.start()
    link = Link(
        tmp_path / "control.sock", "kiosk-1", "secret", lambda _message: None, dict, shows=lambda: None
    )
    try:
        async with asyncio.timeout(10):
            link.carry(Ask("a" * 32, "notice.print", {"item": "1001"}))
            await begun.wait()
            link.carry(Withdraw("a" * 32))
            await ended.wait()
    finally:
        await server.stop()
