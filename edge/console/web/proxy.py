"""From where a request comes, and whether by TLS: its own connection says so, or the proxy before it."""

from __future__ import annotations

import ipaddress

from aiohttp import web

from edge.console.web.keys import SETTINGS


def who_asks(request: web.Request) -> tuple[str, bool]:
    """Its address, and whether it came by TLS. Of a header that has several the last is our proxy's; what is
    before it anybody can write."""
    address, secure = request.remote or "", request.secure
    if not request.app[SETTINGS].web.behind_proxy:
        return address, secure
    told, proto = _last(request, "X-Forwarded-For"), _last(request, "X-Forwarded-Proto")
    return (told if _is_address(told) else address), secure or proto.lower() == "https"


def is_loopback(address: str) -> bool:
    return _is_address(address) and ipaddress.ip_address(address).is_loopback


def _last(request: web.Request, name: str) -> str:
    values = request.headers.getall(name, [])
    return values[-1].rpartition(",")[2].strip() if values else ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
