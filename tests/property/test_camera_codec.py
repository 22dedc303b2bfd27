"""RTSP under any cut and any garbage, and pictures whatever the size of the packets they come in."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from drivers.camera.h264 import H264
from drivers.camera.model import StreamFormat
from drivers.camera.rtp import packet
from drivers.camera.rtsp import MAX_HELD, Frame, Interleaved, Request, Response, RtspCodec
from drivers.camera.units import IntraSearch
from drivers.conformance.codec import BoundedCodec, check_codec, check_cuts
from tests.camera_packets import fu_a, nals_of, rtp, slice_264, stap_a
from tests.golden.camera_messages import SAID
from tests.golden.camera_pictures import PPS_264, SPS_264

TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)
HEADERS = st.lists(st.tuples(st.sampled_from(["CSeq", "Session", "Transport", "X-Y"]), TEXT), max_size=4).map(
    tuple
)
BODY = st.binary(max_size=300)
FRAMES: st.SearchStrategy[Frame] = st.one_of(
    st.builds(Response, st.integers(100, 599), TEXT, HEADERS, BODY),
    st.builds(Request, st.sampled_from(["OPTIONS", "GET_PARAMETER", "ANNOUNCE"]), TEXT, HEADERS, BODY),
    st.builds(
        Interleaved,
        st.integers(0, 7),
        st.binary(min_size=8, max_size=1500).map(lambda data: rtp(data, 1, 2)),
    ),
)


def test_the_promises_of_a_codec() -> None:
    check_codec(RtspCodec, FRAMES, max_frame=MAX_HELD, examples=10)


@given(
    st.lists(st.one_of(st.sampled_from([data for data, _ in SAID]), st.binary(max_size=80)), max_size=6),
    st.lists(st.integers(1, 100), max_size=10),
)
def test_any_cut_gives_the_same(data: list[bytes], sizes: list[int]) -> None:
    codec: Callable[[], BoundedCodec[Frame]] = RtspCodec
    check_cuts(codec, b"".join(data), sizes)


@given(st.integers(1, 1400), st.integers(1, 3000), st.booleans(), st.integers(0, 65_535))
def test_a_picture_is_the_same_in_any_packets(part: int, size: int, aggregate: bool, start: int) -> None:
    picture = slice_264(5, 7, size=size)
    payloads = [stap_a([SPS_264, PPS_264])] if aggregate else [SPS_264, PPS_264]
    payloads += fu_a(picture, part) if len(picture) > part + 1 else [picture]
    search = IntraSearch(H264(), StreamFormat("h264"))
    last = len(payloads) - 1
    sent = [rtp(each, start + at, 90_000, marker=at == last) for at, each in enumerate(payloads)]
    *before, unit = [search.take(packet(data)) for data in sent]
    assert not any(before)
    assert unit
    assert nals_of(unit.data) == [SPS_264, PPS_264, picture]
