"""Questions to a camera's device and media services, and what its answers say, sans-IO.

Sources: devicemgmt.wsdl, ver10/media/wsdl/media.wsdl, ver20/media/wsdl/media.wsdl and onvif.xsd of ONVIF
(onvif.org/ver10, ver20). Reading asks for local names and bounds what it takes; whatever is missing is
empty or 0, since cameras leave out what they have not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from drivers.camera.onvif_xml import Element, child, children, escape, text

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
MAX_SERVICES = 64  # ONVIF defines some 30
MAX_PROFILES = 256  # a recorder of 64 channels has 128
TOKEN_LIMIT = 64  # characters: tt:ReferenceToken
URL_LIMIT = 512
Media = Literal[1, 2]  # the generation of the media service: the first does not know H.265
_NAMESPACES: dict[Media, str] = {1: MEDIA, 2: MEDIA2}


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: what stands in the body, and the name of what answers it."""

    body: str
    answer: str


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    manufacturer: str
    model: str
    firmware: str
    serial: str
    hardware: str


@dataclass(frozen=True, slots=True)
class CameraTime:
    """Its clock as it stood when it answered; None where it does not tell UTC, or tells no time at all."""

    utc: datetime | None
    by_ntp: bool
    zone: str  # of POSIX 1003.1: "CST-8"

    def ahead_s(self, ours: datetime) -> float | None:
        """How far it is before our clock. It tells whole seconds, on the average half a one too little."""
        return None if self.utc is None else (self.utc - ours).total_seconds() + 0.5


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream that it offers; 0 and "" where it does not say."""

    token: str
    name: str
    encoding: str = ""  # "H264", "H265", "JPEG"; "" for a profile without video
    width: int = 0
    height: int = 0
    fps: float = 0.0
    kbit_per_s: int = 0
    source: str = ""  # which of a recorder's channels


# --- questions ---
def _device(name: str, inner: str = "") -> Ask:
    return Ask(f'<d:{name} xmlns:d="{DEVICE}">{inner}</d:{name}>', f"{name}Response")


GET_TIME = _device("GetSystemDateAndTime")
GET_DEVICE_INFORMATION = _device("GetDeviceInformation")
GET_SERVICES = _device("GetServices", "<d:IncludeCapability>false</d:IncludeCapability>")
GET_CAPABILITIES = _device("GetCapabilities", "<d:Category>All</d:Category>")


def _media(media: Media, name: str, inner: str) -> Ask:
    return Ask(f'<m:{name} xmlns:m="{_NAMESPACES[media]}">{inner}</m:{name}>', f"{name}Response")


def get_profiles(media: Media) -> Ask:
    return _media(media, "GetProfiles", "" if media == 1 else "<m:Type>All</m:Type>")


def get_stream_uri(media: Media, token: str) -> Ask:
    """Of a stream over RTSP: whether its packets come by UDP or within the connection is RTSP's to say."""
    profile = f"<m:ProfileToken>{escape(token)}</m:ProfileToken>"
    if media == 1:
        setup = (
            f'<m:StreamSetup xmlns:t="{SCHEMA}"><t:Stream>RTP-Unicast</t:Stream>'
            "<t:Transport><t:Protocol>RTSP</t:Protocol></t:Transport></m:StreamSetup>"
        )
        return _media(media, "GetStreamUri", setup + profile)
    return _media(media, "GetStreamUri", f"<m:Protocol>RTSP</m:Protocol>{profile}")


def get_snapshot_uri(media: Media, token: str) -> Ask:
    return _media(media, "GetSnapshotUri", f"<m:ProfileToken>{escape(token)}</m:ProfileToken>")


# --- answers ---
def read_time(answer: Element) -> CameraTime:
    found = child(answer, "SystemDateAndTime")
    utc = child(found, "UTCDateTime")
    parts = [
        text(utc, part, name)
        for part, names in (("Date", ("Year", "Month", "Day")), ("Time", ("Hour", "Minute", "Second")))
        for name in names
    ]
    return CameraTime(
        utc=_moment(parts),
        by_ntp=text(found, "DateTimeType").upper() == "NTP",
        zone=text(found, "TimeZone", "TZ", limit=64),
    )


def _moment(parts: Sequence[str]) -> datetime | None:
    if not all(re.fullmatch(r"\d{1,4}", each, re.ASCII) for each in parts):
        return None
    year, month, day, hour, minute, second = map(int, parts)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60: a leap second
    except ValueError:  # there is no such date: a camera that has lost its time tells 0000-00-00
        return None


def read_device_information(answer: Element) -> DeviceInformation:
    return DeviceInformation(
        *(
            text(answer, name, limit=64)
            for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
        )
    )


def read_services(answer: Element) -> dict[str, str]:
    """Addresses by namespaces, of GetServices."""
    found = list(children(answer, "Service"))[:MAX_SERVICES]
    return {
        text(each, "Namespace"): address
        for each in found
        if (address := text(each, "XAddr", limit=URL_LIMIT))
    }


def read_capabilities(answer: Element) -> dict[str, str]:
    """Likewise, of GetCapabilities: the older way, which knows the first media service only."""
    address = text(answer, "Capabilities", "Media", "XAddr", limit=URL_LIMIT)
    return {MEDIA: address} if address else {}


def read_profiles(answer: Element) -> tuple[Profile, ...]:
    """Those with a token that may be sent back; of either generation."""
    found = [_profile(each) for each in list(children(answer, "Profiles"))[:MAX_PROFILES]]
    return tuple({each.token: each for each in found if 0 < len(each.token) <= TOKEN_LIMIT}.values())


def _profile(element: Element) -> Profile:
    second = child(element, "Configurations")
    encoder = child(element, "VideoEncoderConfiguration") if second is None else child(second, "VideoEncoder")
    source = child(element, "VideoSourceConfiguration") if second is None else child(second, "VideoSource")
    token = element.get("token", "")
    return Profile(
        token=token if token.isprintable() else "",
        name=text(element, "Name", limit=64),
        encoding=text(encoder, "Encoding", limit=16).upper(),
        width=_whole(text(encoder, "Resolution", "Width")),
        height=_whole(text(encoder, "Resolution", "Height")),
        fps=_number(text(encoder, "RateControl", "FrameRateLimit")),
        kbit_per_s=_whole(text(encoder, "RateControl", "BitrateLimit")),
        source=text(source, "SourceToken", limit=TOKEN_LIMIT),
    )


def read_uri(answer: Element) -> str:
    """Of GetStreamUri and GetSnapshotUri: the first generation has one level more."""
    return text(answer, "MediaUri", "Uri", limit=URL_LIMIT) or text(answer, "Uri", limit=URL_LIMIT)


def _whole(digits: str) -> int:
    """0 for what is no number from 0 to 999,999,999."""
    return int(digits) if re.fullmatch(r"\d{1,9}", digits, re.ASCII) else 0


def _number(digits: str) -> float:
    """Likewise; a rate of the second generation may be a fraction."""
    return float(digits) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", digits, re.ASCII) else 0.0
