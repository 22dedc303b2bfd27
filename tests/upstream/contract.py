"""`config/upstream.openapi.yaml` as a judge: of what the client asks, and of what the sandbox answers."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

CONTRACT = Path(__file__).resolve().parents[2] / "config" / "upstream.openapi.yaml"
_SPEC = "urn:upstream"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@cache
def spec() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    return loaded


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(_SPEC, DRAFT202012.create_resource(spec()))  # type: ignore[no-any-return]


def operations() -> dict[str, tuple[str, str]]:
    """Method and path, by operation."""
    return {
        body["operationId"]: (method.upper(), path)
        for path, item in spec()["paths"].items()
        for method, body in item.items()
        if isinstance(body, dict)
    }


class Judge:
    """Of every exchange; `wrong` says what breaks the contract, `seen` which operations there were."""

    def __init__(self, *, answers: Callable[[], bool] = lambda: True) -> None:
        self._answers = answers
        self.wrong: list[str] = []
        self.seen: set[str] = set()

    def middleware(self) -> Any:
        @web.middleware
        async def judged(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith("/v1/"):
                return await handler(request)
            operation = self._asked(request, await request.read())
            judging = self._answers()
            response = await handler(request)
            if operation and judging and self._answers():
                self._answered(operation, response)
            return response

        return judged

    def _asked(self, request: web.Request, raw: bytes) -> dict[str, Any] | None:
        found = _operation(request.method, request.path)
        if found is None:
            self.wrong.append(f"asked: {request.method} {request.path} is not in the contract")
            return None
        operation, item, in_path = found
        name = operation["operationId"]
        self.seen.add(name)
        if not re.fullmatch(r"[0-9a-f]{32}", request.headers.get("X-Request-Id", "")):
            self.wrong.append(f"{name}: asked without X-Request-Id")
        parameters = [
            _resolved(each) for each in (*item.get("parameters", []), *operation.get("parameters", []))
        ]
        given = {"path": in_path, "query": dict(request.query)}
        for where, values in given.items():
            known = {each["name"]: each for each in parameters if each["in"] == where}
            self._check(name, f"{where} has what the contract does not", set(values) <= set(known))
            needed = {each["name"] for each in known.values() if each.get("required")}
            self._check(name, f"{where} lacks what the contract wants", needed <= set(values))
            for key in set(values) & set(known):
                self._fits(name, f"asked {key}", known[key]["schema"], values[key])
        body = operation.get("requestBody")
        self._check(name, "asked with a body, or without one", bool(raw) == bool(body))
        if body and raw:
            self._check(name, "asked in another media type", request.content_type in body["content"])
            self._fits(name, "asked", body["content"]["application/json"]["schema"], json.loads(raw))
        return operation

    def _answered(self, operation: Mapping[str, Any], response: web.StreamResponse) -> None:
        name, status = operation["operationId"], str(response.status)
        answers = operation["responses"]
        self._check(name, f"answered {status}, which it may not", status in answers or response.status >= 400)
        content = _resolved(answers.get(status, answers["default"])).get("content", {})
        raw = response.body if isinstance(response, web.Response) else b""
        if not content:
            return self._check(name, "answered with a body", not raw)
        kinds = list(content)
        self._check(name, f"answered as {response.content_type}", response.content_type in kinds)
        assert isinstance(raw, bytes)
        return self._fits(name, f"answered {status}", content[kinds[0]]["schema"], json.loads(raw))

    def _check(self, name: str, what: str, is_so: bool) -> None:
        if not is_so:
            self.wrong.append(f"{name}: {what}")

    def _fits(self, name: str, what: str, schema: Mapping[str, Any], value: object) -> None:
        self.wrong += [f"{name}: {what}: {error}" for error in _errors(schema, value)]


def _errors(schema: Mapping[str, Any], value: object) -> Iterable[str]:
    absolute = json.loads(json.dumps(schema).replace('"#/', f'"{_SPEC}#/'))
    validator = Draft202012Validator(absolute, registry=_registry(), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _operation(method: str, path: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]] | None:
    for template, item in spec()["paths"].items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        if (found := re.fullmatch(pattern, path)) and method.lower() in item:
            return item[method.lower()], item, found.groupdict()
    return None


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = spec()
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: Mapping[str, Any] = found
    return resolved
