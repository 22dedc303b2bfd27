"""Seeded rubbish for what cameras tell: answers to probes, and to questions over SOAP."""

from __future__ import annotations

import random
from collections import Counter

from drivers.camera import onvif_codec as codec
from drivers.camera.discovery_codec import MAX_LIST, MAX_MATCHES, Match, Refused, read
from drivers.camera.onvif_address import at_home
from drivers.camera.onvif_address import read as read_address
from drivers.camera.onvif_sim_state import BOMB
from drivers.camera.onvif_soap import NotOnvif, SoapFault
from drivers.camera.onvif_soap import read as read_soap
from tests.golden import onvif_messages as golden
from tests.property.fuzz_connections import spoil

OURS = frozenset({golden.ASKED})
HOME = read_address("http://192.0.2.24/onvif/device_service")
DATAGRAMS = [golden.CAMERA.encode(), golden.PRINTER.encode()]
ANSWERS = [
    (golden.TIME, "GetSystemDateAndTimeResponse", codec.read_time),
    (golden.DEVICE, "GetDeviceInformationResponse", codec.read_device_information),
    (golden.SERVICES, "GetServicesResponse", codec.read_services),
    (golden.CAPABILITIES, "GetCapabilitiesResponse", codec.read_capabilities),
    (golden.PROFILES, "GetProfilesResponse", codec.read_profiles),
    (golden.PROFILES2, "GetProfilesResponse", codec.read_profiles),
    (golden.STREAM, "GetStreamUriResponse", codec.read_uri),
    (golden.NOT_AUTHORIZED, "GetProfilesResponse", codec.read_profiles),
    (golden.OLD_FAULT, "GetProfilesResponse", codec.read_profiles),
]
WORDS = [b"", b"&#1;", b"&#x10FFFF;", b"\xff", b"]]>", b"<!-- ", b"<![CDATA[", b"&a;", b"<x>" * 40, b"9" * 40]
WORDS += [b"http://127.0.0.1/", b"rtsp://a:b@[::1]:0/", b"://", b" onvif://www.onvif.org/name/%00%zz" * 70]
WORDS += ["\u202e大\U0001f600".encode(), BOMB.encode(), b"<!DOCTYPE a>", b"-1", b"1e9", "٣".encode()]


def warp(rng: random.Random, data: bytes) -> bytes:
    """Bytes spoilt, as on a line; or the document kept whole with a text, an element or a part of it odd."""
    match rng.randrange(8):
        case 0:
            return rng.randbytes(rng.randint(0, 300))
        case 1 | 2:
            return spoil(rng, data)
        case 3:
            return data[: rng.randrange(len(data) + 1)]
        case 4:
            return data.replace(rng.choice(data.split(b">")) + b">", rng.choice(WORDS))
    pieces = data.split(b">")
    for _ in range(rng.randint(1, 4)):  # what stands before a closing tag is its text
        at = rng.randrange(len(pieces))
        _, less, tag = pieces[at].rpartition(b"</")
        pieces[at] = rng.choice(WORDS) + less + tag if less else pieces[at]
    return b">".join(pieces)


def throw_at_discovery(n: int, seed: int) -> None:
    """`n` datagrams. Raises AssertionError where one is neither read within the bounds nor refused."""
    rng = random.Random(f"discovery/{seed}")
    tally: Counter[str] = Counter()
    for _ in range(n):
        data = warp(rng, rng.choice(DATAGRAMS))
        try:
            matches = read(data, OURS)
        except Refused as refusal:
            tally[refusal.code] += 1
            assert str(refusal).isprintable()
            assert len(str(refusal)) < 400
        else:
            tally["read"] += 1
            assert 0 < len(matches) <= MAX_MATCHES
            for each in matches:
                _check_match(each)
    assert min(tally[each] for each in ("read", "not_xml", "not_ours", "no_camera")) > n / 1000, tally


def _check_match(match: Match) -> None:
    texts = [match.endpoint, *match.types, *match.scopes, *match.addresses]
    assert len(texts) <= 1 + 3 * MAX_LIST
    assert all(len(each) <= 261 and (each.isprintable()) for each in texts)
    for each in match.addresses:
        _check_address(each)


def _check_address(url: str) -> None:
    assert HOME is not None
    told = at_home(url, HOME)
    assert told is None or told.place.host == HOME.host
    assert told is None or (
        told.place.url.isascii() and told.place.url.isprintable() and " " not in told.place.url
    )


def throw_at_soap(n: int, seed: int) -> None:
    """`n` answers, likewise."""
    rng = random.Random(f"soap/{seed}")
    tally: Counter[str] = Counter()
    for _ in range(n):
        text, name, reader = rng.choice(ANSWERS)
        try:
            found = reader(read_soap(warp(rng, text.encode()), name))
        except (SoapFault, NotOnvif) as error:
            tally[error.code] += 1
            assert str(error).isprintable()
            assert len(str(error)) < 400
            continue
        tally["read"] += 1
        assert len(repr(found)) < 20_000
        if isinstance(found, str):
            _check_address(found)
        elif isinstance(found, tuple):
            for each in found:
                assert 0 < len(each.token) <= codec.TOKEN_LIMIT
                assert b"\n" not in codec.get_stream_uri(1, each.token).body.encode()
                assert min(each.width, each.height, each.fps, each.kbit_per_s) >= 0
    assert min(tally[each] for each in ("read", "soap_fault", "not_onvif")) > n / 100, tally
