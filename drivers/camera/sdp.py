"""The video track that a session description tells of: SDP (RFC 4566, RFC 8866), its control URL (RFC 2326
appendix C.1.1), its parameter sets (RFC 6184 §8.1, RFC 7798 §7.1, RFC 6416 §7.1). Odd lines are passed over;
none raises."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from drivers.camera.errors import BadSyntax
from drivers.camera.model import Codec, StreamFormat
from drivers.camera.sps import MAX_FPS, MAX_PARAMETER_SET, Sps, h264_sps
from drivers.camera.sps265 import h265_sps
from drivers.camera.vol import has_vol, mpeg4_vol

# What is remembered with its meaning, as each look at a camera brings what the look before it brought: two
# streams of each camera of the largest hall.
KNOWN = 512
KNOWN_SIZE = 4096  # bytes of a description: a camera's has some 500
MAX_SETS = 16  # parameter sets of one track; cameras send two or three
CLOCK_RATE = 90_000  # of every video payload that we read; told for those that we do not
_CODECS: dict[str, Codec] = {
    **{"H264": "h264", "H265": "h265", "HEVC": "h265", "JPEG": "jpeg", "MP4V-ES": "mpeg4"}
}
_STATIC = {26: "JPEG"}  # RFC 3551 §6: payload types that need no rtpmap
_SPROPS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
_RTPMAP = re.compile(r"(\d{1,3})\s+([^/\s]+)/(\d{1,9})(?:/.*)?", re.ASCII)
_ABSOLUTE = re.compile(r"rtspu?://", re.IGNORECASE)
_URL = re.compile(r"[!-~]{1,2048}")


@dataclass(frozen=True, slots=True)
class Track:
    format: StreamFormat
    payload_type: int
    clock_rate: int
    control: str  # absolute
    aggregate: str  # of the whole presentation, for PLAY and TEARDOWN
    encoding: str = ""  # as its rtpmap names it
    packetization_mode: int = 0


@dataclass(slots=True)
class _Media:
    """Of an "m=" line and what follows it; the lines before the first are a medium without a kind."""

    kind: str = ""
    payload_type: int = -1
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> Iterator[str]:
        return (value for each, value in self.attributes if each == name)

    def of_payload(self, name: str) -> str:
        """Of an attribute that begins with a payload type, the rest; "" where there is none."""
        for value in self.values(name):
            number, _, rest = value.partition(" ")
            if number == str(self.payload_type):
                return rest.strip()
        return ""


def video_track(body: bytes, base: str) -> Track | None:
    """The first video that we can read, else the first video, as "other"; None where there is none. `base` is
    the URL that control URLs are relative to. Raises PictureTooLarge."""
    return _known_track(body, base) if len(body) <= KNOWN_SIZE else _video_track(body, base)


def _video_track(body: bytes, base: str) -> Track | None:
    session, *media = _media(body.decode("utf-8", "replace"))
    aggregate = _resolve(base, next(session.values("control"), "*"))
    tracks = [_track(each, aggregate, base) for each in media if each.kind == "video"]
    readable = (track for track in tracks if track.format.codec != "other")
    best = next(readable, tracks[0] if tracks else None)
    return best and replace(best, format=described(best.format))


_known_track = lru_cache(maxsize=KNOWN)(_video_track)


def _media(text: str) -> list[_Media]:
    found = [_Media()]
    for line in text.splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            words = value.split()
            number = words[3] if len(words) > 3 else ""  # noqa: PLR2004 m=<media> <port> <proto> <fmt>
            known = number.isascii() and number.isdigit() and len(number) <= 3  # noqa: PLR2004 below 128
            found.append(_Media(words[0].lower() if words else "", int(number) if known else -1))
        elif kind == "a":
            name, _, value = value.partition(":")
            found[-1].attributes.append((name.strip().lower(), value.strip()))
    return found


def _track(media: _Media, aggregate: str, base: str) -> Track:
    encoding, clock_rate = _STATIC.get(media.payload_type, ""), CLOCK_RATE
    for value in media.values("rtpmap"):
        match = _RTPMAP.fullmatch(value)
        if match and int(match[1]) == media.payload_type:
            encoding, clock_rate = match[2].upper(), int(match[3]) or CLOCK_RATE
    parameters = dict(_parameters(media.of_payload("fmtp")))
    codec = _CODECS.get(encoding, "other")
    mode = parameters.get("packetization-mode", "0")
    control = next(media.values("control"), "*")
    return Track(
        StreamFormat(codec, fps=_fps(media), parameter_sets=_sets(parameters)),
        media.payload_type,
        clock_rate,
        aggregate if control == "*" else _resolve(base, control),
        aggregate,
        encoding,
        int(mode) if mode in ("1", "2") else 0,
    )


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(";"):
        name, _, value = part.partition("=")  # base64 ends in "="
        yield name.strip().lower(), value.strip()


def _sets(parameters: dict[str, str]) -> tuple[bytes, ...]:
    found: list[bytes] = list(_config(parameters.get("config", "")))
    for name in _SPROPS:
        for text in parameters.get(name, "").split(","):
            try:
                nal = base64.b64decode(text + "=" * (-len(text) % 4))  # cameras leave the padding out
            except (binascii.Error, ValueError):  # the latter: no ASCII
                continue
            nal = nal.removeprefix(b"\x00\x00\x00\x01")  # some cameras send it with a start code
            if 2 < len(nal) <= MAX_PARAMETER_SET and len(found) < MAX_SETS:  # noqa: PLR2004 header and more
                found.append(nal)
    return tuple(found)


def _config(text: str) -> Iterator[bytes]:
    """RFC 6416 §7.1: the headers of MPEG-4 Visual, in base 16."""
    with contextlib.suppress(ValueError):
        if has_vol(config := bytes.fromhex(text)) and len(config) <= MAX_PARAMETER_SET:
            yield config


def _fps(media: _Media) -> float:
    text = next(media.values("framerate"), "")
    fps = float(text) if re.fullmatch(r"\d{1,3}(\.\d{1,6})?", text, re.ASCII) else 0.0
    return fps if fps <= MAX_FPS else 0.0


def _resolve(base: str, control: str) -> str:
    """As cameras mean it and RFC 1808 does not quite: a relative one is put behind the base, whatever that
    ends in, also behind a query ("…?channel=1/trackID=0"). What cannot stand in a request is passed over."""
    if control == "*" or not _URL.fullmatch(control):
        return base
    if _ABSOLUTE.match(control):
        return control
    return f"{base.removesuffix('/')}/{control.removeprefix('/')}"


# --- what the parameter sets say ---
_SPS: dict[Codec, tuple[Callable[[bytes], bool], Callable[[bytes], Sps]]] = {
    "h264": (lambda nal: nal[0] & 0x1F == 7, h264_sps),  # noqa: PLR2004 table 7-1
    "h265": (lambda nal: nal[0] >> 1 & 0x3F == 33, h265_sps),  # noqa: PLR2004 table 7-1
    "mpeg4": (has_vol, mpeg4_vol),
}


@lru_cache(maxsize=KNOWN)
def _said(codec: Codec, nal: bytes) -> Sps:
    return _SPS[codec][1](nal)


def described(form: StreamFormat) -> StreamFormat:
    """With the size and rate that its own sets say, the first of them that can be read. Raises
    PictureTooLarge."""
    is_sps, _ = _SPS.get(form.codec, (lambda _: False, h264_sps))
    for nal in filter(is_sps, form.parameter_sets):
        try:
            said = _said(form.codec, nal)
        except BadSyntax:
            continue
        return replace(form, width=said.width, height=said.height, fps=said.fps or form.fps)
    return form
