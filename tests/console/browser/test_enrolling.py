"""Somebody new, from the invitation to logging in with a phone's code: the pages that are seen once."""

from __future__ import annotations

import pyotp
import pytest
from playwright.async_api import Browser

from tests.console.accounts_kit import PASSWORD
from tests.console.browser.judging import EN, ZH, Look, tab
from tests.console.browser.person import Person
from tests.console.kit import NOW_S, Console

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("look", [EN, pytest.param(ZH, marks=pytest.mark.thorough)], ids=str)
async def test_a_technician_is_invited_and_sets_up_codes(
    chromium: Browser, hall: Console, look: Look
) -> None:
    name = f"newcomer-{look.lang}"
    async with tab(chromium, look, hall.address, hall.cookie("manager")) as it:
        link = await _invited(Person(it, look), name)
    async with tab(chromium, look, hall.address, hall.cookie("")) as it:
        person = Person(it, look)
        await person.tab.open(link)
        await person.judges()
        await person.types(shown="新来的")
        await person.chooses_a_password()
        spare = await _sets_up_codes(person)
        await person.leaves()
        await person.types(name=name, password=PASSWORD)
        await person.presses(person.t("login.go"))
        await person.reads(person.t("code.title"))
        await person.judges()
        await person.types(code=spare)
        await person.presses(person.t("code.go"))
        await person.reads(person.t("overview.title"))


async def _invited(manager: Person, name: str) -> str:
    """The path of her link."""
    await manager.tab.open("/accounts")
    await manager.types(name=name, shown="新来的")
    await manager.page.select_option("main form[action='/accounts'] [name=role]", "technician")
    await manager.presses(manager.t("accounts.invite_go"))
    await manager.reads(manager.t("linked.title"))
    await manager.judges()
    address = await manager.page.locator("main .mono").inner_text()
    return address.removeprefix(manager.tab.origin)


async def _sets_up_codes(person: Person) -> str:
    """One of the codes that are written down."""
    await person.reads(person.t("codes.title"))
    await person.judges()
    secret = await person.page.locator("main [name=secret]").input_value()
    await person.types(code=pyotp.TOTP(secret).at(int(NOW_S)))
    await person.presses(person.t("codes.go"))
    await person.reads(person.t("codes.done"))
    await person.judges()
    spare = await person.page.locator("main li").first.inner_text()
    await person.follows(person.t("codes.go_on"))
    return spare
