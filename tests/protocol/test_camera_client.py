"""Looks at a camera that is well, that refuses, and that is hostile; in virtual time."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest

from drivers.api import BadSettings, DriverError, LinkLost
from drivers.camera.client import (
    ANSWERS_S,
    FIRST_S,
    FLOW_S,
    MAX_PICTURE_S,
    UNKNOWN_GOP_S,
    deadline_s,
    flow,
    picture,
    probe,
)
from drivers.camera.errors import LookFailed, Moved, PictureTooLarge
from drivers.camera.session import MAX_LOGINS, TEARDOWN_S, Look
from drivers.camera.stream import ONE_S, STALL_S
from drivers.camera.udp import open_media
from drivers.transport.null import NullLink
from tests.camera_packets import fu_a, interleaved, nals_of, packets, rtp, slice_264, sps_264
from tests.protocol.doubles_camera import (
    BARE_SDP,
    IDR,
    PASSWORD,
    SETS,
    URL,
    WHO,
    Asked,
    Camera,
    P,
    Script,
    answer,
    digest_is_right,
    watched,
)
from tests.warped import warped


async def failing(
    camera: Camera, look: Look | None = None, gop_s: float = UNKNOWN_GOP_S, first_s: float = FIRST_S
) -> tuple[LookFailed, float]:
    """The error of a look for a picture, and when it came."""
    now = asyncio.get_running_loop().time
    began_s = now()
    async with watched(camera) as link:
        with pytest.raises(LookFailed) as failed:
            await picture(link, look or Look(URL), gop_s, first_s=first_s)
    return failed.value, now() - began_s


def saying(method: str, status: str, *headers: str) -> Script:
    return lambda asked: answer(asked, status, *headers) if asked.method == method else None


# --- well ---
@warped
async def test_a_description_tells_what_the_stream_is() -> None:
    camera = Camera()
    async with watched(camera) as link:
        form = await probe(link, Look(URL))
    assert (form.codec, form.width, form.height, form.fps) == ("h264", 640, 360, 25.0)
    assert camera.methods() == ["DESCRIBE"]


@warped
async def test_a_picture_is_waited_for_and_the_session_torn_down() -> None:
    camera = Camera()
    async with watched(camera) as link:
        unit, _ = await picture(link, Look(URL))
    assert nals_of(unit.data) == [*SETS, IDR]
    assert unit.complete
    assert camera.methods() == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    _, setup, play, teardown = camera.asked
    assert setup.url == f"{URL}/track1"
    assert play.url == teardown.url == f"{URL}/"
    assert play.headers["session"] == teardown.headers["session"] == "42"


@warped
@pytest.mark.parametrize("gop", [2, 25])
@pytest.mark.parametrize("size", [12, 900])
async def test_with_a_picture_comes_how_much_those_beside_it_bring(size: int, gop: int) -> None:
    """Before it and after: where the session began with it, some are waited for."""
    foretold = slice_264(1, 5, size=size)

    def stream() -> Iterator[bytes]:
        return packets([[IDR] if at % 25 == gop - 1 else [foretold] for at in range(200)])

    async with watched(Camera(stream=stream)) as link:
        unit, stir = await picture(link, Look(URL))
    assert nals_of(unit.data) == [*SETS, IDR]
    assert stir == pytest.approx(math.log1p(len(foretold)))


@warped
async def test_a_picture_alone_is_one_too() -> None:
    """A camera that hangs up behind it, or falls silent."""

    async def hangs_up(link: NullLink) -> None:
        async with asyncio.TaskGroup() as group:
            camera = group.create_task(Camera(stream=lambda: packets([[IDR], [P]])).run(link))
            await asyncio.sleep(0.3)
            await link.close()
            camera.cancel()

    for camera in (Camera(raw=hangs_up), Camera(stream=lambda: packets([[IDR], [P]]))):
        async with watched(camera) as link:
            unit, stir = await picture(link, Look(URL))
        assert nals_of(unit.data) == [*SETS, IDR]
        assert stir is None


@warped
async def test_flow_brings_a_picture_and_five_seconds_of_headers() -> None:
    camera = Camera()
    async with watched(camera) as link:
        unit, found = await flow(link, Look(URL))
    assert nals_of(unit.data) == [*SETS, IDR]
    assert found.seconds == pytest.approx(FLOW_S, abs=0.1)
    assert found.fps == pytest.approx(25.0, rel=0.02)
    assert found.gop_s == pytest.approx(1.0)
    assert found.lost == 0
    assert found.longest_gap_s == pytest.approx(0.04, abs=0.02)
    assert camera.torn_down


@warped
async def test_a_stream_that_stands_still_is_left_soon() -> None:
    failure, after_s = await failing(Camera(stream=lambda: packets([[P]] * 10)), gop_s=100.0)
    assert (failure.code, "10 pictures" in str(failure)) == ("no_frames", True)
    assert after_s < STALL_S + 1.0


@warped
@pytest.mark.parametrize("first_s", [FIRST_S, MAX_PICTURE_S])
async def test_a_stream_that_does_not_begin_is_waited_for_as_long_as_is_said(first_s: float) -> None:
    """Some cameras send nothing before a key frame."""
    failure, after_s = await failing(Camera(stream=lambda: iter(())), gop_s=100.0, first_s=first_s)
    assert (failure.code, "nothing came" in str(failure)) == ("no_frames", True)
    assert after_s == pytest.approx(first_s, abs=TEARDOWN_S + 0.1)


@warped
async def test_a_stream_that_stops_is_measured_too() -> None:
    def stream() -> Iterator[bytes]:
        return packets([[IDR], *[[P]] * 25])

    async with watched(Camera(stream=stream)) as link:
        _, found = await flow(link, Look(URL))
    assert found.longest_gap_s == pytest.approx(4.0, abs=0.2)
    assert found.seconds == pytest.approx(FLOW_S, abs=0.1)


@warped
@pytest.mark.parametrize("pictures", [0, 20])
async def test_a_stream_that_hangs_is_given_up_as_early_when_it_is_measured(pictures: int) -> None:
    """Nothing comes, or nothing more in the midst of the key picture."""

    def stream() -> Iterator[bytes]:
        yield from packets([[P]] * pictures)
        if pictures:
            yield rtp(fu_a(IDR, 2)[0], pictures, pictures * 3600)

    now = asyncio.get_running_loop().time
    began_s = now()
    async with watched(Camera(stream=stream)) as link:
        with pytest.raises(LookFailed) as failed:
            await flow(link, Look(URL))
    assert failed.value.code == "no_frames"
    assert now() - began_s < deadline_s(2.0) + TEARDOWN_S + 0.1


@warped
async def test_a_key_picture_that_comes_late_is_waited_for_while_others_come() -> None:
    camera = Camera(gop=25 * 9)
    async with watched(camera) as link:
        unit, found = await flow(link, Look(URL))
    assert nals_of(unit.data) == [*SETS, IDR]
    assert found.seconds == pytest.approx(9.0, abs=0.2)
    never = Camera(gop=25 * 60)
    now = asyncio.get_running_loop().time
    began_s = now()
    async with watched(never) as link:
        with pytest.raises(LookFailed, match="no intra picture"):
            await flow(link, Look(URL))
    assert now() - began_s == pytest.approx(deadline_s(2.0) + FLOW_S, abs=TEARDOWN_S + 0.1)


@warped
async def test_the_line_may_bring_a_byte_at_a_time() -> None:
    async def raw(link: NullLink) -> None:
        camera = Camera(gop=3)
        near, far = link, link
        write = far.write

        async def slowly(data: bytes) -> None:
            for at in range(len(data)):
                await write(data[at : at + 1])

        near.write = slowly  # type: ignore[method-assign]  # this end alone
        await camera.run(near)

    async with watched(Camera(raw=raw)) as link:
        assert nals_of((await picture(link, Look(URL)))[0].data) == [*SETS, IDR]


@warped
async def test_other_channels_than_those_asked_for_are_taken() -> None:
    def script(asked: Asked) -> str | None:
        if asked.method != "SETUP":
            return None
        return answer(asked, "200 OK", "Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=2-3")

    camera = Camera(script)
    camera.stream = lambda: iter(())
    async with watched(camera) as link:
        look = asyncio.create_task(picture(link, Look(URL)))
        await camera.started.wait()
        peer = link._peer
        await peer.write(interleaved(b"\x80\xc8" + bytes(26), 3))
        for data in packets([[IDR]]):
            await peer.write(interleaved(data, 2))
        assert nals_of((await look)[0].data) == [*SETS, IDR]


@warped
async def test_a_camera_may_ask_too() -> None:
    def script(asked: Asked) -> str | None:
        if asked.method != "PLAY":
            return None
        return "OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\nPAUSE * RTSP/1.0\r\nCSeq: 10\r\n\r\n" + answer(asked)

    camera = Camera(script)
    async with watched(camera) as link:
        await picture(link, Look(URL))
    assert [each.url for each in camera.asked if each.method == "answer"] == ["200", "501"]


# --- log-ins ---
class Door:
    """A camera's: a digest with any nonce but the latest is refused, and the first `stale` good ones too."""

    def __init__(self, password: str = PASSWORD, *, per_request: bool = False, stale: int = 0) -> None:
        self.password = password
        self.per_request = per_request
        self.stale = stale
        self.refused = 0
        self.nonce = 0

    def __call__(self, asked: Asked) -> str | None:
        right = digest_is_right(asked, str(self.nonce), self.password)
        if right and not self.stale:
            if self.per_request:
                self.nonce += 1
            return None
        mark = ""
        if right:
            self.stale -= 1
            self.nonce += 1
            mark = ", stale=true"
        elif "authorization" in asked.headers:
            self.refused += 1
        return answer(asked, "401 No", f'WWW-Authenticate: Digest realm="camera", nonce="{self.nonce}"{mark}')


@warped
async def test_one_log_in_serves_the_whole_look() -> None:
    camera, look = Camera(Door()), Look(URL, WHO)
    async with watched(camera) as link:
        await picture(link, look)
    assert look.logins == 1
    assert camera.methods() == ["DESCRIBE", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]


@warped
async def test_a_wrong_password_is_sent_once() -> None:
    door, look = Door("another"), Look(URL, WHO)
    failed, _ = await failing(Camera(door), look)
    assert (failed.code, failed.status, failed.step) == ("auth_failed", 401, "DESCRIBE")
    assert (door.refused, look.logins) == (1, 1)


@warped
async def test_a_stale_nonce_is_renewed_once() -> None:
    look = Look(URL, WHO)
    async with watched(Camera(Door(stale=1))) as link:
        await probe(link, look)
    assert look.logins == 2
    look = Look(URL, WHO)
    failed, _ = await failing(Camera(Door(stale=99)), look)
    assert failed.code == "auth_failed"
    assert look.logins == 2


@warped
async def test_a_new_nonce_for_each_request_is_answered() -> None:
    look = Look(URL, WHO)
    async with watched(Camera(Door(per_request=True))) as link:
        await picture(link, look)
    assert look.logins == MAX_LOGINS  # DESCRIBE, SETUP, PLAY, TEARDOWN


@warped
async def test_a_door_that_never_opens_is_left() -> None:
    for stale in ("", ", stale=true"):
        header = f'WWW-Authenticate: Digest realm="r", nonce="n"{stale}'
        camera, look = Camera(lambda asked, header=header: answer(asked, "401 No", header)), Look(URL, WHO)  # type: ignore[misc]
        failed, _ = await failing(camera, look)
        assert failed.code == "auth_failed"
        assert look.logins == (2 if stale else 1)
        assert camera.methods() == ["DESCRIBE"] * (look.logins + 1)


@warped
async def test_without_a_user_name_no_log_in_is_tried() -> None:
    look = Look(URL, recently_accepted=True)
    failed, _ = await failing(Camera(Door()), look)
    assert failed.code == "auth_failed"
    assert "no user name" in str(failed)
    assert look.logins == 0


@warped
async def test_the_password_is_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    look = Look(URL, WHO)
    failed, _ = await failing(Camera(Door("another")), look)
    assert PASSWORD not in f"{failed!r} {failed} {look!r} {caplog.text}"


# --- refusals ---
@pytest.mark.parametrize(
    ("method", "status", "code"),
    [
        ("DESCRIBE", "403 Forbidden", "auth_failed"),
        ("DESCRIBE", "404 Not Found", "not_found"),
        ("DESCRIBE", "453 Not Enough Bandwidth", "session_limit"),
        ("SETUP", "453 Not Enough Bandwidth", "session_limit"),
        ("DESCRIBE", "500 Internal Server Error", "server_error"),
        ("DESCRIBE", "503 Service Unavailable", "server_error"),
        ("PLAY", "454 Session Not Found", "unsupported"),
        ("DESCRIBE", "501 Not Implemented", "unsupported"),
        ("DESCRIBE", "302 Moved", "unsupported"),
        ("SETUP", "302 Moved", "unsupported"),
    ],
)
def test_a_refusal_is_told_by_its_kind(method: str, status: str, code: str) -> None:
    @warped
    async def told() -> None:
        camera = Camera(saying(method, status))
        failed, _ = await failing(camera)
        assert (failed.code, failed.step, failed.status) == (code, method, int(status[:3]))
        assert failed.remedy
        assert camera.torn_down == (method == "PLAY")

    told()


@pytest.mark.parametrize("status", ["401 No", "403 No"])
def test_a_refusal_after_a_success_means_too_many_sessions(status: str) -> None:
    @warped
    async def told() -> None:
        failed, _ = await failing(Camera(saying("SETUP", status)), Look(URL, WHO, recently_accepted=True))
        assert failed.code == "session_limit"

    told()


@warped
async def test_a_camera_that_is_busy_for_a_moment_is_asked_again() -> None:
    answers = iter(["503 Service Unavailable"])

    def script(asked: Asked) -> str | None:
        status = next(answers, None)
        return answer(asked, status) if status else None

    async with watched(Camera(script)) as link:
        assert (await probe(link, Look(URL))).codec == "h264"


@pytest.mark.parametrize("sdp", ["v=0\r\n", "m=audio 0 RTP/AVP 0\r\n"])
def test_a_description_without_video_is_told(sdp: str) -> None:
    @warped
    async def told() -> None:
        failed, _ = await failing(Camera(sdp=sdp))
        assert failed.code == "no_video"

    told()


@warped
async def test_another_codec_is_told_and_not_set_up() -> None:
    camera = Camera(sdp="m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n")
    failed, _ = await failing(camera)
    assert failed.code == "unsupported"
    assert camera.methods() == ["DESCRIBE"]
    async with watched(camera) as link:
        assert (await probe(link, Look(URL))).codec == "other"


# --- redirections ---
@warped
async def test_another_path_of_the_same_camera_is_gone_to() -> None:
    def script(asked: Asked) -> str | None:
        return answer(asked, "301 Moved", "Location: /other") if asked.url == URL else None

    camera = Camera(script)
    async with watched(camera) as link:
        await probe(link, Look(URL))
    assert [each.url for each in camera.asked] == [URL, "rtsp://192.0.2.64/other"]


@pytest.mark.parametrize("target", ["rtsp://192.0.2.65/live", "rtsp://192.0.2.64:8554/live"])
def test_another_machine_is_for_the_caller_to_decide(target: str) -> None:
    @warped
    async def told() -> None:
        failed, _ = await failing(Camera(saying("DESCRIBE", "302 Moved", f"Location: {target}")))
        assert isinstance(failed, Moved)
        assert failed.url == target

    told()


@pytest.mark.parametrize("location", [URL, "rtsp://u:p@192.0.2.64/x", "rtsp://[", "http://192.0.2.64/", ""])
def test_a_redirection_that_leads_nowhere_ends(location: str) -> None:
    @warped
    async def told() -> None:
        camera = Camera(saying("DESCRIBE", "302 Moved", f"Location: {location}"))
        failed, _ = await failing(camera)
        assert failed.code == "unsupported"
        assert len(camera.asked) <= 4

    told()


# --- hostile ---
async def silence(link: NullLink) -> None:
    while True:
        await link.read()


async def half_a_header(link: NullLink) -> None:
    await link.read()
    await link.write(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Le")
    await silence(link)


async def a_byte_a_second(link: NullLink) -> None:
    for byte in b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 60000\r\n\r\n" + b"v=0\r\n" * 100:
        await link.write(bytes((byte,)))
        await asyncio.sleep(1)


@pytest.mark.parametrize("raw", [silence, half_a_header, a_byte_a_second])
def test_who_does_not_answer_is_left_in_time(raw: Callable[[NullLink], None]) -> None:
    @warped
    async def told() -> None:
        failed, took_s = await failing(Camera(raw=raw))  # type: ignore[arg-type]  # a coroutine function
        assert (failed.code, failed.step) == ("no_answer", "DESCRIBE")
        assert took_s <= deadline_s(2.0) + TEARDOWN_S
        async with watched(Camera(raw=raw)) as link:  # type: ignore[arg-type]  # likewise
            with pytest.raises(LookFailed):
                async with asyncio.timeout(ANSWERS_S + 0.1):
                    await probe(link, Look(URL))

    told()


@pytest.mark.parametrize("method", ["SETUP", "PLAY"])
def test_the_step_that_was_not_answered_is_named(method: str) -> None:
    @warped
    async def told() -> None:
        camera = Camera(lambda asked: b"" if asked.method == method else None)
        failed, _ = await failing(camera)
        assert (failed.code, failed.step) == ("no_answer", method)
        assert ("TEARDOWN" in camera.methods()) == (method == "PLAY")

    told()


@warped
async def test_a_reset_is_a_lost_link() -> None:
    async def raw(link: NullLink) -> None:
        await link.read()
        await link.write(b"RTSP/1.0 200")
        await link.close()

    async with watched(Camera(raw=raw)) as link:
        with pytest.raises(LinkLost):
            await picture(link, Look(URL))


@pytest.mark.parametrize(
    "said",
    [
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 1000,
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 100,
        b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 100 + b"\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" * 100,
    ],
)
def test_what_is_no_camera_is_told_at_once(said: bytes) -> None:
    @warped
    async def told() -> None:
        failed, took_s = await failing(Camera(lambda _: said))
        assert failed.code == "not_rtsp"
        assert took_s < 0.5

    told()


@warped
async def test_garbage_without_end_is_left() -> None:
    async def raw(link: NullLink) -> None:
        await link.read()
        await link.write(answer(Asked("", "", {"cseq": "0"})).encode())  # RTSP, and late
        while True:
            await link.write(b"\xff" * 4096)

    failed, took_s = await failing(Camera(raw=raw))
    assert failed.code == "not_rtsp"
    assert took_s < 0.5


@warped
async def test_no_frames_are_told_apart_from_no_key_frames() -> None:
    camera = Camera(stream=lambda: iter(()))
    failed, took_s = await failing(camera)
    assert (failed.code, failed.step) == ("no_frames", "frames")
    assert "nothing came" in str(failed)
    assert took_s <= deadline_s(2.0) + TEARDOWN_S
    assert camera.torn_down
    failed, _ = await failing(Camera(gop=10_000))
    assert failed.code == "no_frames"
    assert "no intra picture" in str(failed)


@warped
async def test_without_parameter_sets_anywhere_there_is_no_picture() -> None:
    failed, _ = await failing(Camera(sdp=BARE_SDP))
    assert failed.code == "no_frames"
    with_sets = Camera(sdp=BARE_SDP, stream=lambda: packets([[P], [*SETS, IDR], [P]]))
    async with watched(with_sets) as link:
        assert nals_of((await picture(link, Look(URL)))[0].data) == [*SETS, IDR]


def _endless() -> Iterator[bytes]:
    first, middle, *_ = fu_a(slice_264(5, 7, size=90_000), 30_000)
    return (rtp(middle if n else first, n, 0) for n in range(10_000))


@warped
async def test_a_fragment_that_never_ends_is_told() -> None:
    camera = Camera(stream=_endless)
    failed, _ = await failing(camera)
    assert isinstance(failed, PictureTooLarge)
    assert camera.torn_down


@warped
@pytest.mark.parametrize("first", [[], [[P]] * 50], ids=["at once", "after other pictures"])
async def test_a_slow_fragment_that_never_ends_is_told_by_its_time(first: list[list[bytes]]) -> None:
    camera = Camera(stream=lambda: chain(packets(first), _endless()), is_paced=True)
    failed, took_s = await failing(camera, gop_s=MAX_PICTURE_S)
    assert (failed.code, failed.step) == ("no_frames", "frames")
    assert took_s == pytest.approx(len(first) / 25 + ONE_S, abs=0.5)
    assert camera.torn_down


@warped
async def test_a_damaged_picture_is_better_than_one_that_never_ends() -> None:
    damaged = [data for number, data in enumerate(packets([[IDR], [P]])) if number != 1]
    camera = Camera(stream=lambda: chain(damaged, _endless()), is_paced=True)
    async with watched(camera) as link:
        unit, _ = await picture(link, Look(URL), MAX_PICTURE_S)
    assert not unit.complete


@warped
async def test_pictures_of_16k_by_16k_are_refused() -> None:
    huge = [sps_264(1024, 1024), SETS[1], IDR]
    camera = Camera(stream=lambda: packets([huge, [P]]))
    failed, _ = await failing(camera)
    assert failed.code == "picture_too_large"
    assert camera.torn_down


@warped
async def test_a_damaged_picture_is_better_than_none() -> None:
    def stream() -> Iterator[bytes]:
        for number, data in enumerate(packets([[IDR], *[[P]] * 1000])):
            if number != 1:
                yield data

    async with watched(Camera(stream=stream)) as link:
        unit, _ = await picture(link, Look(URL))
    assert not unit.complete
    async with watched(Camera(stream=stream)) as link:
        unit, found = await flow(link, Look(URL))
    assert not unit.complete
    assert found.lost == 1


@warped
async def test_who_is_stopped_tears_down_too() -> None:
    camera = Camera(gop=10_000)
    async with watched(camera) as link:
        look = asyncio.create_task(picture(link, Look(URL)))
        await asyncio.sleep(1)
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
    assert camera.torn_down


@pytest.mark.parametrize(
    "url", ["", "http://c/", "rtsp://", "rtsp://u:secret@c/", "rtsp://c:99999/", "rtsp://[/", "rtsp://c/a b"]
)
def test_an_address_that_is_none_is_a_setting(url: str) -> None:
    @warped
    async def told() -> None:
        async with watched(Camera()) as link:
            with pytest.raises(BadSettings) as bad:
                await probe(link, Look(url))
        assert "secret" not in str(bad.value)

    told()


def test_the_deadline_grows_with_the_gop_up_to_a_limit() -> None:
    assert [deadline_s(each) for each in (0.0, 2.0, 100.0)] == [ANSWERS_S, 7.0, MAX_PICTURE_S]


# --- UDP: real sockets, so real time ---
async def test_a_camera_that_wants_udp_is_given_udp() -> None:
    ports: list[int] = []

    def script(asked: Asked) -> str | None:
        if asked.method == "SETUP" and "TCP" in asked.headers["transport"]:
            return answer(asked, "461 Unsupported Transport")
        if asked.method == "SETUP":
            ports.append(int(asked.headers["transport"].rpartition("=")[2].partition("-")[0]))
        return None

    camera = Camera(script, stream=lambda: iter(()))
    async with watched(camera) as link:
        look = asyncio.create_task(picture(link, Look("rtsp://127.0.0.1/live")))
        async with asyncio.timeout(10):
            await camera.started.wait()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", ports[0])
        )
        for data in packets([[P], [IDR]]):
            transport.sendto(data)
        unit, _ = await look
        transport.close()
    assert ports[0] % 2 == 0
    assert nals_of(unit.data) == [*SETS, IDR]
    assert camera.torn_down


async def test_strangers_packets_are_not_taken() -> None:
    media = await open_media("127.0.0.2")
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", media.port)
    )
    transport.sendto(b"stranger")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await media.packets()
    transport.close()
    media.close()


async def test_who_is_stopped_between_two_ports_leaves_none_open(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    bind, one_is_open = loop.create_datagram_endpoint, asyncio.Event()
    opened: list[asyncio.DatagramTransport] = []

    async def hangs_at_the_second(*args: Any, **how: Any) -> Any:
        if how["local_addr"][1]:
            one_is_open.set()
            await asyncio.Event().wait()
        opened.append((made := await bind(*args, **how))[0])
        return made

    monkeypatch.setattr(loop, "create_datagram_endpoint", hangs_at_the_second)
    opening = asyncio.create_task(open_media("127.0.0.2"))
    await asyncio.wait_for(one_is_open.wait(), 30)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert [each.is_closing() for each in opened] == [True] * len(opened)


async def test_a_camera_whose_name_nobody_knows_has_no_udp() -> None:
    with pytest.raises(DriverError):
        await open_media("camera.invalid")
