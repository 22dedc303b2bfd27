"""Every page of the console: a browser, axe and a small screen find nothing to object to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pytest
from playwright.async_api import Browser

from tests.console.browser.judging import EN, LOOKS, ZH, Look, tab
from tests.console.kit import Console

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True, slots=True)
class Judged:
    """A page, and who looks at it; "" nobody has logged in. `passed`: journeys judge it in their looks.
    `once`: others have seen most of it already, so that one look must do."""

    path: str
    account: str = ""
    status: int = 200
    passed: bool = False
    once: bool = False

    def __str__(self) -> str:
        return f"{self.path} {self.account}".rstrip()


PAGES = (
    Judged("/login", passed=True),
    Judged("/link/no-such-link", status=409, once=True),
    Judged("/", "manager", passed=True),
    Judged("/halls/county", "manager", passed=True),
    Judged("/me", "manager"),
    Judged("/accounts", "manager"),
    Judged("/halls/county/cameras", "manager", passed=True),
    Judged("/events?hall=county&ticket=A001", "manager", once=True),
    Judged("/ratings", "manager", passed=True),
    Judged("/ratings/{followup}", "manager", passed=True),
    Judged("/reports", "manager"),
    Judged("/halls/county", "technician", once=True),
    Judged("/me", "technician", once=True),
    Judged("/halls/county/devices/desk/printer-1", "technician", passed=True),
    Judged("/halls/county/cameras/desk/cam-3", "technician", passed=True),
    Judged("/events", "technician", passed=True),
    Judged("/audit", "auditor"),
    Judged("/ratings/{followup}", "auditor", once=True),
    Judged("/reports/month/2026-09/1", "auditor", passed=True),
    Judged("/", "town", once=True),
    Judged("/reports", "town", passed=True),
    Judged("/ratings?from=2026-09-01&to=2026-08-01", "town", once=True),
    Judged("/nowhere", "viewer", 404, once=True),
    Judged("/halls/town", "viewer", once=True),
    Judged("/accounts", "viewer", 403),
)


EACH = (ZH, EN)
OTHERS = [pytest.param(look, marks=pytest.mark.thorough) for look in LOOKS if look not in EACH]


def by_account(pages: Sequence[Judged]) -> dict[str, list[Judged]]:
    return {account: list(its) for account, its in groupby(pages, lambda each: each.account)}


@pytest.mark.parametrize(
    "look",
    [pytest.param(look, marks=() if look in (ZH, EN) else pytest.mark.thorough) for look in LOOKS],
    ids=str,
)
@pytest.mark.parametrize("account", by_account(PAGES))
async def test_no_page_has_faults(chromium: Browser, hall: Console, account: str, look: Look) -> None:
    found: dict[str, list[str]] = {}
    async with tab(chromium, look, hall.address, hall.cookie(account)) as it:
        for page in by_account(PAGES)[account]:
            if look in EACH and (page.passed or (page.once and look is not EN)):
                continue
            await it.open(hall.path(page.path), status=page.status)
            found[str(page)] = await it.faults()
            lang = await it.page.evaluate("document.documentElement.lang")
            assert lang == {"zh": "zh-CN", "en": "en"}[look.lang], page
    assert {page: faults for page, faults in found.items() if faults} == {}
