"""What judges the pages finds each fault, and none where there is none."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.console.browser.judging import LOOKS, context, opened
from tests.console.browser.wrong import WRONG
from tests.console.kit import Console

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_page_that_is_right_has_no_faults(chromium: Browser, hall: Console) -> None:
    async with context(chromium, LOOKS[0], hall) as within:
        page = await opened(within, hall.address, "/right")
        assert await page.faults() == []


@pytest.mark.parametrize("how", WRONG)
async def test_each_fault_of_a_page_is_found(chromium: Browser, hall: Console, how: str) -> None:
    async with context(chromium, LOOKS[0], hall) as within:
        page = await opened(within, hall.address, f"/wrong/{how}")
        faults = await page.faults()
        assert any(WRONG[how][1] in fault for fault in faults), faults
