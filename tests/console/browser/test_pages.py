"""Every page of the console: a browser, axe and a small screen find nothing to object to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Browser

from tests.console.browser.judging import EN, LOOKS, ZH, Look, tab
from tests.console.kit import Console

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True, slots=True)
class Judged:
    """A page, and who looks at it; "" nobody has logged in. `passed`: the look in which a journey judges it.
    `once`: others have seen most of it already, so that one look must do."""

    path: str
    account: str = ""
    status: int = 200
    passed: Look | None = None
    once: bool = False

    def __str__(self) -> str:
        return f"{self.path} {self.account}".rstrip()


PAGES = (
    Judged("/login", passed=ZH),
    Judged("/link/no-such-link", status=409, once=True),
    Judged("/", "manager", passed=ZH),
    Judged("/halls/county", "manager", passed=ZH),
    Judged("/me", "manager"),
    Judged("/accounts", "manager"),
    Judged("/halls/county/cameras", "manager", passed=EN),
    Judged("/events?hall=county&ticket=A001", "manager", once=True),
    Judged("/ratings", "manager", passed=ZH),
    Judged("/ratings/{followup}", "manager", passed=ZH),
    Judged("/reports", "manager"),
    Judged("/halls/county", "technician", once=True),
    Judged("/me", "technician", once=True),
    Judged("/halls/county/devices/desk/printer-1", "technician", passed=EN),
    Judged("/halls/county/cameras/desk/cam-3", "technician", passed=EN),
    Judged("/events", "technician", passed=EN),
    Judged("/audit", "auditor"),
    Judged("/ratings/{followup}", "auditor", once=True),
    Judged("/reports/month/2026-09/1", "auditor", passed=ZH),
    Judged("/", "town", once=True),
    Judged("/reports", "town", passed=ZH),
    Judged("/ratings?from=2026-09-01&to=2026-08-01", "town", once=True),
    Judged("/nowhere", "viewer", 404, once=True),
    Judged("/halls/town", "viewer", once=True),
    Judged("/accounts", "viewer", 403),
)


def pages_of(account: str, look: Look) -> list[Judged]:
    """Those that nothing else judges like this."""
    its = [page for page in PAGES if page.account == account]
    return [page for page in its if look != page.passed and not (page.once and look == ZH)]


EACH = [
    pytest.param(
        account, look, marks=() if look in (ZH, EN) else pytest.mark.thorough, id=f"{account}-{look}"
    )
    for account in dict.fromkeys(page.account for page in PAGES)
    for look in LOOKS
    if pages_of(account, look)
]


@pytest.mark.parametrize(("account", "look"), EACH)
async def test_no_page_has_faults(chromium: Browser, hall: Console, account: str, look: Look) -> None:
    found: dict[str, list[str]] = {}
    async with tab(chromium, look, hall.address, hall.cookie(account)) as it:
        for page in pages_of(account, look):
            await it.open(hall.path(page.path), status=page.status)
            found[str(page)] = await it.faults()
            lang = await it.page.evaluate("document.documentElement.lang")
            assert lang == {"zh": "zh-CN", "en": "en"}[look.lang], page
    assert {page: faults for page, faults in found.items() if faults} == {}
