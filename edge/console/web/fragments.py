"""A page's parts that live: each is drawn by one template, in the page and again whenever it changes.

`parts.py` declares them, and a page includes their templates:

    HEAD = Fragment(
        name="hall_head",  # its template is parts/hall_head.html
        depth=1,           # parts of its place: here the hall's id
        touched=touching("node", "queue"),       # the place that a change concerns
        places=halls,                            # all that there are, for `hall_head:*`
        values=hall_head,                        # what the template shows; None: there is none any more
    )

The template has one root element with `data-live="hall_head:{{ hall.hall }}"`, the name and the place. One
that may come and go stands in an element with `data-live-list="hall_card:*"`, which a new one is added to.

- The place begins with the hall, which decides who may have it. One without parts, `()`, is of all halls:
  its values must look at no more than what the visitor may see.
- What `touched` gives may be the beginning of places: `("county", "node-1")` touches each device there.
- It is drawn once for all who have the same language, role and hall: nothing of one person is in it. A form's
  hidden `csrf` is empty on the stream; the page's script fills it in. While somebody types in it, it waits.
- Text in `data-say` is read out once by a screen reader when it comes new: for alerts, and little else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from aiohttp import web

from edge.console.accounts.roles import Account, Act, Role
from edge.console.live.things import Key, Kind
from edge.console.web.render import html
from edge.console.web.visit import Visit
from edge.console.web.words import Lang

Place = tuple[str, ...]
WILD = "*"


class Audience(NamedTuple):
    """For whom something is drawn: all of these see the same. `hall` "": of all halls."""

    lang: Lang
    role: Role
    hall: str

    @classmethod
    def of(cls, visit: Visit) -> Audience | None:
        account = visit.account
        return cls(visit.lang, account.role, account.hall) if account else None

    @property
    def visit(self) -> Visit:
        """Of nobody in particular."""
        return Visit(self.lang, Account("", "", self.role, self.hall))


Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fragment:
    """`depth`: parts of its whole place."""

    name: str
    depth: int
    touched: Callable[[Key], Place | None]
    places: Callable[[web.Application, Visit], Iterable[Place]]
    values: Callable[[web.Application, Visit, Place], Values | None]
    act: Act = Act.SEE
    for_pages: bool = True  # False: for programs, by the API

    def draw(self, app: web.Application, visit: Visit, place: Place) -> str:
        """ "" where there is no such place any more."""
        values = self.values(app, visit, place)
        return "" if values is None else html(app, visit, f"parts/{self.name}.html", **values)

    def sent(self, place: Place, drawn: str) -> str:
        """As it goes out among other parts; `drawn` "": it is there no more."""
        return json.dumps([":".join((self.name, *place)), drawn], ensure_ascii=False)


FRAGMENTS: web.AppKey[Mapping[str, Fragment]] = web.AppKey("fragments")  # by name


@dataclass(frozen=True, slots=True)
class Selection:
    """What a page asks for: one place, or all whose beginning this is."""

    fragment: Fragment
    place: Place
    wild: bool = False

    def has(self, place: Place) -> bool:
        return place[: len(self.place)] == self.place if self.wild else place == self.place

    def may(self, visit: Visit) -> bool:
        """Of a wild one each place is asked about when it comes."""
        return visit.may(self.fragment.act, self.place[0] if self.place else "")


def select(fragments: Mapping[str, Fragment], text: str) -> Selection | None:
    """From `hall:county` or `device:county:*`; None where it is neither."""
    name, *parts = text.split(":")
    fragment = fragments.get(name)
    if fragment is None:
        return None
    wild = bool(parts) and parts[-1] == WILD
    place = tuple(parts[:-1] if wild else parts)
    fits = len(place) < fragment.depth if wild else len(place) == fragment.depth
    return Selection(fragment, place, wild) if fits else None


def touching(*kinds: Kind, depth: int = 1) -> Callable[[Key], Place | None]:
    """Changes of these kinds, as far down as the place goes: of the fleet, a hall, a node or a thing."""

    def touched(key: Key) -> Place | None:
        if key.kind not in kinds:
            return None
        return tuple(part for part in (key.hall, key.node, key.name) if part)[:depth]

    return touched
