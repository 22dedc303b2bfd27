"""Who watches a page, and what of it has changed for him: drawn once for all who see the same."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiohttp import web

from edge.console.live.session import Live
from edge.console.live.things import Key
from edge.console.web.fragments import FRAGMENTS, Audience, Fragment, Place, Selection
from edge.console.web.keys import DESK, LIVE, WALL
from edge.console.web.visit import Visit

MAX_CLIENTS = 200  # a county's halls and its centre, each with a few screens
MAX_EACH = 8  # of one session: a browser opens six at most
TICK_S = 0.25  # what changes within it goes out together
AT_ONCE = 16  # fragments in a message: some 10 ms of drawing, then others have their turn

log = logging.getLogger(__name__)

Address = tuple[str, Place]


@dataclass(eq=False, slots=True)
class Client:
    """One page that is open. `due`: what is to be drawn for it, at most what it has on it; a slow one finds
    it drawn as it is when it can take it."""

    audience: Audience
    session: str
    selections: tuple[Selection, ...]
    here: Callable[[], bool]  # it has not gone yet
    due: dict[Address, None] = field(default_factory=dict)
    shown: set[Address] = field(default_factory=set)
    ring: asyncio.Event = field(default_factory=asyncio.Event)
    told: bool = False  # how the broker stands now
    visit: Visit = field(init=False)

    def __post_init__(self) -> None:
        self.visit = self.audience.visit

    def wants(self, fragment: Fragment, place: Place) -> bool:
        if not any(each.fragment is fragment and each.has(place) for each in self.selections):
            return False
        return self.visit.may(fragment.act, place[0] if place else "")

    def note(self, address: Address) -> None:
        self.due[address] = None
        self.ring.set()


class TooMany(Exception):
    """Pages are open. Next: ask again later."""


class Streams:
    """`run` while the application does."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._clients: set[Client] = set()
        self.over = False
        self._drawn: dict[tuple[Address, Audience], str] = {}  # as it is sent, since the last tick

    @property
    def open(self) -> int:
        return len(self._clients)

    def join(
        self, audience: Audience, session: str, selections: Iterable[Selection], here: Callable[[], bool]
    ) -> Client:
        """All that is on its page is due. Raises TooMany."""
        there = [client for client in self._clients if client.here()]  # who has gone is heard at a beat
        own = sum(client.session == session for client in there)
        if len(there) >= MAX_CLIENTS or own >= MAX_EACH:
            raise TooMany
        client = Client(audience, session, tuple(selections), here)
        for selection in client.selections:
            fragment = selection.fragment
            places = fragment.places(self._app, audience.visit) if selection.wild else (selection.place,)
            for place in places:
                if client.wants(fragment, place):
                    client.note((fragment.name, place))
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        self._clients.discard(client)

    def close(self) -> None:
        """All streams end; whoever watches comes again when the server does."""
        self.over = True
        for client in self._clients:
            client.ring.set()

    async def run(self) -> None:
        live = self._app[LIVE]
        while True:
            await live.stirred.wait()
            self.tick(live)
            await asyncio.sleep(TICK_S)

    def tick(self, live: Live) -> None:
        """Tell each client what of his page is touched."""
        self._drawn.clear()
        keys = live.take_changed()
        if not self._clients:
            return
        if any(key.kind == "broker" for key in keys):
            for client in self._clients:
                client.told = False
                client.ring.set()
        for fragment in self._app[FRAGMENTS].values():
            self._touch(fragment, keys)

    def _touch(self, fragment: Fragment, keys: Iterable[Key]) -> None:
        clients = [each for each in self._clients if any(s.fragment is fragment for s in each.selections)]
        if not clients:
            return
        touched = {place for key in keys if (place := fragment.touched(key)) is not None}
        whole = {place for place in touched if len(place) == fragment.depth}
        begun = touched - whole
        by_audience: dict[Audience, set[Place]] = {}
        for client in clients:
            if begun and client.audience not in by_audience:
                there = fragment.places(self._app, client.audience.visit)
                by_audience[client.audience] = {place for place in there if _begins(begun, place)}
            gone = {place for name, place in client.shown if name == fragment.name and _begins(begun, place)}
            for place in whole | gone | by_audience.get(client.audience, set()):
                if client.wants(fragment, place):
                    client.note((fragment.name, place))

    # ── what goes out ──

    def message(self, client: Client) -> bytes | None:
        """The next for this client; None where he has all."""
        if not client.told:
            client.told = True
            return self.state()
        if not client.due:
            return None
        parts = []
        for address in list(client.due)[:AT_ONCE]:
            del client.due[address]
            drawn = self._draw(address, client.audience)
            if drawn or address in client.shown or not self._wild(client, address):
                parts.append(drawn or _sent(address, ""))
            (client.shown.add if drawn else client.shown.discard)(address)
        return f"event: parts\ndata: [{','.join(parts)}]\n\n".encode()

    def state(self) -> bytes:
        """The clock here, since when the broker is away, and since when nothing can be kept."""
        away, stuck = self._app[LIVE].fleet.lost_since_s, self._app[DESK].keeping.stuck_since_s
        return event("state", {"now": self._app[WALL](), "away": away, "stuck": stuck})

    def _wild(self, client: Client, address: Address) -> bool:
        return any(s.wild and s.fragment.name == address[0] and s.has(address[1]) for s in client.selections)

    def _draw(self, address: Address, audience: Audience) -> str:
        """As it is sent; "" where there is none."""
        key = (address, audience)
        if key not in self._drawn:
            drawn = self._drawn_now(self._app[FRAGMENTS][address[0]], address[1], audience)
            self._drawn[key] = _sent(address, drawn) if drawn else ""
        return self._drawn[key]

    def _drawn_now(self, fragment: Fragment, place: Place, audience: Audience) -> str:
        try:
            return fragment.draw(self._app, audience.visit, place)
        except Exception:
            # One part that cannot be drawn must not end the others; the whole of it is in the log.
            log.exception("%s %s cannot be drawn", fragment.name, place)
            return ""


STREAMS = web.AppKey("streams", Streams)


def event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _sent(address: Address, drawn: str) -> str:
    return json.dumps([":".join((address[0], *address[1])), drawn], ensure_ascii=False)


def _begins(beginnings: Iterable[Place], place: Place) -> bool:
    return any(place[: len(begun)] == begun for begun in beginnings)
