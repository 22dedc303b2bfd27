"""What a camera says of its stream: SDP (RFC 4566) with RTSP's attributes (RFC 2326, appendix C)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from drivers.camera.sim_recipe import TICKS_PER_S, Codec
from drivers.camera.sim_rtp import PAYLOAD_TYPE

TRACK = "trackID=1"


def description(
    codec: Codec, fps: int, kbit_s: int, parameter_sets: Sequence[bytes], control: str, *, name: str = "Media"
) -> bytes:
    """`control` is the video's URL, relative or whole; no parameter sets: it says nothing of them."""
    lines = [
        *("v=0", "o=- 1714986000 1 IN IP4 0.0.0.0", f"s={name}", "c=IN IP4 0.0.0.0", "t=0 0"),
        *("a=control:*", "a=range:npt=now-"),
        *(f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"b=AS:{kbit_s}"),
        f"a=rtpmap:{PAYLOAD_TYPE} {codec.upper()}/{TICKS_PER_S}",
        f"a=fmtp:{PAYLOAD_TYPE} {_h264(parameter_sets) if codec == 'h264' else _h265(parameter_sets)}",
        *(f"a=framerate:{fps}", f"a=control:{control}", "a=recvonly"),
    ]
    return "\r\n".join([*lines, ""]).encode()


def _h264(parameter_sets: Sequence[bytes]) -> str:
    """RFC 6184 §8.1; the profile and level are the three bytes after the header of the SPS."""
    told = ["packetization-mode=1"]
    if parameter_sets:
        told.append(f"profile-level-id={parameter_sets[0][1:4].hex().upper()}")
        told.append("sprop-parameter-sets=" + ",".join(b64encode(each).decode() for each in parameter_sets))
    return ";".join(told)


def _h265(parameter_sets: Sequence[bytes]) -> str:
    """RFC 7798 §7.1."""
    names = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
    told = [f"{names[each[0] >> 1 & 0x3F]}={b64encode(each).decode()}" for each in parameter_sets]
    return "; ".join(told) or "tx-mode=SRST"
