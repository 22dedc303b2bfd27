"""The API described as OpenAPI 3.1, made from its operations and models themselves.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from edge import __version__
from edge.console.api.base import PROBLEM, Problem, Query
from edge.console.api.operations import EVENTS_TOLD, OPERATIONS, PATTERNS, ROOT, STREAM, Operation

SCHEMAS = "#/components/schemas/{model}"
ABOUT = """What the pages of `hall-console` show, for other programs: the same figures, by the same rights.

A token stands for the account that has made it (`/me`), with its role and hall and never more. Times are in
UTC (RFC 3339), durations in seconds, texts for people in Chinese and English. Members may be added within a
version; a program ignores those that it does not know."""
PARAMETERS = {
    "hall": "a hall's id",
    "node": "the id of one of its nodes",
    "device": "a device's id",
    "key": "the alert's key",
    "id": "the follow-up's id",
    "kind": "month, quarter or year",
    "period": "as 2026-10, 2026Q4 or 2026",
    "version": "from 1",
}


def openapi() -> dict[str, Any]:
    """The whole document, as JSON."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(ROOT + operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hall-console",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "where the pages are"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {"Problem": _problem()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "made at /me, shown once"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-hall",
                    "description": "of a browser that is logged in; for GET only",
                },
            },
        },
    }


def _operation(operation: Operation[Query]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"{inspect.getdoc(operation.answer) or operation.summary}\n\nNeeds the right "
        f"`{operation.act}`.",
        "parameters": [*_in_path(operation), *_in_query(operation)],
        "responses": {
            "200": {
                "description": "As asked for",
                "content": {operation.content: {"schema": _answer(operation)}},
            },
            **{
                str(status.value): {"$ref": "#/components/responses/Problem"} for status in _errors(operation)
            },
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if operation.body:
        content = {"application/json": {"schema": _ref(operation.body)}}
        found["requestBody"] = {"required": True, "content": content}
    if operation.method != "GET":
        found["security"] = [{"token": []}]
    return found


def _answer(operation: Operation[Query]) -> dict[str, Any]:
    """Of a stream: what the data of each of its events is, which OpenAPI 3.1 has no other words for."""
    if operation is STREAM:
        told = {name: _ref(model) for name, model in EVENTS_TOLD.items()}
        return {"type": "string", "contentMediaType": operation.content, "x-events": told}
    return _ref(operation.answer)


def _errors(operation: Operation[Query]) -> Iterator[HTTPStatus]:
    if operation.query.model_fields or operation.body:
        yield HTTPStatus.BAD_REQUEST
    yield HTTPStatus.UNAUTHORIZED
    yield HTTPStatus.FORBIDDEN
    if "{" in operation.path or "hall" in operation.query.model_fields:
        yield HTTPStatus.NOT_FOUND
    yield HTTPStatus.TOO_MANY_REQUESTS
    yield HTTPStatus.SERVICE_UNAVAILABLE


def _in_path(operation: Operation[Query]) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", operation.path):
        schema = {"type": "string", "pattern": f"^({PATTERNS[name]})$"}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": PARAMETERS[name],
            "schema": schema,
        }


def _in_query(operation: Operation[Query]) -> Iterator[dict[str, Any]]:
    for name, schema in operation.query.model_json_schema().get("properties", {}).items():
        yield {"name": name, "in": "query", "required": False, "schema": _untitled(schema)}


def _schemas() -> dict[str, Any]:
    read = [(operation.body, "validation") for operation in OPERATIONS if operation.body]
    written = [
        (model, "serialization")
        for model in {Problem, *(each.answer for each in OPERATIONS), *EVENTS_TOLD.values()}
    ]
    models: Any = sorted([*read, *written], key=lambda each: each[0].__name__)
    _, schema = models_json_schema(models, ref_template=SCHEMAS)
    found: dict[str, Any] = _untitled(schema["$defs"])
    return found


def _untitled(node: Any) -> Any:
    """Without the titles that only say a member's name again."""
    if isinstance(node, list):
        return [_untitled(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _untitled(inner)
        for key, inner in node.items()
        if not (key == "title" and isinstance(inner, str))
    }


def _problem() -> dict[str, Any]:
    return {"description": "Why not", "content": {PROBLEM: {"schema": _ref(Problem)}}}


def _ref(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": SCHEMAS.format(model=model.__name__)}
