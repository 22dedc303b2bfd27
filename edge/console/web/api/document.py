"""The description of the API, as OpenAPI: for anybody, since nothing of any hall is in it."""

from __future__ import annotations

import json
from functools import cache

from aiohttp import web

from edge.console.api.openapi import openapi
from edge.console.api.operations import ROOT
from edge.console.web.needs import open_to_all


@open_to_all
async def document(_request: web.Request) -> web.Response:
    return web.Response(text=_written(), content_type="application/json")


@cache
def _written() -> str:
    return json.dumps(openapi(), ensure_ascii=False)


ROUTES = (web.get(f"{ROOT}/openapi.json", document),)
