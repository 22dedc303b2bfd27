"""A broker's address and what a TLS connection to it trusts: as the configuration gives them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker's address. Neither `str` nor `repr` shows the password."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Broker:
        """From `mqtt://[user:password@]host[:1883]` or `mqtts://…[:8883]`.

        Raises ValueError, whose text never quotes the address: there may be a password in it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("a broker's address is mqtt://host:port, its port from 1 to 65535") from None
        if parts.scheme not in _PORTS:
            raise ValueError("a broker's address begins with mqtt:// or mqtts://")
        if not parts.hostname or port == 0:
            raise ValueError("a broker's address is mqtt://host or mqtt://host:port")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("a broker's address ends after its port; in a password write / as %2F")
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            tls=parts.scheme == "mqtts",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtt{'s' * self.tls}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Tls:
    """What a `mqtts://` connection trusts and shows. No `ca`: the system's. `cert` with `key`: who we are."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Read afresh for every connection: a renewed certificate needs no restart. Raises OSError."""
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert is not None:
            context.load_cert_chain(self.cert, self.key)
        return context
