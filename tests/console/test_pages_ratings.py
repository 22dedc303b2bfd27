"""Ratings and follow-ups: what the page says is what the record has, and steps are taken by who may."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar
from sqlalchemy import Connection, select

from edge.console import tables
from edge.console.accounts import trail
from edge.console.followup import FollowUp, followups
from edge.console.web.words import WORDS
from edge.rules.followup import Finding
from tests.console.accounts_kit import writing
from tests.console.kit import Console, console

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    async with console(tmp_path_factory.mktemp("ratings")) as served:
        yield served


@asynccontextmanager
async def logged_in(hall: Console, account: str) -> AsyncIterator[ClientSession]:
    jar = CookieJar(unsafe=True)
    async with ClientSession(hall.address, cookie_jar=jar, cookies=hall.cookie(account)) as client:
        yield client


async def shown(hall: Console, path: str, account: str = "manager", status: int = 200) -> str:
    async with logged_in(hall, account) as client, client.get(path) as answer:
        assert answer.status == status
        return await answer.text()


async def sent(hall: Console, id_: str, account: str = "manager", **fields: str) -> tuple[int, str]:
    """By the form of the page, in that session."""
    path = f"/ratings/{id_}"
    async with logged_in(hall, account) as client:
        async with client.get(path) as page:
            csrf = re.search(r'name="csrf" value="([^"]*)"', await page.text())
        fields = {"csrf": csrf[1] if csrf else "", "number": str(len(found(hall, id_).case.steps)), **fields}
        async with client.post(path, data=fields, allow_redirects=False) as answer:
            return answer.status, await answer.text()


def found(hall: Console, id_: str) -> FollowUp:
    with writing(hall.store) as db:
        return followups(db, prefix=id_)[0]


def waiting(hall: Console, at: str = "county") -> str:
    with writing(hall.store) as db:
        return next(each.id for each in followups(db, at, open_only=True) if not each.case.steps)


def acts(hall: Console, on: str) -> list[str]:
    with writing(hall.store) as db:
        lines = [act for _, act in trail.find(db, what="followup.") if act.on == on]
    return [f"{act.account} {act.hall} {act.detail} {act.result}" for act in lines]


async def test_the_page_counts_what_the_record_has(hall: Console) -> None:
    with writing(hall.store) as db:
        kind = tables.event.c.kind
        bodies = db.execute(select(tables.event.c.body).where(kind == "rating.given")).scalars()
        given = [json.loads(body)["level"] for body in bodies]
    text = await shown(hall, "/ratings?from=2026-09-01")
    for level in (5, 4, 3, 2, 1):
        name = WORDS[f"chart.level.{level}"][0]
        assert f'<th scope="row">{name}</th><td class="n">{given.count(level)}</td>' in text


async def test_a_hall_that_is_chosen_is_the_only_one_that_is_counted(hall: Console) -> None:
    text = await shown(hall, "/ratings?hall=town")
    assert "白云镇便民服务中心" in text
    assert "6 号窗口" not in text


async def test_who_is_of_one_hall_sees_nothing_of_another(hall: Console) -> None:
    text = await shown(hall, "/ratings", "town")
    assert "县政务服务中心" not in text
    await shown(hall, "/ratings?hall=county", "town", 404)
    await shown(hall, f"/ratings/{waiting(hall)}", "town", 404)
    status, _ = await sent(hall, waiting(hall), "town", stage="verified", finding="confirmed")
    assert status in (403, 404)
    assert not found(hall, waiting(hall)).case.steps


@pytest.mark.parametrize("days", ["from=2026-10-02&to=2026-10-01", "from=x", "from=0001-01-01"])
async def test_dates_that_do_not_work_are_told_and_the_usual_ones_shown(hall: Console, days: str) -> None:
    text = await shown(hall, f"/ratings?{days}")
    assert WORDS["choice.wrong"][0] in text
    assert 'value="2026-09-15"' in text


async def test_a_followup_is_taken_to_its_end_each_step_with_who_took_it(hall: Console) -> None:
    id_ = waiting(hall, "town")
    steps: list[dict[str, str]] = [
        {"stage": "verified", "finding": "partly"},
        {"stage": "rectify_by", "until": "2026-10-20", "note": "加开一个窗口"},
        {"stage": "fed_back"},
        {"stage": "closed"},
    ]
    for fields in steps:
        status, _ = await sent(hall, id_, "town", **fields)
        assert status == 303
    taken = found(hall, id_).case.steps
    assert [step.stage for step in taken] == [fields["stage"] for fields in steps]
    assert {step.by for step in taken} == {"town"}
    assert taken[0].finding is Finding.PARTLY
    assert taken[1].note == "加开一个窗口"
    text = await shown(hall, f"/ratings/{id_}", "town")
    assert WORDS["followup.stands.closed"][0] in text
    assert 'name="stage"' not in text
    assert acts(hall, id_)[::-1] == [f"town town {fields['stage']} ok" for fields in steps]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stage": "verified"}, "请写明回访结果"),
        ({"stage": "verified", "finding": "confirmed", "note": "电话 13800138000"}, "像有电话或证件号码"),
        ({"stage": "verified", "finding": "confirmed", "note": "字" * 201}, "最多 200 字"),
        ({"stage": "closed"}, "下一步只能是"),
        ({"stage": "verified", "finding": "confirmed", "number": "7"}, "刚才有人先办了一步"),
    ],
)
async def test_a_step_that_is_refused_changes_nothing_and_says_why(
    hall: Console, fields: dict[str, str], words: str
) -> None:
    id_ = waiting(hall)
    before = len(acts(hall, id_))
    status, text = await sent(hall, id_, **fields)
    assert status == 409
    assert words in text
    assert "--" not in re.sub(r"<[^>]*>", "", text)
    if "note" in fields:
        assert fields["note"] in text
    assert not found(hall, id_).case.steps
    assert len(acts(hall, id_)) == before + 1
    assert "refused" in acts(hall, id_)[0]


@pytest.mark.parametrize(("account", "status"), [("auditor", 403), ("viewer", 403), ("technician", 403)])
async def test_who_may_not_take_steps_is_refused(hall: Console, account: str, status: int) -> None:
    id_ = waiting(hall)
    assert (await sent(hall, id_, account, stage="verified", finding="confirmed"))[0] == status
    assert not found(hall, id_).case.steps


async def test_a_form_without_its_token_is_refused(hall: Console) -> None:
    id_ = waiting(hall)
    assert (await sent(hall, id_, csrf="x", stage="verified", finding="confirmed"))[0] == 403
    assert not found(hall, id_).case.steps


@pytest.mark.parametrize("id_", ["nonsense", "0" * 32, "%25", "a" * 500])
async def test_a_followup_that_is_not_there_is_not_found(hall: Console, id_: str) -> None:
    await shown(hall, f"/ratings/{id_}", status=404)


async def test_what_a_node_has_told_is_shown_as_text(hall: Console) -> None:
    """Whatever has been written into the record."""
    hostile = {
        "level": True,
        "window": ["<b>"],
        "staff": "<script>alert(1)</script>",
        "reasons": [{"x": 1}, 2],
    }
    id_ = waiting(hall)
    with writing(hall.store) as db:
        one = found_row(db, id_)
        db.execute(tables.event.update().where(tables.event.c.id == id_).values(body=json.dumps(hostile)))
    try:
        for path in ("/ratings", f"/ratings/{id_}"):
            text = await shown(hall, path)
            assert "<script>alert" not in text
            assert "<b>" not in text
    finally:
        with writing(hall.store) as db:
            db.execute(tables.event.update().where(tables.event.c.id == id_).values(body=one))


def found_row(db: Connection, id_: str) -> str:
    return str(db.execute(select(tables.event.c.body).where(tables.event.c.id == id_)).scalar_one())
