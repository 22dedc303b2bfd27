"""Seeded rubbish for what comes within a camera's messages and frames: descriptions, challenges, packets.

None of these decodes a stream of bytes by itself, so what is asked of them is: they raise nothing but their
own errors, hold no more than they may, and find the good picture that follows.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable

from drivers.camera.auth import Answerer, Credentials, strongest
from drivers.camera.errors import BadSyntax, PictureTooLarge
from drivers.camera.flow import FlowMeter, intra_of
from drivers.camera.h264 import H264
from drivers.camera.h265 import H265
from drivers.camera.jpeg import JpegSearch
from drivers.camera.model import StreamFormat
from drivers.camera.nal import Codec
from drivers.camera.rtp import packet
from drivers.camera.sdp import MAX_SETS, video_track
from drivers.camera.sps import MAX_FPS, MAX_SAMPLES, Sps, h264_sps
from drivers.camera.sps265 import h265_sps
from drivers.camera.stream import Search
from drivers.camera.units import MAX_UNIT, IntraSearch
from tests.camera_packets import packets, recovery_point, slice_264, slice_265
from tests.golden.camera_messages import BOTH, DIGESTS, SDP_4566, SDP_6184
from tests.golden.camera_pictures import H264 as SPS_OF_H264
from tests.golden.camera_pictures import H265 as SPS_OF_H265
from tests.golden.camera_pictures import PPS_264, PPS_265, SPS_264, SPS_265, VPS_265
from tests.property.fuzz_connections import spoil

HEADERS = 24  # bytes: of RTP, of the payload, of a slice
WHO = Credentials("admin", "pa55word")
OFFERS = [*BOTH, 'Basic realm="c"', *(each[0] for each in DIGESTS.values())]
READERS: list[tuple[Callable[[bytes], Sps], list[bytes]]] = [
    (h264_sps, [bytes.fromhex(each[1]) for each in SPS_OF_H264]),
    (h265_sps, [bytes.fromhex(each[1]) for each in SPS_OF_H265]),
]
SENT_264 = [
    [SPS_264, PPS_264, slice_264(5, 7, size=3000)],
    [slice_264(1, 5)],
    [recovery_point(2), slice_264(1, 5)],
    [slice_264(1, 7), slice_264(1, 7, first=9)],
]
SENT_265 = [
    [VPS_265, SPS_265, PPS_265, slice_265(19, size=3000)],
    [slice_265(1)],
    [b"\x4e\x01\x06\x01\x24\x80", slice_265(1)],
    [slice_265(21), slice_265(21, first=False)],
]


def throw_at_texts(n: int, seed: int) -> None:
    """`n` descriptions, challenges and parameter sets each."""
    rng = random.Random(f"texts/{seed}")
    understood = 0
    for _ in range(n):
        with contextlib.suppress(PictureTooLarge):
            track = video_track(spoil(rng, rng.choice([SDP_4566, SDP_6184])), "rtsp://camera/")
            if track:
                understood += track.format.codec == "h264"
                assert len(track.format.parameter_sets) <= MAX_SETS
                assert track.format.width * track.format.height <= MAX_SAMPLES
        offer = spoil(rng, rng.choice(OFFERS).encode()).decode("latin-1")
        if challenge := strongest([offer]):
            assert WHO.password not in Answerer(challenge, WHO).header("PLAY", "rtsp://camera/")
        read, good = rng.choice(READERS)
        with contextlib.suppress(BadSyntax, PictureTooLarge):
            said = read(spoil(rng, rng.choice(good)))
            assert 0 < said.width * said.height <= MAX_SAMPLES
            assert 0 <= said.fps <= MAX_FPS
    assert understood > n / 100


def throw_at_pictures(n: int, seed: int) -> None:
    """`n` packets, spoilt and made up, then good ones: the picture is found, nothing else is raised."""
    rng = random.Random(f"pictures/{seed}")
    found = 0
    for index in range(0, n, 20):
        kind = index // 20 % 3
        if kind == 2:
            _one(rng, JpegSearch(StreamFormat("jpeg")), H264(), SENT_264, h265=False)
            continue
        codec: Codec = H265() if kind else H264()
        form = StreamFormat("h265" if kind else "h264")
        found += _one(rng, IntraSearch(codec, form), codec, SENT_265 if kind else SENT_264, h265=kind == 1)
    assert found == (n + 19) // 20 - (n + 19) // 20 // 3


def _spoilt(rng: random.Random, data: bytes) -> bytes:
    """Most often where the headers stand."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randint(0, 60))
    size = rng.choice((len(data), HEADERS))
    return spoil(rng, data[:size]) + data[size:]


def _one(rng: random.Random, search: Search, codec: Codec, sent: list[list[bytes]], *, h265: bool) -> bool:
    """Twenty packets of rubbish for one search; True where the good picture behind them is found."""
    meter = FlowMeter(90_000, intra_of(codec))
    good = list(packets(rng.choices(sent, k=20), h265=h265))[:20]
    unit = None
    for data in [_spoilt(rng, whole) for whole in good]:
        with contextlib.suppress(BadSyntax, PictureTooLarge):
            one = packet(data)
            meter.take(one, len(data), rng.random())
            unit = search.take(one)
            if isinstance(search, IntraSearch):
                assert search.buffered <= MAX_UNIT
            assert unit is None or len(unit.data) < 2 * MAX_UNIT
    assert meter.flow(2.0).fps <= MAX_FPS
    after = packets([sent[0], sent[1]] * 3, h265=h265, sequence=30_000)
    return unit is not None or any(search.take(packet(data)) for data in after)
