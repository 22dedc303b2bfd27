"""Probes as they are written, and what the answers of cameras and of others are taken for."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from drivers.camera.discovery_codec import KINDS, MAX_LIST, MAX_MATCHES, Match, Refused, probe, read
from drivers.camera.onvif_sim_state import BOMB
from tests.golden.onvif_messages import ASKED, CAMERA, PRINTER

OURS = frozenset({ASKED})
D = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}"
A = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
S = "{http://www.w3.org/2003/05/soap-envelope}"


def refusal(data: str | bytes) -> str:
    with pytest.raises(Refused) as refused:
        read(data.encode() if isinstance(data, str) else data, OURS)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200
    return refused.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_a_probe_is_what_the_specification_asks_for(kind: str) -> None:
    root = ET.fromstring(probe("urn:uuid:<1>", kind))  # type: ignore[arg-type]
    assert root.tag == f"{S}Envelope"
    header = root.find(f"{S}Header")
    assert header is not None
    assert header.findtext(f"{A}Action") == "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"
    assert header.findtext(f"{A}To") == "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
    assert header.findtext(f"{A}MessageID") == "urn:uuid:<1>"
    types = root.findtext(f"{S}Body/{D}Probe/{D}Types")
    assert types == f"t:{kind}"


def test_a_probe_names_the_namespace_of_its_type() -> None:
    assert b'xmlns:t="http://www.onvif.org/ver10/network/wsdl"' in probe("urn:x", "NetworkVideoTransmitter")
    assert b'xmlns:t="http://www.onvif.org/ver10/device/wsdl"' in probe("urn:x", "Device")


def test_the_specifications_camera_is_read() -> None:
    (match,) = read(CAMERA.encode(), OURS)
    assert match == Match(
        endpoint="urn:uuid:98190dc2-0890-4ef8-ac9a-5940995e6119",
        types=("NetworkVideoTransmitter", "Device"),
        scopes=(
            *("Profile/Streaming", "hardware/D1-566", "location/country/china", "location/city/bejing"),
            *("location/building/headquarter", "location/floor/R5", "name/ARV-453"),
        ),
        addresses=("http://169.254.76.145/onvif/device_service", "http://192.0.2.24/onvif/device_service"),
    )
    assert match.scope("name") == "ARV-453"
    assert match.scope("hardware") == "D1-566"
    assert match.scope("location") == "country/china, city/bejing, building/headquarter, floor/R5"
    assert match.scope("MAC") == ""


def test_scopes_are_decoded_and_made_printable() -> None:
    text = CAMERA.replace("name/ARV-453", "name/%E5%A4%A7%E5%8E%85%0a%1b[2J onvif://www.onvif.org/name/%ff")
    (match,) = read(text.encode(), OURS)
    assert match.scope("name") == "大厅??[2J, \N{REPLACEMENT CHARACTER}"


def test_the_specifications_printer_is_no_camera() -> None:
    assert refusal(PRINTER) == "no_camera"


def test_the_later_edition_is_read_as_well() -> None:
    text = CAMERA.replace(
        "http://schemas.xmlsoap.org/ws/2005/04/discovery",
        "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01",
    ).replace("http://schemas.xmlsoap.org/ws/2004/08/addressing", "http://www.w3.org/2005/08/addressing")
    assert read(text.encode(), OURS)[0].scope("name") == "ARV-453"


@pytest.mark.parametrize("relates_to", ["urn:uuid:0A6DC791-2be6-4991-9af1-454778a1917a", ASKED[4:]])
def test_one_uuid_is_the_same_however_it_is_written(relates_to: str) -> None:
    assert read(CAMERA.replace(ASKED, relates_to).encode(), OURS)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (CAMERA.replace(ASKED, "urn:uuid:1"), "not_ours"),
        (CAMERA.replace("RelatesTo", "Relation"), "not_ours"),
        (CAMERA.replace("ProbeMatches>", "ResolveMatches>"), "not_discovery"),
        (CAMERA.replace("Envelope", "Letter"), "not_discovery"),
        (CAMERA[:-20], "not_xml"),
        (CAMERA.encode("utf-16"), "not_xml"),
        (BOMB, "not_xml"),
        (CAMERA.replace('"UTF-8"?>', '"UTF-8"?><!DOCTYPE a SYSTEM "file:/etc/passwd">'), "not_xml"),
        ("<a>" * 10_000, "not_xml"),
        (b"", "not_xml"),
        (b"\x00\xff" * 100, "not_xml"),
        (CAMERA + " " * 65_536, "too_long"),
    ],
)
def test_anything_else_is_refused_with_its_reason(data: str | bytes, code: str) -> None:
    assert refusal(data) == code


def test_how_much_one_answer_may_tell_is_bounded() -> None:
    body = CAMERA[CAMERA.index("<d:ProbeMatch>") : CAMERA.index("</d:ProbeMatches>")]
    assert len(read(CAMERA.replace(body, body * MAX_MATCHES).encode(), OURS)) == MAX_MATCHES
    assert refusal(CAMERA.replace(body, body * (MAX_MATCHES + 1))) == "too_many"
    many = "onvif://www.onvif.org/name/x" + "y" * 500 + " "
    (match,) = read(CAMERA.replace("onvif://www.onvif.org/name/ARV-453", many * 100).encode(), OURS)
    assert len(match.scopes) == MAX_LIST
    assert all(len(each) <= 256 for each in match.scopes)


def test_a_name_that_is_no_utf_8_costs_the_name_only() -> None:
    text = CAMERA.encode().replace(b"name/ARV-453", b"name/" + "大厅".encode("gbk"))
    (match,) = read(text, OURS)
    assert match.scope("hardware") == "D1-566"
