"""Session descriptions: of the RFCs, of cameras, odd and hostile ones."""

from __future__ import annotations

import base64

import pytest

from drivers.camera.errors import PictureTooLarge
from drivers.camera.sdp import MAX_SETS, video_track
from tests.camera_packets import sps_264
from tests.golden.camera_messages import SDP_4566, SDP_6184, SETS_6184
from tests.golden.camera_pictures import PPS_265, SPS_264, SPS_265, VPS_265

BASE = "rtsp://camera/live/"


def h264(fmtp: str, more: str = "") -> bytes:
    return f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 {fmtp}\r\n{more}".encode()


def test_the_video_of_the_rfcs_example() -> None:
    track = video_track(SDP_6184, BASE)
    assert track
    assert track.format.codec == "h264"
    assert (track.format.width, track.format.height, track.format.fps) == (176, 144, 12.5)
    assert track.format.parameter_sets == SETS_6184
    assert (track.payload_type, track.clock_rate, track.packetization_mode) == (98, 90_000, 1)
    assert (track.control, track.aggregate) == (f"{BASE}trackID=2", BASE)


def test_a_codec_that_is_not_ours_is_told_as_other() -> None:
    track = video_track(SDP_4566, BASE)
    assert track
    assert (track.format.codec, track.encoding) == ("other", "H263-1998")


def test_h265_brings_its_three_sets() -> None:
    sets = [base64.b64encode(each).decode() for each in (VPS_265, SPS_265, PPS_265)]
    fmtp = "sprop-pps={2}; sprop-sps={1};sprop-vps={0}".format(*sets)
    track = video_track(f"m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 {fmtp}\n".encode(), BASE)
    assert track
    assert track.format.parameter_sets == (VPS_265, SPS_265, PPS_265)
    assert (track.format.width, track.format.height, track.format.fps) == (640, 360, 25.0)


def test_jpeg_needs_no_rtpmap() -> None:
    track = video_track(b"m=video 0 RTP/AVP 26\r\n", BASE)
    assert track
    assert (track.format.codec, track.payload_type) == ("jpeg", 26)


def test_of_two_videos_the_first_that_can_be_read_is_taken() -> None:
    other = b"m=video 0 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\na=control:a\r\n"
    track = video_track(other + h264("", "a=control:b\r\n"), BASE)
    assert track
    assert track.control == f"{BASE}b"


@pytest.mark.parametrize(
    ("base", "control", "url"),
    [
        ("rtsp://c/live", "track1", "rtsp://c/live/track1"),
        ("rtsp://c/live/", "track1", "rtsp://c/live/track1"),
        ("rtsp://c/live/", "/track1", "rtsp://c/live/track1"),
        ("rtsp://c/live/", "*", "rtsp://c/live/"),
        ("rtsp://c/live/", "rtsp://d:8554/x", "rtsp://d:8554/x"),
        ("rtsp://c/real?channel=1&subtype=1/", "trackID=0", "rtsp://c/real?channel=1&subtype=1/trackID=0"),
        ("rtsp://c/live", "a b", "rtsp://c/live"),
        ("rtsp://c/live", "x" * 3000, "rtsp://c/live"),
    ],
)
def test_control_urls_are_found_as_cameras_mean_them(base: str, control: str, url: str) -> None:
    track = video_track(h264("", f"a=control:{control}\r\n"), base)
    assert track
    assert track.control == url


def test_a_track_without_control_is_the_whole() -> None:
    track = video_track(b"a=control:rtsp://c/all\r\n" + h264(""), BASE)
    assert track
    assert (track.control, track.aggregate) == ("rtsp://c/all", "rtsp://c/all")


def test_without_parameter_sets_nothing_is_known_of_the_size() -> None:
    track = video_track(h264("packetization-mode=1", "a=framerate:25\r\n"), BASE)
    assert track
    assert (track.format.width, track.format.fps, track.format.parameter_sets) == (0, 25.0, ())


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff" * 100, b"m=", b"m=audio 0 RTP/AVP 0", b"m=application 0 RTP/AVP 107\n", b"=\n" * 9],
)
def test_what_has_no_video_has_none(body: bytes) -> None:
    assert video_track(body, BASE) is None


@pytest.mark.parametrize(
    "odd",
    [
        "sprop-parameter-sets=%%%,=,",
        "sprop-parameter-sets=Z0I,\u00e9\u00e9\u00e9\u00e9,Zw==",
        "packetization-mode=9999999999999999999999",
        "sprop-parameter-sets",
        ";;=;=;",
    ],
)
def test_odd_parameters_are_passed_over(odd: str) -> None:
    track = video_track(h264(odd, "a=framerate:1e999\r\na=rtpmap:96\r\na=rtpmap:x y\r\n"), BASE)
    assert track
    assert (track.format.codec, track.format.width, track.format.fps) == ("h264", 0, 0.0)


def test_more_sets_than_any_camera_has_are_not_kept() -> None:
    one = base64.b64encode(SPS_264).decode()
    track = video_track(h264("sprop-parameter-sets=" + ",".join([one] * 1000)), BASE)
    assert track
    assert len(track.format.parameter_sets) == MAX_SETS


def test_sets_without_padding_or_with_a_start_code_are_read() -> None:
    one = base64.b64encode(SPS_264).decode().rstrip("=")
    two = base64.b64encode(b"\x00\x00\x00\x01" + SPS_264).decode()
    track = video_track(h264(f"sprop-parameter-sets={one},{two}"), BASE)
    assert track
    assert track.format.parameter_sets == (SPS_264, SPS_264)


def test_pictures_of_16k_by_16k_are_refused() -> None:
    sets = base64.b64encode(sps_264(1024, 1024)).decode()
    with pytest.raises(PictureTooLarge, match="16384 x 16384"):
        video_track(h264(f"sprop-parameter-sets={sets}"), BASE)
