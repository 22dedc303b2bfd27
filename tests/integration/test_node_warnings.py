"""A warning of the real daemon: at the broker, in the record, over both doors, and over kill −9."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

from edge.demo.processes import BIN
from edge.wire import Alert, Topics
from tests.integration.brokers import BrokerProcess, observing
from tests.node_kit import config_text, hall_at, of

TOPIC = Topics("test", "n1").alert("wait-tax")
WARNING = (
    '\n[[warning]]\nkind = "wait"\namber = 0.05\nred = 600\nclear = 0.01\nhold_s = 0\n'  # 3 s of waiting
)


def acknowledge(socket: Path) -> subprocess.CompletedProcess[str]:
    """As somebody at the node does."""
    command = [str(BIN / "hallctl"), "alerts", "--socket", str(socket), "--ack", "wait-tax", "--by", "张三"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


async def test_a_warning_is_raised_once_whatever_is_killed_and_who_sees_to_it_is_kept(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    config = config_text(hall="login_required = false") + WARNING
    async with hall_at(tmp_path, broker.url, config=config) as node:
        await node.take()
        await node.has("alert.raised", key="wait-tax")
        node.daemon.kill()
        await node.start()
        listed = await asyncio.to_thread(acknowledge, node.socket)
        assert listed.returncode == 0, listed.stdout + listed.stderr
        node.daemon.kill()
        await node.start()
        again = await node.ask("alert.acknowledge", {"key": "wait-tax", "by": "李四"})
        assert (again.result, again.code) == ("rejected", "acknowledged")
        async with observing(broker.broker, TOPIC) as seen:
            await seen.until(lambda: bool(seen.on(TOPIC)) and seen.on(TOPIC)[-1] != b"")
            alert = Alert.model_validate_json(seen.on(TOPIC)[-1])
            assert alert.warning
            assert (alert.warning.acknowledged_by, alert.warning.level) == ("张三", "amber")
            reply = await node.ask("window.call", {"window": "1"})
            assert reply.result == "done", reply
            await node.has("alert.cleared", key="wait-tax", reason="over")
            await seen.until(lambda: seen.on(TOPIC)[-1] == b"")
        events = await node.settled()
    story = [event["kind"] for event in events if event.get("key") == "wait-tax"]
    assert story == ["alert.raised", "alert.acknowledged", "alert.cleared"]
    assert of(events, "alert.acknowledged")[0]["name"] == "张三"
