"""One request over HTTP and its answer, or why there is none.

What comes is bounded before it is looked at, and nobody is followed elsewhere: no redirects, no cookies, no
proxies of the environment, no compression.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from pydantic import Field, ValidationError

from edge import __version__
from edge.upstream.causes import away
from edge.upstream.credentials import Access, Credentials
from edge.upstream.http import URL, aiohttp
from edge.upstream.port import Away, Nonsense, Refused, UpstreamError
from edge.wire.base import Fen, Lenient

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024  # bytes; a page of 200 payments has 80 KiB
MAX_CONNECTIONS = 8  # at a time; the kiosks of a node are few, and each waits for one answer
CONNECT_S = 3.0  # of one try: SYN and one repeat
_JSON, _PROBLEM = "application/json", "application/problem+json"
_NO_CONTENT = 204
_OURS_UNKNOWN = "unauthorised"  # the code of a problem with who we are, and not with who stands there


@dataclass(frozen=True, slots=True)
class Asked:
    """`operation` as the contract names it. A path may hold a visit's secret: it stands in no `repr`.
    `request_id` "" is one by chance."""

    operation: str
    method: str
    path: str = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    request_id: str = ""


class _Problem(Lenient):
    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    total_fen: Fen | None = None


class Exchange:
    """`clock_off_s`: how far our clock is ahead of theirs, as their last answer had it; None before."""

    def __init__(self, access: Access) -> None:
        self._url = access.url
        self._credentials = Credentials(access)
        self._session: aiohttp.ClientSession | None = None
        self.clock_off_s: float | None = None

    async def send(self, asked: Asked, request_id: str, limit_s: float) -> bytes:
        """The body of its answer, b"" for one without. Raises Away, Nonsense or Refused."""
        begun_s = time.monotonic()
        try:
            body = await self._send(asked, request_id, limit_s)
        except UpstreamError as error:
            self._tell(asked, request_id, begun_s, f"{type(error).__name__}, {error.code}: {error}")
            raise
        self._tell(asked, request_id, begun_s, "answered")
        return body

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _send(self, asked: Asked, request_id: str, limit_s: float) -> bytes:
        headers = {"X-Request-Id": request_id}
        if asked.body is not None:
            headers["Content-Type"] = _JSON
        if token := self._credentials.token():
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._opened().request(
                asked.method,
                URL(self._url + asked.path, encoded=True).with_query(list(asked.query)),
                data=asked.body,
                headers=headers,
                ssl=self._credentials.tls() or True,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=limit_s, sock_connect=min(CONNECT_S, limit_s)),
            ) as response:
                self._compare_clocks(response)
                return _accepted(response, await _read(response))
        except aiohttp.ClientResponseError:  # its headers cannot be read
            raise Nonsense("not_http", "what answers there does not speak HTTP as it should") from None
        except aiohttp.ClientPayloadError:
            raise Away("lost", "its answer broke off") from None
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise away(error, self.clock_off_s, is_tls=self._url.startswith("https:")) from None

    def _opened(self) -> aiohttp.ClientSession:
        """Within the loop, and not before."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={
                    "Accept": f"{_JSON}, {_PROBLEM}",
                    "Accept-Encoding": "identity",
                    "User-Agent": f"hall-edge/{__version__}",
                },
                auto_decompress=False,
                trust_env=False,
            )
            # It would send once more by itself what a lost connection did not answer: tries are counted, and
            # made, by who asks us. aiohttp's own test client has no other way either.
            self._session._retry_connection = False
        return self._session

    def _compare_clocks(self, response: aiohttp.ClientResponse) -> None:
        try:
            theirs = parsedate_to_datetime(response.headers.get("Date", ""))
        except (ValueError, TypeError):
            return
        self.clock_off_s = time.time() - theirs.timestamp()

    @staticmethod
    def _tell(asked: Asked, request_id: str, begun_s: float, how: str) -> None:
        took_ms = (time.monotonic() - begun_s) * 1000
        level = logging.DEBUG if how == "answered" and asked.method == "GET" else logging.INFO
        log.log(level, "%s: %s, %.0f ms", asked.operation, how, took_ms, extra={"request": request_id})


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _nonsense(response, "encoded", "its answer is compressed, which it was asked not to be")
    if (response.content_length or 0) > MAX_BODY:
        raise _nonsense(response, "too_long", f"its answer is longer than {MAX_BODY} bytes")
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > MAX_BODY:
            raise _nonsense(response, "too_long", f"its answer is longer than {MAX_BODY} bytes")
    return bytes(body)


def _nonsense(response: aiohttp.ClientResponse, code: str, cause: str) -> Nonsense:
    response.close()  # what is still on its way is not taken
    return Nonsense(code, cause)


def _accepted(response: aiohttp.ClientResponse, body: bytes) -> bytes:
    status = response.status
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if status >= 500 or status in (408, 425, 429):  # noqa: PLR2004 RFC 9110, 15.6; RFC 8470; RFC 6585
        raise Away("server_error", f"it has an error of its own: {status} {_http(status)}".rstrip())
    if status >= 400:  # noqa: PLR2004 RFC 9110, 15.5
        raise _refused(status, kind, body)
    if status >= 300:  # noqa: PLR2004 RFC 9110, 15.4
        raise Nonsense("redirected", f"it sends us elsewhere ({status}): see [upstream] url")
    if status == _NO_CONTENT:
        return b""
    if kind != _JSON:
        raise Nonsense("not_json", f"its answer is {kind[:64]!r} and not {_JSON}")
    return body


def _refused(status: int, kind: str, body: bytes) -> UpstreamError:
    try:
        problem = _Problem.model_validate_json(body if kind == _PROBLEM else b"")
    except ValidationError:
        return Nonsense("no_problem", f"it refuses with {status} and no reason that the contract knows")
    if problem.code == _OURS_UNKNOWN:
        return Away(
            problem.code, f"it does not take us for a node ({status}): see [upstream] token_file, cert"
        )
    return Refused(problem.code, f"refused with {problem.code} ({status})", problem.total_fen)


def _http(status: int) -> str:
    return {429: "too many requests", 502: "bad gateway", 503: "unavailable", 504: "gateway time-out"}.get(
        status, ""
    )
