"""Every page of the console: a browser, axe and a small screen find nothing to object to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Browser

from tests.console.browser.judging import LOOKS, PHONE, Look, context, opened
from tests.console.kit import Console

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True, slots=True)
class Judged:
    """A page, and who looks at it; "" nobody has logged in. `brief`: others have seen most of it already, or
    axe takes seconds for its tables, so that two looks must do."""

    path: str
    account: str = ""
    status: int = 200
    brief: bool = False

    def __str__(self) -> str:
        return f"{self.path} {self.account}".rstrip()


PAGES = (
    Judged("/login"),
    Judged("/link/no-such-link", status=409, brief=True),
    Judged("/nowhere", "viewer", 404, brief=True),
    Judged("/", "manager"),
    Judged("/", "town", brief=True),
    Judged("/halls/county", "manager"),
    Judged("/halls/county", "technician", brief=True),
    Judged("/halls/town", "viewer", brief=True),
    Judged("/me", "manager"),
    Judged("/me", "technician", brief=True),
    Judged("/accounts", "manager"),
    Judged("/accounts", "viewer", 403, brief=True),
    Judged("/halls/county/devices/desk/printer-1", "technician"),
    Judged("/halls/county/cameras", "manager"),
    Judged("/halls/county/cameras/desk/cam-3", "technician"),
    Judged("/events", "technician"),
    Judged("/events?hall=county&ticket=A001", "manager", brief=True),
    Judged("/audit", "auditor"),
    Judged("/ratings", "manager"),
    Judged("/ratings/{followup}", "manager"),
    Judged("/ratings/{followup}", "auditor", brief=True),
    Judged("/reports", "manager"),
    Judged("/reports/month/2026-09/1", "auditor", brief=True),
    Judged("/reports", "town", brief=True),
    Judged("/ratings?from=2026-09-01&to=2026-08-01", "town", brief=True),
)


BRIEF = (LOOKS[0], Look(*PHONE, "en", "dark"))  # each value once
LOOKED_AT = [(page, look) for page in PAGES for look in (BRIEF if page.brief else LOOKS)]


@pytest.mark.parametrize(("page", "look"), LOOKED_AT, ids=str)
async def test_a_page_has_no_faults(chromium: Browser, hall: Console, page: Judged, look: Look) -> None:
    async with context(chromium, look, hall, page.account) as within:
        it = await opened(within, hall.address, hall.path(page.path), status=page.status)
        assert await it.faults() == []
        lang = await it.page.evaluate("document.documentElement.lang")
        assert lang == {"zh": "zh-CN", "en": "en"}[look.lang]
