"""Terminals at the real daemon: one that hangs is told, and changes nothing for anybody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from drivers.heartbeat.sim import HeartbeatSim
from drivers.transport.sick import WELL, Ills, Sick
from drivers.transport.sim import serve_tcp
from drivers.xfs4iot.sim import TerminalSim
from tests.integration.brokers import running
from tests.node_kit import Node, hall_with

LINES = 8
TERMINAL = """
[[device]]
id = "{id}"
driver = "xfs4iot"
model = "xfs4iot-terminal"
url = "tcp://127.0.0.1:{port}"
settings = {{ heartbeat_s = 1.0, answer_timeout_s = 1.0 }}
"""


async def until(node: Node, device: str, holds: Callable[[dict[str, Any]], bool]) -> None:
    async def look() -> dict[str, Any]:
        return (await node.devices())[device]

    await node.until(holds, look)


def codes(status: dict[str, Any]) -> set[str]:
    return {condition["code"] for condition in status["conditions"]}


def paper_is_low(status: dict[str, Any]) -> bool:
    return "paper_low" in codes(status)


def paper_is_well(status: dict[str, Any]) -> bool:
    return not paper_is_low(status)


HEARTBEAT = """
[[device]]
id = "beating"
driver = "heartbeat"
model = "heartbeat-http-terminal"
url = "tcp://127.0.0.1:{port}"
settings = {{ period_s = 0.5, answer_timeout_s = 0.5 }}
"""


async def test_a_heartbeat_that_hangs_changes_nothing_for_anybody_else(tmp_path: Path) -> None:
    sim = HeartbeatSim()
    sick = Sick(sim)
    with running("nats", tmp_path) as broker:
        async with (
            serve_tcp(sick, lines=2) as (_, port),
            hall_with(tmp_path, broker.url, HEARTBEAT.format(port=port)) as node,
        ):
            await node.online("beating")
            sim.take("1234.5")
            await until(node, "beating", lambda status: status["attributes"]["takings_today"] == "1234.50")
            sick.ills = Ills(mute=True)
            await until(node, "beating", lambda status: "silent" in codes(status))
            await node.take(1)
            await node.has("ticket.printed", 1)
            sick.ills = WELL
            await node.online("beating")


async def test_a_terminal_that_hangs_changes_nothing_for_anybody_else(tmp_path: Path) -> None:
    sick, well = TerminalSim(), TerminalSim()
    with running("nats", tmp_path) as broker:
        async with (
            serve_tcp(sick, lines=LINES) as (_, sick.port),
            serve_tcp(well, lines=LINES) as (_, well.port),
            hall_with(
                tmp_path,
                broker.url,
                TERMINAL.format(id="sick", port=sick.port) + TERMINAL.format(id="well", port=well.port),
            ) as node,
        ):
            await node.online("sick", "well")
            sick.hang()
            await node.take(1)  # while nobody knows of it yet
            await node.has("ticket.printed", 1)
            await until(node, "sick", lambda status: "service_silent" in codes(status))
            for n in range(2, 5):  # while it is tried again and again
                await node.take(1 + n % 2)
                await node.has("ticket.printed", n)
                well.set_paper("low" if n % 2 else "full")
                await until(node, "well", paper_is_low if n % 2 else paper_is_well)
            devices = await node.devices()
            assert devices["sick"]["state"] != "online"
            assert "offline_since" in devices["sick"]["attributes"]
            assert {devices[name]["state"] for name in ("well", "printer", "entrance")} <= {
                "online",
                "degraded",
            }
            assert devices["printer"]["restarts"] == 0
            sick.hang(on=False)
            await node.online("sick")
            await until(node, "sick", lambda status: "offline_since" not in status["attributes"])
