"""Simulated cameras among viewers that say anything at all: they answer the next one, and hold little."""

from __future__ import annotations

import asyncio
import contextlib
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.camera.sim import CameraSim
from drivers.camera.sim_address import read
from drivers.camera.sim_camera import Features
from drivers.camera.sim_port import serve_cameras
from drivers.camera.sim_rtsp import MAX_BODY, MAX_HEAD, BadRequest, Binary, Request, Requests
from drivers.transport.null import pair
from tests.camera_viewers import WAIT_S, viewer

REQUEST = b"OPTIONS rtsp://h/cam-1/sub RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 3\r\n\r\nabc"
FRAME = b"$\x01\x00\x05\r\n\r\n$"
MORE = 4096  # that a read brings beyond what is held


def heard(reader: Requests, data: bytes) -> list[Request | Binary]:
    return list(reader.feed(data))


@given(st.lists(st.sampled_from([REQUEST, FRAME, b"\r\n"]), max_size=8), st.data())
def test_the_same_bytes_are_the_same_requests_however_they_are_cut(
    pieces: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))
    reader, found = Requests(), list[Request | Binary]()
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += heard(reader, whole[start:end])
    assert found == heard(Requests(), whole)
    wanted = {REQUEST: "OPTIONS", FRAME: 1}
    assert [each.method if isinstance(each, Request) else each.channel for each in found] == [
        wanted[piece] for piece in pieces if piece in wanted
    ]


@given(st.lists(st.binary(max_size=3_000), max_size=30))
def test_rubbish_is_refused_or_waited_for_and_never_kept(pieces: list[bytes]) -> None:
    reader = Requests()
    with contextlib.suppress(BadRequest):
        for piece in pieces:
            heard(reader, piece)
            assert len(reader._held) <= MAX_HEAD + MAX_BODY + MORE


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"x" * (MAX_HEAD + 1), 413),
        (b"OPTIONS * RTSP/1.0\r\nA: " + b"x" * MAX_HEAD + b"\r\n\r\n", 413),
        (b"OPTIONS * RTSP/1.0\r\n" + b"A: b\r\n" * 100 + b"\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: 999999\r\n\r\n", 413),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: 9999999999999\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"OPTIONS\r\n\r\n", 400),
        ("OPTIONS * RTSP/1.0\r\nContent-Length: ٣\r\n\r\n".encode(), 400),
    ],
)
def test_what_is_no_request(said: bytes, status: int) -> None:
    with pytest.raises(BadRequest) as error:
        heard(Requests(), said)
    assert error.value.status == status


@given(st.text(max_size=300))
def test_any_url_leads_somewhere_or_nowhere(url: str) -> None:
    read(url)
    read("rtsp://h/cam-1/sub?" + url)


METHODS = ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN", "GET_PARAMETER", "PAUSE", "x"]
URLS = ["*", "rtsp://h/cam-1/sub/trackID=1", "rtsp://h/cam-1/main", "rtsp://h/cam-2/sub", "rtsp://h/", "\xff"]
HEADERS = [
    "CSeq: 1",
    "CSeq: x",
    "Session: 1",
    "Require: a",
    "Accept: text/html",
    "Content-Length: 2",
    "Authorization: Digest uri=,nonce=1",
    "Transport: RTP/AVP/TCP;interleaved=0-1",
    "Transport: RTP/AVP/TCP;interleaved=",
    "Transport: ;;,,==",
]
requests = st.builds(
    lambda method, url, version, headers: "\r\n".join(
        [f"{method} {url} {version}", *headers, "", ""]
    ).encode(),
    st.sampled_from(METHODS),
    st.sampled_from(URLS),
    st.sampled_from(["RTSP/1.0", "RTSP/2.0"]),
    st.lists(st.sampled_from(HEADERS), max_size=4),
)


@given(st.lists(requests | st.binary(max_size=40) | st.just(FRAME), max_size=12))
def test_a_dialog_of_anything_ends_without_a_crash(said: list[bytes]) -> None:
    """Whatever comes, the simulator raises nothing, and nobody's session is left. What needs a clip, of which
    there is none, is asked for elsewhere."""
    said = [
        each for each in said if not (each.startswith(b"DESCRIBE rtsp://h/cam") or each.startswith(b"PLAY"))
    ]

    async def main() -> None:
        sim = CameraSim(Features(source="hall", folder=Path("/nowhere")))
        near, far = pair()
        task = asyncio.create_task(sim.run(far))
        for each in said:
            if task.done():
                break
            await near.write(each)
            for _ in range(10):
                await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() or task.exception() is None
        assert not sim.cameras[1].sessions

    asyncio.run(main())


async def _slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"OPTIONS * RTSP/1.0\r\n")
    await asyncio.sleep(0.5)


async def _endlessly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(200):
        writer.write(b"A: " + b"x" * 10_000)
        await writer.drain()


async def _unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Asks again and again and takes no answer."""
    for _ in range(3_000):
        writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    async with asyncio.timeout(3):
        await writer.drain()


async def _sets_up_and_goes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for number in range(50):
        writer.write(
            b"SETUP rtsp://h/cam-1/sub/trackID=1 RTSP/1.0\r\nCSeq: %d\r\nTransport: RTP/AVP/TCP\r\n\r\n"
            % number
        )
    await reader.readuntil(b"453")


Hostile = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize("hostile", [_slowly, _endlessly, _unread, _sets_up_and_goes])
async def test_hostile_viewers_cost_little_and_others_are_served(hostile: Hostile) -> None:
    sim = CameraSim(Features(source="hall", folder=Path("/nowhere")))
    async with serve_cameras(sim) as (host, port):
        tracemalloc.start()
        try:
            await asyncio.gather(*(_one(hostile, host, port) for _ in range(40)))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 40 * 250_000  # with what the hostile ones themselves hold
        async with asyncio.timeout(WAIT_S), viewer(f"rtsp://{host}:{port}") as who:
            assert (await who.ask("OPTIONS", "*")).status == 200
            assert (await who.set_up(f"rtsp://{host}:{port}/cam-1/sub")).status == 200


async def _one(hostile: Hostile, host: str, port: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        await hostile(reader, writer)
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
