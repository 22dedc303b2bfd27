"""The one-time notice through the real daemon: on paper, once, and only while somebody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.control import ControlClient
from edge.ids import new_id
from edge.wire import Reply
from tests.node_kit import EVALUATE, Node, config_text, hall_at

NOBODY = "mqtt://127.0.0.1:1"  # no broker is needed for what is printed
NOTICE = {"item": "1001", "session": "s-1", "cases": ["renew", "proxy"]}


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Node]:
    text = config_text(hall="login_required = false", printer_settings="job_timeout_s = 60")
    text += '\n[guide]\ncatalogue = "sample"\n'
    async with hall_at(folder, NOBODY, config=text, hub=None) as node:
        yield node


async def cut(node: Node, count: int) -> list[list[str]]:
    """The text of all slips, once there are so many."""

    async def look() -> list[list[str]]:
        return [slip.text for slip in node.slips if slip.text]

    found: list[list[str]] = await node.until(lambda slips: len(slips) >= count, look)
    return found


@pytest.mark.alone  # of a printer that is kept waiting nobody knows whether it has printed
async def test_a_notice_comes_out_once_for_each_request(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        request = new_id()
        replies = [await node.ask("notice.print", NOTICE, id=request) for _ in range(2)]
        assert [reply.result for reply in replies] == ["done", "done"]
        other = await node.ask("notice.print", NOTICE | {"session": "s-2", "language": "en"})
        assert other.result == "done"
        first, second = await cut(node, 2)
        assert len(node.slips) >= 2
        assert sum("一次性告知单" in line for line in first) == 1
        assert any(line.startswith("□ 原许可证正") for line in first)
        assert any("Letter of" in line for line in second)
        assert next(slip.qr for slip in node.slips if slip.text) == ["test/item/1001/renew+proxy"]
        assert not [event for event in node.journal() if "notice" in event["kind"]]  # nobody's business
        assert "食品经营许可" not in node.log


async def test_without_paper_a_citizen_is_told_so_and_nothing_comes_later(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        node.rig.printer.set_paper("out")

        async def problem() -> str:
            return str((await node.ask("kiosk.view")).data["printer"])

        await node.until(bool, problem)
        reply = await node.ask("notice.print", NOTICE)
        assert (reply.result, reply.code) == ("rejected", "cannot_print")
        assert "拍下屏幕" in reply.zh
        node.rig.printer.set_paper("ok")
        await node.until(lambda found: not found, problem)
        assert (await node.ask("notice.print", NOTICE)).result == "done"
        assert len(await cut(node, 1)) == 1


async def test_a_job_that_has_not_begun_ends_with_its_connection(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        node.rig.printer.line_s = 0.2  # the first one takes a while

        async def begun() -> int:
            return len(node.rig.printer.uncut.items)

        async with ControlClient(node.socket) as stays, ControlClient(node.socket) as leaves:
            printing = asyncio.create_task(stays.request("notice.print", NOTICE, 60.0))
            await node.until(bool, begun)
            gone = asyncio.create_task(leaves.request("notice.print", NOTICE | {"session": "s-2"}, 60.0))
            await asyncio.sleep(0.5)  # in which it comes to wait, or is on its way to: it ends alike
            await leaves.close()
            assert (await gone).code == "connection_lost"
            assert (await node.ask("status")).result == "done"  # so the daemon has heard of that
            node.rig.printer.line_s = 0.0
            assert (await printing).result == "done"
        reply = await node.ask("ticket.take", {"service": "tax"})  # which would come out after it
        assert reply.result == "done"
        slips = await cut(node, 2)
        assert ["一次性告知单" in text for text in slips] == [True, False]


async def test_who_has_left_the_window_rates_by_the_slip(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:

        async def ask(verb: str, **args: Any) -> Reply:
            return await node.ask(verb, args)

        ticket = str((await ask("ticket.take", service="tax")).data["ticket"])
        assert (await ask("rating.find", ticket=ticket)).code == "act_not_over"
        for verb in ("window.call", "window.start"):
            assert (await ask(verb, window="1")).result == "done"
        await node.key(EVALUATE)
        await node.has("service.finished")
        (slip,) = await node.slip_of(ticket)
        found = await ask("rating.find", ticket=slip.qr[0])
        assert found.data == {
            "ticket": ticket,
            "act": slip.qr[0].partition("/")[2],
            "service": "tax",
            "window": "1",
        }
        given = await ask("rating.give", ticket=slip.qr[0], level=2, reasons=[213])
        assert (given.result, given.data) == ("done", {"ticket": ticket, "level": 2})
        assert (await ask("rating.give", ticket=ticket, level=5)).code == "rated_already"
        assert (await ask("rating.find", ticket=ticket)).code == "rated_already"
        (event,) = await node.has("rating.given")
        assert (event["level"], event["window"], event["reasons"]) == (2, "1", [213])
        await node.shows("空闲")  # the pad does not ask any more
