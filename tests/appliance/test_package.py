"""The package on a booted machine: installed, configured, upgraded, taken back, and cut short."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.appliance.commands import SOURCES
from tests.appliance.figures import slower, tell_so
from tests.appliance.hall import START_LIMIT_S, Hall, heard
from tests.appliance.image import BARE, is_current
from tests.appliance.machine import Done, booted
from tests.appliance.packages import (
    ENDS,
    FIRST,
    NEWER,
    NEWER_ID,
    NEWER_UNIT,
    ON_STICK,
    SAYS_NOTHING,
)
from tests.integration.brokers import BrokerProcess, running

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1800)]

INSTALL_S = 60.0  # the most, on a hall's machine
READY_S = 15.0  # from the daemon's start to its word that it is ready
APT_LIMIT_S = 600.0  # 150 s on an idle machine; several test runs may share it
POLL_S = 1.0
CONFIG = "/etc/hall-edge/hall.toml"
ANSWERS = """
hall = "appliance"
node = "n1"
name = "整机测试大厅"
broker = "mqtt://10.0.2.2:{port}"
services = ["税务"]
"""
STORE = "/var/lib/hall-edge/hall.db"
SCHEMA = f"""
import sqlite3
print(*sqlite3.connect("file:{STORE}?mode=ro", uri=True).execute("PRAGMA user_version").fetchone())
"""
FIRST_SCHEMA = len(list((SOURCES / "edge/migrations").glob("*.sql")))
UNTIL_ACTIVE = "until systemctl --quiet is-active hall-edge; do sleep 0.5; done"
_PAYLOAD = "/usr/lib/hall-edge/payload"  # of its files some have come, and none is in its place
UNTIL_UNPACKING = f"until [ $(find {_PAYLOAD} -name '*.dpkg-new' | wc -l) -gt 1000 ]; do sleep 0.2; done"
# The newer daemon has migrated the store.
UNTIL_MIGRATED = f"until [ \"$(python3 -c '{SCHEMA}')\" = {FIRST_SCHEMA + 1} ]; do sleep 0.2; done"


@dataclass(slots=True)
class Site:
    hall: Hall

    async def run(self, *command: str) -> Done:
        return await self.hall.machine.run(*command, limit_s=APT_LIMIT_S)

    async def must(self, *command: str, given: str = "") -> str:
        return await self.hall.machine.must(*command, given=given, limit_s=APT_LIMIT_S)

    async def apt_install(self, package: str) -> Done:
        """As README.md has it; there is no network."""
        return await self.run("apt-get", "install", "--yes", ON_STICK.format(package))

    async def cut_upgrade(self, moment: str) -> None:
        """Begin it, and cut the power then; `moment` is a script that ends then."""
        dpkg = ("dpkg", "--install", ON_STICK.format(NEWER))
        await self.must("systemd-run", "--quiet", "--unit=upgrade", *dpkg)
        await self.must("sh", "-c", moment)
        await self.hall.machine.cut_power()

    async def version(self) -> str:
        return (await self.must("readlink", "/opt/hall-edge/current")).strip()

    async def runs_first(self, version: str) -> None:
        """With its own store and unit."""
        assert (await self.version(), await self.schema()) == (version, FIRST_SCHEMA)
        assert await self.hall.show("Description") != NEWER_UNIT

    async def runs_newer(self) -> None:
        assert (await self.version(), await self.schema()) == (NEWER_ID, FIRST_SCHEMA + 1)
        assert await self.hall.show("Description") == NEWER_UNIT

    async def schema(self) -> int:
        return int(await self.must("python3", "-c", SCHEMA))

    async def verified(self) -> dict[str, Any]:
        """The one chain of the node's acts, when everything that can be verified is right."""
        found = json.loads(await self.must("hallctl", "verify", "--json"))
        assert found["sound"], found
        (chain,) = found["chain"]
        assert isinstance(chain, dict)
        return chain

    async def take(self) -> str:
        """A ticket, printed."""
        before = len(self.hall.events("ticket.printed"))
        await self.must("hallctl", "send", "ticket.take", "service=service-1")
        return str((await self.hall.count("ticket.printed", before + 1, START_LIMIT_S))[-1]["ticket"])

    async def at_work(self) -> None:
        """The daemon is, and so is its printer."""
        await self.must("sh", "-c", UNTIL_ACTIVE)  # asked cheaply: the start is measured
        async with asyncio.timeout(START_LIMIT_S):
            while True:
                if await self._prints():
                    break
                await asyncio.sleep(POLL_S)

    async def _prints(self) -> bool:
        told = await self.run("hallctl", "status", "--json")
        devices = json.loads(told.out)["data"]["devices"] if told.status == 0 else []
        return ("printer", "online") in [(device["device"], device["state"]) for device in devices]

    async def goes_on_from(self, before: dict[str, Any]) -> str:
        """All is there that was there before, and the next ticket comes out."""
        await self.at_work()
        ticket = await self.take()
        chain = await self.verified()
        assert chain["epoch"] == before["epoch"]
        assert chain["last_seq"] > before["last_seq"]
        return ticket

    async def ready_s(self) -> float:
        began, ready = [
            int(await self.hall.show(name))
            for name in ("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        ]
        return (ready - began) / 1e6


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    with running("mosquitto", tmp_path_factory.mktemp("broker")) as found:
        yield found


@asynccontextmanager
async def site(folder: Path, disk: Path, broker: BrokerProcess) -> AsyncIterator[Site]:
    """The machine on this disk, with its printer and the stick with the packages in it."""
    folder.mkdir(exist_ok=True)
    async with booted(folder, disk) as machine, heard(machine, broker) as hall:
        await hall.things["printer"].plug()
        await machine.must("mount", "-o", "ro", "/dev/vdb", "/mnt")
        yield Site(hall)


def copied(disk: Path, to: Path) -> Path:
    subprocess.run(["cp", "--sparse=always", disk, to], check=True, timeout=300)
    return to


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def installed(tmp_path_factory: pytest.TempPathFactory, broker: BrokerProcess) -> Path:
    """The disk of a machine on which a technician has installed the package, and which has been at work."""
    if not is_current():
        pytest.fail("the image is missing or older than the sources: run `make test-appliance`")
    folder = tmp_path_factory.mktemp("installed")
    disk = copied(BARE, folder / "disk.img")
    async with site(folder, disk, broker) as here:
        began_s = time.monotonic()
        done = await here.apt_install(FIRST)
        took_s = time.monotonic() - began_s
        assert done.status == 0, done
        times = await slower(here.hall.machine)
        figure = f"{took_s:.1f} s on a machine {times:.0f} times slower: {took_s / times:.1f} s"
        tell_so("package installed", figure)
        assert took_s / times < INSTALL_S
        await here.must("tee", "/run/answers.toml", given=ANSWERS.format(port=broker.port))
        await here.must("hall-edge", "init", "--answers", "/run/answers.toml", CONFIG)
        await here.must("systemctl", "enable", "hall-edge")
        await here.must("systemctl", "start", "hall.target")
        await here.at_work()
        await here.take()
        await here.verified()
        await here.must("sync")
        await here.hall.machine.cut_power()
    return disk


async def test_an_upgrade_that_power_cuts_end_is_taken_back(
    installed: Path, tmp_path: Path, broker: BrokerProcess
) -> None:
    """While its files come, and when its daemon has migrated the store and is not ready yet."""
    disk = copied(installed, tmp_path / "disk.img")
    async with site(tmp_path / "first", disk, broker) as here:
        await here.at_work()
        first, chain = await here.version(), await here.verified()
        tickets = [await here.take()]
        await here.cut_upgrade(UNTIL_UNPACKING)
    async with site(tmp_path / "second", disk, broker) as here:
        tickets.append(await here.goes_on_from(chain))
        await here.runs_first(first)
        await here.must("touch", SAYS_NOTHING)
        await here.cut_upgrade(UNTIL_MIGRATED)
    async with site(tmp_path / "third", disk, broker) as here:
        tickets.append(await here.goes_on_from(chain))
        await here.runs_first(first)
        await here.must("dpkg", "--configure", "hall-edge")
        tickets.append(await here.goes_on_from(chain))
        await here.runs_newer()
    assert len(set(tickets)) == len(tickets)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def booted_again(
    installed: Path, tmp_path_factory: pytest.TempPathFactory, broker: BrokerProcess
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("again")
    async with site(folder, copied(installed, folder / "disk.img"), broker) as here:
        await here.at_work()
        yield here


async def test_after_a_boot_it_is_ready_in_time(booted_again: Site) -> None:
    took_s, times = await booted_again.ready_s(), booted_again.hall.machine.crowded()
    figure = f"{took_s:.1f} s where others make all {times:.1f} times longer: {took_s / times:.1f} s"
    tell_so("booted, daemon started → ready", figure)
    assert took_s / times < READY_S


async def test_an_upgrade_that_does_not_become_ready_is_taken_back(booted_again: Site) -> None:
    """With its migration; the same package becomes ready later, and is an upgrade."""
    here = booted_again
    first, chain, config = await here.version(), await here.verified(), await here.must("cat", CONFIG)
    await here.must("touch", ENDS)
    refused = await here.apt_install(NEWER)
    assert refused.status != 0
    assert f"已退回 {first}" in refused.err + refused.out
    await here.runs_first(first)
    tickets = [await here.goes_on_from(chain)]
    await here.must("rm", ENDS)
    await here.must("dpkg", "--configure", "hall-edge")
    await here.runs_newer()
    tickets.append(await here.goes_on_from(chain))
    assert len(set(tickets)) == len(tickets)
    assert await here.must("cat", CONFIG) == config
