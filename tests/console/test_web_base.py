"""What every page owes: headers, languages, errors in words, and a mark that says whose it is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, web

from edge.console.desk import Desk
from edge.console.record import Record
from edge.console.settings import BadConsoleSettings, ConsoleSettings
from edge.console.web import app as application
from edge.console.web.needs import open_to_all
from edge.console.web.render import FOLDER
from edge.console.web.words import WORDS


@asynccontextmanager
async def pages(folder: Path) -> AsyncIterator[tuple[ClientSession, web.Application]]:
    store = f"sqlite:///{folder}/hub.db"
    Record(store).close()
    desk = Desk(store)
    app = application.make_app(desk, ConsoleSettings())
    application.add(app, [web.get("/broken", broken)])
    jar = CookieJar(unsafe=True)  # also of addresses, which have no names
    try:
        async with application.served(app, 0) as address, ClientSession(address, cookie_jar=jar) as client:
            yield client, app
    finally:
        desk.close()


@open_to_all
async def broken(_request: web.Request) -> web.Response:
    raise ZeroDivisionError


async def test_every_answer_bears_the_headers_that_keep_strangers_out(tmp_path: Path) -> None:
    async with pages(tmp_path) as (client, _):
        for path in ("/healthz", "/nowhere", "/static/base.css", "/broken"):
            async with client.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_who_has_not_logged_in_is_led_there_and_back(tmp_path: Path) -> None:
    async with pages(tmp_path) as (client, _), client.get("/?x=1", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/login?next=/?x%3D1"


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/broken", 500)])
async def test_an_error_is_a_page_in_the_language_that_was_chosen(
    tmp_path: Path, path: str, status: int
) -> None:
    async with pages(tmp_path) as (client, _):
        async with client.get(path) as answer:
            assert answer.status == status
            assert WORDS[f"sorry.{status}"][0] in await answer.text()
        async with client.get(path + "?lang=en") as answer:
            assert WORDS[f"sorry.{status}"][1] in await answer.text()
        async with client.get(path) as answer:  # it was kept
            text = await answer.text()
            assert WORDS[f"sorry.{status}"][1] in text
            assert "ZeroDivisionError" not in text


async def test_a_handler_that_nobody_has_marked_is_refused(tmp_path: Path) -> None:
    async def unmarked(_request: web.Request) -> web.Response:
        return web.Response()

    async with pages(tmp_path) as (_, app):
        with pytest.raises(AssertionError, match="nobody has said who may see it"):
            application.add(app, [web.get("/unmarked", unmarked)])


def test_all_words_are_there_in_both_languages_and_none_is_left_over() -> None:
    folder = Path(application.__file__).parent
    sources = [
        path.read_text() for path in folder.parent.rglob("*") if path.suffix in (".py", ".html", ".js")
    ]
    said = "\n".join(text for text in sources if "WORDS = {" not in text)
    for key, (zh, en) in WORDS.items():
        assert zh.strip() and en.strip(), key
        stem = key.rsplit(".", 1)[0]
        told = (
            f'"{key}"',
            f"'{key}'",
            f'"{stem}.{{',
            f'"{stem}." ~',
        )  # the last two: by a value of a program
        assert any(each in said for each in told), f"{key}: nobody says it"
    for template in (FOLDER / "templates").glob("*.html"):
        for key in re.findall(r'\bt\("([a-z_.0-9]+)"[,)]', template.read_text()):
            assert key in WORDS, f"{template.name}: {key}"


def test_templates_have_neither_scripts_nor_styles_in_them() -> None:
    for template in (FOLDER / "templates").glob("*.html"):
        text = template.read_text()
        assert not re.search(r"<style|\bstyle=|\bon[a-z]+=|<script(?![^>]*\bsrc=)", text), template.name


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ('[web]\nlisten = "0.0.0.0"', "passwords need TLS"),
        ('[web]\ncert = "a.pem"', "go together"),
        ("[web]\nprot = 1", "web.prot"),
        ('[[hall]]\nid = "a"\n[[hall]]\nid = "a"', "two halls have the same id"),
    ],
)
def test_a_console_that_cannot_work_is_told_by_the_key(tmp_path: Path, toml: str, why: str) -> None:
    path = tmp_path / "console.toml"
    path.write_text(toml)
    with pytest.raises(BadConsoleSettings, match=re.escape(why)):
        ConsoleSettings.load(path)
