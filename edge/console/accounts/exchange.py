"""One request to the login service and its JSON: bounded, in time, and followed nowhere else."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp

from edge.console.accounts.oidc_settings import is_private
from edge.console.accounts.refusals import ServiceAway

MAX_BODY = 256 * 1024  # bytes; a set of keys has some 10 KiB
ALL_S, CONNECT_S = 8.0, 3.0  # less than who waits for a page has patience for
_OK = 200


async def ask(
    url: str,
    tls: ssl.SSLContext | bool,
    form: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """By GET, or by POST with `form`. Raises ServiceAway, whose text has the cause for the log."""
    if not is_private(url):
        raise ServiceAway(f"{url[:200]!r} is no https:// address")
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if auth:
        headers["Authorization"] = f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"
    limits = aiohttp.ClientTimeout(total=ALL_S, connect=CONNECT_S)
    method = "GET" if form is None else "POST"
    try:
        async with (
            aiohttp.ClientSession(
                timeout=limits, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            ) as session,
            session.request(
                method,
                url,
                data=form,
                ssl=tls,
                allow_redirects=False,
                headers=headers,
            ) as answer,
        ):
            body = await _read(answer, url)
            return _object(body, answer.status, url)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise ServiceAway(f"{method} {url}: {type(error).__name__} {error}") from error


async def _read(answer: aiohttp.ClientResponse, url: str) -> bytes:
    body = b""
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise ServiceAway(f"{url}: more than {MAX_BODY} bytes")
    return body


def _object(body: bytes, status: int, url: str) -> dict[str, Any]:
    if status != _OK:
        raise ServiceAway(f"{url}: {status} {body[:200]!r}")
    try:
        found = json.loads(body)
    except RecursionError:
        raise ServiceAway(f"{url}: JSON too deep") from None
    if not isinstance(found, dict):
        raise ServiceAway(f"{url}: no JSON object")
    return found
