"""Tokens of programs: made and ended by whose account it is, and worth no more than the account."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import ClientSession

from edge.console.accounts import book, limits, tokens
from edge.console.accounts.refusals import TOO_MANY_TOKENS
from edge.console.accounts.roles import Role
from edge.console.accounts.sessions import Limits, Via
from edge.console.settings import ConsoleSettings, WebTable
from tests.console.accounts_kit import PASSWORD, Browser, Pages, served, writing
from tests.console.api_kit import Program, token_of
from tests.stores import outside, sqlite_first

pytestmark = [pytest.mark.usefixtures("both_stores"), sqlite_first]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def made(browser: Browser, label: str = "数据大屏", days: str = "90") -> str:
    answer = await browser.act("/me/tokens", label=label, days=days, present=PASSWORD)
    assert answer.status == 200, answer.text
    (token,) = set(re.findall(r"hall_[\w-]{43}", answer.text))
    return str(token)


async def status(pages: Pages, token: str, path: str = "/halls") -> int:
    async with ClientSession(pages.address) as session:
        return (await Program(session, token).get(path)).status


async def test_a_token_is_made_by_the_password_shown_once_and_kept_as_a_digest(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = await pages.logged_in("li")
        refused = await browser.act("/me/tokens", label="x", days="90", present="wrong")
        assert refused.status == 409 and "hall_" not in refused.text
        token = await made(browser)
        assert await status(pages, token) == 200
        assert "数据大屏" in (page := (await browser.get("/me")).text)
        assert token not in page
        kept = [outside(tmp_path / "hub.db", f"SELECT * FROM {table}") for table in ("token", "act")]
        assert "数据大屏" in str(kept) and token not in str(kept)
        assert [(act.what, act.result) for act in pages.acts("token.")] == [
            ("token.made", "ok"),
            ("token.made", "refused: The present password is not right."),
        ]


async def test_it_ends_when_its_owner_ends_it_and_nobody_else_can(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("wang")
        li, wang = await pages.logged_in("li"), await pages.logged_in("wang")
        token = await made(li)
        with writing(pages.store) as db:
            (kept,) = tokens.of_account(db, "li", pages.clock.now)
        await wang.act("/me/tokens/end", id=kept.id)
        assert await status(pages, token) == 200
        assert (await li.act("/me/tokens/end", id=kept.id)).status == 303
        assert await status(pages, token) == 401
        assert [act.account for act in pages.acts("token.ended")] == ["li", "wang"]


async def test_it_ends_on_its_day(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        token = await made(await pages.logged_in("li"), days="1")
        pages.clock.now += 86_399
        assert await status(pages, token) == 200
        pages.clock.now += 1
        assert await status(pages, token) == 401


async def test_it_is_worth_what_its_account_is_worth_now(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("chief")
        pages.account("li", Role.AUDITOR)
        token = token_of(pages.store, "li", pages.clock.now)
        assert await status(pages, token, "/audit") == 200
        with writing(pages.store) as db:
            book.change(db, "li", Role.VIEWER, "county")
        assert await status(pages, token, "/audit") == 403
        assert await status(pages, token, "/events?hall=town") == 403
        with writing(pages.store) as db:
            book.disable(db, "li", pages.clock.now)
        assert await status(pages, token) == 401


async def test_a_disabled_account_and_a_new_password_end_them_for_good(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("chief")
        pages.account("li")
        chief = await pages.logged_in("chief")
        own, other = await made(chief), token_of(pages.store, "li", pages.clock.now)
        for act in ("disable", "restore"):
            await chief.act(f"/accounts/li/{act}", "/accounts")
        assert await status(pages, other) == 401
        new = "another four unrelated words"
        await chief.act("/me/password", present=PASSWORD, password=new, again=new)
        assert await status(pages, own) == 401


async def test_a_technician_s_works_only_while_he_has_codes(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li", Role.TECHNICIAN, secret=SECRET)
        token = token_of(pages.store, "li", pages.clock.now)
        assert await status(pages, token) == 200
        with writing(pages.store) as db:
            db.exec_driver_sql("UPDATE account SET totp = '' WHERE name = 'li'")
        assert await status(pages, token) == 401
        with writing(pages.store) as db:
            assert tokens.find(db, token, pages.clock.now, Limits(1, 1)) is None
            db.exec_driver_sql("UPDATE token SET via = 'oidc'")  # then the login service asks for them
            assert tokens.find(db, token, pages.clock.now, Limits(1, 1)) is not None


async def test_there_are_not_too_many_of_them_and_none_lasts_too_long(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = await pages.logged_in("li")
        for label, days in (("", "30"), ("x" * 33, "30"), ("a\nb", "30"), ("x", "366"), ("x", "0")):
            assert (await browser.act("/me/tokens", label=label, days=days, present=PASSWORD)).status == 409
        for days in ("", "-1", "1e3", "٣٠", "99999"):
            assert (await browser.act("/me/tokens", label="x", days=days, present=PASSWORD)).status == 400
        for n in range(tokens.EACH):
            await made(browser, f"program {n}")
        answer = await browser.act("/me/tokens", label="x", days="30", present=PASSWORD)
        assert answer.status == 409 and TOO_MANY_TOKENS.zh in answer.text
        pages.clock.now += 91 * tokens.DAY_S
        await made(await pages.logged_in("li"))  # those that are over make room


async def test_who_asks_too_often_waits_and_nobody_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ASKED_AT_ONCE", 3)
    async with served(tmp_path) as pages:
        pages.account("li")
        one, other = (token_of(pages.store, "li", pages.clock.now) for _ in range(2))
        async with ClientSession(pages.address) as session:
            program = Program(session, one)
            assert [(await program.get("/halls")).status for _ in range(4)] == [200, 200, 200, 429]
            assert (await program.get("/halls")).headers["Retry-After"] == "1"
            assert await status(pages, other) == 200
            pages.clock.now += 0.5
            assert (await program.get("/halls")).status == 200
        many = limits.Programs(pages.clock)
        for n in range(2 * limits.MAX_KEYS):
            many.wait_s(str(n))
        assert len(many._of) == limits.MAX_KEYS


async def test_a_token_is_not_taken_unencrypted_from_afar_nor_for_a_page(tmp_path: Path) -> None:
    async with served(tmp_path, ConsoleSettings(web=WebTable(behind_proxy=True))) as pages:
        pages.account("li")
        token = token_of(pages.store, "li", pages.clock.now)
        async with ClientSession(pages.address) as session:
            program, far = Program(session, token), {"X-Forwarded-For": "10.0.0.9"}
            assert (await program.get("/halls", **far)).status == 426
            assert (await program.get("/halls", **far, **{"X-Forwarded-Proto": "https"})).status == 200
            own = {"Authorization": f"Bearer {token}"}
            async with session.get("/me", headers=own, allow_redirects=False) as answer:
                assert answer.status == 303  # to the login
            async with session.post("/me/tokens", headers=own, data={"label": "x", "days": "30"}) as answer:
                assert answer.status != 200 or "hall_" not in await answer.text()
        assert outside(tmp_path / "hub.db", "SELECT count(*) FROM token") == [(1,)]


async def test_when_it_was_last_used_is_kept_roughly(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        token, times = token_of(pages.store, "li", pages.clock.now, via=Via.OIDC), set[float | None]()
        for step_s in (0, 10, 3600):
            pages.clock.now += step_s
            await status(pages, token)
            with writing(pages.store) as db:
                times.add(tokens.of_account(db, "li", pages.clock.now)[0].used_at)
        assert len(times) == 2
