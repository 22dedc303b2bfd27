"""What is asked of cameras, and what their answers say."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from drivers.camera import onvif_codec as codec
from drivers.camera.auth import Credentials, strongest
from drivers.camera.onvif_sim_state import BOMB
from drivers.camera.onvif_soap import MAX_ANSWER, NotOnvif, SoapFault, envelope, read, username_token
from drivers.camera.onvif_xml import MAX_DEPTH, MAX_ELEMENTS, Element, NotXml, parse
from tests.golden import onvif_messages as golden

S = "{http://www.w3.org/2003/05/soap-envelope}"
TT = "{http://www.onvif.org/ver10/schema}"
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"


def body(ask: codec.Ask) -> ET.Element:
    found = ET.fromstring(envelope(ask.body)).find(f"{S}Body")
    assert found is not None
    return found[0]


# --- questions ---
@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (codec.GET_TIME, "{http://www.onvif.org/ver10/device/wsdl}GetSystemDateAndTime"),
        (codec.GET_DEVICE_INFORMATION, "{http://www.onvif.org/ver10/device/wsdl}GetDeviceInformation"),
        (codec.get_profiles(1), "{http://www.onvif.org/ver10/media/wsdl}GetProfiles"),
        (codec.get_profiles(2), "{http://www.onvif.org/ver20/media/wsdl}GetProfiles"),
        (codec.get_snapshot_uri(2, "a"), "{http://www.onvif.org/ver20/media/wsdl}GetSnapshotUri"),
    ],
)
def test_a_question_stands_in_its_services_namespace(ask: codec.Ask, name: str) -> None:
    assert body(ask).tag == name
    assert ask.answer == f"{name.rpartition('}')[2]}Response"


def test_a_stream_is_asked_for_as_the_schema_has_it() -> None:
    ns = "{http://www.onvif.org/ver10/media/wsdl}"
    asked = body(codec.get_stream_uri(1, 'a<&">'))
    assert [each.tag for each in asked] == [f"{ns}StreamSetup", f"{ns}ProfileToken"]
    assert asked.findtext(f"{ns}StreamSetup/{TT}Stream") == "RTP-Unicast"
    assert asked.findtext(f"{ns}StreamSetup/{TT}Transport/{TT}Protocol") == "RTSP"
    assert asked.findtext(f"{ns}ProfileToken") == 'a<&">'
    ns = "{http://www.onvif.org/ver20/media/wsdl}"
    asked = body(codec.get_stream_uri(2, "a"))
    assert [(each.tag, each.text) for each in asked] == [
        (f"{ns}Protocol", "RTSP"),
        (f"{ns}ProfileToken", "a"),
    ]


# --- the token ---
def test_the_programmers_guides_token() -> None:
    login = Credentials(golden.TOKEN_USER, golden.TOKEN_PASSWORD)
    nonce = base64.b64decode(golden.TOKEN_NONCE)
    local = golden.TOKEN_CREATED.astimezone(timezone(timedelta(hours=8)))
    data = envelope("<x/>", username_token(login, nonce, local))
    token = ET.fromstring(data).find(f"{S}Header/{{{WSS}wssecurity-secext-1.0.xsd}}Security")
    assert token is not None
    assert token.get(f"{S}mustUnderstand") == "1"
    said = {each.tag.rpartition("}")[2]: each for each in token[0]}
    assert said["Username"].text == golden.TOKEN_USER
    assert said["Password"].text == golden.TOKEN_DIGEST
    assert said["Password"].get("Type") == f"{WSS}username-token-profile-1.0#PasswordDigest"
    assert said["Nonce"].text == golden.TOKEN_NONCE
    assert said["Nonce"].get("EncodingType") == f"{WSS}soap-message-security-1.0#Base64Binary"
    assert said["Created"].text == "2010-09-16T07:50:45Z"
    assert said["Created"].tag == f"{{{WSS}wssecurity-utility-1.0.xsd}}Created"
    assert golden.TOKEN_PASSWORD.encode() not in data


def test_the_core_specifications_challenges_are_answered_by_the_stronger() -> None:
    challenge = strongest(golden.CHALLENGES)
    assert challenge is not None
    assert (challenge.kind, challenge.realm) == ("SHA-256", "Silvan_http_digest")


# --- answers ---
READ: list[tuple[str, str, Callable[[Element], object], object]] = [
    (golden.TIME, "GetSystemDateAndTimeResponse", codec.read_time, golden.TIME_READ),
    (golden.DEVICE, "GetDeviceInformationResponse", codec.read_device_information, golden.DEVICE_READ),
    (golden.PROFILES, "GetProfilesResponse", codec.read_profiles, golden.PROFILES_READ),
    (golden.PROFILES2, "GetProfilesResponse", codec.read_profiles, golden.PROFILES2_READ),
    (golden.STREAM, "GetStreamUriResponse", codec.read_uri, golden.STREAM_READ),
    (golden.STREAM2, "GetStreamUriResponse", codec.read_uri, "rtsp://192.0.2.24/2"),
    (golden.SNAPSHOT, "GetSnapshotUriResponse", codec.read_uri, "http://192.0.2.24/snap.jpg"),
    (
        golden.CAPABILITIES,
        "GetCapabilitiesResponse",
        codec.read_capabilities,
        {codec.MEDIA: "http://192.0.2.24/onvif/Media"},
    ),
    (
        golden.SERVICES,
        "GetServicesResponse",
        codec.read_services,
        {
            codec.DEVICE: "http://192.0.2.24/onvif/device_service",
            codec.MEDIA: "http://192.0.2.24/onvif/Media",
            codec.MEDIA2: "http://192.0.2.24/onvif/Media2",
        },
    ),
]


@pytest.mark.parametrize(("text", "answer", "reader", "meant"), READ, ids=[each[1] for each in READ])
def test_an_answer_is_read(
    text: str, answer: str, reader: Callable[[Element], object], meant: object
) -> None:
    assert reader(read(text.encode(), answer)) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        ("<tt:Year>2024<", "<tt:Year>0<"),
        ("<tt:Month>2<", "<tt:Month>13<"),
        ("<tt:Day>29<", "<tt:Day>30<"),
        ("<tt:Hour>7<", "<tt:Hour>-7<"),
        ("<tt:Hour>7<", "<tt:Hour>24<"),
        ("<tt:Minute>5</tt:Minute>", ""),
        ("<tt:Second>60<", "<tt:Second>9e9<"),
        ("tt:UTCDateTime>", "tt:Other>"),
    ],
)
def test_a_time_that_is_none_is_not_guessed(wrong: tuple[str, str]) -> None:
    answer = read(golden.TIME.replace(*wrong).encode(), "GetSystemDateAndTimeResponse")
    assert codec.read_time(answer).utc is None


def test_how_far_a_clock_is_ahead() -> None:
    time = codec.CameraTime(datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), by_ntp=True, zone="")
    assert time.ahead_s(datetime(2024, 5, 6, 7, 8, 9, 500_000, tzinfo=UTC)) == 0.0
    assert time.ahead_s(datetime(2024, 5, 6, 7, 9, 9, 500_000, tzinfo=UTC)) == -60.0
    assert codec.CameraTime(None, by_ntp=False, zone="").ahead_s(datetime.now(UTC)) is None


def test_a_token_that_cannot_be_sent_back_is_left_out() -> None:
    found = [
        read(golden.PROFILES.replace("Profile_1", each).encode(), "GetProfilesResponse")
        for each in ("", "x" * 65)
    ]
    assert [[each.token for each in codec.read_profiles(answer)] for answer in found] == [
        ["audio"],
        ["audio"],
    ]


# --- faults and what is no answer ---
@pytest.mark.parametrize(
    ("text", "codes", "kind"),
    [
        (golden.NOT_AUTHORIZED, ("Sender", "NotAuthorized"), "login"),
        (golden.NOT_SUPPORTED, ("Receiver", "ActionNotSupported"), "lacks"),
        (golden.NO_PROFILE, ("Sender", "InvalidArgVal", "NoProfile"), "lacks"),
        (golden.OLD_FAULT, ("FailedAuthentication",), "login"),
        (golden.fault("soapenv:Receiver", reason="busy"), ("Receiver",), "other"),
    ],
)
def test_a_fault_says_what_it_means_for_who_asked(text: str, codes: tuple[str, ...], kind: str) -> None:
    with pytest.raises(SoapFault, match="/".join(codes)) as caught:
        read(text.encode(), "GetProfilesResponse")
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (golden.TIME.encode(), "no GetProfilesResponse"),
        (b"<html><body>Not found</body></html>", "no envelope"),
        (b"", "no XML"),
        (BOMB.encode(), "document type"),
        (b" " * (MAX_ANSWER + 1), "more than"),
    ],
)
def test_what_is_no_answer_is_told(data: bytes, says: str) -> None:
    with pytest.raises(NotOnvif, match=re.escape(says)):
        read(data, "GetProfilesResponse")


@pytest.mark.parametrize(
    ("document", "fine"),
    [
        ("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH, True),
        ("<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1), False),
        (f"<a>{'<b/>' * (MAX_ELEMENTS - 1)}</a>", True),
        (f"<a>{'<b/>' * MAX_ELEMENTS}</a>", False),
        ('<?xml version="1.0" encoding="gb2312"?><a/>', True),
        ('<?xml version="1.0" encoding="no-such"?><a/>', True),
        ("<a>&lt;&#20013;</a>", True),
        ("<a>&other;</a>", False),
        ("<!DOCTYPE a><a/>", False),
    ],
)
def test_xml_is_bounded_and_has_no_entities_of_its_own(document: str, fine: bool) -> None:
    if fine:
        assert parse(document.encode(), 1 << 20).tag == "a"
    else:
        with pytest.raises(NotXml):
            parse(document.encode(), 1 << 20)
