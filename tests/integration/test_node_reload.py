"""The real daemon takes up its changed file: by command, by signal, over MQTT; and refuses what it cannot."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import Any

from edge.wire import NodeStatus
from edge.wire.about import NodeAbout
from tests.integration.brokers import Observer, observing, running
from tests.integration.test_node_commands import CLIENT, TOPICS, Desk
from tests.node_kit import CALL, Node, check_tickets, config_text, hall_at, of, story

RIGHT = config_text()
WRONG = RIGHT.replace("${HALL_TTY_WINDOWS}?baud=9600", "${HALL_TTY_WINDOWS}?baud=fast")
ENDS = {"ticket.printed", "ticket.in_doubt", "ticket.voided"}
OTHERS = ("printer", "entrance")


def write(node: Node, text: str) -> None:
    node.config.write_text(text, encoding="utf-8")


async def start_misconfigured(node: Node) -> None:
    """The bus of the windows waits for its file to be put right, all else is at work."""
    write(node, WRONG)
    await node.start(*OTHERS)
    await node.until(lambda states: states["windows"] == "misconfigured", node.states)
    assert (await node.states())["caller-1"] == "misconfigured"


async def links(node: Node) -> dict[str, tuple[Any, ...]]:
    """What would differ had a device's line been closed in between."""
    devices = await node.devices()
    return {name: (devices[name]["since"], devices[name]["restarts"]) for name in OTHERS}


def hashes(seen: Observer) -> list[str]:
    return [NodeStatus.model_validate_json(each).config_hash for each in seen.on(TOPICS.status)]


def strips(seen: Observer) -> list[bool]:
    """Whether the strip of window 1 can show a pattern, as each word of what the node is about has it."""
    told = [NodeAbout.model_validate_json(each) for each in seen.on(TOPICS.about)]
    return [bool(device.shows) for about in told for device in about.devices if device.id == "strip-1"]


async def test_a_device_put_right_comes_online_and_a_ticket_taken_meanwhile_is_printed(
    tmp_path: Path,
) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, start=False) as node:
            await start_misconfigured(node)
            before = await links(node)
            write(node, RIGHT)
            _, reply = await asyncio.gather(node.take(), node.ask("node.reload"))
            assert (reply.result, reply.data["restarted"]) == ("done", ["windows"])
            assert "problems" not in reply.data
            await node.online("windows")
            await node.slip_of("A001")
            await node.log_in("1")
            await node.key(CALL)
            await node.has("ticket.called", ticket="A001", window="1")
            assert await links(node) == before
            assert sorted(re.findall(r"device: online .*device=(\S+)", node.log)) == sorted(
                (*OTHERS, "windows")
            )
            again = await node.ask("node.reload")
            assert (again.result, again.data["restarted"]) == ("done", [])
            told = await node.settled()
    check_tickets(told)
    assert len(of(told, "ticket.printed")) == 1


async def test_a_slip_that_the_printer_s_own_restart_breaks_off_is_told_as_what_it_is(tmp_path: Path) -> None:
    """As when its cable is pulled: the ticket ends in one way or another, its number never comes again."""
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            await node.take()
            await node.has("ticket.reserved", ticket="A001")
            write(node, config_text(printer_settings="job_timeout_s = 4"))
            assert (await node.ask("node.reload")).data["restarted"] == ["printer"]
            await node.online("printer")
            await node.until(lambda events: bool(ENDS & {*story(events, "A001")}), node.read_journal)
            reply = await node.ask("ticket.take", {"service": "tax"})
            assert (reply.result, reply.data["ticket"], reply.data["printed"]) == ("done", "A002", True)
            check_tickets(await node.settled())


async def test_what_cannot_be_taken_up_is_refused_with_its_reasons_and_the_hall_runs_on(
    tmp_path: Path,
) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            before = await links(node)
            broken = RIGHT.replace('name = "测试大厅"', "nam = 1").replace('prefix = "B"', 'prefix = "b"')
            write(node, broken.replace("?baud=115200", "?baud=fast"))
            reply = await node.ask("node.reload")
            assert (reply.result, reply.code) == ("rejected", "bad_config")
            for said in ("hall.name: is missing", "hall.nam", "service[1].prefix", "device[0].url"):
                assert any(said in each["en"] for each in reply.data["problems"]), said
            assert any("缺少这一项" in each["zh"] for each in reply.data["problems"])
            write(node, "[hall\n")
            assert "is not TOML" in (await node.ask("node.reload")).data["problems"][0]["en"]
            node.config.unlink()
            assert (await node.ask("node.reload")).code == "bad_config"

            write(node, RIGHT.replace("测试大厅", "别的大厅"))
            reply = await node.ask("node.reload")
            assert (reply.result, reply.code) == ("rejected", "needs_restart")
            assert reply.data["needs_restart"] == [
                {
                    "zh": 'hall.name 从 "测试大厅" 改为 "别的大厅"',
                    "en": 'hall.name was "测试大厅" and is "别的大厅"',
                }
            ]
            await node.take()
            await node.slip_of("A001")
            assert await links(node) == before
            assert (await node.states())["windows"] == "online"
            check_tickets(await node.settled())


async def test_a_signal_and_mqtt_do_the_same_and_the_new_fingerprint_is_published(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with (
            hall_at(tmp_path, broker.url, start=False, hub=None) as node,
            observing(broker.broker, TOPICS.status, TOPICS.about, f"hall/1/reply/{CLIENT}/+") as seen,
        ):
            await start_misconfigured(node)
            await seen.until(lambda: len(hashes(seen)) == 1)
            await seen.until(lambda: len(strips(seen)) == 1)
            before, pid = await links(node), node.daemon.pid
            write(node, RIGHT)
            os.kill(pid, signal.SIGHUP)
            await node.online("windows")
            await seen.until(lambda: len(hashes(seen)) == 2)
            assert node.log.count("the new configuration is taken up, restarted: windows") == 1
            write(node, "")
            os.kill(pid, signal.SIGHUP)
            await node.until(lambda log: "not reloaded" in log, lambda: asyncio.sleep(0, node.log))
            write(node, WRONG)
            reply = await Desk(seen).ask("node.reload")
            assert (reply.result, reply.data["restarted"]) == ("done", ["windows"])
            assert len(reply.data["problems"]) == 1
            await node.until(lambda states: states["windows"] == "misconfigured", node.states)
            await seen.until(lambda: len(hashes(seen)) == 3)
            first, right, last = hashes(seen)
            assert first == last != right
            assert await links(node) == before
            assert (node.daemon.alive, node.daemon.pid) == (True, pid)
            states = [NodeStatus.model_validate_json(each).state for each in seen.on(TOPICS.status)]
            assert states == ["ready"] * 3
            await seen.until(lambda: len(strips(seen)) == 3)
            assert strips(seen) == [False, True, False], "what it is about is said again after each reload"
