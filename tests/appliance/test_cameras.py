"""Cameras at the unit: who decodes their pictures lives in its sandbox, and may die without the hall."""

from __future__ import annotations

import re

import pytest

from tests.appliance.hall import PASSWORD, START_LIMIT_S, Hall

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

WORKER = "drivers.camera.worker"
PROCESSES = "/sys/fs/cgroup/system.slice/hall-edge.service/cgroup.procs"
# How the unit's processes were begun, and its log.
SAID = f"for pid in $(cat {PROCESSES}); do cat /proc/$pid/cmdline /proc/$pid/environ; done; journalctl -o cat"


async def workers(hall: Hall) -> list[str]:
    """Process ids, of the unit's own processes: their memory is the unit's."""
    found = f"for pid in $(cat {PROCESSES}); do grep -q {WORKER} /proc/$pid/cmdline && echo $pid; done; true"
    return (await hall.machine.must("sh", "-c", found)).split()


async def pictured(hall: Hall, before_s: float = 0.0) -> float:
    """When a picture was looked at, once that is later than `before_s`; told to the minute."""
    await hall.heard.first(
        lambda _: (hall.told("camera/cam-1").get("looked_at") or 0.0) > before_s, 0, START_LIMIT_S
    )
    return float(hall.told("camera/cam-1")["looked_at"])


async def test_a_picture_is_decoded_within_the_sandbox(hall: Hall) -> None:
    await pictured(hall)
    status = hall.told("camera/cam-1")
    assert (status["codec"], status["width"], status["height"]) == ("h264", 640, 360)
    assert hall.told("device/cameras")["conditions"] == []
    found = await workers(hall)
    assert found
    for pid in found:
        about = await hall.machine.must("cat", f"/proc/{pid}/status")
        assert re.search(r"^Seccomp:\s+2$", about, re.MULTILINE), "system calls are filtered"
        assert re.search(r"^NoNewPrivs:\s+1$", about, re.MULTILINE)


async def test_the_login_is_nowhere_to_be_seen(hall: Hall) -> None:
    await pictured(hall)
    said = await hall.machine.must("sh", "-c", SAID)
    assert WORKER in said.replace("\0", " ")
    assert "online" in said
    assert PASSWORD not in said


async def test_a_worker_that_is_killed_is_replaced_and_the_hall_goes_on(hall: Hall) -> None:
    at_s = await pictured(hall)
    restarts = await hall.show("NRestarts")
    before = await workers(hall)
    assert before
    await hall.machine.must("sh", "-c", 'kill -KILL "$@"', "sh", *before)
    await pictured(hall, at_s)
    assert set(await workers(hall)).isdisjoint(before)
    assert await hall.show("NRestarts") == restarts
    await hall.until("cameras", lambda device: device["state"] == "online" and not device["conditions"])
