"""The units on a real systemd: started, reloaded, watched, and kept in their sandbox."""

from __future__ import annotations

import asyncio
import re

import pytest

from drivers.transport.sick import WELL, Ills
from tests.appliance.hall import START_LIMIT_S, Hall

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

UNITS = {
    "hall-edge": 2.0,
    "hall-console": 1.2,
    "hall-kiosk": 3.5,
}  # the most, as `systemd-analyze security` counts
WATCHDOG_S = 30.0  # WatchdogSec= of the unit
RATINGS = 3  # while the printer is stuck, spread over …
STUCK_S = 2.2 * WATCHDOG_S  # … what two watchdogs would not outlast


async def test_it_is_active_once_the_daemon_says_so(hall: Hall) -> None:
    assert await hall.show("Type") == "notify"
    assert await hall.show("ActiveState") == "active"
    assert await hall.show("NRestarts") == "0"
    began, entered = [
        int(await hall.show(name))
        for name in ("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
    ]
    assert entered - began > 1e6, "a daemon of Python is not ready within a second here: it was waited for"


async def test_it_has_no_power_over_the_machine(hall: Hall) -> None:
    status = await hall.machine.must("cat", f"/proc/{await hall.show('MainPID')}/status")
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE), "system calls are filtered"
    assert await hall.show("User") == "hall-edge"


@pytest.mark.parametrize("unit", UNITS)
async def test_systemd_finds_no_fault_in_the_unit(unit: str, hall: Hall) -> None:
    assert (await hall.machine.run("systemd-analyze", "verify", f"{unit}.service")).err == ""
    said = await hall.machine.must("systemd-analyze", "security", "--no-pager", unit)
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", said)
    assert found, said
    assert float(found[1]) <= UNITS[unit]


async def test_who_is_in_its_group_may_ask_and_others_may_not(hall: Hall) -> None:
    as_user = ("runuser", "--user")
    asked = await hall.machine.run(*as_user, "technician", "--", "hallctl", "status", "--json")
    assert asked.status == 0, asked
    refused = await hall.machine.run(*as_user, "nobody", "--", "hallctl", "status", "--json")
    assert refused.status == 2, refused


async def test_a_reload_is_answered(hall: Hall) -> None:
    await hall.machine.must("systemctl", "reload", "hall-edge")
    await hall.machine.must("cp", "/etc/hall-edge/hall.toml", "/tmp/right.toml")
    await hall.machine.must(
        "sed", "-i", "s/login_required = false/login_required = 7/", "/etc/hall-edge/hall.toml"
    )
    refused = await hall.machine.run("systemctl", "reload", "hall-edge")
    await hall.machine.must("cp", "/tmp/right.toml", "/etc/hall-edge/hall.toml")
    assert refused.status != 0, "systemd hears that the file was refused"
    assert await hall.show("ActiveState") == "active"


async def test_the_hub_acknowledges_under_its_unit(hall: Hall) -> None:
    url = f"mqtt://10.0.2.2:{hall.broker_port}"
    await hall.machine.must("tee", "/etc/hall-edge/console.env", given=f"HALL_BROKERS=--broker {url}\n")
    at = len(hall.heard)
    await hall.machine.must("systemctl", "start", "hall-console")
    await hall.heard.first(lambda message: message.topic.endswith("/n1/ack"), at, START_LIMIT_S)
    assert await hall.show("NRestarts", "hall-console") == "0"
    await hall.machine.must("systemctl", "stop", "hall-console")


@pytest.mark.parametrize(("signal", "limit_s"), [("KILL", 0.0), ("STOP", WATCHDOG_S)])
async def test_a_daemon_that_ends_or_hangs_is_started_again(signal: str, limit_s: float, hall: Hall) -> None:
    await hall.settle("pad")
    before, at = int(await hall.show("NRestarts")), len(hall.machine.log)
    await hall.machine.must("systemctl", "kill", "--kill-whom=main", f"--signal={signal}", "hall-edge")
    await hall.machine.log.first(
        lambda said: said.text.startswith("Started hall-edge"), at, limit_s + START_LIMIT_S
    )
    await hall.machine.log.first(
        lambda said: said.text.endswith("device=pad") and "online" in said.text, at, 30
    )
    assert int(await hall.show("NRestarts")) == before + 1


async def test_a_stuck_printer_does_not_restart_the_hall(hall: Hall) -> None:
    """It takes no more bytes and says nothing more, in mid-ticket; everybody else goes on."""
    await hall.settle("printer", "pad")
    process = [await hall.show(name) for name in ("MainPID", "NRestarts")]
    for _ in range(RATINGS):
        await _ticket(hall)
    hall.paper.ills = Ills(stuck=True, mute=True)
    try:
        taking = asyncio.create_task(hall.machine.run("hallctl", "send", "ticket.take", "service=tax"))
        await hall.until("printer", lambda device: device["state"] != "online")
        await _rate_for(STUCK_S, hall)
        assert (await taking).out.startswith("unknown"), "nobody says that it is printed, or that it is not"
        assert hall.device("printer")["state"] != "online"
        assert [await hall.show(name) for name in ("MainPID", "NRestarts")] == process
    finally:
        hall.paper.ills = WELL  # else nobody can pull it
    await hall.until("printer", lambda device: device["state"] == "online")
    await _ticket(hall)


async def _rate_for(limit_s: float, hall: Hall) -> None:
    """Citizens who are served and press a key, one after the other."""
    rated = len(hall.events("rating.given"))
    for number in range(1, RATINGS + 1):
        for verb in ("window.call", "window.start", "window.evaluate"):
            await hall.send(verb, "window=1")
        await hall.machine.press("5")
        await hall.count("rating.given", rated + number)
        await hall.machine.must("sleep", f"{limit_s / RATINGS:.0f}")


async def _ticket(hall: Hall) -> None:
    """One more, that comes out."""
    before = len(hall.events("ticket.printed"))
    await hall.send("ticket.take", "service=tax")
    await hall.count("ticket.printed", before + 1)
