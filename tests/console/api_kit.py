"""A program at the API: each answer is read by the description that the console itself gives of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiohttp import ClientSession, web
from jsonschema import Draft202012Validator

from edge.console.accounts import tokens
from edge.console.accounts.sessions import Via
from edge.console.api.openapi import openapi
from edge.console.api.operations import OPERATIONS, ROOT
from tests.console.accounts_kit import writing

PLACES = {  # of the console of the kit
    "hall": "county",
    "node": "desk",
    "device": "printer-1",
    "key": "device-pad-2",
    "kind": "month",
    "period": "2026-09",
    "version": "1",
}


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Program:
    session: ClientSession
    token: str = ""

    async def get(self, path: str, **headers: str) -> Said:
        return await self.ask("GET", path, None, **headers)

    async def post(self, path: str, body: Any, **headers: str) -> Said:
        return await self.ask("POST", path, json.dumps(body), **headers)

    async def ask(self, method: str, path: str, body: str | bytes | None, **headers: str) -> Said:
        """Of a `path` below the root of the API. What comes is what its description says."""
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            own["Content-Type"] = "application/json"
        options: dict[str, Any] = {"allow_redirects": False, "headers": own | headers, "data": body}
        async with self.session.request(method, ROOT + path, **options) as answer:
            said = Said(answer.status, await answer.json(content_type=None), dict(answer.headers))
            resource = answer.headers["Content-Type"].partition(";")[0]
        if said.status == 200:
            assert resource == "application/json"
            judge(_operation(method, path), said.body)
        else:
            assert resource == "application/problem+json", said
            validator("Problem").validate(said.body)
            assert said.body["status"] == said.status
        return said


def judge(model: str, body: Any) -> None:
    validator(model).validate(body)


@cache
def document() -> dict[str, Any]:
    return openapi()


@cache
def validator(model: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{model}", "components": document()["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _operation(method: str, path: str) -> str:
    """The model of the answer to it."""
    asked = path.partition("?")[0].split("/")
    for each in OPERATIONS:
        parts = each.path.split("/")
        same = len(parts) == len(asked) and all(
            ours == its or ours[:1] == "{" for ours, its in zip(parts, asked, strict=True)
        )
        if each.method == method and same:
            return each.answer.__name__
    raise AssertionError(f"no operation for {method} {path}")


def token_of(store: str, name: str, now: float, days: int = 30, via: Via = Via.PASSWORD) -> str:
    with writing(store) as db:
        return tokens.make(db, name, "a test", days, now, via=via)


def routes(app: web.Application) -> set[tuple[str, str]]:
    """Method and path of all that is served below the root of the API."""
    return {
        (route.method, route.resource.canonical.removeprefix(ROOT))
        for route in app.router.routes()
        if route.resource and route.resource.canonical.startswith(ROOT)
    }
