"""`hallctl diag` beside the real daemon, and where there is none."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from drivers.transport.sick import WELL, Ills
from edge.diag.cli import app
from tests.integration.brokers import running
from tests.node_kit import LONG_S, Node, hall_at


async def diag(node: Node, *args: str, status: int, says: str = "") -> str:
    def run() -> str:
        command = ["diag", *args, "--socket", str(node.socket), "--lang", "en"]
        done = CliRunner().invoke(app, command, input=says)
        assert done.exit_code == status, done.output
        return done.output

    return await asyncio.to_thread(run)


async def told(node: Node, device: str, *, status: int) -> dict[str, Any]:
    (found,) = json.loads(await diag(node, device, "--json", status=status))["devices"]
    assert isinstance(found, dict)
    return found


async def until(node: Node, device: str, cause: str, status: int) -> dict[str, Any]:
    """The devices are asked every few seconds: what has just happened may not be known yet."""
    deadline_s = time.monotonic() + LONG_S
    while True:
        command = ["diag", device, "--json", "--socket", str(node.socket)]
        done = await asyncio.to_thread(CliRunner().invoke, app, command)
        (found,) = json.loads(done.output)["devices"]
        if found["cause"] == cause:
            assert done.exit_code == status, found
            return dict(found)
        assert time.monotonic() < deadline_s, f"never {cause}: {found}"
        await asyncio.sleep(0.5)


async def test_a_hall_is_diagnosed(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, hub=None) as node:
            well = await until(node, "printer", "ok", 0)
            assert (well["verdict"], well["device"]) == ("ok", "printer")
            assert any("frames good" in each["en"] for each in well["evidence"])

            node.rig.printer.open_cover()
            cover = await until(node, "printer", "cover_open", 1)
            assert cover["verdict"] == "fault"
            assert "Close the cover" in cover["next_en"]
            said = await diag(node, "printer", status=1)
            assert "cover" in said
            assert "next: Close the cover" in said
            rows = await diag(node, status=1)
            assert "printer" in rows
            assert "are sound" in rows
            everyone = json.loads(await diag(node, "all", "--json", status=1))["devices"]
            assert {"printer", "windows", "strip-1", "caller-1"} <= {each["device"] for each in everyone}
            assert len(everyone) == len({each["device"] for each in everyone})
            node.rig.printer.close_cover()
            await until(node, "printer", "ok", 0)  # else it falls silent with its cover open, for all we know

            node.rig.sick["printer"].ills = Ills(mute=True)
            gone = await until(node, "printer", "went_silent", 1)
            assert "power" in gone["next_en"]
            node.rig.sick["printer"].ills = WELL
            await until(node, "printer", "ok", 0)

            assert "unknown_device" in await diag(node, "nobody", status=1)
            assert "internally" in await diag(node, "all", "--level", "external", status=2)


async def test_a_person_at_the_device_is_believed(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, hub=None) as node:
            await until(node, "printer", "ok", 0)
            asked = await diag(node, "printer", "--level", "interactive", status=1, says="n\n")
            assert "test page" in asked
            assert "wrong way round" in asked, "the printer says that it printed: the roll"
            assert "sound" in await diag(node, "printer", "--level", "interactive", status=0, says="y\n")
