"""What judges the pages finds each fault, and none where there is none."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.console.browser.judging import ZH, tab
from tests.console.browser.wrong import WRONG
from tests.console.kit import Console

pytestmark = pytest.mark.asyncio(loop_scope="session")
LAST = "stranger"  # who has asked a stranger is never forgiven


async def test_each_fault_of_a_page_is_found_and_none_of_one_that_is_right(
    chromium: Browser, hall: Console
) -> None:
    async with tab(chromium, ZH, hall.address, {}) as it:
        for how in sorted(WRONG, key=lambda how: how == LAST):
            if how == LAST:
                await it.open("/right")
                assert await it.faults() == []
            await it.open(f"/wrong/{how}")
            faults = await it.faults()
            assert any(WRONG[how][1] in each for each in faults), (how, faults)
