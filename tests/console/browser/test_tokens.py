"""Making a token for a program, on a phone: what is shown once is whole, and nothing is to be objected to."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser

from tests.console.accounts_kit import PASSWORD
from tests.console.browser.judging import EN, tab
from tests.console.kit import Console

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_token_is_made_and_then_ended(chromium: Browser, hall: Console) -> None:
    async with tab(chromium, EN, hall.address, hall.cookie("viewer")) as it:
        await it.open("/me")
        form = it.page.locator('form[action="/me/tokens"]')
        await form.locator("[name=label]").fill("a screen in the lobby")
        await form.locator("[name=present]").fill(PASSWORD)
        await form.locator("button").click()
        token = it.page.get_by_text(re.compile(r"^hall_[\w-]{43}$"))
        await token.wait_for()
        assert await it.faults() == []
        await it.open("/me")
        assert await it.faults() == []
        await it.page.get_by_role("button", name="End it").click()
        await it.page.get_by_text("a screen in the lobby").wait_for(state="detached")
