"""The way to the other language, from any page and from the answer to any form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.accounts_kit import served


@pytest.mark.parametrize(
    ("path", "other"),
    [("/events?ticket=A001&lang=zh", "/events?ticket=A001&amp;lang=en"), ("//x.example/", "/?lang=en")],
)
async def test_the_other_language_is_of_the_same_page(tmp_path: Path, path: str, other: str) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = await pages.logged_in("li")
        assert f'href="{other}"' in (await browser.get(pages.address + path)).text


@pytest.mark.parametrize(
    ("path", "other"), [("/login?next=/me", "/login?lang=en"), ("/accounts/li/change", "/?lang=en")]
)
async def test_the_other_language_of_a_refused_form_is_a_page(tmp_path: Path, path: str, other: str) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = await pages.logged_in("li")
        refused = await browser.post(path, name="li", password="wrong")
        assert refused.status == 403
        assert f'href="{other}"' in refused.text
        assert (await browser.get(other)).status in (200, 303)
