"""`python -m tests.console.browser.shots FOLDER [PART]`: pictures of all pages, or of those with PART in
their path."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.console.browser.judging import LOOKS, browser, tab
from tests.console.browser.test_pages import PAGES
from tests.console.kit import console


async def shoot(folder: Path, part: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as room:
        async with browser(Path(room)) as chromium, console(Path(room)) as hall:
            for page in PAGES:
                for look in LOOKS if part in page.path else ():
                    async with tab(chromium, look, hall.address, hall.cookie(page.account)) as it:
                        await it.open(hall.path(page.path), status=page.status)
                        name = f"{page}-{look}".replace("/", "_").replace(" ", "-").strip("_")
                        await it.page.screenshot(path=folder / f"{name}.png", full_page=True)


if __name__ == "__main__":
    asyncio.run(shoot(Path(sys.argv[1]), "".join(sys.argv[2:3])))
