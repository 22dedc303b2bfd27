"""One machine for all tests: to boot it takes a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from drivers.camera.sim import CameraSim
from drivers.camera.sim_camera import Features
from drivers.camera.sim_port import serve_cameras
from tests.appliance.figures import LINES
from tests.appliance.hall import PASSWORD, USER, Hall, opened
from tests.appliance.image import is_current
from tests.appliance.machine import Machine, booted
from tests.integration.brokers import running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    if not is_current():
        pytest.fail("the image is missing or older than the sources: run `make test-appliance`")
    async with booted(tmp_path_factory.mktemp("machine")) as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hall(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    sim = CameraSim(Features(users=((USER, PASSWORD),), folder=tmp_path_factory.mktemp("clips")))
    await sim.prepare(("sub",))
    with running("nats", tmp_path_factory.mktemp("broker")) as broker:
        async with serve_cameras(sim) as (_, port), opened(machine, broker, port) as found:
            yield found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in LINES:
        terminalreporter.write_line(line)
