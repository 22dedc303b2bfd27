"""What a node shows of itself to the services: a token, a certificate, and whom it trusts.

Files are looked at for each use, so that one that systemd or a technician has renewed needs no restart.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Protocol

from edge.upstream.port import Away

MAX_TOKEN = 4096  # characters; a header line may have 8 KiB
_Stamp = tuple[int, int]


class Access(Protocol):
    """The way to the services, as `edge.settings.upstream` has it."""

    @property
    def url(self) -> str: ...
    @property
    def token_file(self) -> Path | None: ...
    @property
    def ca(self) -> Path | None: ...
    @property
    def cert(self) -> Path | None: ...
    @property
    def key(self) -> Path | None: ...
    @property
    def timeout_s(self) -> float: ...


class Credentials:
    def __init__(self, access: Access) -> None:
        self._access = access
        self._is_tls = access.url.startswith("https://")
        self._files = [path for path in (access.ca, access.cert, access.key) if path is not None]
        self._context: ssl.SSLContext | None = None
        self._stamps: list[_Stamp] = []

    def token(self) -> str:
        """ "" where none is configured. Raises Away."""
        path = self._access.token_file
        if path is None:
            return ""
        try:
            text = path.read_text(encoding="ascii").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(path, error) from None
        if not text or len(text) > MAX_TOKEN or not text.isprintable():
            raise Away("no_credentials", f"{path}: its first line is no token")
        return text

    def tls(self) -> ssl.SSLContext | None:
        """None where there is no TLS. Raises Away."""
        if not self._is_tls:
            return None
        stamps = [_stamp(path) for path in self._files]
        if self._context is None or stamps != self._stamps:
            self._context, self._stamps = self._made(), stamps
        return self._context

    def _made(self) -> ssl.SSLContext:
        access = self._access
        try:
            context = ssl.create_default_context(cafile=access.ca)
            if access.cert is not None:
                # A key with a passphrase would else ask for it on the terminal.
                context.load_cert_chain(access.cert, access.key, password=lambda: b"")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise _unusable(access.cert or access.ca, error) from None
        return context


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError as error:
        raise _unusable(path, error) from None
    return found.st_mtime_ns, found.st_size


def _unusable(path: Path | None, error: Exception) -> Away:
    cause = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return Away("no_credentials", f"{path}: {cause}")
