"""`/metrics`: the console for Prometheus, in its text format 0.0.4.

To this machine it is open; to others by a token, of which the settings have the SHA-256.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest

from edge.console.metrics import Figures, HallLabels, families
from edge.console.web.doors import DOORS
from edge.console.web.keys import DESK, ERRORS, LIVE, SETTINGS, WALL
from edge.console.web.meter import METER
from edge.console.web.needs import open_to_all
from edge.console.web.proxy import is_loopback
from edge.console.web.pulse import PULSE, RECORDER
from edge.console.web.streams import STREAMS
from edge.console.web.visit import VISIT

KEPT_S = 1.0  # a text: a county's is some 10,000 lines, and a tenth of a second of a processor
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BEARER = {"WWW-Authenticate": 'Bearer realm="hall-console"'}


@open_to_all
async def metrics(request: web.Request) -> web.Response:
    _let_in(request)
    text = await request.app[SCRAPE].text(request.app)
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})


def _let_in(request: web.Request) -> None:
    """Raises the HTTP error for who may not read it."""
    table, visit = request.app[SETTINGS].metrics, request[VISIT]
    if not table.on:
        raise web.HTTPNotFound
    if is_loopback(visit.address) and not _is_led_on(request):
        return
    if not visit.secure:
        raise web.HTTPUpgradeRequired(headers={"Upgrade": "TLS/1.2, HTTP/1.1"})  # RFC 2817, 4.2
    if not table.token_sha256:
        raise web.HTTPForbidden
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    digest = hashlib.sha256(token.strip().encode(errors="replace")).hexdigest()
    if scheme.lower() != "bearer" or not hmac.compare_digest(digest, table.token_sha256):
        raise web.HTTPUnauthorized(headers=BEARER)


def _is_led_on(request: web.Request) -> bool:
    """By a proxy that the settings know nothing of: whoever is behind it is not of this machine."""
    known = request.app[SETTINGS].web.behind_proxy
    return not known and any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))


class Scrape:
    """One text for all who ask within KEPT_S."""

    def __init__(self, app: web.Application) -> None:
        self._labels = HallLabels(each.id for each in app[SETTINGS].hall)
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        self._turn = asyncio.Lock()
        self._text = b""
        self._until_s = -1.0

    async def text(self, app: web.Application) -> bytes:
        async with self._turn:
            if time.monotonic() >= self._until_s:
                figures = await self._figures(app)
                self._text = await asyncio.to_thread(self._written, figures)
                self._until_s = time.monotonic() + KEPT_S
            return self._text

    def _written(self, figures: Figures) -> bytes:
        registry = CollectorRegistry()
        registry.register(_Once(figures))
        return generate_latest(registry) + generate_latest(self._process)

    async def _figures(self, app: web.Application) -> Figures:
        weight, recorder, errors = await app[PULSE].weight(), app[RECORDER], app[ERRORS]
        fleet = app[LIVE].fleet
        return Figures(
            now_s=app[WALL](),
            halls=tuple(fleet.halls(each.id for each in app[SETTINGS].hall)),
            labels=self._labels,
            fleet_bytes=fleet.size,
            refused=fleet.full,
            strange=fleet.strange,
            broker=fleet.lost_since_s is None,
            leads=recorder.leads if recorder else None,
            applied=recorder.applied if recorder else 0,
            duplicates=recorder.duplicates if recorder else 0,
            weight=weight,
            keeps=app[DESK].keeping.stuck_since_s is None,
            errors=errors.count,
            last_error_s=errors.last_s,
            streams=app[STREAMS].open,
            turned_away=app[DOORS].turned_away,
            requests=dict(app[METER].requests),
            latencies=app[METER].latencies,
        )


class _Once:
    """As the library wants it: what collects."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        return families(self._figures)


SCRAPE = web.AppKey("scrape", Scrape)
ROUTES = (web.get("/metrics", metrics),)
