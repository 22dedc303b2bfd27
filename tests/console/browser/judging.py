"""A page in Debian's Chromium, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import pylopdf_fonts_zh_cn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

CHROMIUM = "/usr/bin/chromium"
# Root has no sandbox, and a container little shared memory; the pages are our own.
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The only rule of WCAG 2.2 AA that a program can judge; axe leaves it out unless it is asked for.
RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],  # of the others no more than that they are there
}
HEAVIEST = 300_000  # bytes of a page with all that it loads, over the line
SMALLEST_PX = 11.0  # of letters, also of those in drawings
WAIT_MS = 60_000

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    width: int
    height: int
    lang: Literal["zh", "en"]
    scheme: Scheme

    def __str__(self) -> str:
        return f"{self.width}-{self.lang}-{self.scheme}"


DESK, PHONE = (1366, 768), (390, 844)
ZH, EN = Look(*DESK, "zh", "light"), Look(*PHONE, "en", "dark")  # each value once
LOOKS = (ZH, Look(*PHONE, "zh", "dark"), EN, Look(*DESK, "en", "light"))
LISTEN = """globalThis.__refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  __refused.push(`${event.violatedDirective} ${event.blockedURI}`));"""
ROWS = 20
THIN = """(rows) =>
  document.querySelectorAll(`tbody > tr:nth-child(n + ${rows + 1})`).forEach((row) => row.remove())"""
# Letters that are drawn smaller than they can be read: a drawing scales its own.
SMALL = """(smallest) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    const svg = element instanceof SVGElement && element.closest("svg");
    if (svg && !(element instanceof SVGTextElement)) continue;
    const scale = svg ? element.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(element).fontSize) * scale;
    if (size < smallest) found.push(`${size.toFixed(1)} px: ${node.data.trim().slice(0, 30)}`);
  }
  return found;
}"""


@dataclass  # without slots: playwright keeps its own beside the handlers
class Tab:
    """Of a browser, and what went wrong with the page that is open in it. Nothing comes from a cache, so that
    each page weighs what it weighs for who sees it first."""

    page: Page
    origin: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # requests to elsewhere, of all pages
    requests: list[Request] = field(default_factory=list)

    @classmethod
    async def of(cls, within: BrowserContext, origin: str) -> Self:
        page = await within.new_page()
        cdp = await within.new_cdp_session(page)
        await cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
        tab = cls(page, origin)
        page.on("console", lambda told: tab._told(told.type, told.text))
        page.on("pageerror", lambda error: tab.errors.append(str(error)))
        page.on("requestfailed", tab._failed)
        page.on("request", tab._asked)
        page.on("requestfinished", tab._got)
        return tab

    async def open(self, path: str, *, status: int = 200) -> None:
        """Loaded and at rest."""
        self.fresh()
        answer = await self.page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        if status >= 400:
            self.errors = [each for each in self.errors if str(status) not in each]

    def fresh(self) -> None:
        """What follows is of another page."""
        self.errors.clear()
        self.requests.clear()

    def _got(self, request: Request) -> None:
        self.requests.append(request)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a stream, where another page is opened
            self.errors.append(f"{request.url}: {request.failure}")

    def _told(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.errors.append(text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:")):
            self.strangers.append(request.url)

    async def weight(self) -> int:
        """Bytes that came over the line."""
        sizes = [await request.sizes() for request in self.requests]
        return sum(each["responseHeadersSize"] + each["responseBodySize"] for each in sizes)

    async def look(self, look: Look) -> None:
        """At the page that is open, or that will be."""
        await self.page.emulate_media(color_scheme=look.scheme)
        await self.page.set_viewport_size({"width": look.width, "height": look.height})

    async def faults(self) -> list[str]:
        """All that a page must not have; an empty list is a page that is right."""
        refused = await self.page.evaluate("globalThis.__refused")
        small = await self.page.evaluate(SMALL, SMALLEST_PX)
        box = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        beyond, weight = await self.page.evaluate(box), await self.weight()
        found = [f"console: {each}" for each in self.errors]
        found += [f"policy: {each}" for each in refused]
        found += [f"request to a stranger: {each}" for each in self.strangers]
        found += [f"letters too small: {each}" for each in small]
        found += [f"{beyond} px wider than the screen"] if beyond > 0 else []
        found += [f"{weight} bytes"] if weight >= HEAVIEST else []
        return found + await violations(self.page)


async def violations(page: Page) -> list[str]:
    """By axe. Of a long table's rows, which are alike, as many as a screen has: it looks at each cell."""
    await page.evaluate(THIN, ROWS)
    await page.evaluate(_axe())
    result: dict[str, Any] = await page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"axe {each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in result["violations"]
        for node in each["nodes"]
    ]


@lru_cache(maxsize=1)
def _axe() -> str:
    return str(Axe().axe_script)


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """With the font that comes with hall-edge, so that Chinese is as wide as it is where it is read."""
    fonts = folder / "fonts.conf"
    ours = Path(pylopdf_fonts_zh_cn.__file__).parent
    fonts.write_text(
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>"
        f"<include>/etc/fonts/fonts.conf</include><dir>{ours}</dir><cachedir>{folder}/cache</cachedir></fontconfig>"
    )
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, env={**os.environ, "FONTCONFIG_FILE": str(fonts)}
        )
        try:
            yield started
        finally:
            await started.close()


@asynccontextmanager
async def tab(of: Browser, look: Look, address: str, session: Mapping[str, str]) -> AsyncIterator[Tab]:
    """In a browser of its own. `session`: the cookie of who has logged in there; empty: nobody has."""
    made = await of.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        reduced_motion="reduce",
        locale={"zh": "zh-CN", "en": "en-GB"}[look.lang],
        base_url=address,
    )
    made.set_default_timeout(WAIT_MS)
    await made.add_init_script(LISTEN)
    cookies = {"lang": look.lang, **session}
    await made.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
    )
    try:
        yield await Tab.of(made, address)
    finally:
        await made.close()
