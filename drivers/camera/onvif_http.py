"""One question over HTTP/1.1, one connection each (framing by h11): bounded in size and time, and no
redirections, proxies or cookies.

Sources: RFC 9110, RFC 9112; SOAP 1.2 Part 2 §7 (the HTTP binding).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import h11

from drivers.api import LinkLost
from drivers.camera.onvif_address import Place
from drivers.camera.onvif_soap import CONTENT_TYPE, MAX_ANSWER, NotOnvif
from drivers.terminal import clean

CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 5.0  # small cameras take a second for a list of profiles
MAX_CHALLENGES = 8  # one for each algorithm
_READ = 65_536


class Unreachable(LinkLost):
    """Nobody there, or nobody who answers. Next: back off and ask again."""

    code = "peer_unreachable"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    challenges: tuple[str, ...]  # the values of WWW-Authenticate


async def post(place: Place, body: bytes, authorization: str = "") -> Answer:
    """Raises Unreachable, NotOnvif. No text of an error holds what was sent."""
    if place.scheme != "http":
        raise NotOnvif(
            f"{place.authority}: answers over HTTPS only",
            code="https_only",
            remedy="Allow HTTP for ONVIF in it.",
        )
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(place.host, place.port)
    except (
        OSError,
        UnicodeError,
    ) as error:  # TimeoutError is one; UnicodeError: no name that can be looked up
        reason = "no answer" if isinstance(error, TimeoutError) else type(error).__name__
        raise Unreachable(f"{place.authority}: {reason}") from None
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await _exchange(reader, writer, _request(place, body, authorization))
    except h11.RemoteProtocolError as error:
        raise NotOnvif(f"{place.authority}: no HTTP: {clean(str(error), 60)}") from None
    except OSError as error:
        reason = "silent" if isinstance(error, TimeoutError) else type(error).__name__
        raise Unreachable(f"{place.authority}: {reason}", code="silent") from None
    finally:
        writer.transport.abort()  # everything is said; a peer that does not close keeps nobody waiting


def _request(place: Place, body: bytes, authorization: str) -> list[h11.Event]:
    headers = [
        ("Host", place.authority),
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
        ("User-Agent", "hall-edge"),
    ]
    if authorization:
        headers.append(("Authorization", authorization))
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    return [
        h11.Request(method="POST", target=place.path, headers=encoded),
        h11.Data(data=body),
        h11.EndOfMessage(),
    ]


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: list[h11.Event]
) -> Answer:
    """Raises h11.RemoteProtocolError, OSError, NotOnvif."""
    http = h11.Connection(h11.CLIENT)
    for event in request:
        writer.write(http.send(event) or b"")
    await writer.drain()
    response: h11.Response | None = None
    body = bytearray()
    while True:
        match http.next_event():
            case h11.NEED_DATA:
                http.receive_data(await reader.read(_READ))
            case h11.Response() as response:
                pass
            case h11.Data(data=data):
                body += data
                if len(body) > MAX_ANSWER:
                    raise NotOnvif(f"more than {MAX_ANSWER} bytes in an answer", code="too_long")
            case h11.EndOfMessage() if response is not None:
                return Answer(response.status_code, bytes(body), _challenges(response))
            case h11.InformationalResponse():
                pass
            case other:
                raise h11.RemoteProtocolError(f"{type(other).__name__} out of place")


def _challenges(response: h11.Response) -> tuple[str, ...]:
    # A realm is hashed and sent back as it came; what is no UTF-8 makes a refused login.
    found = [
        value.decode("utf-8", "replace") for name, value in response.headers if name == b"www-authenticate"
    ]
    return tuple(found[:MAX_CHALLENGES])
