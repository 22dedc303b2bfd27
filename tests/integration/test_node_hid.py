"""A rating pad that is a USB keyboard, at a window of the real daemon: unplugged and plugged in again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drivers.hid.sim import HidSim
from drivers.transport.sim import serve_pty
from tests.integration.brokers import running
from tests.node_kit import CALL, EVALUATE, START, Node, config_text, hall_at

KEY_KP5, KEY_2 = 76, 3  # linux/input-event-codes.h
ON_THE_BUS = """
[[device.child]]
id = "pad-1"
kind = "pad"
address = 129
window = "1"
"""
AT_USB = """
[[device]]
id = "pad-1"
driver = "hid"
model = "hid-pad-five"
url = "input://{path}"
kind = "pad"
window = "1"
"""


async def serve(node: Node, ticket: str) -> None:
    """Up to the invitation to rate."""
    await node.key(CALL)
    await node.has("ticket.called", ticket=ticket)
    await node.key(START)
    await node.key(EVALUATE)
    await node.has("service.finished", ticket=ticket)


async def pad(node: Node) -> dict[str, Any]:
    return (await node.devices())["pad-1"]


async def test_a_keyboard_rates_and_rates_again_after_it_was_unplugged(tmp_path: Path) -> None:
    sim, path = HidSim(), tmp_path / "pad"
    whole = config_text()
    assert ON_THE_BUS in whole
    with running("nats", tmp_path) as broker:
        async with (
            hall_at(tmp_path, broker.url, hub=None, start=False) as node,
            serve_pty(sim, path) as line,
        ):
            text = whole.replace(ON_THE_BUS, "") + AT_USB.format(path=path)
            node.config.write_text(text, encoding="utf-8")
            await node.start("printer", "entrance", "windows", "pad-1")
            for button in (1, 2):
                await node.take(button)
            await node.slip_of("B001")
            await node.log_in("1")
            await serve(node, "A001")
            await sim.press(KEY_KP5)
            (rated,) = await node.has("rating.given")
            assert (rated["ticket"], rated["level"], rated["raw"], rated["by"]) == (
                "A001",
                5,
                KEY_KP5,
                "pad-1",
            )

            line.unplug()
            gone = await node.until(lambda found: found["state"] == "backoff", lambda: pad(node))
            assert [each["code"] for each in gone["conditions"]] == ["unplugged"]
            await serve(node, "B001")
            await sim.press(KEY_2)  # nobody hears it
            line.plug()
            await node.online("pad-1")
            assert (await pad(node))["conditions"] == []
            await sim.press(KEY_2)
            again = await node.has("rating.given", ticket="B001")
            assert [event["level"] for event in again] == [2]
            assert len(await node.has("rating.given", 2)) == 2
