"""Devices and lines that misbehave under the real daemon: it says what is wrong, and the hall works on.

A ticket follows the printer: printed, shown or given up, and never a number in the queue that nobody holds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from drivers.bus68.sim import BusSim
from drivers.bus68.sim_devices import CallerSim
from drivers.transport.sick import WELL, Ills
from edge.broker import Broker
from edge.wire import Alert, DeviceStatus, Topics
from tests.integration.brokers import Observer, observing, running
from tests.node_kit import STEP_UP_S, Node, check_tickets, config_text, hall_at, of, story

TOPICS = Topics("test", "n1")
BAD_FRAMES = 200  # more than twice the budget
ALERTS = "\n[alerts]\ndevice_after_s = 2.0\ndevice_clear_s = 1.0\n"
SLOW_LINE_S = 0.2  # of the printer: time for something to happen within a slip


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    config = config_text(printer_settings="job_timeout_s = 2, recover_every_s = 0.5") + ALERTS
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, config=config, hub=None) as node:
            yield node


@pytest.fixture
async def observer(node: Node) -> AsyncIterator[Observer]:
    """Sees the retained topics of the devices, as the managers' console does."""
    async with observing(Broker.parse(node.rig.env["HALL_BROKER"]), TOPICS.device("+")) as observer:
        yield observer


def told(observer: Observer, device: str) -> list[DeviceStatus]:
    return [DeviceStatus.model_validate_json(payload) for payload in observer.on(TOPICS.device(device))]


def conditions(observer: Observer, device: str) -> dict[str, str]:
    """Those that were ever told, by code, with their detail."""
    return {c.code: c.detail for status in told(observer, device) for c in status.conditions}


# --- lines ---
async def test_a_line_full_of_bad_frames_is_reported_and_opened_afresh(
    node: Node, observer: Observer
) -> None:
    bad = bytes.fromhex("FF 68 03 03 68 01 01 0C 00 16")  # the check byte should be 0E
    await node.rig.ptys["windows"].link.write(bad * BAD_FRAMES)
    await observer.until(lambda: "protocol_breach" in conditions(observer, "windows"))
    breach = next(status for status in told(observer, "windows") if status.conditions)
    assert breach.state == "backoff"
    assert "check byte" in conditions(observer, "windows")["protocol_breach"]
    await node.online("windows")
    await node.log_in("1")
    await observer.until(lambda: bool(told(observer, "entrance")))
    assert {status.state for status in told(observer, "entrance")} == {"online"}
    assert node.log.count("bad frames in") == 1, "a loss is logged once"


async def test_a_few_bad_frames_cost_nothing_but_themselves(node: Node) -> None:
    link = node.rig.ptys["windows"].link
    chance = random.Random("noise")
    for _ in range(20):
        await link.write(bytes.fromhex("FF 68 03 03 68") + chance.randbytes(3))
        await asyncio.sleep(0.12)  # the frame is given up
    await node.log_in("1")
    assert (await node.devices())["windows"]["restarts"] == 0


async def test_an_address_that_nobody_has_configured_is_named(node: Node, observer: Observer) -> None:
    stranger = CallerSim(node.rig.of(BusSim)["windows"].line, 0x2A)
    assert (await stranger.press()).acknowledged_s is None
    await observer.until(lambda: "unknown_address" in conditions(observer, "windows"))
    assert "0x2A" in conditions(observer, "windows")["unknown_address"]
    await node.log_in("1")


# --- the printer ---
async def queue(node: Node) -> int:
    """How many wait, as the managers see it."""
    return sum(service["waiting"] for service in (await node.status())["queue"]["services"])


async def refused_until(node: Node, problem: str) -> None:
    """Once the daemon knows of the trouble: no press is acknowledged and no number taken, except for a screen
    that shows it."""

    async def codes() -> set[str]:
        printer = (await node.devices())["printer"]
        return {condition["code"] for condition in printer["conditions"]}

    await node.until(lambda found: problem in found, codes)
    before = len(of(node.journal(), "ticket.reserved"))
    assert (await node.rig.panel.press(2)).acknowledged_s is None
    refused = await node.ask("ticket.take", {"service": "social"})
    assert (refused.result, refused.code) == ("rejected", "cannot_print")
    assert len(of(node.journal(), "ticket.reserved")) == before
    shown = await node.ask("ticket.take", {"service": "social", "can_show": True})
    assert (shown.result, shown.data["phase"], shown.data["printed"]) == ("done", "waiting", False)
    (fact,) = of(node.journal(), "ticket.shown", ticket=shown.data["ticket"])
    assert fact["reason"]
    assert await queue(node) == before + 1 - len(of(node.journal(), "ticket.voided"))


async def works_again(node: Node) -> None:
    await node.online("printer")
    await asyncio.sleep(STEP_UP_S)
    await node.take(2)
    ticket = (await node.has("ticket.reserved"))[-1]["ticket"]
    await node.slip_of(ticket)
    await node.has("ticket.printed", ticket=ticket)
    check_tickets(node.journal())


async def begin_slip(node: Node) -> None:
    """A press is acknowledged, and its slip is on the way."""
    node.rig.printer.line_s = SLOW_LINE_S
    await node.take(1)

    async def lines() -> int:
        return len(node.rig.printer.uncut.items)

    await node.until(lambda printed: printed >= 2, lines)


TROUBLES: dict[str, tuple[str, Any, Any]] = {
    # condition: what happens to the printer, and what a person does about it
    "cover_open": ("cover_open", lambda rig: rig.printer.open_cover(), lambda rig: rig.printer.close_cover()),
    "paper_out": (
        "paper_out",
        lambda rig: rig.printer.set_paper("out"),
        lambda rig: rig.printer.set_paper("ok"),
    ),
    "silent": (
        "silent",
        lambda rig: setattr(rig.sick["printer"], "ills", Ills(mute=True)),
        lambda rig: setattr(rig.sick["printer"], "ills", WELL),
    ),
    "garbage": (
        "protocol_breach",
        lambda rig: setattr(rig.printer, "flood", "garbage"),
        lambda rig: setattr(rig.printer, "flood", ""),
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_ticket_from_a_printer_in_trouble(trouble: str, node: Node) -> None:
    code, breaks, mends = TROUBLES[trouble]
    breaks(node.rig)
    await refused_until(node, code)
    assert node.slips == []
    mends(node.rig)
    await works_again(node)


@pytest.mark.few  # a printer that answers late on a busy machine is away meanwhile, and that is another alert
async def test_a_printer_in_trouble_calls_for_somebody_until_it_is_well(node: Node) -> None:
    """In the words of its condition, once, and once more with who sees to it."""
    topic = TOPICS.alert("device-printer")
    async with observing(Broker.parse(node.rig.env["HALL_BROKER"]), topic) as observer:
        node.rig.printer.set_paper("out")
        await observer.until(lambda: len(observer.on(topic)) >= 1)
        who = {"key": "device-printer", "by": "王工", "note": "去换纸"}
        assert (await node.ask("alert.acknowledge", who)).result == "done"
        await observer.until(lambda: len(observer.on(topic)) >= 2)
        node.rig.printer.set_paper("ok")
        await observer.until(lambda: len(observer.on(topic)) >= 3)
    said, taken = (Alert.model_validate_json(payload) for payload in observer.on(topic)[:2])
    assert (said.severity, said.zh, said.detail) == ("error", "缺纸", "printer")
    assert (said.acknowledged_by, taken.acknowledged_by, taken.note) == ("", "王工", "去换纸")
    assert observer.on(topic)[2:] == [b""]
    await node.has("alert.acknowledged", key="device-printer", name="王工", note="去换纸")


@pytest.mark.parametrize("trouble", ["cover_open", "paper_out"])
async def test_a_slip_that_broke_off_leaves_no_ghost(trouble: str, node: Node) -> None:
    """The printer said that it stopped before the cut: the number is void, and so is the paper."""
    code, breaks, mends = TROUBLES[trouble]
    await begin_slip(node)
    breaks(node.rig)
    await node.has("ticket.voided", ticket="A001", reason=code)
    assert await queue(node) == 0
    await refused_until(node, code)
    node.rig.printer.line_s = 0.02
    mends(node.rig)
    await works_again(node)
    assert story(node.journal(), "A001") == ["ticket.reserved", "ticket.voided"]
    assert any("作废" in line for line in node.slips[0].text)


@pytest.mark.parametrize("trouble", ["silent", "cutter", "unplugged"])
async def test_a_slip_that_nobody_knows_of_keeps_its_number(trouble: str, node: Node) -> None:
    """Someone may hold it: it is printed once more, marked as a copy, and only then waits."""
    printer, line = node.rig.printer, node.rig.ptys["printer"]
    await begin_slip(node)
    if trouble == "silent":
        node.rig.sick["printer"].ills = Ills(mute=True)
    elif trouble == "cutter":
        printer.jam_cutter()
    else:
        line.unplug()
    await node.has("ticket.in_doubt", ticket="A001")
    assert await queue(node) == 0
    printer.line_s = 0.02
    node.rig.sick["printer"].ills = WELL
    printer.free_cutter()
    line.plug()
    await node.has("ticket.printed", ticket="A001")
    assert await queue(node) == 1
    copies = [slip for slip in await node.slip_of("A001") if any("COPY" in line for line in slip.text)]
    assert len(copies) == 1
    assert story(node.journal(), "A001") == ["ticket.reserved", "ticket.in_doubt", "ticket.printed"]


async def test_a_printer_that_floods_costs_nobody_else_anything(node: Node) -> None:
    node.rig.printer.flood = "status"
    await node.until(lambda states: states["printer"] in ("backoff", "faulted"), node.states)
    await node.log_in("1", "2")
    devices = await node.devices()
    assert (devices["windows"]["restarts"], devices["entrance"]["restarts"]) == (0, 0)
