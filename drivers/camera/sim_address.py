"""URLs of a camera server: `rtsp://host/cam-17/sub`, `…/main`, `…/sub?fault=cover&strength=mild`; tracks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from drivers.camera.sim_camera import Profile
from drivers.camera.sim_ills import PICTURE, STRENGTHS, Ills, ills

# Cameras differ in where a query and a track go, so either may come first.
_URL = re.compile(
    r"rtsp://(?P<host>[^/?]*)/cam-(?P<number>[0-9]{1,4})/(?P<profile>sub|main)/?(?P<track>trackID=1)?/?"
    r"(?:\?(?P<query>[^/?]*)/?(?P<late>trackID=1)?)?/?"
)
MAX_OPTIONS = 4


@dataclass(frozen=True, slots=True)
class Address:
    number: int
    profile: Profile
    is_track: bool
    wish: Ills  # what is wrong for this viewer alone
    has_query: bool

    def other(self, url: str) -> str:
        """The URL of the camera's other stream."""
        here, there = ("sub", "main") if self.profile == "sub" else ("main", "sub")
        return url.replace(f"/cam-{self.number}/{here}", f"/cam-{self.number}/{there}", 1)


def read(url: str) -> Address | None:
    """None for a URL that leads nowhere, or asks for what cannot be."""
    found = _URL.fullmatch(url)
    if found is None:
        return None
    try:
        wish = _wish(found["query"] or "")
    except ValueError:
        return None
    is_track = bool(found["track"] or found["late"])
    profile: Profile = "sub" if found["profile"] == "sub" else "main"
    return Address(int(found["number"]), profile, is_track, wish, bool(found["query"]))


def _wish(query: str) -> Ills:
    """At most one ill of the picture, since each costs an encoding. Raises ValueError."""
    options = dict(parse_qsl(query, max_num_fields=MAX_OPTIONS))
    names = [name for name in options.pop("fault", "").split(",") if name]
    strength = STRENGTHS.get(options.pop("strength", "gross"))
    if strength is None or options or sum(name in PICTURE for name in names) > 1:
        raise ValueError(query)
    return ills(names, strength)
