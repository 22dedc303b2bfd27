"""`hall-edge demo`, as a person starts it: the real broker, hub and daemon, for a short while."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from edge.demo.processes import BIN, free_port

pytestmark = pytest.mark.alone


async def demo(*args: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        BIN / "hall-edge", "demo", "--headless", *args, stdout=-1, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


@pytest.mark.timeout(180)
async def test_a_short_day_is_good_and_its_report_says_so(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    status, out = await demo("--minutes", "0.4", "--seed", "7", "--report", str(report))
    data = json.loads(report.read_text(encoding="utf-8"))
    assert (status, data["ok"], data["problems"]) == (0, True, []), out
    tickets, events = data["tickets"], data["events"]
    assert tickets["issued"] >= tickets["called"] >= tickets["served"] > 0
    assert tickets["rated"] + tickets["not_rated"] == tickets["served"]
    assert events["published"] == events["recorded"] > 0
    assert (events["lost"], events["duplicated"]) == (0, 0)
    assert all(data["corner"][what] > 0 for what in ("cards", "codes", "payments"))
    assert list(data["boards"]) == ["board"]
    for name in ("byte_to_publish", "tap_to_print", "key_to_strip", "card_to_fields"):
        assert data["latency_ms"][name]["n"] > 0
    assert data["rss_mb"] > 0
    assert data["cpu_percent"] >= 0


async def test_no_broker_is_told_in_words_and_is_status_1() -> None:
    status, out = await demo("--minutes", "0.1", "--broker", f"mqtt://127.0.0.1:{free_port()}")
    assert status == 1
    assert "hall-console was not ready" in out
