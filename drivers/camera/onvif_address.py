"""Addresses that a camera tells, and what is used of them: nothing leads to another machine than the camera.

Cameras tell the address that they believe to have: a factory's, a private one behind NAT, one of another
interface. And whoever answers for a camera could point us at any machine that we can reach.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443, "rtsp": 554}
_SAFE = "/%:=&?~+!$,;'@()*[]"  # RFC 3986 §2.2, and the percent of what is encoded already


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: no user, no password, plain ASCII."""

    scheme: str
    host: str  # an address, or a name where a technician gave one; IPv6 without brackets
    port: int
    path: str  # with what is asked of it: "/onvif/device_service"

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


@dataclass(frozen=True, slots=True)
class Told:
    """A place as it may be used, and what was wrong with it as it was told, in a technician's words."""

    place: Place
    wrong: str = ""


def read(url: str) -> Place | None:
    """None for what is no URL of HTTP or RTSP. A user and a password in it are dropped."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname or port == 0 or not _is_host(parts.hostname):
        return None
    path = quote(parts.path or "/", safe=_SAFE) + (
        f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    )
    return Place(scheme, _plain(parts.hostname), port or _PORTS[scheme], path)


def same_host(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def at_home(url: str, camera: Place) -> Told | None:
    """`url` as the camera at `camera` told it, led back to that host where it leads elsewhere. None for what
    is no URL.

    A service is then taken to be where the camera was reached, since NAT may give a port another number; a
    stream keeps its port, which is another's than the services'.
    """
    place = read(url)
    if place is None:
        return None
    wrong = "it held a login, which was dropped" if "@" in urlsplit(url).netloc else ""
    if same_host(place.host, camera.host):
        return Told(place, wrong)
    elsewhere = f"told as being at {place.authority}, which is another machine"
    home = replace(place, host=camera.host)
    if place.scheme != "rtsp":
        home = replace(camera, path=place.path)
    return Told(home, f"{elsewhere}; {wrong}" if wrong else elsewhere)


def _is_host(host: str) -> bool:
    return host.isascii() and all(char.isalnum() or char in ".-_:%" for char in host)


def _plain(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower().rstrip(".")
