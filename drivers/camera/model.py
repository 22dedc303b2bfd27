"""What a look at a camera brings, in the words of the trade: formats, access units, how a stream flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Codec = Literal["h264", "h265", "jpeg", "mpeg4", "other"]


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """Of the video track, from the SDP and its parameter sets, or from those in band, which count more."""

    codec: Codec
    width: int = 0  # as shown, after cropping; 0 where nothing says so
    height: int = 0
    fps: float = 0.0  # as announced; 0.0 where nothing says so
    parameter_sets: tuple[
        bytes, ...
    ] = ()  # NAL units without start codes: VPS, SPS, PPS; of MPEG-4 one, whole


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture as the decoder takes it: the parameter sets in front; an intra picture here."""

    format: StreamFormat
    data: bytes
    complete: bool  # no packet of it was missing


@dataclass(frozen=True, slots=True)
class Flow:
    """How a stream came in over `seconds`, from RTP headers alone, nothing decoded."""

    seconds: float
    fps: float  # pictures by their RTP timestamps
    jitter_ms: float  # RFC 3550 §6.4.1
    bits_per_s: float
    received: int  # packets
    lost: int  # by sequence numbers
    longest_gap_s: float  # between two pictures' arrivals
    gop_s: float  # from one intra picture to the next; 0.0 where fewer than two came
