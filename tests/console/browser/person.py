"""Somebody at a browser, who reads one language and does one thing after the other."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from edge.console.web.words import said
from tests.console.accounts_kit import PASSWORD
from tests.console.browser.judging import Look, Tab

SAME = "globalThis.__same"  # set on a page, it is there until the page is loaded anew


class Person:
    def __init__(self, tab: Tab, look: Look) -> None:
        self.tab, self.page, self.look = tab, tab.page, look

    def t(self, key: str, **values: object) -> str:
        """As the pages say it to this person."""
        return said(self.look.lang, key, **values)

    def name(self, zh: str, en: str) -> str:
        return zh if self.look.lang == "zh" else en

    @property
    def state(self) -> Locator:
        """What a page says of how fresh it is."""
        return self.page.locator("[data-live-state]")

    async def arrives(self, path: str) -> None:
        """Chinese is what a page speaks first."""
        await self.tab.page.context.clear_cookies(name="lang")
        await self.tab.open(path)
        assert await self.speaks() == "zh-CN"
        if self.look.lang == "en":
            await self.follows("English")

    async def speaks(self) -> str:
        lang: str = await self.page.evaluate("document.documentElement.lang")
        return lang

    async def follows(self, words: str, within: str = "body") -> None:
        """A link."""
        await self.goes(self.page.locator(within).get_by_role("link", name=words, exact=True).first)

    async def presses(self, words: str, within: str = "main") -> None:
        """A button that leads to another page."""
        await self.goes(self.page.locator(within).get_by_role("button", name=words, exact=True).first)

    async def goes(self, way: Locator) -> None:
        self.tab.fresh()
        async with self.page.expect_navigation(wait_until="load"):
            await way.click()

    async def types(self, **fields: str) -> None:
        for name, value in fields.items():
            await self.page.fill(f"main [name={name}]", value)

    async def chooses_a_password(self) -> None:
        await self.types(password=PASSWORD, again=PASSWORD)
        await self.presses(self.t("link.go"))

    async def reads(self, *words: str, within: str = "main") -> None:
        for each in words:
            await expect(self.page.locator(within).first).to_contain_text(each)

    async def judges(self) -> None:
        """The page that is open has no faults."""
        faults = await self.tab.faults()
        assert faults == [], self.page.url

    async def is_refused(self, path: str) -> None:
        await self.tab.open(path, status=403)
        await self.reads(self.t("sorry.403"))

    async def stays(self) -> None:
        """On this page, from now on."""
        await self.page.evaluate(f"{SAME} = true")

    async def has_stayed(self) -> None:
        assert await self.page.evaluate(f"{SAME} === true"), "it was loaded anew"

    async def leaves(self) -> None:
        await self.presses(self.t("nav.logout"), "header")
        await self.tab.open("/")
        await self.reads(self.t("login.title"))
