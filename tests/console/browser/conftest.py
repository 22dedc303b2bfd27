"""One browser and one console of a worker; each test has a context of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.console.browser.judging import WAIT_MS, browser
from tests.console.browser.world import World, world
from tests.console.browser.wrong import ROUTES
from tests.console.kit import Console, console

expect.set_options(timeout=WAIT_MS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with browser(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    async with console(tmp_path_factory.mktemp("console"), ROUTES) as served:
        yield served


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with world(tmp_path_factory.mktemp("county")) as there:
        yield there
