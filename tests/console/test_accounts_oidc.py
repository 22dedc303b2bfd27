"""A login service: who comes by it, and everything that it can get wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web

from edge.console.accounts import exchange
from edge.console.accounts.people import person
from edge.console.accounts.refusals import AWAY, NO_HALL, NO_ROLE, NOT_BELIEVED, Refused, Words
from edge.console.accounts.roles import Role
from edge.console.settings import BadConsoleSettings, ConsoleSettings
from tests.console.accounts_kit import Answer, Browser, Pages, served
from tests.console.oidc_provider import CLIENT, SECRET, Key, Provider, provider
from tests.stores import sqlite_first

pytestmark = [pytest.mark.usefixtures("both_stores"), sqlite_first]

LI = {"sub": "1001", "preferred_username": "Li.Si@example.cn", "name": "李四", "roles": ["staff", "boss"]}
MORE = """
[oidc.roles]
boss = "manager"
fixer = "technician"
"""


@dataclass
class World:
    pages: Pages
    provider: Provider

    async def sent(self, browser: Browser, where: str = "/me") -> dict[str, str]:
        """What the browser brings to the service."""
        answer = await browser.get("/login/oidc", params={"next": where})
        assert answer.status == 303, answer.text
        led = urlsplit(answer.headers["Location"])
        assert led.path == "/authorize"
        return dict(parse_qsl(led.query))

    async def back(self, browser: Browser, told: Mapping[str, str]) -> Answer:
        return await browser.get("/login/oidc/back", params=dict(told))

    async def log_in(self, browser: Browser, where: str = "/me") -> Answer:
        sent = await self.sent(browser, where)
        return await self.back(browser, self.provider.come_back(sent))

    async def refused(self, words: Words) -> None:
        """Whoever comes now is told that, is not in, and has left a line."""
        browser = self.pages.browser()
        before = len(self.pages.acts("login.oidc"))
        answer = await self.log_in(browser)
        assert words.zh in answer.text
        assert (await browser.get("/me")).status == 303
        acts = self.pages.acts("login.oidc")
        assert (len(acts), acts[0].result) == (before + 1, f"refused: {words.en}"[:200])
        assert self.pages.acts()[0] == acts[0], "and no other"


@asynccontextmanager
async def world(folder: Path, more: str = MORE, top: str = "") -> AsyncIterator[World]:
    (folder / "secret").write_text(SECRET + "\n")
    path = folder / "console.toml"
    async with provider(dict(LI), lambda: pages.clock.now) as made:
        path.write_text(
            f'[oidc]\nissuer = "{made.issuer}"\nclient_id = "{CLIENT}"\nclient_secret_file = "secret"\n'
            f'role_claim = "roles"\n{top}{more}'
        )
        async with served(folder, ConsoleSettings.load(path)) as pages:
            yield World(pages, made)


async def test_who_comes_by_it_has_an_account_from_then_on(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        browser = it.pages.browser()
        shown = await browser.get("/login?next=/accounts")
        assert 'href="/login/oidc?next=/accounts"' in shown.text
        answer = await it.log_in(browser, "/accounts")
        assert answer.status == 200, "a page that leads on, since a strict cookie is not sent along"
        assert answer.headers["Refresh"] == "0; url=/login?next=%2Faccounts"
        assert (await browser.get("/login?next=%2Faccounts")).headers["Location"] == "/accounts"
        text = (await browser.get("/accounts")).text
        assert "李四" in text
        assert "li.si-example.cn" in text
        made, login = it.pages.acts()[1], it.pages.acts()[0]
        assert (made.what, made.account, made.on) == ("account.made", "oidc", "li.si-example.cn")
        assert (login.what, login.account, login.detail) == ("login", "li.si-example.cn", "oidc")
        await it.log_in(it.pages.browser())
        assert len(it.pages.acts("account.made")) == 1


async def test_its_words_hold_at_the_next_login(tmp_path: Path) -> None:
    halls = '[oidc.halls]\n"3204" = "county"\n"*" = ""\n'
    async with world(tmp_path, MORE + halls, 'hall_claim = "org"\n') as it:
        it.provider.person |= {"org": "*"}
        await it.log_in(it.pages.browser())
        it.provider.person |= {"org": "3204", "name": "李四（县）", "preferred_username": "other"}
        browser = it.pages.browser()
        await it.log_in(browser)
        assert (await browser.get("/accounts")).status == 403, "of one hall by now"
        assert "李四（县）" in (await browser.get("/me")).text
        changed = it.pages.acts("account.changed")[0]
        assert (changed.on, changed.detail) == ("li.si-example.cn", "manager county")
        it.provider.person |= {"roles": ["nobody"]}
        it.provider.person |= {"org": "*"}
        answer = await it.log_in(it.pages.browser())
        assert NO_ROLE.zh in answer.text


async def test_a_technician_sets_up_codes_here_only_where_the_centre_wants_it(tmp_path: Path) -> None:
    for folder, top, leads in (("a", "", "/me"), ("b", "ask_code = true\n", "/me/codes")):
        (tmp_path / folder).mkdir()
        async with world(tmp_path / folder, MORE, top) as it:
            it.provider.person["roles"] = "fixer"
            browser = it.pages.browser()
            await it.log_in(browser)
            assert (await browser.get("/login?next=/me")).headers["Location"] == leads


async def test_local_accounts_stay_and_nobody_takes_them_over(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        it.pages.account("li")
        it.provider.person["preferred_username"] = "li"
        answer = await it.log_in(it.pages.browser())
        assert (answer.status, "同名" in answer.text) == (409, True)
        local = await it.pages.logged_in("li")
        assert (await local.get("/me")).status == 200
        it.provider.answers["/.well-known/openid-configuration"] = lambda: web.Response(status=500)
        it.pages.clock.now += 4000
        assert (await it.pages.browser().get("/login/oidc")).status == 502
        assert (await it.pages.browser().log_in("li")).status == 303


async def test_who_is_disabled_here_stays_out_and_has_no_password_here(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        it.pages.account("wang")
        browser = it.pages.browser()
        await it.log_in(browser)
        name = "li.si-example.cn"
        for password in ("", "x" * 12):
            assert (await it.pages.browser().log_in(name, password)).status == 403
        manager = await it.pages.logged_in("wang")
        assert (await manager.act(f"/accounts/{name}/link", "/accounts")).status == 409
        assert (
            await browser.act("/me/password", present="", password="x" * 12, again="x" * 12)
        ).status == 409
        await manager.act(f"/accounts/{name}/disable", "/accounts")
        assert (await browser.get("/me")).status == 303
        answer = await it.log_in(it.pages.browser())
        assert (answer.status, "停用" in answer.text) == (409, True)


# --- what the browser brings back ---
async def test_only_who_was_sent_comes_back_and_only_once(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        sender, thief = it.pages.browser(), it.pages.browser()
        told = it.provider.come_back(await it.sent(sender))
        for wrong in (
            await it.back(thief, told),  # another browser: login by somebody else's code
            await it.back(sender, told | {"state": "x"}),
            await it.back(sender, {"error": "access_denied", "state": told["state"], "iss": told["iss"]}),
            await it.back(sender, told | {"iss": "https://evil.example"}),
            await it.back(sender, {}),
        ):
            assert (wrong.status, NOT_BELIEVED.zh in wrong.text) == (409, True)
        assert "/token" not in it.provider.asked
        assert (await it.back(sender, told)).status == 200
        again = await it.back(sender, told)
        assert (again.status, NOT_BELIEVED.zh in again.text) == (409, True), "its cookie is gone"


async def test_a_way_is_open_for_ten_minutes(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        browser = it.pages.browser()
        told = it.provider.come_back(await it.sent(browser))
        it.pages.clock.now += 601
        assert (await it.back(browser, told)).status == 409


@pytest.mark.parametrize("cookie", ["", "%%%", "e30", "bnVsbA", "W10", "x" * 5000, "eyJzdGF0ZSI6MX0"])
async def test_a_cookie_that_is_not_ours_is_none(tmp_path: Path, cookie: str) -> None:
    async with world(tmp_path) as it:
        browser = it.pages.browser(Cookie=f"oidc={cookie}" if cookie else "x=y")
        assert (await it.back(browser, {"code": "x", "state": "", "iss": it.provider.issuer})).status == 409


async def test_nobody_is_led_elsewhere_afterwards(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        answer = await it.log_in(it.pages.browser(), "//evil.example")
        assert answer.headers["Refresh"] == "0; url=/login?next=%2F"


# --- what the token says ---
@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "later"},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
        {"sub": ""},
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_is_not_believed(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    async with world(tmp_path) as it:
        it.provider.changed = changed
        await it.refused(NOT_BELIEVED)
        it.provider.changed = {"aud": [CLIENT, "another"], "azp": CLIENT}
        assert (await it.log_in(it.pages.browser())).status == 200


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS384", "ES256", "nonsense", None])
async def test_a_token_that_nobody_has_signed_rightly_is_not_believed(
    tmp_path: Path, algorithm: str | None
) -> None:
    async with world(tmp_path) as it:
        it.provider.algorithm = algorithm or "RS256"
        if algorithm is None:
            it.provider.header = {"alg": None}
        await it.refused(NOT_BELIEVED)


async def test_a_key_of_somebody_else_is_not_believed(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        it.provider.shown_keys = [it.provider.key]
        it.provider.key = Key("k1")
        await it.refused(NOT_BELIEVED)


async def test_new_keys_are_asked_for_and_a_flood_of_unknown_ones_is_not(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        await it.log_in(it.pages.browser())
        it.provider.key = Key("k2")
        it.pages.clock.now += 31
        assert (await it.log_in(it.pages.browser())).status == 200
        asked = it.provider.asked.count("/keys")
        it.provider.header = {"kid": "k9"}
        for _ in range(3):
            await it.refused(NOT_BELIEVED)
        assert it.provider.asked.count("/keys") == asked


# --- what it answers, or does not ---
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500, text="<html>"),
        lambda: web.Response(text="no json"),
        lambda: web.Response(text="[1]"),
        lambda: web.Response(text="[" * 100_000),
        lambda: web.Response(body=b"x" * 300_000),
        lambda: web.Response(status=302, headers={"Location": "/keys"}),
        lambda: web.Response(text="{}"),
    ],
    ids=["500", "text", "list", "deep", "huge", "elsewhere", "empty"],
)
async def test_an_answer_that_is_none_is_told_as_such(tmp_path: Path, path: str, answer: Any) -> None:
    async with world(tmp_path) as it:
        it.provider.answers[path] = answer
        browser = it.pages.browser()
        done = await browser.get("/login/oidc")
        if done.status == 303:
            sent = dict(parse_qsl(urlsplit(done.headers["Location"]).query))
            done = await it.back(browser, it.provider.come_back(sent))
        said = (done.status, AWAY.zh in done.text or NOT_BELIEVED.zh in done.text)
        assert said in ((502, True), (409, True))
        assert (await browser.get("/me")).status == 303


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "http://127.0.0.1:1@evil.example/token"},
        {"jwks_uri": "ftp://keys.example/"},
        {"authorization_endpoint": None},
        {"jwks_uri": 7},
    ],
    ids=str,
)
async def test_addresses_that_others_could_read_or_write_are_refused(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    async with world(tmp_path) as it:
        it.provider.document = document
        assert (await it.pages.browser().get("/login/oidc")).status == 502


async def test_it_is_not_waited_for_longer_than_somebody_waits_for_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "ALL_S", 0.2)
    async with world(tmp_path) as it:
        it.provider.slow_s = 5.0
        assert (await it.pages.browser().get("/login/oidc")).status == 502


async def test_it_may_want_the_secret_in_the_form(tmp_path: Path) -> None:
    async with world(tmp_path) as it:
        it.provider.methods = ("client_secret_post",)
        assert (await it.log_in(it.pages.browser())).status == 200


async def test_without_it_there_is_no_such_page(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        for path in ("/login/oidc", "/login/oidc/back"):
            assert (await pages.browser().get(path)).status == 404
        assert "oidc" not in (await pages.browser().get("/login")).text


# --- who somebody is ---
def settings(
    folder: Path, top: str = "", more: str = MORE, issuer: str = "https://login.example.cn"
) -> ConsoleSettings:
    (folder / "secret").write_text("x")
    path = folder / "console.toml"
    start = f'[oidc]\nissuer = "{issuer}"\nclient_id = "c"\nclient_secret_file = "secret"\n'
    path.write_text(start + (top or 'role_claim = "roles"\n') + more)
    return ConsoleSettings.load(path)


@pytest.mark.parametrize(
    ("claims", "name", "shown", "role"),
    [
        (LI, "li.si-example.cn", "李四", Role.MANAGER),
        (LI | {"roles": "fixer"}, "li.si-example.cn", "李四", Role.TECHNICIAN),
        (LI | {"roles": ["fixer", "boss"]}, "li.si-example.cn", "李四", Role.MANAGER),
        (LI | {"preferred_username": "李四"}, "oidc-fe0b6f9d2e5f", "李四", Role.MANAGER),
        (LI | {"name": "<b>\x1b[2J" + "x" * 90}, "li.si-example.cn", "<b>�[2J" + "x" * 25, Role.MANAGER),
        (LI | {"name": ["a"], "preferred_username": 7}, None, "['a']", Role.MANAGER),
    ],
)
def test_an_account_is_made_of_what_it_says(
    tmp_path: Path, claims: dict[str, Any], name: str | None, shown: str, role: Role
) -> None:
    oidc = settings(tmp_path).oidc
    assert oidc is not None
    subject, account = person(claims, oidc)
    assert subject == "https://login.example.cn 1001"
    assert (account.shown, account.role, account.hall) == (shown, role, "")
    assert (
        name is None
        or account.name == name
        or (name.startswith("oidc-") and account.name.startswith("oidc-"))
    )


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"roles": []}, NO_ROLE),
        ({"roles": {"boss": True}}, NO_ROLE),
        ({"roles": "BOSS"}, NO_ROLE),
        ({"roles": None}, NO_ROLE),
        ({"org": None}, NO_HALL),
        ({"org": "9999"}, NO_HALL),
        ({"org": ["", 7]}, NO_HALL),
    ],
)
def test_who_has_no_role_or_hall_here_is_told(tmp_path: Path, claims: dict[str, Any], words: Words) -> None:
    top = 'role_claim = "roles"\nhall_claim = "org"\n'
    oidc = settings(tmp_path, top, MORE + '[oidc.halls]\n"3204" = "county"\n').oidc
    assert oidc is not None
    with pytest.raises(Refused) as refused:
        person(LI | {"org": "3204"} | claims, oidc)
    assert refused.value.words is words


def test_a_claim_may_lie_deeper_and_a_hall_be_told_as_it_is(tmp_path: Path) -> None:
    top = 'role_claim = "realm_access.roles"\nhall_claim = "org"\n'
    oidc = settings(tmp_path, top).oidc
    assert oidc is not None
    _, account = person(LI | {"realm_access": {"roles": ["fixer"]}, "org": ["NOT ONE", "county"]}, oidc)
    assert (account.role, account.hall) == (Role.TECHNICIAN, "county")


@pytest.mark.parametrize(
    ("top", "more", "issuer", "why"),
    [
        ("", MORE, "http://login.example.cn", "https://"),
        ("", MORE, "http://127.0.0.1@login.example.cn", "https://"),
        ("", "", "https://a", "oidc.roles"),
        ("", '[oidc.roles]\nboss = "king"\n', "https://a", "oidc.roles.boss"),
        ('role_claim = "r"\nscopes = ["profile"]\n', MORE, "https://a", "openid"),
        ('role_claim = "r"\nca = "nowhere.pem"\n', MORE, "https://a", "there is no file"),
        ('role_claim = "r"\nclient_secret = "x"\n', MORE, "https://a", "oidc.client_secret"),
    ],
)
def test_settings_that_cannot_work_are_told_by_their_key(
    tmp_path: Path, top: str, more: str, issuer: str, why: str
) -> None:
    with pytest.raises(BadConsoleSettings, match=why):
        settings(tmp_path, top, more, issuer)
