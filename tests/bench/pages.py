"""How soon a page of the console is there: from asking for it to what can be read of it, in Chromium.

The floor is a page with a heading and a line of text, of the same server.
"""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser

from tests.bench.model import Figure, Result, Series
from tests.console.browser.judging import ZH, browser, tab
from tests.console.browser.wrong import ROUTES
from tests.console.kit import Console, console

PAGES = {  # path, and who asks
    "/": "manager",
    "/halls/county": "manager",
    "/halls/county/devices/desk/printer-1": "technician",
    "/ratings": "manager",
    "/reports/month/2026-09/1": "manager",
    "/events": "manager",
}
FLOOR, LINE = "/right", "a page with a line"
# As soon as it is known; the page's own policy forbids the driver's way of asking again and again.
PAINTED = """new Promise(told => {
  const look = () => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0]
    paint ? told(paint.startTime) : setTimeout(look, 20)
  }
  look()
})"""


async def measure(folder: Path, times: int) -> Result:
    folder.mkdir(parents=True, exist_ok=True)
    async with browser(folder) as chromium, console(folder, ROUTES) as hall:
        floor = await _painted(chromium, hall, FLOOR, "", times)
        series = [await _painted(chromium, hall, path, who, times) for path, who in PAGES.items()]
    figures = tuple(
        Figure(f"first paint of {each.name}, p95", "ms", each.ms(0.95), floor.ms(0.95), LINE, below=1000)
        for each in series
    )
    notes = (f"{times} times each, a browser context of its own and nothing in its cache",)
    return Result("Pages of the console, first contentful paint", figures, (floor, *series), notes)


async def _painted(chromium: Browser, hall: Console, path: str, who: str, times: int) -> Series:
    series = Series(path)
    for _ in range(times):
        async with tab(chromium, ZH, hall.address, hall.cookie(who)) as it:
            await it.open(path)
            series.values_s.append(await it.page.evaluate(PAINTED) / 1000)
    return series
