"""Who we are to a camera: Basic (RFC 7617) and Digest (RFC 2617 §3.2, RFC 7616 §3.4) without input or output.

MD5 and SHA-256, with qop "auth" or none. What else a camera may ask for ("-sess", "auth-int", SHA-512-256) is
passed over; no camera is known that offers nothing but that.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_HASHES: dict[str, Callable[[bytes], str]] = {
    # MD5 is what most cameras ask for: it guards the password in transit, no more
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}
_STRENGTH = ("basic", "MD5", "SHA-256")  # the last is the strongest
# RFC 7235 §2.1: `Digest realm="a, b", qop=auth, Basic realm="c"`: a scheme is a word that no "=" follows.
_PART = re.compile(
    r"""[\s,]*(?:
      (?P<name>[!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s,"]+))
    | (?P<scheme>[!#$%&'*+.^_`|~\w-]+)(?=[\s,]|$)
    )""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Kept apart from URLs; the password is in no text that this class makes."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    kind: str  # of _STRENGTH
    realm: str
    nonce: str = ""
    opaque: str | None = None  # None: there was none, and none is sent back
    algorithm: str = ""  # as the camera wrote it, "" where it did not
    qop: bool = False  # "auth" is offered
    stale: bool = False  # the nonce was too old, and the password right


def strongest(headers: Sequence[str]) -> Challenge | None:
    """Of all that the WWW-Authenticate headers offer, the first of the strongest kind; None where there is
    none that we can answer."""
    found = [challenge for header in headers for challenge in _challenges(header)]
    return max(found, key=lambda each: _STRENGTH.index(each.kind), default=None)


def _challenges(header: str) -> Iterator[Challenge]:
    for scheme, values in _schemes(header):
        if scheme == "basic":
            yield Challenge("basic", values.get("realm", ""))
        elif scheme == "digest" and (digest := _digest(values)):
            yield digest


def _schemes(header: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while part := _PART.match(header, at):
        at = part.end()
        if part["scheme"]:
            found.append((part["scheme"].lower(), {}))
        elif found:
            quoted = part["quoted"]
            value = part["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            found[-1][1].setdefault(part["name"].lower(), value)
    return found


def _digest(values: dict[str, str]) -> Challenge | None:
    algorithm = values.get("algorithm", "")
    kind = algorithm.upper() or "MD5"
    offered = {each.strip().lower() for each in values.get("qop", "").split(",")} - {""}
    if kind not in _HASHES or not values.get("nonce") or (offered and "auth" not in offered):
        return None
    return Challenge(
        kind,
        values.get("realm", ""),
        values["nonce"],
        values.get("opaque"),
        algorithm,
        qop=bool(offered),
        stale=values.get("stale", "").lower() == "true",
    )


class Answerer:
    """Answers one challenge, as often as there are requests."""

    def __init__(
        self,
        challenge: Challenge,
        credentials: Credentials,
        cnonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        """`cnonce` is chance; vectors bring their own."""
        self._challenge = challenge
        self._credentials = credentials
        self._cnonce = cnonce
        self._count = 0

    def __repr__(self) -> str:
        return f"Answerer({self._challenge.kind})"

    def header(self, method: str, url: str) -> str:
        """The value of Authorization for one request."""
        who = self._credentials
        if self._challenge.kind == "basic":
            pair = f"{who.username}:{who.password}".encode()
            return "Basic " + base64.b64encode(pair).decode()
        return "Digest " + ", ".join(self._digest(method, url))

    def _digest(self, method: str, url: str) -> Iterator[str]:
        asked, who = self._challenge, self._credentials
        response, used = self._response(method, url)
        yield f'username="{_quoted(who.username)}"'
        yield f'realm="{_quoted(asked.realm)}"'
        yield f'nonce="{_quoted(asked.nonce)}"'
        yield f'uri="{url}"'
        yield f'response="{response}"'
        if asked.algorithm:
            yield f"algorithm={asked.kind}"
        if asked.opaque is not None:
            yield f'opaque="{_quoted(asked.opaque)}"'
        yield from used

    def _response(self, method: str, url: str) -> tuple[str, list[str]]:
        """RFC 7616 §3.4.1; without qop as RFC 2069 had it. And what of it the camera must know."""
        asked, who = self._challenge, self._credentials
        digest = _HASHES[asked.kind]
        secret = digest(f"{who.username}:{asked.realm}:{who.password}".encode())
        what = digest(f"{method}:{url}".encode())
        if not asked.qop:
            return digest(f"{secret}:{asked.nonce}:{what}".encode()), []
        self._count += 1
        count, cnonce = f"{self._count:08x}", self._cnonce()
        response = digest(f"{secret}:{asked.nonce}:{count}:{cnonce}:auth:{what}".encode())
        return response, ["qop=auth", f"nc={count}", f'cnonce="{cnonce}"']


def _quoted(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)
