"""What a form brings, and whether it is ours: its token, and the page that it was sent from."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from edge.console.web.keys import FORM
from edge.console.web.layers import Handler
from edge.console.web.render import READS
from edge.console.web.visit import VISIT

MAX_FIELDS = 200
BODY_S = 10.0  # a form of a few kilobytes takes no longer on any line that a page can be read by


class NotOurForm(web.HTTPForbidden):
    """Another site's, or of a page from before somebody logged in or out here."""

    words = "sorry.form"


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever changes something comes from a page of ours, in the session that the page was made for."""
    if request.method not in READS:
        if not from_here(request):
            raise NotOurForm
        csrf = request[VISIT].csrf
        if csrf and not hmac.compare_digest((await form(request)).get("csrf", "").encode(), csrf.encode()):
            raise NotOurForm
    return await handler(request)


async def form(request: web.Request) -> Mapping[str, str]:
    """Its fields; of one that comes twice the last. Raises the HTTP error for what is no form."""
    if FORM not in request:
        if request.content_type != "application/x-www-form-urlencoded":
            raise web.HTTPUnsupportedMediaType
        try:
            body = await asyncio.wait_for(request.read(), BODY_S)
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        try:
            pairs = parse_qsl(
                body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
            )
        except ValueError:
            raise web.HTTPBadRequest from None
        request[FORM] = dict(pairs)
    return request[FORM]


def from_here(request: web.Request) -> bool:
    """As the browser says, which a page of others cannot write. A page that tells nobody where it is has the
    origin "null"; then what the browser says of the site must do. Who is no browser says neither."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    if origin is None or (origin == "null" and site is not None):
        return True
    told = urlsplit(origin)
    scheme = "https" if request[VISIT].secure else "http"
    return (told.scheme, told.netloc) == (scheme, request.host)


def inside(path: str) -> str:
    """`path` if it is one of ours, else the first page: nobody is led elsewhere by what an address says."""
    ours = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() and "\\" not in path
    return path if ours and len(path) <= 1000 else "/"  # noqa: PLR2004 longer than any address of ours
