"""kill −9 between keeping a press and acknowledging it: the device sends it again, and it is done once.

The device is deaf until the daemon has died. Whether an acknowledgement was never sent or never heard is the
same to both ends after the kill: the device asks again, and nobody remembers that there was an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drivers.bus68.sim import BusSim
from drivers.bus68.sim_devices import Keypad, Press
from tests.integration.brokers import running
from tests.node_kit import CALL, RECALL, START, STEP_UP_S, Event, Node, check_tickets, hall_at, of, story

SLOW_LINE_S = 0.3  # of the printer: no slip is out before the kill
QUICK_LINE_S = 0.01
# How long a press is remembered is no matter here, and two starts of a busy machine may take longer.
PATIENT = "import edge.repeats\nedge.repeats.REPEAT_S = 600.0\n"

pytestmark = pytest.mark.few  # a press that is acknowledged after a second is one that its device gave up


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    (tmp_path / "patient").mkdir()
    (tmp_path / "patient" / "sitecustomize.py").write_text(PATIENT, encoding="utf-8")
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, start=False) as node:
            node.rig.env["PYTHONPATH"] = str(tmp_path / "patient")
            await node.start()
            yield node


async def killed_before_the_acknowledgement(
    node: Node, line: str, device: Keypad, press: Callable[[], Coroutine[Any, Any, Press]], kind: str
) -> None:
    """`press` makes one more fact of `kind`, is not acknowledged, and the daemon starts anew."""
    stations = node.rig.of(BusSim)[line].line.stations
    kept = len(of(node.journal(), kind))
    stations.remove(device)
    pressing = asyncio.create_task(press())
    await node.has(kind, kept + 1)
    node.daemon.kill()
    assert (await pressing).acknowledged_s is None
    assert len(of(node.journal(), kind)) == kept + 1
    stations.append(device)
    await node.start(line)


async def closed(node: Node) -> list[Event]:
    """What the hub has, once every slip is out."""
    events = await node.settled()
    check_tickets(events)
    return events


async def test_a_button_pressed_again_after_the_kill_brings_one_ticket(node: Node) -> None:
    panel = node.rig.panel
    node.rig.printer.line_s = SLOW_LINE_S
    await killed_before_the_acknowledgement(
        node, "entrance", panel, partial(panel.press, 1), "ticket.reserved"
    )
    assert node.slips == []
    node.rig.printer.line_s = QUICK_LINE_S
    await node.take(1)
    assert [event["ticket"] for event in of(node.journal(), "ticket.reserved")] == ["A001"]
    assert node.log.count("a press from before the start came again") == 1
    await node.has("ticket.printed", ticket="A001")
    (slip,) = await node.slip_of("A001")
    assert any("COPY" in line for line in slip.text), "nobody knows of the one that the kill cut short"
    await asyncio.sleep(STEP_UP_S)
    await node.take(1)  # the next person
    await node.has("ticket.printed", ticket="A002")
    events = await closed(node)
    assert [event["ticket"] for event in of(events, "ticket.reserved")] == ["A001", "A002"]
    assert story(events, "A001") == ["ticket.reserved", "ticket.in_doubt", "ticket.printed"]


async def test_two_kills_before_the_acknowledgement_bring_one_ticket(node: Node) -> None:
    panel = node.rig.panel
    node.rig.printer.line_s = SLOW_LINE_S
    await killed_before_the_acknowledgement(
        node, "entrance", panel, partial(panel.press, 2), "ticket.reserved"
    )
    node.daemon.kill()
    await node.start("entrance")
    await node.take(2)
    node.rig.printer.line_s = QUICK_LINE_S
    await node.has("ticket.printed", ticket="B001")
    events = await closed(node)
    assert [event["ticket"] for event in of(events, "ticket.reserved")] == ["B001"]


async def test_another_button_after_the_kill_is_another_press(node: Node) -> None:
    panel = node.rig.panel
    node.rig.printer.line_s = SLOW_LINE_S
    await killed_before_the_acknowledgement(
        node, "entrance", panel, partial(panel.press, 1), "ticket.reserved"
    )
    node.rig.printer.line_s = QUICK_LINE_S
    await node.take(2)
    for ticket in ("A001", "B001"):
        await node.has("ticket.printed", ticket=ticket)
    events = await closed(node)
    assert [event["ticket"] for event in of(events, "ticket.reserved")] == ["A001", "B001"]


async def test_a_key_pressed_again_after_the_kill_calls_nobody_else(node: Node) -> None:
    caller = node.desk().caller
    node.rig.printer.line_s = QUICK_LINE_S
    for ticket in ("A001", "A002"):
        await node.take(1)
        await node.has("ticket.printed", ticket=ticket)
        await asyncio.sleep(STEP_UP_S)
    await node.log_in("1")
    for key, times in ((CALL, 1), (RECALL, 2)):
        press = partial(caller.press, "", key)
        await killed_before_the_acknowledgement(node, "windows", caller, press, "ticket.called")
        await node.key(key)
        assert [(event["ticket"], event["times"]) for event in of(node.journal(), "ticket.called")] == [
            ("A001", each + 1) for each in range(times)
        ]
    await node.key(START)
    await node.has("service.started", ticket="A001")
    await node.key(CALL)  # the next act
    await node.has("ticket.called", ticket="A002")
    events = await closed(node)
    assert of(events, "ticket.no_show") == []
    assert len(of(events, "ticket.called")) == 3
