"""Reports on pages: what is published, its files, and what is made when somebody asks."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar
from openpyxl import load_workbook

from edge.console.accounts import trail
from edge.console.reports import apart
from edge.console.reports.apart import Apart, Busy, CannotMake
from edge.console.web.words import WORDS
from tests.console.accounts_kit import writing
from tests.console.kit import NOW_S, Console, console

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEPTEMBER = "/reports/month/2026-09/1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    async with console(tmp_path_factory.mktemp("reports")) as served:
        yield served


@asynccontextmanager
async def logged_in(hall: Console, account: str) -> AsyncIterator[ClientSession]:
    jar = CookieJar(unsafe=True)
    async with ClientSession(hall.address, cookie_jar=jar, cookies=hall.cookie(account)) as client:
        yield client


async def got(hall: Console, path: str, account: str = "manager", status: int = 200) -> bytes:
    async with logged_in(hall, account) as client, client.get(path) as answer:
        assert answer.status == status, path
        return await answer.read()


async def made(at: Console, /, account: str = "manager", **fields: str) -> tuple[int, str]:
    """By the form: the answer's status, and the page that follows."""
    async with logged_in(at, account) as client:
        async with client.get("/reports") as page:
            csrf = re.search(r'name="csrf" value="([^"]*)"', await page.text())
        fields = {"csrf": csrf[1] if csrf else "", "kind": "month", "period": "2026-10", **fields}
        async with client.post("/reports", data=fields, allow_redirects=False) as answer:
            text = await answer.text()
            return answer.status, answer.headers.get("Location", "") or text


async def test_a_published_report_is_listed_and_its_pages_and_files_say_the_same(hall: Console) -> None:
    assert f'href="{SEPTEMBER}"' in (await got(hall, "/reports")).decode()
    text = (await got(hall, SEPTEMBER)).decode()
    report = json.loads(await got(hall, f"{SEPTEMBER}/report.json"))
    windows = next(sheet for sheet in report["sheets"] if sheet["key"] == "windows")
    rows = list(csv.reader(io.StringIO((await got(hall, f"{SEPTEMBER}/windows.csv")).decode("utf-8-sig"))))
    assert len(rows) == 1 + len(windows["rows"]) + bool(windows["totals"])
    book = load_workbook(io.BytesIO(await got(hall, f"{SEPTEMBER}/report.xlsx")))
    assert book.sheetnames[1:] == [sheet["zh"] for sheet in report["sheets"]]
    for sheet in report["sheets"]:
        assert f'id="{sheet["key"]}"' in text
    acts = next(n for n, column in enumerate(windows["columns"]) if column["en"] == "Acts")
    for row in windows["rows"]:
        assert f'<td class="n">{row[acts]:,}</td>' in text


@pytest.mark.parametrize(
    "path",
    [
        "/reports/month/2026-09/2",
        "/reports/month/2026-13/1",
        "/reports/week/2026-09/1",
        f"{SEPTEMBER}/report.exe",
        f"{SEPTEMBER}/..%2f..%2fhub.db",
        f"{SEPTEMBER}/%2fetc%2fpasswd",
        "/reports/made/" + "0" * 32,
    ],
)
async def test_what_is_not_there_is_not_found(hall: Console, path: str) -> None:
    await got(hall, path, status=404)


async def test_a_report_is_made_when_somebody_asks_for_who_asked_only(hall: Console) -> None:
    status, where = await made(hall, hall="town")
    assert status == 303
    text = (await got(hall, where)).decode()
    assert WORDS["reports.preliminary"][0] in text
    assert "白云镇便民服务中心</td>" in text, "a row of it"
    assert ">town</td>" in text.split('id="halls"')[1].split("</section>")[0], "where both stand"
    assert ">town</td>" not in text.split('id="windows"')[1].split("</section>")[0]
    report = json.loads(await got(hall, f"{where}/report.json"))
    assert (report["period"], report["hall"], report["final"]) == ("2026-10", "town", False)
    await got(hall, where, "auditor", 404)
    await got(hall, f"{where}/report.json", "auditor", 404)
    with writing(hall.store) as db:
        (_, act), *_ = trail.find(db, what="report.made")
    assert (act.account, act.on, act.hall, act.result) == ("manager", "month 2026-10", "town", "ok")


async def test_who_is_of_one_hall_gets_reports_of_that_one_only(hall: Console) -> None:
    assert WORDS["reports.of_one"][0] in (await got(hall, "/reports", "town")).decode()
    await got(hall, SEPTEMBER, "town", 403)
    await got(hall, f"{SEPTEMBER}/report.json", "town", 403)
    assert (await made(hall, "town", hall="county"))[0] == 404
    status, where = await made(hall, "town")
    assert status == 303
    assert json.loads(await got(hall, f"{where}/report.json", "town"))["hall"] == "town"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"period": "2026-9"}, "不是月报的期间"),
        ({"period": "2030-01"}, "还没有开始"),
        ({"period": "2020-01"}, "没有任何记录"),
        ({"kind": "week"}, "没有"),
    ],
)
async def test_a_report_that_cannot_be_made_is_refused_in_words(
    hall: Console, fields: dict[str, str], words: str
) -> None:
    status, text = await made(hall, **fields)
    assert status == 409
    assert words in text


@pytest.mark.parametrize("account", ["viewer", "technician"])
async def test_who_may_not_see_reports_sees_none(hall: Console, account: str) -> None:
    await got(hall, "/reports", account, 403)
    await got(hall, SEPTEMBER, account, 403)


async def test_more_than_a_few_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PROGRAM", "import time; time.sleep(60)")
    maker = Apart("sqlite:////none")
    waiting = [asyncio.create_task(maker.report("month", "2026-09", "", NOW_S)) for _ in range(apart.WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await maker.report("month", "2026-09", "", NOW_S)
    for each in waiting:
        each.cancel()
    await asyncio.wait(waiting)


async def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr(apart, "LIMIT_S", 0.2)
    with pytest.raises(CannotMake, match="请稍后再试"):
        await Apart("sqlite:////none").report("month", "2026-09", "", NOW_S)


@pytest.mark.parametrize(("lang", "said", "unsaid"), [("zh", "合计", "Total<"), ("en", "Total", "合计")])
async def test_what_a_file_says_in_both_languages_a_page_says_in_one(
    hall: Console, lang: str, said: str, unsaid: str
) -> None:
    text = (await got(hall, f"{SEPTEMBER}?lang={lang}", "auditor")).decode()
    assert f">{said}<" in text
    assert unsaid not in text
    assert "已报 yes" not in text
