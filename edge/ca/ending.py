"""When certificates end, by what TLS itself is made of: a daemon has no memory for a library of X.509."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple, Self

from drivers.checking.words import Text
from edge.broker import Tls

SOON = timedelta(days=30)  # a certificate that ends within it is to be renewed
CA_SOON = timedelta(days=180)  # the authority's: every machine is to have the new one by then
RENEW = Text(
    "在保管 CA 的机器上 hallctl broker renew，把新的 client.crt 放过来",
    "hallctl broker renew where the authority is kept, then put the new client.crt here",
)
RENEW_CA = Text(
    "在保管 CA 的机器上 hallctl broker renew --authority，把新的 ca.crt 放到每台机器（先后不限）",
    "hallctl broker renew --authority where it is kept; the new ca.crt goes to all machines, in any order",
)

What = Literal["node", "ca"]
_SOON: dict[What, tuple[timedelta, Text]] = {"node": (SOON, RENEW), "ca": (CA_SOON, RENEW_CA)}
FLIGHTS = 3  # of a handshake: TLS 1.3 takes two, 1.2 three
_ANY_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME (OpenSSL), which Python has no name for


class Ending(NamedTuple):
    """Of a certificate. Wall times."""

    what: What  # our own, or the authority's
    file: Path
    at_s: float
    soon_s: float  # from here on it is to be renewed
    remedy: Text

    @classmethod
    def of(cls, what: What, file: Path, at_s: float) -> Self:
        before, remedy = _SOON[what]
        return cls(what, file, at_s, at_s - before.total_seconds(), remedy)

    @property
    def day(self) -> str:
        return f"{datetime.fromtimestamp(self.at_s, UTC):%Y-%m-%d}"


def endings(tls: Tls) -> list[Ending]:
    """Of those that are named. What cannot be read is told of by who connects with it."""
    found: list[Ending] = []
    with contextlib.suppress(OSError):
        if tls.cert:
            found.append(Ending.of("node", tls.cert, own_ends(tls.cert, tls.key)))
    with contextlib.suppress(OSError):
        if tls.ca:
            found.append(Ending.of("ca", tls.ca, authority_ends(tls.ca)))
    return found


def authority_ends(ca: Path) -> float:
    """Wall time at which the last of those in the file ends: a renewed one stands beside the one before.
    Raises OSError: it cannot be read, or holds none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    found = [_seconds(each) for each in context.get_ca_certs()]
    if not found:
        raise ssl.SSLError(0, f"{ca}: no authority's certificate")
    return max(found)


def own_ends(cert: Path, key: Path | None) -> float:
    """Wall time at which our own ends, whoever signed it. We show it to ourselves, as to a broker: only who
    is shown a certificate learns what stands in it. Raises OSError: they cannot be read, or are no pair."""
    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    shows.check_hostname, shows.verify_mode = False, ssl.CERT_NONE
    asks = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    asks.verify_mode = ssl.CERT_REQUIRED
    asks.verify_flags = ssl.VerifyFlags(ssl.VERIFY_X509_PARTIAL_CHAIN | _ANY_TIME)
    asks.load_verify_locations(cert)
    for context in (shows, asks):
        context.load_cert_chain(cert, key)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client, server = shows.wrap_bio(back, there), asks.wrap_bio(there, back, server_side=True)
    for side in (client, server) * FLIGHTS:
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return _seconds(server.getpeercert() or {})


def _seconds(cert: Mapping[str, object]) -> float:
    try:
        return float(ssl.cert_time_to_seconds(str(cert["notAfter"])))
    except (KeyError, ValueError) as error:
        raise ssl.SSLError(0, f"it does not say when it ends: {error}") from error
