"""A record that answers and keeps nothing: said on every page, refused in words, and mended by itself."""

from __future__ import annotations

import html
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError, OperationalError

from edge.console import desk
from edge.console.engine import RecordError
from edge.console.keeping import Keeping
from edge.console.lease import LeaseLost
from edge.console.web.keys import DESK
from edge.console.web.words import WORDS
from tests.console import live_kit as say
from tests.console.accounts_kit import Pages, served
from tests.console.stream_kit import listening
from tests.console.test_pages_device import Node
from tests.console.test_pages_fleet import COUNTY, fill, tell

NOTE = '已去 <b>窗口</b> "看" & 处理'


def refused(cause: Exception | None) -> Callable[[], None]:
    def write() -> None:
        raise RecordError("it cannot") from cause

    return write


def attempt(keeping: Keeping, work: Callable[[], None]) -> None:
    with pytest.raises(RecordError), keeping.attempt("pages"):
        work()


def test_only_what_the_database_refuses_for_its_own_sake_is_told() -> None:
    now = [100.0]
    keeping = Keeping(lambda: now[0])
    attempt(keeping, refused(None))
    attempt(keeping, refused(IntegrityError("", {}, Exception())))
    with pytest.raises(LeaseLost), keeping.attempt("pages"):
        raise LeaseLost("another leads")
    assert keeping.stuck_since_s is None
    attempt(keeping, refused(OperationalError("", {}, Exception())))
    now[0] = 200.0
    attempt(keeping, refused(OperationalError("", {}, Exception())))
    assert keeping.stuck_since_s == 100.0
    with keeping.attempt("lease"):
        pass
    assert keeping.stuck_since_s == 100.0, "that another can write says nothing of this one"
    with keeping.attempt("pages"):
        pass
    assert keeping.stuck_since_s is None


@contextmanager
def full(pages: Pages) -> Iterator[None]:
    """Its database takes no more writes, as one on a full disk."""
    engine = pages.app[DESK]._writing

    def refuse(_db: Connection) -> None:
        raise OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))

    event.listen(engine, "begin", refuse)
    yield
    event.remove(engine, "begin", refuse)


async def test_what_cannot_be_kept_is_not_begun_and_can_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "RETRY_S", 0.05)
    async with served(tmp_path) as pages:
        pages.account("chief")
        browser = await pages.logged_in("chief")
        fill(pages)
        tell(pages, COUNTY.alert("device-x"), say.alert("device-x"))
        node = Node(pages, alert_acknowledge={})
        page = await browser.get("/halls/county")
        assert " hidden>" + WORDS["stuck.text"][0] in page.text
        with full(pages):
            fields = {"csrf": page.csrf, "node": "node-1", "key": "device-x", "note": NOTE}
            answer = await browser.post("/halls/county/alerts", None, **fields)
            assert answer.status == 503
            assert WORDS["sorry.unkept"][0] in answer.text
            assert f'role="alert">{WORDS["stuck.text"][0]}' in answer.text
            for name, value in fields.items():
                assert f'name="{name}"' in answer.text
                assert html.escape(value).replace("&quot;", "&#34;") in answer.text
            assert 'action="/halls/county/alerts"' in answer.text
            secret = await browser.post(
                "/me/password", None, csrf=page.csrf, present="a b c d e", password="x"
            )
            assert secret.status == 503
            assert "a b c d e" not in secret.text
            assert 'action="/me/password"' not in secret.text, "no password is written into a page"
            assert not node.asked
            async with listening(browser, "hall_head:*") as heard:
                await heard.until(lambda: heard.states and heard.states[-1]["stuck"])
        keeping = pages.app[DESK].keeping
        async with listening(browser, "hall_head:*") as heard:
            await heard.until(lambda: keeping.stuck_since_s is None)
        await browser.post("/halls/county/alerts", None, **fields)
        assert [args["note"] for _, args in node.asked] == [NOTE]
