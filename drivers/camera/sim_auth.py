"""Who may watch: Digest (RFC 7616, and RFC 2069 as most cameras still speak it) and Basic (RFC 7617)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Literal

Scheme = Literal["md5", "sha256", "basic"]
Verdict = Literal["welcome", "unknown", "stale", "refused"]  # unknown: did not say who

SCHEMES: tuple[Scheme, ...] = ("md5", "sha256", "basic")
NONCE_S = 60.0  # for which a nonce is good
BAD_LOGINS = 5  # after which …
LOCKED_S = 1800.0  # … nobody is let in for so long, as Hikvision and Dahua do
_NAMES = {"md5": "MD5", "sha256": "SHA-256"}
_HASHES: Mapping[str, Callable[[bytes], hashlib._Hash]] = {
    "MD5": hashlib.md5,
    "SHA-256": hashlib.sha256,
}


class Guard:
    """Of one camera. `now` is a clock in seconds; nobody is asked where there are no `users`."""

    def __init__(
        self,
        users: Mapping[str, str],
        now: Callable[[], float],
        schemes: tuple[Scheme, ...] = ("md5",),
        *,
        realm: str = "IP Camera",
        has_qop: bool = False,
        nonce_s: float = NONCE_S,
    ) -> None:
        self.tried = 0  # logins, good or bad
        self.bad = 0  # in a row
        self.locked_until_s = 0.0
        self._users, self._now, self._schemes = dict(users), now, schemes
        self._realm, self._has_qop, self._nonce_s = realm, has_qop, nonce_s
        self._key = secrets.token_bytes(16)

    @property
    def is_locked(self) -> bool:
        return self._now() < self.locked_until_s

    def challenges(self, *, stale: bool = False) -> list[tuple[str, str]]:
        """Headers for an answer 401; the strongest first, since a client takes the first that it knows."""
        found = []
        for scheme in ("sha256", "md5"):
            if scheme in self._schemes:
                more = ', qop="auth"' if self._has_qop else ""
                more += ", stale=true" if stale else ""
                if scheme != "md5" or self._has_qop:  # RFC 2069 knew MD5 alone
                    more += f", algorithm={_NAMES[scheme]}"
                found.append(f'Digest realm="{self._realm}", nonce="{self._nonce()}"{more}')
        if "basic" in self._schemes:
            found.append(f'Basic realm="{self._realm}"')
        return [("WWW-Authenticate", each) for each in found]

    def admits(self, method: str, url: str, header: str, *, is_changed: bool = False) -> Verdict:
        """`header` is Authorization's value, "" without; `is_changed`: nobody knows the password any more."""
        if not self._users and not is_changed:
            return "welcome"
        if not header:
            return "unknown"
        scheme, _, rest = header.partition(" ")
        match scheme.lower():
            case "basic" if "basic" in self._schemes:
                is_right = self._basic(rest)
            case "digest":
                fields = _fields(rest)
                if not self._is_fresh(fields.get("nonce", "")):
                    return "stale"
                is_right = self._digest(method, url, fields)
            case _:
                is_right = False
        return self._count(is_right and not is_changed)

    def _count(self, is_right: bool) -> Verdict:
        self.tried += 1
        if self.is_locked:
            return "refused"
        self.bad = 0 if is_right else self.bad + 1
        if self.bad >= BAD_LOGINS:
            self.locked_until_s, self.bad = self._now() + LOCKED_S, 0
        return "welcome" if is_right else "refused"

    def _basic(self, text: str) -> bool:
        try:
            user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return False
        return _same(password, self._users.get(user))

    def _digest(self, method: str, url: str, fields: Mapping[str, str]) -> bool:
        algorithm = fields.get("algorithm", "MD5")
        if algorithm not in (_NAMES[each] for each in self._schemes if each in _NAMES):
            return False
        password = self._users.get(fields.get("username", ""))
        if password is None or fields.get("realm") != self._realm or fields.get("uri") != url:
            return False

        def digest(*parts: str) -> str:
            return _HASHES[algorithm](":".join(parts).encode()).hexdigest()

        who, what = digest(fields["username"], self._realm, password), digest(method, url)
        middle = [fields["nonce"]]
        if "qop" in fields:
            if fields["qop"] != "auth" or not self._has_qop:
                return False
            middle += [fields.get("nc", ""), fields.get("cnonce", ""), "auth"]
        return _same(fields.get("response", "").lower(), digest(who, *middle, what))

    def _nonce(self) -> str:
        """When it was made, signed: none needs to be kept."""
        made = f"{int(self._now() * 1000) & 0xFFFFFFFFFFFF:012x}"
        return made + hmac.new(self._key, made.encode(), "sha256").hexdigest()[:20]

    def _is_fresh(self, nonce: str) -> bool:
        made, seal = nonce[:12], nonce[12:]
        if not _same(seal, hmac.new(self._key, made.encode(), "sha256").hexdigest()[:20]):
            return False
        return self._now() * 1000 - int(made, 16) <= self._nonce_s * 1000


def _fields(text: str) -> dict[str, str]:
    pairs = re.findall(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))', text)
    return {name.lower(): quoted or bare for name, quoted, bare in pairs}


def _same(said: str, right: str | None) -> bool:
    return right is not None and hmac.compare_digest(said.encode(), right.encode())
