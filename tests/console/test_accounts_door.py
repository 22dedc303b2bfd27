"""Too many tries, proxies, TLS, and the way in from the machine itself."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.console.accounts import book
from edge.console.accounts.door import FREE_OF_ACCOUNT, FREE_OF_PLACE
from edge.console.accounts.roles import Account, Role
from edge.console.accounts.sessions import EACH
from edge.console.cli import app
from edge.console.desk import Desk
from edge.console.record import Record
from edge.console.serving import _welcome
from edge.console.settings import ConsoleSettings, WebTable
from edge.console.web.words import WORDS
from tests.console.accounts_kit import PASSWORD, Browser, make_account, served, writing
from tests.integration.pki import Authority
from tests.stores import sqlite_first, store_url

pytestmark = [pytest.mark.usefixtures("both_stores"), sqlite_first]

BEHIND = ConsoleSettings(web=WebTable(behind_proxy=True))


# --- too many tries ---
async def test_after_wrong_tries_not_even_the_right_password_is_tried_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        for name in ("li", "nobody"):
            browser = pages.browser()
            for _ in range(FREE_OF_ACCOUNT + 1):
                assert (await browser.log_in(name, "wrong")).status == 403
            answer = await browser.log_in(name)
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) >= 1
            assert WORDS["login.wait"][0].split("{")[0] in answer.text
        counted = len(pages.acts("login"))
        await browser.log_in("li")
        assert len(pages.acts("login")) == counted, "what was not tried fills nothing"
        pages.clock.now += 1
        assert (await browser.log_in("li")).status == 303


async def test_whoever_is_logged_in_is_not_locked_out_by_others(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = await pages.logged_in("li")
        for _ in range(FREE_OF_ACCOUNT + 3):
            await pages.browser().log_in("li", "wrong")
        assert (await browser.get("/me")).status == 200


async def test_a_hall_that_logs_in_in_the_morning_is_never_slowed(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        for _ in range(FREE_OF_PLACE + 5):
            assert (await pages.browser().log_in("li")).status == 303
        with writing(pages.store) as db:
            rows = db.exec_driver_sql("SELECT count(*) FROM session").scalar_one()
        assert rows == EACH, "and of one account so many are kept"


async def test_guessing_codes_is_slowed_too(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li", secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        browser = await pages.logged_in("li")
        token = await browser.csrf("/login/code")
        told = [
            (await browser.post("/login/code", csrf=token, code=f"00000{n}")).status
            for n in range(FREE_OF_ACCOUNT + 2)
        ]
        assert told == [403] * (FREE_OF_ACCOUNT + 1) + [429]
        again = await pages.logged_in("li")
        token = await again.csrf("/login/code")
        answer = await again.post("/login/code", csrf=token, code="000000")
        assert answer.status == 429, "another session of the same account is no way around"


# --- where it came from ---
async def proxied(browser: Browser, address: str, proto: str = "https") -> int:
    browser.headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": proto}
    return (await browser.log_in("li")).status


async def test_a_proxy_says_from_where_and_that_it_came_by_tls(tmp_path: Path) -> None:
    async with served(tmp_path, BEHIND) as pages:
        pages.account("li")
        browser = pages.browser()
        browser.headers = {"X-Forwarded-For": "6.6.6.6, 192.0.2.7", "X-Forwarded-Proto": "https"}
        answer = await browser.log_in("li")
        assert re.match(
            r"__Host-hall=\S+; HttpOnly; Path=/; SameSite=Strict; Secure", answer.headers["Set-Cookie"]
        )
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        assert pages.acts()[0].address == "192.0.2.7"
        browser.headers["X-Forwarded-For"] = "<script>"
        await browser.log_in("li")
        assert pages.acts()[0].address == "127.0.0.1"


async def test_passwords_go_unencrypted_to_nobody_but_the_machine_itself(tmp_path: Path) -> None:
    async with served(tmp_path, BEHIND) as pages:
        pages.account("li")
        assert await proxied(pages.browser(), "192.0.2.7", "http") == 426
        assert await proxied(pages.browser(), "192.0.2.7", "https, http") == 426
        assert await proxied(pages.browser(), "127.0.0.1", "http") == 303


async def test_without_a_proxy_its_headers_are_anybodys(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = pages.browser()
        assert await proxied(browser, "192.0.2.7") == 303
        assert pages.acts()[0].address == "127.0.0.1"


async def test_with_tls_of_its_own_the_cookie_is_of_this_host_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "pki")
    cert, key = authority.issue("hall")
    async with served(tmp_path, ConsoleSettings(web=WebTable(cert=cert, key=key))) as pages:
        pages.account("li")
        browser = pages.browser(ssl.create_default_context(cafile=authority.ca))
        answer = await browser.log_in("li")
        assert answer.headers["Set-Cookie"].startswith("__Host-hall=")
        assert (await browser.get("/me")).status == 200


# --- from the machine itself ---
def run(tmp_path: Path, caplog: pytest.LogCaptureFixture, *arguments: str) -> tuple[int, str]:
    caplog.clear()
    done = CliRunner().invoke(app, ["account", *arguments, "--store", store_url(tmp_path / "hub.db")])
    return done.exit_code, done.output + caplog.text


async def test_who_is_locked_out_gets_in_from_the_machine(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(tmp_path) as pages:
        pages.account("zhao", Role.TECHNICIAN, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        code, said = run(tmp_path, caplog, "link", "zhao", "--drop-codes", "--at", pages.address)
        path = said.split()[0].removeprefix(pages.address)
        assert (code, path[:6]) == (0, "/link/")
        browser, good = pages.browser(), "another four unrelated words"
        assert (await browser.post(path, password=good, again=good)).status == 303
        assert (await browser.get("/login")).headers["Location"] == "/me/codes", "a technician sets up others"
        act = pages.acts("account.codes_off")[0]
        assert (act.account, act.on, act.result) == ("hall-console", "zhao", "ok")


def test_accounts_are_listed_invited_and_disabled(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = store_url(tmp_path / "hub.db")
    assert run(tmp_path, caplog, "list")[0] == 2
    assert not (tmp_path / "hub.db").exists(), "a wrong path makes no record"
    Record(store).close()
    assert run(tmp_path, caplog, "list") == (0, "还没有账号 · none\n")
    make_account(store, Account("li", "李主任", Role.MANAGER))
    code, said = run(tmp_path, caplog, "invite", "Chen", "--role", "viewer", "--hall", "county")
    assert (code, "http://127.0.0.1:8080/link/" in said) == (0, True)
    assert run(tmp_path, caplog, "list")[1].splitlines() == [
        "li · 李主任 · manager · 全部大厅 all halls · 正常 active",
        "chen · Chen · viewer · county · 已邀请 invited",
    ]
    assert run(tmp_path, caplog, "disable", "chen")[1] == "chen · Chen · viewer · county · 已停用 disabled\n"
    for arguments, why in (
        (("invite", "chen", "--role", "viewer"), "This name is taken"),
        (("invite", "x y", "--role", "viewer"), "small letters"),
        (("disable", "li"), "last manager"),
        (("disable", "nobody"), "no such account"),
        (("link", "chen"), "disabled"),
    ):
        code, said = run(tmp_path, caplog, *arguments)
        assert (code, why in said) == (2, True), said


async def test_a_start_without_accounts_prints_the_way_to_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with served(tmp_path) as pages:
        desk = Desk(pages.store)
        try:
            await _welcome(desk, pages.address)
            first = capsys.readouterr().err
            await _welcome(desk, pages.address)
            second = capsys.readouterr().err
            (path,) = re.findall(rf"{pages.address}(/link/\S+)", second)
            assert path not in first
            assert (await pages.browser().get(path)).status == 200
            make_account(pages.store, Account("li", "li", Role.MANAGER))
            await _welcome(desk, pages.address)
            assert capsys.readouterr().err == ""
        finally:
            desk.close()


def test_a_record_without_the_tables_says_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = store_url(tmp_path / "hub.db")
    Record(store).close()
    with writing(store) as db:
        assert book.is_empty(db)
        db.exec_driver_sql("DROP TABLE account")
    code, said = run(tmp_path, caplog, "list")
    assert (code, "start this version of hall-console" in said) == (2, True)
    assert PASSWORD not in said
