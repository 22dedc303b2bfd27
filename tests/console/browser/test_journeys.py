"""A manager's and a technician's way through the console, in one browser session each: a county with a real
broker and the console's own process. Every page that they pass is judged."""

from __future__ import annotations

import csv
import io
import re

import pyotp
import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, Page, expect

from tests.console.accounts_kit import PASSWORD
from tests.console.browser.judging import EN, LOOKS, ZH, Look, tab
from tests.console.browser.person import Person
from tests.console.browser.world import HALL, NODE, World

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECRET = "JBSWY3DPEHPK3PXP" * 2
CARD = f'[data-live="hall_card:{HALL}"]'
HEAD = f'[data-live="hall_head:{HALL}"]'
TAIL = '[data-live="events_tail"]'
PRINTER = f"/halls/{HALL}/devices/{NODE}/printer-1"
MAKING_MS = 130_000.0  # of a report, which its process is given 120 s for and hardly any processor


def looks(own: Look) -> pytest.MarkDecorator:
    """One's own look; the others are thorough."""
    others = [pytest.param(look, marks=pytest.mark.thorough) for look in LOOKS if look != own]
    return pytest.mark.parametrize("look", [own, *others], ids=str)


@looks(ZH)
async def test_a_manager_of_a_hall(chromium: Browser, county: World, look: Look) -> None:
    name = f"chen-{look}"
    async with tab(chromium, look, county.address, {}) as it:
        manager = Person(it, look)
        await comes_in_by_a_link(manager, county.invited(name, "陈主任"))
        await sees_how_the_hall_is(manager)
        await takes_on_an_alert_that_comes_meanwhile(manager, county)
        await answers_a_bad_rating(manager)
        await makes_the_months_report(manager, county)
        await reads_the_same_page_in_the_other_language(manager)
        await may_do_no_more(manager, county)
        await manager.leaves()
        await manager.judges()


@looks(EN)
async def test_a_technician(chromium: Browser, county: World, look: Look) -> None:
    name = f"li-{look}"
    county.technician(name, SECRET)
    async with tab(chromium, look, county.address, {}) as it:
        technician = Person(it, look)
        await comes_in_by_a_code(technician, name)
        await finds_what_is_broken(technician, county)
        await commands_a_device(technician, county)
        await accepts_a_cameras_view(technician, county, name)
        await watches_what_happens(technician, county)
        await sees_the_broker_go_and_come_back(technician, county)
        await sees_the_console_go_and_come_back(technician, county)
        await technician.leaves()


# --- the manager ---
async def comes_in_by_a_link(manager: Person, link: str) -> None:
    await manager.arrives(link)
    await manager.judges()
    await manager.types(shown="陈主任")
    await manager.chooses_a_password()
    await manager.page.wait_for_url("**/")


async def sees_how_the_hall_is(manager: Person) -> None:
    """Without moving the page."""
    await manager.judges()
    faulty = manager.page.locator(".figures .bad")
    await expect(faulty).to_contain_text(manager.t("standing.bad"))
    await expect(faulty).to_be_in_viewport()
    await expect(manager.page.locator(".alert.bad").first).to_be_in_viewport()
    await expect(manager.page.locator(".hall")).to_have_count(1)
    await manager.goes(manager.page.locator(CARD))
    await manager.reads(manager.name("县政务服务中心", "County centre"))


async def takes_on_an_alert_that_comes_meanwhile(manager: Person, county: World) -> None:
    await expect(manager.state).to_have_text(manager.t("live.on"))
    await manager.stays()
    key, words = "device-printer-1", manager.name("取号机缺纸", "out of ticket paper")
    county.node.raise_alert(key, "取号机缺纸", "out of ticket paper", detail="printer-1")
    alert = manager.page.locator(".alert", has_text=words)
    await expect(alert).to_be_visible()
    await expect(manager.page.locator(".said")).to_contain_text(words)
    await manager.has_stayed()
    await alert.locator("summary").click()
    await alert.locator("[name=note]").fill("已去换纸")
    await manager.goes(alert.get_by_role("button", name=manager.t("alert.confirm")))
    await manager.reads(manager.t("order.alert_acknowledge"), manager.t("result.done"))
    await expect(alert).to_contain_text(manager.t("alert.by", name="陈主任"))
    await expect(alert).to_contain_text("已去换纸")
    assert ("alert.acknowledge", {"key": key, "by": "陈主任", "note": "已去换纸"}) in county.node.asked
    await manager.judges()
    county.node.end_alert(key)
    await expect(alert).to_have_count(0)


async def answers_a_bad_rating(manager: Person) -> None:
    """What was found, then what was done."""
    await manager.follows(manager.t("nav.ratings"))
    await manager.judges()
    await manager.goes(manager.page.locator(".cases a").first)
    await expect(manager.page.locator("main")).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))
    await manager.reads(manager.t("followup.none_yet"), manager.t("followup.state"))
    await manager.page.select_option("[name=finding]", "confirmed")
    await manager.types(note="已电话回访，情况属实")
    await manager.presses(manager.t("followup.take"))
    await manager.reads("已电话回访，情况属实", within=".steps")
    await manager.page.check("[name=stage][value=rectified]")
    await manager.types(note="窗口已重新培训")
    await manager.judges()
    await manager.presses(manager.t("followup.take"))
    await manager.reads("窗口已重新培训", "chen-", within=".steps")


async def makes_the_months_report(manager: Person, county: World) -> None:
    await manager.follows(manager.t("nav.reports"))
    await manager.judges()
    await manager.types(period=f"{county.month:%Y-%m}")
    manager.page.set_default_navigation_timeout(MAKING_MS)
    await manager.presses(manager.t("reports.go"))
    await manager.reads(manager.t("reports.preliminary"))
    book = load_workbook(io.BytesIO(await downloaded(manager.page, "XLSX")), read_only=True)
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert any(HALL in map(str, row) or "县政务服务中心" in map(str, row) for row in rows)
    rows_of_csv = csv.reader(io.StringIO((await downloaded(manager.page, "CSV")).decode("utf-8-sig")))
    assert len(list(rows_of_csv)) > 1
    await manager.judges()


async def downloaded(page: Page, kind: str) -> bytes:
    async with page.expect_download() as coming:
        await page.get_by_role("link", name=re.compile(kind)).first.click()
    return (await (await coming.value).path()).read_bytes()


async def reads_the_same_page_in_the_other_language(manager: Person) -> None:
    before = await manager.speaks()
    path = manager.page.url.partition("?")[0]
    await manager.follows(manager.t("nav.language"))
    assert manager.page.url.partition("?")[0] == path
    assert await manager.speaks() != before
    await manager.follows(manager.name("中文", "English"))
    assert await manager.speaks() == before


async def may_do_no_more(manager: Person, county: World) -> None:
    """What is not his is not offered, and refused."""
    for key in ("nav.accounts", "nav.audit"):
        await expect(manager.page.get_by_role("link", name=manager.t(key), exact=True)).to_have_count(0)
    for path in ("/accounts", "/audit", "/halls/town", "/reports/month/2026-09/1"):
        await manager.is_refused(path)
    await manager.tab.open(PRINTER)
    await expect(manager.page.get_by_role("button", name=manager.t("order.restart"))).to_have_count(0)
    csrf = await manager.page.input_value("header [name=csrf]")
    send = (
        "([path, csrf]) => fetch(path, {method: 'POST', body: new URLSearchParams({csrf, order: 'restart'})})"
    )
    assert await manager.page.evaluate(f"({send})(['{PRINTER}', '{csrf}']).then((it) => it.status)") == 403
    assert "device.restart" not in [verb for verb, _ in county.node.asked]


# --- the technician ---
async def comes_in_by_a_code(technician: Person, name: str) -> None:
    await technician.arrives("/login")
    await technician.types(name=name, password=PASSWORD)
    await technician.presses(technician.t("login.go"))
    await technician.judges()
    await technician.types(code=pyotp.TOTP(SECRET).now())
    await technician.presses(technician.t("code.go"))
    await technician.reads(technician.t("overview.title"))


async def finds_what_is_broken(technician: Person, county: World) -> None:
    """By one click: what it is, since when, and what to do."""
    await technician.goes(technician.page.locator(".alert.bad").get_by_role("link", name="pad-2"))
    await technician.reads(technician.t("state.backoff"), technician.name("线路不通", "no line to it"))
    await technician.reads(technician.name("检查接线", "check the cable"), technician.t("hall.since"))
    await technician.judges()
    await technician.stays()
    state = technician.page.locator("[data-live^=device_state]")
    county.node.device("pad-2", "online")
    await expect(state).to_contain_text(technician.t("state.online"))
    county.node.device("pad-2", "backoff", "no_link")
    await expect(state).to_contain_text(technician.t("state.backoff"))
    await technician.has_stayed()


async def commands_a_device(technician: Person, county: World) -> None:
    await technician.presses(technician.t("order.restart"))
    await technician.reads(technician.t("order.restart"), technician.t("result.done"))
    await technician.follows(f"← {technician.name('县政务服务中心', 'County centre')}")
    await technician.follows("printer-1")
    await technician.presses(technician.t("order.test_print"))
    await technician.reads(technician.t("order.test_print"), technician.t("result.done"))
    asked = {verb: args["device"] for verb, args in county.node.asked if verb.startswith("device.")}
    assert (asked["device.restart"], asked["device.test_print"]) == ("pad-2", "printer-1")


async def accepts_a_cameras_view(technician: Person, county: World, name: str) -> None:
    await technician.follows(f"← {technician.name('县政务服务中心', 'County centre')}")
    await technician.follows(technician.t("hall.cameras_all"))
    await technician.judges()
    await technician.follows("cam-3")
    await technician.follows(technician.t("cameras.show"))
    pictures = technician.page.locator("main img")
    await expect(pictures).to_have_count(2)
    assert await pictures.evaluate_all("(all) => all.map((each) => each.naturalWidth)") == [320, 320]
    await technician.judges()
    await technician.presses(technician.t("order.camera_accept"))
    await technician.reads(technician.t("order.camera_accept"), technician.t("result.done"))
    assert ("camera.accept", {"camera": "cam-3", "by": name}) in county.node.asked


async def watches_what_happens(technician: Person, county: World) -> None:
    await technician.follows(technician.t("nav.events"))
    await expect(technician.state).to_have_text(technician.t("live.on"))
    await technician.stays()
    county.node.node.store.append(1)
    await expect(technician.page.locator(TAIL)).to_contain_text(county.node.node.store.events[-1]["ticket"])
    await technician.has_stayed()
    await technician.judges()


# --- what goes away and comes back ---
async def sees_the_broker_go_and_come_back(technician: Person, county: World) -> None:
    await technician.tab.open(f"/halls/{HALL}")
    await expect(technician.state).to_have_text(technician.t("live.on"))
    await technician.stays()
    county.broker.kill()
    await expect(technician.state).to_contain_text(technician.t("live.away"))
    await expect(technician.state).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    await expect(technician.page.locator(HEAD)).to_contain_text(technician.t("stale.broker"))
    county.broker.start()
    await expect(technician.state).to_have_text(technician.t("live.on"), timeout=60_000)
    await expect(technician.page.locator(HEAD)).not_to_contain_text(
        technician.t("stale.broker"), timeout=60_000
    )
    await technician.has_stayed()


async def sees_the_console_go_and_come_back(technician: Person, county: World) -> None:
    await county.console.stop()
    await expect(technician.state).to_contain_text(technician.t("live.lost"))
    await expect(technician.page.locator("main.stale")).to_be_visible()
    await county.console.start()
    await expect(technician.state).to_have_text(technician.t("live.on"), timeout=60_000)
    await expect(technician.page.locator("main.stale")).to_have_count(0)
    county.node.device("caller-1", "faulted")
    await expect(technician.page.locator(".chip.bad", has_text="caller-1")).to_be_visible()
    county.node.device("caller-1", "online")
    await technician.has_stayed()
