"""The simulated camera as it stands: what it is, whom it knows, and what is wrong with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

SCOPES = (
    "onvif://www.onvif.org/Profile/Streaming",
    "onvif://www.onvif.org/hardware/D1-566",
    "onvif://www.onvif.org/location/country/china",
    "onvif://www.onvif.org/location/city/bejing",
    "onvif://www.onvif.org/name/ARV-453%20%E5%A4%A7%E5%8E%85",
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "lollollollol">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><b>&a9;</b>"
)
Rotten = Literal["", "huge", "bomb", "garbage", "deep"]
Ill = Literal["", "huge", "bomb", "garbage", "hang", "redirect", "empty", "cut"]
Takes = Literal["open", "digest", "digest-sha256", "token", "both"]
ROTTEN: dict[str, bytes] = {
    "huge": b"<a>" + b"x" * 65_000,
    "bomb": BOMB.encode(),
    "garbage": bytes(range(256)) * 8,
    "deep": b"<a>" * 15_000,
}


@dataclass(slots=True)
class Trouble:
    """What may be wrong with it, at any time."""

    late_s: float = 0.0  # before each answer to a probe
    answers: int = 1  # to each probe
    wrong_relates_to: bool = False
    rotten: Rotten = ""  # in place of each answer to a probe
    foreign: str = ""  # the host that it believes to be at, in all addresses
    ill: Ill = ""  # in place of each answer over HTTP
    clock_off_s: float = 0.0
    no_time: bool = False  # it has lost its date
    closed_time: bool = False  # it tells its time to no stranger
    old: bool = False  # knows no GetServices
    no_media2: bool = False
    no_snapshot: bool = False
    no_rights: bool = False  # its users may not ask for profiles
    nonce_uses: int = 1_000_000  # before a nonce of HTTP Digest is stale
    says_stale: bool = True
    stale_at_once: int = 0  # so many nonces more are stale before they are used


@dataclass
class State:
    """At `host`, hearing probes on the interfaces with the addresses `hears_on`."""

    host: str = "127.0.0.1"
    hears_on: tuple[str, ...] = ("127.0.0.1",)
    takes: Takes = "both"
    users: dict[str, str] = field(default_factory=lambda: {"hall": "Bad-Camera-9"})
    endpoint: str = field(default_factory=lambda: f"urn:uuid:{uuid.uuid4()}")
    types: str = "dn:NetworkVideoTransmitter tds:Device"
    scopes: tuple[str, ...] = SCOPES
    trouble: Trouble = field(default_factory=Trouble)
    probes: list[str] = field(default_factory=list)  # message identifiers, as they came
    port: int = 0  # of its services, chosen where it is 0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.trouble.clock_off_s)

    def url(self, path: str, scheme: str = "http", port: int | None = None) -> str:
        return f"{scheme}://{self.trouble.foreign or self.host}:{port or self.port}{path}"
