"""Parts as they were drawn, for all who see the same, for as long as nothing of their hall is new."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from edge.console.live.views import HallView
from edge.console.web.fragments import FRAGMENTS, Audience, Place
from edge.console.web.keys import LIVE, WALL

MAX_CHARS = 4 * 1024 * 1024  # of all together: six times the cards of 300 halls in two languages
AGES_S = 2.0  # then it is drawn again for the ages in it, which a page without its script shows as they were


@dataclass(frozen=True, slots=True)
class _Drawing:
    of: HallView
    at_s: float  # wall time
    html: str


class Drawn:
    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._kept: dict[tuple[str, Place, Audience], _Drawing] = {}
        self._chars = 0

    def part(self, name: str, place: Place, audience: Audience) -> str:
        """A fragment of a hall; "" where there is no such place any more."""
        of, now_s, key = self._app[LIVE].fleet.hall(place[0]), self._app[WALL](), (name, place, audience)
        kept = self._kept.get(key)
        if kept is None or kept.of is not of or not 0 <= now_s - kept.at_s < AGES_S:
            html = self._app[FRAGMENTS][name].draw(self._app, audience.visit, place)
            kept = self._keep(key, _Drawing(of, now_s, html))
        return kept.html

    def _keep(self, key: tuple[str, Place, Audience], drawing: _Drawing) -> _Drawing:
        old = self._kept.pop(key, None)
        self._chars += len(drawing.html) - (len(old.html) if old else 0)
        if self._chars > MAX_CHARS:
            self._kept.clear()
            self._chars = len(drawing.html)
        self._kept[key] = drawing
        return drawing


DRAWN = web.AppKey("drawn", Drawn)
