"""What people did, and what was refused them: kept for good, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from edge.console.accounts import trail
from edge.console.accounts.roles import Role
from edge.console.accounts.trail import Act
from edge.console.api.base import API
from edge.console.record import Record
from edge.console.web.keys import DOOR
from edge.console.web.render import READS
from tests.console.accounts_kit import PASSWORD, Pages, served, writing
from tests.stores import outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")


CHANGES = ("UPDATE act SET account = 'wang'", "DELETE FROM act", "DELETE FROM act WHERE id = 1")
_ROW = """INTO act (id, at, account, role, hall, what, "on", detail, result, address)
VALUES (1, 2.0, 'wang', '', '', '', '', '', '', '')"""
CHANGES_OF = {
    "sqlite": (f"INSERT OR REPLACE {_ROW}", f"REPLACE {_ROW}", "UPDATE OR IGNORE act SET at = 0"),
    "postgresql": (
        "TRUNCATE act",
        f"INSERT {_ROW} ON CONFLICT (id) DO UPDATE SET account = 'wang'",
        "MERGE INTO act USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    ),
}


def changing(pages: Pages) -> list[str]:
    """The address of every page that takes what may change something."""
    routes = pages.app.router.routes()
    return sorted(
        {route.resource.canonical for route in routes if route.resource and route.method not in READS}
    )


async def test_whatever_may_change_something_leaves_a_line(tmp_path: Path) -> None:
    """Every such page, whatever comes of it: asked rightly with nothing in the form, and from elsewhere."""
    async with served(tmp_path) as pages:
        pages.account("li")
        pages.account("viewer", Role.VIEWER)
        addresses = changing(pages)
        assert "/accounts/{name}/disable" in addresses
        for address in addresses:
            path = address.format_map(
                {
                    "name": "viewer",
                    "token": "t0k3n-of-a-link",
                    "hall": "county",
                    "node": "n",
                    "device": "d",
                    "camera": "c",
                    "id": "x",
                    "key": "x",
                }
            )
            browser = await pages.logged_in("li")
            token, before = await browser.csrf(), len(pages.acts())
            await browser.post(path, csrf=token)
            acts = pages.acts()
            assert len(acts) > before, f"{address}: no line"
            assert acts[0].account == ("" if path.startswith(API) else "li"), address
            assert acts[0].address == "127.0.0.1"
            await browser.post(path, {"Origin": "https://evil.example"})
            assert len(pages.acts()) > len(acts), f"{address}: no line of what came from elsewhere"
        assert not [act for act in pages.acts() if "t0k3n" in str(act)], "a link's token is as a password"


async def test_a_line_says_who_what_to_whom_from_where_and_what_came_of_it(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        manager = await pages.logged_in("li")
        fields = {"name": "chen", "shown": "陈", "role": "viewer", "hall": ""}
        await manager.act("/accounts", "/accounts", **fields)
        await manager.act("/accounts", "/accounts", **fields)
        refused, done, login = pages.acts()
        assert (login.what, login.account, login.role, login.detail) == ("login", "li", "manager", "password")
        assert (done.what, done.on, done.detail, done.result) == ("account.invited", "chen", "viewer ", "ok")
        assert (refused.what, refused.result) == (
            "account.invited",
            "refused: This name is taken. Please choose another.",
        )


async def test_of_a_stranger_only_a_name_that_is_one_is_kept(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        await pages.browser().log_in("li", "wrong")
        await pages.browser().log_in("my secret password", "li")
        unknown, known = pages.acts()
        assert (known.what, known.on, known.account) == ("login", "li", "")
        assert (unknown.what, unknown.on, unknown.account) == ("login", "", "")
        assert "wrong" not in known.detail


async def test_a_flood_of_strangers_does_not_fill_it(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        while pages.app[DOOR].strangers.take():
            pass
        await pages.browser().log_in("li", "wrong")
        assert pages.acts() == []


def test_nothing_is_changed_or_taken_out(tmp_path: Path, both_stores: str) -> None:
    store = store_url(tmp_path / "hub.db")
    Record(store).close()
    act = Act(1.0, "li", "manager", "", "login", "", "x" * 900, "ok\x1b[2J", "::1")
    with writing(store) as db:
        trail.add(db, act)
    for statement in (*CHANGES, *CHANGES_OF[both_stores]):
        with pytest.raises(DatabaseError, match="only ever added to"), writing(store) as db:
            db.exec_driver_sql(statement)
    with writing(store) as db:
        ((_, kept),) = trail.find(db)
    assert len(kept.detail) == 500
    assert kept.result == "ok�[2J"


def test_an_older_record_gets_what_guards_it(tmp_path: Path, both_stores: str) -> None:
    path, on = tmp_path / "hub.db", " ON act" if both_stores == "postgresql" else ""
    Record(store_url(path)).close()
    for name in ("act_kept",) if on else ("act_no_UPDATE", "act_no_DELETE"):
        outside(path, f"DROP TRIGGER {name}{on}")
    outside(path, "UPDATE version SET version = 7")
    Record(store_url(path)).close()
    with writing(store_url(path)) as db:
        trail.add(db, Act(1.0, "li", "manager", "", "login", "", "", "ok", "::1"))
    with pytest.raises(DatabaseError, match="only ever added to"), writing(store_url(path)) as db:
        db.exec_driver_sql("DELETE FROM act")


async def test_it_is_read_a_page_at_a_time(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        pages.account("li")
        for _ in range(3):
            await pages.browser().log_in("li", PASSWORD)
        with writing(pages.store) as db:
            (last, _), (middle, _) = trail.find(db, limit=2)
            ((first, _),) = trail.find(db, before=middle)
            assert first < middle < last
            assert trail.find(db, account="wang") == []
            assert len(trail.find(db, what="log")) == 3
            assert trail.find(db, since_s=pages.clock.now + 1) == []
