"""MPEG-4 Visual of a real encoder in RTP: seen from anywhere, its headers in the description or in band."""

from __future__ import annotations

import functools
import random
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from av.codec.context import Flags

from drivers.camera.decode import decode_av, decode_cv
from drivers.camera.errors import BadSyntax, PictureTooLarge
from drivers.camera.flow import FlowMeter
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.mpeg4 import Mpeg4Search, intra
from drivers.camera.rtp import packet
from drivers.camera.sdp import video_track
from drivers.camera.vol import has_vol, mpeg4_vol
from tests.camera_packets import rtp
from tests.camera_units import scene

WIDTH, HEIGHT, GROUP, FPS = 352, 288, 10, 25
MTU = 700


@functools.cache
def encoded(*, in_band: bool = False) -> tuple[bytes, tuple[bytes, ...]]:
    """The headers, and VOPs; `in_band`: the headers stand before each intra VOP too."""
    encoder = av.CodecContext.create("mpeg4", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    encoder.gop_size, encoder.bit_rate = GROUP, 800_000
    if not in_band:
        encoder.flags |= Flags.global_header
    found: list[bytes] = []
    for number in range(3 * GROUP):
        frame = av.VideoFrame.from_ndarray(scene(WIDTH, HEIGHT, number), "bgr24")
        frame.pts = number
        found += [bytes(each) for each in encoder.encode(frame)]
    found += [bytes(each) for each in encoder.encode(None)]
    headers = found[0][: found[0].index(b"\x00\x00\x01\xb6")] if in_band else bytes(encoder.extradata or b"")
    return headers, tuple(found)


def sent(vops: tuple[bytes, ...], start: int = 0) -> list[bytes]:
    """RFC 6416 §5.1: one timestamp for all of a VOP, the marker on its last packet."""
    found: list[bytes] = []
    for number, vop in enumerate(vops[start:]):
        for at in range(0, len(vop), MTU):
            last = at + MTU >= len(vop)
            found.append(rtp(vop[at : at + MTU], 65_530 + len(found), number * 3600, marker=last))
    return found


def first(packets: list[bytes], headers: tuple[bytes, ...]) -> tuple[AccessUnit | None, Mpeg4Search]:
    search = Mpeg4Search(StreamFormat("mpeg4", parameter_sets=headers))
    units = (search.take(packet(each)) for each in packets)
    return next((each for each in units if each), None), search


def looks_like(unit: AccessUnit, number: int) -> bool:
    wanted = scene(WIDTH, HEIGHT, number).astype(int)
    pictures = decode_av("mpeg4", unit.data), decode_cv("mpeg4", unit.data)
    return all(
        np.abs(cv2.resize(each.bgr, (WIDTH, HEIGHT)) - wanted).mean() < 10 and not each.complaint
        for each in pictures
    )


@pytest.mark.parametrize("in_band", [False, True])
@pytest.mark.parametrize("start", [0, 1, GROUP - 1])
def test_a_stream_is_seen_from_anywhere(start: int, in_band: bool) -> None:
    headers, vops = encoded(in_band=in_band)
    unit, search = first(sent(vops, start), () if in_band else (headers,))
    assert unit
    assert unit.complete
    assert (unit.format.width, unit.format.height) == (WIDTH, HEIGHT)
    number = start + search.pictures - 1
    assert number % GROUP == 0
    assert looks_like(unit, number)


def test_without_headers_there_is_no_picture() -> None:
    _, vops = encoded()
    unit, search = first(sent(vops), ())
    assert unit is None
    assert search.best is None


def test_a_damaged_picture_waits_for_a_better_one() -> None:
    headers, vops = encoded()
    packets = sent(vops)
    unit, search = first(packets[:2] + packets[3:], (headers,))
    assert unit
    assert unit.complete
    assert search.pictures == GROUP + 1
    assert search.best
    assert not search.best.complete


def test_its_description_tells_the_size_and_its_flow_the_group() -> None:
    headers, vops = encoded()
    body = (
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\n"
        f"a=fmtp:96 profile-level-id=1; config={headers.hex().upper()}\r\n"
    )
    track = video_track(body.encode(), "rtsp://c/")
    assert track
    form = track.format
    assert (form.codec, form.width, form.height, form.parameter_sets) == ("mpeg4", WIDTH, HEIGHT, (headers,))
    meter = FlowMeter(90_000, intra)
    for index, data in enumerate(sent(vops)):
        meter.take(packet(data), len(data), index / 100)
    assert meter.flow(10.0).gop_s == pytest.approx(GROUP / FPS)


@pytest.mark.parametrize("config", ["", "zz", "000001b0", "00" * 5000, "00000120ffff"])
def test_a_config_that_makes_no_sense_is_passed_over(config: str) -> None:
    body = f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\na=fmtp:96 config={config}\r\n"
    track = video_track(body.encode(), "rtsp://c/")
    assert track
    assert (track.format.codec, track.format.width) == ("mpeg4", 0)


def test_whatever_is_spoilt_raises_nothing_and_the_next_is_found() -> None:
    _, vops = encoded(in_band=True)
    chance = random.Random(6416)
    for _ in range(200):
        search = Mpeg4Search(StreamFormat("mpeg4"))
        for data in sent(vops[:3]):
            spoilt = bytearray(data)
            for _ in range(chance.randrange(1, 8)):
                spoilt[chance.randrange(12, min(len(spoilt), 80))] = chance.randrange(256)
            try:
                search.take(packet(bytes(spoilt)))
            except PictureTooLarge:
                continue
        assert any(search.take(packet(each)) for each in sent(vops))


def test_headers_cut_anywhere_say_nothing() -> None:
    headers, _ = encoded()
    assert mpeg4_vol(headers)[1:3] == (WIDTH, HEIGHT)
    for end in range(len(headers) - 60):
        if has_vol(headers[:end]):
            with pytest.raises(BadSyntax):
                mpeg4_vol(headers[: min(end, headers.index(b"\x00\x00\x01\x20") + 8)])
