"""Who watches a page, and what of it has changed for him: drawn once for all who see the same."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from aiohttp import web

from edge.console.live.session import Live
from edge.console.live.things import Key
from edge.console.web.drawn import DRAWN
from edge.console.web.fragments import FRAGMENTS, Audience, Fragment, Place, Selection
from edge.console.web.keys import DESK, LIVE, WALL
from edge.console.web.past import Past
from edge.console.web.visit import Visit

MAX_CLIENTS = 200  # a county's halls and its centre, each with a few screens
MAX_EACH = 8  # of one session: a browser opens six at most
TICK_S = 0.25  # what changes within it goes out together
MAX_KNOWN = 50_000  # places, 10 MB
AT_ONCE = 64  # fragments in a message: some 40 KB
DRAWN_AT_ONCE = 16  # of these not drawn for others yet: some 10 ms, then others have their turn

log = logging.getLogger(__name__)

Address = tuple[str, Place]


@dataclass(eq=False, slots=True)
class Client:
    """A page that is open, or a program. `due`: what is to be drawn for it, at most what it has on it; a slow
    one finds it drawn as it is when it can take it. `rest`: of all that it selects, what it has not had."""

    audience: Audience
    session: str
    selections: tuple[Selection, ...]
    here: Callable[[], bool]  # it has not gone yet
    due: dict[Address, None] = field(default_factory=dict)
    rest: Iterator[Address] = field(default_factory=lambda: iter(()))
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

    def take(self, most: int) -> list[Address]:
        """What is next: first what has changed."""
        taken = list(islice(self.due, most))
        for address in taken:
            del self.due[address]
        fresh = (each for each in self.rest if each not in self.shown)  # what it has had is kept up by `due`
        return taken + list(islice(fresh, most - len(taken)))

    def has(self, address: Address) -> bool:
        """Whether it may show that, and is to hear when it is there no more."""
        return address in self.shown

    def showed(self, address: Address, *, there: bool) -> None:
        (self.shown.add if there else self.shown.discard)(address)

    def beat(self, streams: Streams) -> bytes:
        """How the console itself is."""
        return streams.state()

    def whole(self, parts: Sequence[str]) -> bytes:
        """A message of what goes out at once."""
        return f"event: parts\ndata: [{','.join(parts)}]\n\n".encode()

    def at_rest(self, _streams: Streams) -> bytes | None:
        """What is still to be said where all has been told."""
        return None

    def note(self, addresses: Iterable[Address]) -> None:
        self.due.update(dict.fromkeys(addresses))
        if self.due:
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
        self._alls: dict[tuple[str, Place, Audience], tuple[Address, ...]] = {}  # likewise
        self._known: dict[Address, Address] = {}
        self.past = Past()

    @property
    def open(self) -> int:
        return len(self._clients)

    def is_full(self, session: str = "") -> bool:
        """For one more page, of that session. Who has gone is not counted, though it is heard at a beat
        only."""
        there = [client for client in self._clients if client.here()]
        return len(there) >= MAX_CLIENTS or sum(each.session == session for each in there) >= MAX_EACH

    def join(self, client: Client, changed: Iterable[Key] | None = None) -> None:
        """All that it selects is due; with `changed` only what these touch. Raises TooMany."""
        if self.is_full(client.session):
            raise TooMany
        self._clients.add(client)
        if changed is not None:
            for fragment in {each.fragment.name: each.fragment for each in client.selections}.values():
                self._touch(fragment, changed, [client])
            return
        client.rest = chain(*(self._all(each, client.audience) for each in client.selections))
        client.ring.set()

    def _all(self, selection: Selection, audience: Audience) -> tuple[Address, ...]:
        """The places of a selection, the same for all who come between two ticks."""
        fragment = selection.fragment
        if not selection.wild:
            return ((fragment.name, selection.place),)
        key = (fragment.name, selection.place, audience)
        if key not in self._alls:
            places = filter(selection.has, fragment.places(self._app, audience.visit))
            self._alls[key] = tuple(self._one((fragment.name, place)) for place in places)
        return self._alls[key]

    def _one(self, address: Address) -> Address:
        """The same object for the same place: each who asks for all of a county has some thousands."""
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        return self._known.setdefault(address, address)

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
        self._alls.clear()
        keys = live.take_changed()
        self.past.add(keys)
        if not self._clients:
            return
        if any(key.kind == "broker" for key in keys):
            for client in self._clients:
                client.told = False
                client.ring.set()
        for fragment in self._app[FRAGMENTS].values():
            self._touch(fragment, keys, self._clients)

    def _touch(self, fragment: Fragment, keys: Iterable[Key], among: Iterable[Client]) -> None:
        clients = [each for each in among if any(s.fragment is fragment for s in each.selections)]
        if not clients:
            return
        touched = {place for key in keys if (place := fragment.touched(key)) is not None}
        whole = {place for place in touched if len(place) == fragment.depth}
        begun = touched - whole
        due: dict[tuple[Audience, tuple[Selection, ...]], list[Address]] = {}  # the same for most
        for client in clients:
            alike = client.audience, client.selections
            if alike not in due:
                there = fragment.places(self._app, client.audience.visit) if begun else ()
                further = {place for place in there if _begins(begun, place)}
                due[alike] = [
                    (fragment.name, place) for place in whole | further if client.wants(fragment, place)
                ]
            client.note(due[alike])
            if begun:  # also of what is there no more
                of_it = (place for name, place in client.shown if name == fragment.name)
                gone = [place for place in of_it if _begins(begun, place) and client.wants(fragment, place)]
                client.note((fragment.name, place) for place in gone)

    # ── what goes out ──

    def message(self, client: Client) -> bytes | None:
        """The next for this client; None where he has all."""
        if not client.told:
            client.told = True
            return client.beat(self)
        parts: list[str] = []
        while not parts and (taken := client.take(AT_ONCE)):
            new = 0
            for n, address in enumerate(taken, 1):
                new += (address, client.audience) not in self._drawn
                if part := self._part(client, address):
                    parts.append(part)
                if new >= DRAWN_AT_ONCE:
                    client.note(taken[n:])
                    break
        return client.whole(parts) if parts else client.at_rest(self)

    def _part(self, client: Client, address: Address) -> str:
        """ "" where there is nothing to be said of it."""
        fragment, place = self._app[FRAGMENTS][address[0]], address[1]
        if not client.wants(fragment, place):
            return ""
        drawn = self._draw(address, client.audience)
        gone = not drawn and (client.has(address) or not self._wild(client, address))
        client.showed(address, there=bool(drawn))
        return fragment.sent(place, "") if gone else drawn

    @property
    def app(self) -> web.Application:
        return self._app

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
            fragment, place = self._app[FRAGMENTS][address[0]], address[1]
            drawn = self._drawn_now(fragment, place, audience)
            self._drawn[key] = fragment.sent(place, drawn) if drawn else ""
        return self._drawn[key]

    def _drawn_now(self, fragment: Fragment, place: Place, audience: Audience) -> str:
        try:
            if place and fragment.for_pages:  # which draw the same, too
                return self._app[DRAWN].part(fragment.name, place, audience)
            return fragment.draw(self._app, audience.visit, place)
        except Exception:
            # One part that cannot be drawn must not end the others; the whole of it is in the log.
            log.exception("%s %s cannot be drawn", fragment.name, place)
            return ""


STREAMS = web.AppKey("streams", Streams)


def event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _begins(beginnings: Iterable[Place], place: Place) -> bool:
    return any(place[: len(begun)] == begun for begun in beginnings)
