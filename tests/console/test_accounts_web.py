"""Coming in, and looking after accounts, over real HTTP."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
import pytest
from yarl import URL

from edge.console.accounts import links
from edge.console.accounts.roles import Role
from edge.console.web.words import WORDS
from tests.console.accounts_kit import PASSWORD, Browser, Pages, served, writing

pytestmark = pytest.mark.usefixtures("both_stores")

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
GOOD = "another four unrelated words"


def code(pages: Pages, secret: str = SECRET, later: int = 0) -> str:
    return str(pyotp.TOTP(secret).at(int(pages.clock.now) + later * 30))


async def test_who_logs_in_comes_to_where_they_were_going(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = pages.browser()
        led = await browser.get("/accounts")
        assert led.headers["Location"] == "/login?next=/accounts"
        asked = await browser.get(led.headers["Location"])
        assert WORDS["login.title"][0] in asked.text
        done = await browser.post("/login", name=" Li ", password=PASSWORD, next="/accounts")
        onward = await browser.get(done.headers["Location"])
        assert (onward.status, onward.headers["Location"]) == (303, "/accounts")
        assert (await browser.get("/accounts")).status == 200
        cookie = done.headers["Set-Cookie"]
        assert re.match(r"hall=[\w-]{40,}; HttpOnly; Path=/; SameSite=Strict", cookie)


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("gone")
        manager = await pages.logged_in("li")
        await manager.act("/accounts/gone/disable", "/accounts")
        said = set()
        for name, password in (
            ("li", "wrong"),
            ("nobody", PASSWORD),
            ("gone", PASSWORD),
            ("", ""),
            ("li'--", "x"),
        ):
            answer = await pages.browser().log_in(name, password)
            said.add((answer.status, answer.text.replace(f'value="{name}"', "")))
        assert len({status for status, _ in said}) == 1
        assert all(WORDS["login.wrong"][0] in text for _, text in said)


async def test_nobody_is_led_off_this_site(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = await pages.logged_in("li")
        for evil in (
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            "evil",
            "/" + "x" * 2000,
        ):
            answer = await browser.get("/login", params={"next": evil})
            assert answer.headers["Location"] == "/", evil
            fresh = await pages.browser().post("/login", name="li", password=PASSWORD, next=evil)
            assert fresh.headers["Location"] == "/login?next=%2F", evil


async def test_a_token_from_before_is_worth_nothing_after(tmp_path: Path) -> None:
    """Whoever has put a token into a browser does not get in with it later (session fixation)."""
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = pages.browser()
        browser.session.cookie_jar.update_cookies({"hall": "planted-by-somebody-else"}, URL(pages.address))
        await browser.log_in("li")
        first = {each.value for each in browser.session.cookie_jar}
        assert "planted-by-somebody-else" not in first
        await browser.act("/login", "/me", name="li", password=PASSWORD)
        second = {each.value for each in browser.session.cookie_jar}
        assert first.isdisjoint(second)
        thief = pages.browser(Cookie=f"hall={first.pop()}")
        assert (await thief.get("/me")).status == 303
        assert (await browser.get("/me")).status == 200


async def test_a_form_needs_the_token_of_its_own_session_and_our_page(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("wang")
        browser, other = await pages.logged_in("li"), await pages.logged_in("wang")
        own, others = await browser.csrf(), await other.csrf()
        for token in ("", others, own[:-1], own + "x", "é"):
            assert (await browser.post("/me/lang", csrf=token, lang="en")).status == 403
        assert (await browser.post("/me/lang", lang="en")).status == 403
        wrong = (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": pages.address.replace("http", "https")},
            {"Origin": pages.address + "1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        )
        for headers in wrong:
            for path in ("/me/lang", "/login"):
                answer = await browser.post(path, headers, csrf=own, lang="en", name="li", password=PASSWORD)
                assert answer.status == 403, headers
        right = ({"Origin": pages.address}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"})
        for headers in right:
            assert (await browser.post("/me/lang", headers, csrf=own, lang="en")).status == 303


async def test_who_is_disabled_is_out_and_whose_role_changes_has_it_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("wang")
        manager, other = await pages.logged_in("li"), await pages.logged_in("wang")
        assert (await other.get("/accounts")).status == 200
        done = await manager.act("/accounts/wang/change", "/accounts", role="viewer", hall="")
        assert done.status == 303
        assert (await other.get("/accounts")).status == 403
        assert (await other.get("/me")).status == 200
        await manager.act("/accounts/wang/disable", "/accounts")
        assert (await other.get("/me")).status == 303
        assert (await pages.browser().log_in("wang")).status == 403
        await manager.act("/accounts/wang/restore", "/accounts")
        assert (await other.get("/me")).status == 303, "the old session stays ended"
        assert (await pages.browser().log_in("wang")).status == 303


async def test_the_last_manager_of_all_stays(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("hall", hall="county")
        with writing(pages.store) as db:
            pages.account("invited")
            db.exec_driver_sql("UPDATE account SET password = '' WHERE name = 'invited'")
        manager = await pages.logged_in("li")
        for path, fields in (("disable", {}), ("change", {"role": "viewer", "hall": ""})):
            answer = await manager.act(f"/accounts/li/{path}", "/accounts", **fields)
            assert answer.status == 409
            assert "最后一位" in answer.text
        assert (await manager.get("/accounts")).status == 200
        assert [act.result for act in pages.acts("account.")] == [
            "refused: This is the last manager of all halls. There has to be another one first."
        ] * 2


async def test_a_manager_of_one_hall_looks_after_no_accounts(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("hall", hall="county")
        pages.account("viewer", Role.VIEWER)
        pages.account("auditor", Role.AUDITOR)
        for name in ("hall", "viewer", "auditor"):
            browser = await pages.logged_in(name)
            assert (await browser.get("/accounts")).status == 403
            answer = await browser.act("/accounts/viewer/change", role="manager", hall="")
            assert answer.status == 403


# --- links ---
async def invited(pages: Pages, manager: Browser, **fields: str) -> str:
    answer = await manager.act("/accounts", "/accounts", **fields)
    assert answer.status == 200, answer.text
    (address,) = re.findall(r"http://[^<\s]*/link/[\w-]+", answer.text)
    return str(address.removeprefix(pages.address))


async def test_who_is_invited_chooses_a_password_once(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        manager, browser = await pages.logged_in("li"), pages.browser()
        path = await invited(pages, manager, name="chen", shown="陈主任", role="viewer", hall="")
        shown = await browser.get(path)
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert 'value="chen"' in shown.text
        assert 'value="陈主任"' in shown.text
        refused = await browser.post(path, shown="陈", password="short", again="short")
        assert refused.status == 409
        assert "12" in refused.text
        differ = await browser.post(path, shown="陈", password=GOOD, again=GOOD + "x")
        assert differ.status == 409
        done = await browser.post(path, name="li", shown="陈主任", password=GOOD, again=GOOD)
        assert done.headers["Location"] == "/login"
        assert "陈主任" in (await browser.get("/me")).text
        again = pages.browser()
        assert (await again.get(path)).status == 409
        assert (await again.post(path, shown="x", password=GOOD, again=GOOD)).status == 409
        assert (await pages.browser().log_in("li")).status == 303, "the name of the form counts for nothing"


async def test_a_link_ends_with_its_time_with_a_newer_one_and_with_its_account(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        manager, browser = await pages.logged_in("li"), pages.browser()
        first = await invited(pages, manager, name="chen", shown="陈", role="viewer", hall="")
        second = (await manager.act("/accounts/chen/link", "/accounts")).text
        newer = re.findall(r"/link/[\w-]+", second)[0]
        assert (await browser.get(first)).status == 409
        assert (await browser.get(newer)).status == 200
        pages.clock.now += 73 * 3600
        assert (await browser.get(newer)).status == 409
        manager = await pages.logged_in("li")
        newest = re.findall(r"/link/[\w-]+", (await manager.act("/accounts/chen/link", "/accounts")).text)[0]
        await manager.act("/accounts/chen/disable", "/accounts")
        assert (await browser.get(newest)).status == 409
        assert (await browser.get("/link/" + "x" * 43)).status == 409


async def test_a_new_password_by_link_ends_all_sessions_and_keeps_the_codes(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("wang", secret=SECRET)
        manager, other = await pages.logged_in("li"), await pages.logged_in("wang")
        assert (
            await other.post("/login/code", csrf=await other.csrf("/login/code"), code=code(pages))
        ).status == 303
        assert (await other.get("/me")).status == 200
        answer = await manager.act("/accounts/wang/link", "/accounts")
        path = re.findall(r"/link/[\w-]+", answer.text)[0]
        browser = pages.browser()
        assert (await other.get("/me")).status == 200, "until the link is used nothing changes"
        await browser.post(path, password=GOOD, again=GOOD)
        assert (await other.get("/me")).status == 303
        assert (await browser.get("/me")).status == 303
        assert (await browser.get("/login")).headers["Location"].startswith("/login/code")


async def test_the_first_link_makes_one_manager_and_no_second(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        with writing(pages.store) as db:
            older = links.first(db, pages.clock.now)
            token = links.first(db, pages.clock.now)
        browser = pages.browser()
        assert (await browser.get(f"/link/{older}")).status == 409
        path = f"/link/{token}"
        assert WORDS["link.first"][0] in (await browser.get(path)).text
        bad = await browser.post(path, name="李 四", shown="李", password=GOOD, again=GOOD)
        assert bad.status == 409
        await browser.post(path, name="Li4", shown="李四", password=GOOD, again=GOOD)
        assert (await browser.get("/accounts")).status == 200
        assert (await pages.browser().get(path)).status == 409
        with writing(pages.store) as db:
            assert links.first(db, pages.clock.now) is None


# --- codes ---
async def test_who_has_codes_is_not_in_without_one_and_none_works_twice(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li", secret=SECRET)
        browser = await pages.logged_in("li")
        assert (await browser.get("/me")).status == 303
        token = await browser.csrf("/login/code")
        assert (await browser.post("/login/code", code=code(pages))).status == 403, "no token of the form"
        assert (await browser.post("/login/code", csrf=token, code="000000")).status == 403
        told = code(pages)
        done = await browser.post("/login/code", csrf=token, code=told, next="/accounts")
        assert done.headers["Location"] == "/accounts"
        assert (await browser.get("/accounts")).status == 200
        thief = await pages.logged_in("li")
        token = await thief.csrf("/login/code")
        assert (await thief.post("/login/code", csrf=token, code=told)).status == 403
        assert (await thief.get("/me")).status == 303
        pages.clock.now += 30
        assert (await thief.post("/login/code", csrf=token, code=code(pages))).status == 303


async def test_half_a_login_lasts_five_minutes(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li", secret=SECRET)
        browser = await pages.logged_in("li")
        token = await browser.csrf("/login/code")
        pages.clock.now += 301
        answer = await browser.post("/login/code", csrf=token, code=code(pages))
        assert answer.headers["Location"] == "/login"
        assert (await browser.get("/me")).status == 303


async def test_a_technician_sets_up_codes_before_anything_else(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("zhao", Role.TECHNICIAN)
        browser = await pages.logged_in("zhao")
        for path in ("/", "/me"):
            assert (await browser.get(path)).status == 303
        assert (await browser.get("/login")).headers["Location"] == "/me/codes"
        asked = await browser.get("/me/codes")
        (secret,) = re.findall(r'name="secret" value="([A-Z2-7]{32})"', asked.text)
        assert "<svg" in asked.text
        assert "style=" not in asked.text
        wrong = await browser.post("/me/codes", csrf=asked.csrf, secret=secret, code="123456x")
        assert wrong.status == 409
        assert secret in wrong.text
        right = code(pages, secret)
        written = await browser.post("/me/codes", csrf=asked.csrf, secret=secret, code=right)
        spare = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", written.text)
        assert len(spare) == 8
        assert (await browser.get("/me")).status == 200
        again = await pages.logged_in("zhao")
        token = await again.csrf("/login/code")
        assert (await again.post("/login/code", csrf=token, code=right)).status == 403
        assert (await again.post("/login/code", csrf=token, code=spare[0].upper())).status == 303
        third = await pages.logged_in("zhao")
        token = await third.csrf("/login/code")
        assert (await third.post("/login/code", csrf=token, code=spare[0])).status == 403


async def test_codes_are_taken_off_by_the_password_or_a_manager(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li", secret=SECRET)
        browser = await pages.logged_in("li")
        await browser.post("/login/code", csrf=await browser.csrf("/login/code"), code=code(pages))
        assert (await browser.act("/me/codes/off", present="wrong")).status == 409
        assert (await browser.act("/me/codes/off", present=PASSWORD)).status == 303
        assert (await (await pages.logged_in("li")).get("/me")).status == 200
        pages.account("wang", secret=SECRET)
        await browser.act("/accounts/wang/codes-off", "/accounts")
        assert (await (await pages.logged_in("wang")).get("/me")).status == 200


# --- sessions and passwords of one's own ---
async def test_a_session_ends_unused_at_last_and_when_it_is_ended(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser, other = await pages.logged_in("li"), await pages.logged_in("li")
        shown = await browser.get("/me")
        (id_,) = re.findall(r'name="id" value="(\w+)"', shown.text)
        await browser.post("/me/sessions/end", csrf=shown.csrf, id=id_)
        assert (await other.get("/me")).status == 303
        for _ in range(13):
            pages.clock.now += 55 * 60
            assert (await browser.get("/me")).status == 200
        pages.clock.now += 5 * 60
        assert (await browser.get("/me")).status == 303, "12 hours, however much it is used"
        browser = await pages.logged_in("li")
        pages.clock.now += 60 * 60
        assert (await browser.get("/me")).status == 303


async def test_nobody_ends_the_sessions_of_others(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("wang", Role.VIEWER)
        browser, second = await pages.logged_in("li"), await pages.logged_in("li")
        (id_,) = re.findall(r'name="id" value="(\w+)"', (await browser.get("/me")).text)
        thief = await pages.logged_in("wang")
        for each in (id_, "%", "_" * 16, ""):
            await thief.act("/me/sessions/end", id=each)
        assert (await browser.get("/me")).status == 200
        assert (await second.get("/me")).status == 200


async def test_a_new_password_needs_the_present_one_and_logs_out_the_others(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser, other = await pages.logged_in("li"), await pages.logged_in("li")
        assert (await browser.act("/me/password", present="x", password=GOOD, again=GOOD)).status == 409
        assert (await browser.act("/me/password", present=PASSWORD, password=GOOD, again="y")).status == 409
        done = await browser.act("/me/password", present=PASSWORD, password=GOOD, again=GOOD)
        assert done.headers["Location"] == "/me"
        assert (await browser.get("/me")).status == 200
        assert (await other.get("/me")).status == 303
        assert (await pages.browser().log_in("li")).status == 403
        assert (await pages.browser().log_in("li", GOOD)).status == 303


async def test_the_language_goes_with_the_account(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        await (await pages.logged_in("li")).act("/me/lang", lang="en")
        elsewhere = await pages.logged_in("li")
        assert WORDS["me.title"][1] in (await elsewhere.get("/me")).text


async def test_who_logs_out_is_out_and_the_token_with_them(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        browser = await pages.logged_in("li")
        (token,) = {each.value for each in browser.session.cookie_jar}
        assert (await browser.post("/logout")).status == 403
        await browser.act("/logout")
        assert not list(browser.session.cookie_jar)
        assert (await pages.browser(Cookie=f"hall={token}").get("/me")).status == 303


async def test_hostile_names_are_shown_as_text(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        manager = await pages.logged_in("li")
        evil = "<script>alert(1)</script>"
        await invited(pages, manager, name="mal", shown=evil, role="viewer", hall="")
        text = (await manager.get("/accounts")).text
        assert evil not in text
        assert "&lt;script&gt;" in text
        for name, shown in (
            ("../x", "x"),
            ("", "x"),
            ("x" * 33, "x"),
            ("ok", "a\x00b"),
            ("ok", " "),
            ("ok", "x" * 33),
        ):
            answer = await manager.act(
                "/accounts", "/accounts", name=name, shown=shown, role="viewer", hall=""
            )
            assert answer.status == 409, (name, shown)
        for role, hall, status in (("king", "", 400), ("viewer", "nowhere", 409)):
            answer = await manager.act("/accounts", "/accounts", name="ok", shown="x", role=role, hall=hall)
            assert answer.status == status
        wrong = await pages.browser().log_in(evil, evil)
        assert evil not in wrong.text
