"""What the real daemon refuses, in whose words, and that it loses nothing by it and lives on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.demo.processes import start_daemon
from edge.ids import new_id
from edge.wire import MAX_REQUEST
from tests.integration.brokers import BrokerProcess, running
from tests.node_kit import CALL, check_tickets, config_text, hall_at, of


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[BrokerProcess]:
    with running("nats", tmp_path) as process:
        yield process


async def test_a_damaged_database_stops_the_start_with_words_and_is_left_alone(
    tmp_path: Path, nats: BrokerProcess
) -> None:
    damaged = b"not a database at all" * 400
    (tmp_path / "hall.db").write_bytes(damaged)
    async with hall_at(tmp_path, nats.url, hub=None, start=False) as node:
        status, said = await node.run_to_end()
    assert status == 1
    assert str(tmp_path / "hall.db") in said
    assert "not a SQLite database" in said
    assert "rescued.db" in said  # what to do
    assert (tmp_path / "hall.db").read_bytes() == damaged


async def test_errors_of_the_hall_stop_the_start_with_the_whole_list(
    tmp_path: Path, nats: BrokerProcess
) -> None:
    config = config_text(hall='timezone = "Asia/Nowhere"\nrating_limit_s = 1\nrating_limit = 30')
    async with hall_at(tmp_path, nats.url, hub=None, start=False) as node:
        node.config.write_text(config, encoding="utf-8")
        status, said = await node.run_to_end()
    assert status == 2
    for key in ("hall.timezone", "hall.rating_limit_s", "hall.rating_limit"):
        assert key in said
    assert not (tmp_path / "hall.db").exists()


async def test_an_error_of_a_device_costs_that_device_alone(tmp_path: Path, nats: BrokerProcess) -> None:
    async with hall_at(tmp_path, nats.url, start=False) as node:
        text = node.config.read_text(encoding="utf-8")
        broken = text.replace('url = "serial://${HALL_TTY_WINDOWS}', 'url = "serail://${HALL_TTY_WINDOWS}')
        assert broken != text
        node.config.write_text(broken, encoding="utf-8")
        node.processes["daemon"] = await start_daemon(node.config, tmp_path, node.rig.env)
        await node.online("printer", "entrance")
        assert (await node.states())["windows"] == "misconfigured"
        await node.take(1)
        await node.slip_of("A001")
        told = await node.settled()
    check_tickets(told)


async def test_a_repeated_command_is_done_once_also_after_a_kill(tmp_path: Path, nats: BrokerProcess) -> None:
    request, call = new_id(), new_id()
    async with hall_at(tmp_path, nats.url) as node:
        first = await node.ask("ticket.take", {"service": "tax"}, id=request)
        await node.log_in("1")
        called = await node.ask("window.call", {"window": "1"}, id=call)
        node.daemon.kill()
        await node.start()
        assert await node.ask("ticket.take", {"service": "tax"}, id=request) == first
        assert await node.ask("window.call", {"window": "1"}, id=call) == called
        told = await node.settled()
    assert first.result == called.result == "done"
    assert len(of(told, "ticket.reserved")) == 1
    assert len(of(told, "ticket.called")) == 1


async def test_lines_that_are_no_requests_are_answered_and_harm_nothing(
    tmp_path: Path, nats: BrokerProcess
) -> None:
    lines = {
        b"hello\n": "bad_request",
        b"[1, 2]\n": "bad_request",
        json.dumps({"id": "x", "verb": "status"}).encode() + b"\n": "bad_request",
        json.dumps({"id": new_id(), "verb": "no.such"}).encode() + b"\n": "unknown_verb",
        b"x" * (MAX_REQUEST + 10) + b"\n": "too_long",
    }
    async with hall_at(tmp_path, nats.url, hub=None) as node:
        for line, code in lines.items():
            reader, writer = await asyncio.open_unix_connection(str(node.socket))
            writer.write(line)
            reply = json.loads(await reader.readline())
            writer.close()
            assert (reply["result"], reply["code"]) == ("rejected", code)
            assert reply["zh"]
            assert reply["en"]
        assert (await node.ask("status")).result == "done"


async def test_a_printer_out_of_paper_issues_nothing_and_a_screen_shows_the_number(
    tmp_path: Path, nats: BrokerProcess
) -> None:
    async with hall_at(tmp_path, nats.url) as node:
        node.rig.printer.set_paper("out")
        await node.until(lambda states: states["printer"] == "degraded", node.states)
        assert (await node.rig.panel.press(1)).acknowledged_s is None
        assert of(node.journal(), "ticket.reserved") == []
        shown = await node.ask("ticket.take", {"service": "tax", "can_show": True})
        assert (shown.result, shown.data["printed"]) == ("done", False)
        node.rig.printer.set_paper("ok")
        await node.until(lambda states: states["printer"] == "online", node.states)
        await asyncio.sleep(1.1)  # else it is the same touch of the button
        await node.take(1)
        await node.slip_of("A002")
        await node.log_in("1")
        await node.key(CALL)
        await node.shows("请 A001 号")
        check_tickets(await node.settled())
