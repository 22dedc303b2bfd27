"""What the pages answer, counted: by route as in the table of routes, so that no address adds a name."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from edge.console.metrics import BUCKETS_S, Latency
from edge.console.web.layers import route_of

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})  # others anybody makes up


class Meter:
    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    @property
    def latencies(self) -> dict[str, Latency]:
        return {route: Latency(tuple(counts), self._sums[route]) for route, counts in self._counts.items()}

    @property
    def counting(self) -> Middleware:
        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            began = time.perf_counter()
            status, streamed = 499, False  # who asked has left
            try:
                answer = await handler(request)
                status, streamed = answer.status, answer.prepared
            except web.HTTPException as error:  # only redirections come so far
                status = error.status
                raise
            finally:
                self._note(request, status, None if streamed else time.perf_counter() - began)
            return answer

        return count

    def _note(self, request: web.Request, status: int, taken_s: float | None) -> None:
        route = route_of(request)
        method = request.method if request.method in METHODS else "OTHER"
        self.requests[route, method, status] += 1
        if taken_s is not None:
            counts = self._counts.setdefault(route, [0] * (len(BUCKETS_S) + 1))
            counts[bisect_left(BUCKETS_S, taken_s)] += 1
            self._sums[route] = self._sums.get(route, 0.0) + taken_s


METER = web.AppKey("meter", Meter)
