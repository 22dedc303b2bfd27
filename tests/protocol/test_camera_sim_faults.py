"""Each fault in the stream and in the dialog of a simulated camera, as a client meets it."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64encode
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from drivers.camera.sim_ills import ALL, LINE, PICTURE, STREAM, Strength
from drivers.camera.sim_recipe import Codec
from drivers.camera.sim_sps import huge
from tests.camera_viewers import WAIT_S, features, serving, viewer, watch

BELOW_CLOCK = 40  # rows that the clock is in


# --- in the stream ---
async def test_corrupt_pictures_are_not_what_the_camera_sees(clips: Path) -> None:
    async with serving(features(clips)) as (_, url):
        well = await watch(f"{url}/cam-1/sub", 1)
        ill = await watch(f"{url}/cam-1/sub?fault=corrupt", 1)
    assert np.abs(well.images[0] - ill.images[0]).mean() > 15


@pytest.mark.parametrize(("strength", "least", "most"), [("gross", 0.8, 1.0), ("mild", 0.005, 0.15)])
async def test_corrupt_packets_all_come_and_keep_their_headers(
    clips: Path, strength: Strength, least: float, most: float
) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as one, viewer(url) as other:
        await one.play(f"{url}/cam-1/sub")
        await other.play(f"{url}/cam-1/sub?fault=corrupt&strength={strength}")
        ill = [(await other.packet()).payload for _ in range(300)]
        well = [(await one.packet()).payload for _ in range(500)]
    behind = next(
        at for at in range(200) if all(well[at + each][:40] == ill[each][:40] for each in range(100))
    )
    pairs = [(a, b) for a, b in zip(well[behind:], ill, strict=False) if len(a) > 60]
    assert all((a[:40], len(a)) == (b[:40], len(b)) for a, b in pairs)
    assert least < sum(a != b for a, b in pairs) / len(pairs) <= most


@pytest.mark.parametrize(("strength", "least", "most"), [("gross", 0.1, 0.3), ("mild", 0.002, 0.06)])
async def test_loss(clips: Path, strength: Strength, least: float, most: float) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub?fault=loss&strength={strength}")
        numbers = [(await who.packet()).sequence for _ in range(300)]
    sent = ((numbers[-1] - numbers[0]) & 0xFFFF) + 1
    assert least < 1 - len(numbers) / sent < most


async def test_no_frames(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub?fault=no_frames")
        assert await who.is_silent(2.5)


async def test_stall_stops_in_the_midst_of_a_key_picture_and_keeps_the_line(clips: Path) -> None:
    async with serving(features(clips)) as (sim, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        await who.packet()
        sim.cameras[1].fall_ill("stall")
        packets = [await who.packet()]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(4):
                while True:
                    packets.append(await who.packet())
        assert not packets[-1].is_last
        assert packets[-1].payload[1] & 0x1F == 5  # a fragment of a picture that needs no other
        assert (await who.ask("GET_PARAMETER", f"{url}/cam-1/sub")).status == 200


async def test_a_fragment_that_never_ends(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub?fault=endless")
        packet = await who.packet()
        while (packet.payload[0] & 0x1F, packet.payload[1]) != (28, 0x85):  # begins a key picture
            packet = await who.packet()
        more = [await who.packet() for _ in range(300)]
    assert {each.ticks for each in more} == {packet.ticks}
    assert not any(each.is_last or each.payload[1] & 0xC0 for each in more)


@pytest.mark.parametrize(("codec", "sets"), [("h264", {7, 8}), ("h265", {32, 33, 34})])
async def test_no_parameter_sets(clips: Path, codec: str, sets: set[int]) -> None:
    async with serving(features(clips, codec=codec)) as (_, url):
        for fault in ("", "?fault=no_parameter_sets"):
            async with viewer(url) as who:
                address = f"{url}/cam-1/sub{fault}"
                assert (b"sprop" in (await who.ask("DESCRIBE", address)).body) == (not fault)
                await who.play(address)
                first = [(await who.packet()).payload[0] for _ in range(150)]
            kinds = {each & 0x1F if codec == "h264" else each >> 1 & 0x3F for each in first}
            assert sets & kinds == (set() if fault else sets)


async def test_ffmpeg_shows_nothing_without_parameter_sets(clips: Path) -> None:
    async with serving(features(clips)) as (_, url):
        with pytest.raises(av.InvalidDataError):
            await watch(f"{url}/cam-1/sub?fault=no_parameter_sets")


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_ffmpeg_reads_a_size_that_we_have_written(codec: Codec) -> None:
    """The real one is more than it bears."""
    assert _announced(codec, huge(codec, 4_096)) == (4_096, 4_096)
    assert _announced(codec, huge(codec)) == (0, 0)


def _announced(codec: Codec, sps: bytes) -> tuple[int, int]:
    """The size that FFmpeg takes a small picture for, with that set in place of its own."""
    library, decoder, kind = {"h264": ("libx264", "h264", 0x67), "h265": ("libx265", "hevc", 0x42)}[codec]
    coder = av.CodecContext.create(library, "w")
    assert isinstance(coder, av.VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt, coder.time_base = 64, 64, "yuv420p", Fraction(1, 25)
    coder.options = {"preset": "ultrafast", f"{library[3:]}-params": "bframes=0:repeat-headers=1"}
    frame = av.VideoFrame.from_ndarray(np.zeros((96, 64), np.uint8), "yuv420p")
    data = b"".join(bytes(packet) for packet in [*coder.encode(frame), *coder.encode(None)])
    units = [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1")][1:]
    assert [unit[0] for unit in units].count(kind) == 1
    changed = b"".join(b"\0\0\0\1" + (sps if unit[0] == kind else unit) for unit in units)
    reader = av.CodecContext.create(decoder, "r")
    assert isinstance(reader, av.VideoCodecContext)
    with contextlib.suppress(av.FFmpegError):  # what is left of the picture does not fill the size
        reader.decode(av.Packet(changed))
    return reader.width, reader.height


async def test_huge_size_is_told_and_sent(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        address = f"{url}/cam-1/sub?fault=huge_size"
        sps = huge("h264")
        assert b64encode(sps) in (await who.ask("DESCRIBE", address)).body
        await who.play(address)
        assert sps in [(await who.packet()).payload for _ in range(150)]


async def test_clock_drift(clips: Path) -> None:
    async with serving(features(clips)) as (_, url):
        seconds = []
        for fault in ("", "?fault=clock_drift"):
            async with viewer(url) as who:
                await who.play(f"{url}/cam-1/sub{fault}")
                seconds.append(int.from_bytes((await who.packet(channel=1)).data[8:12], "big"))
    assert 3_590 < seconds[1] - seconds[0] < 3_700


# --- in the dialog ---
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("missing", av.HTTPNotFoundError),
        ("auth", av.HTTPUnauthorizedError),
        ("session_limit", av.HTTPOtherClientError),
        ("reset", av.FFmpegError),
    ],
)
async def test_ffmpeg_is_refused(clips: Path, fault: str, error: type[Exception]) -> None:
    async with serving(features(clips)) as (_, url):
        with pytest.raises(error):
            await watch(f"{url}/cam-1/sub?fault={fault}")


@pytest.mark.parametrize(("fault", "status"), [("missing", 404), ("auth", 401)])
async def test_statuses(clips: Path, fault: str, status: int) -> None:
    async with serving(features(clips)) as (sim, url), viewer(url) as who:
        sim.cameras[1].fall_ill(fault)
        assert (await who.ask("DESCRIBE", f"{url}/cam-1/sub")).status == status
        assert (await who.ask("DESCRIBE", f"{url}/cam-2/sub")).status == 200
        sim.cameras[1].recover()
        assert (await who.ask("DESCRIBE", f"{url}/cam-1/sub")).status == 200


async def test_no_session_left(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        assert (await who.ask("DESCRIBE", f"{url}/cam-1/sub?fault=session_limit")).status == 200
        assert (await who.set_up(f"{url}/cam-1/sub")).status == 453  # remembers what was asked for


async def test_redirects_that_lead_in_a_circle(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        here = f"{url}/cam-1/sub?fault=redirect"
        been = [here]
        for _ in range(2):
            reply = await who.ask("DESCRIBE", been[-1])
            assert reply.status == 302
            been.append(reply.headers["location"])
    assert been == [here, f"{url}/cam-1/main?fault=redirect", here]


async def test_hang_takes_requests_and_answers_none(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        for _ in range(3):
            await who.say("OPTIONS", f"{url}/cam-1/sub?fault=hang")
        assert await who.is_silent()


async def test_half_a_header(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.say("DESCRIBE", f"{url}/cam-1/sub?fault=half_header")
        said = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                while True:
                    said += await who.reader.readexactly(1)
        assert said.startswith(b"RTSP/1.0 200 OK\r\n")
        assert b"\r\n\r\n" not in said


async def test_a_byte_a_second(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.say("OPTIONS", f"{url}/cam-1/sub?fault=trickle")
        loop = asyncio.get_running_loop()
        begin_s = loop.time()
        async with asyncio.timeout(WAIT_S):
            assert [await who.reader.read(10) for _ in range(3)] == [b"R", b"T", b"S"]
        assert loop.time() - begin_s > 1.9


async def test_a_description_without_end(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.say("DESCRIBE", f"{url}/cam-1/sub?fault=huge_length")
        async with asyncio.timeout(WAIT_S):
            head = await who.reader.readuntil(b"\r\n\r\n")
            assert b"Content-Length: 1000000000000\r\n" in head
            await who.reader.readexactly(100_000)


@pytest.mark.parametrize("fault", ["reset", "offline"])
async def test_a_reset(clips: Path, fault: str) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.say("OPTIONS", f"{url}/cam-1/sub?fault={fault}")
        with pytest.raises(ConnectionResetError):
            async with asyncio.timeout(WAIT_S):
                await who.reader.read()


# --- all of them ---
def test_every_fault_is_looked_for_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert {fault for fault in {*LINE, *STREAM} if fault not in text} == set()
    assert len(ALL) == len(LINE) + len(STREAM) + len(PICTURE)


async def test_an_unknown_fault_is_told(clips: Path) -> None:
    async with serving(features(clips)) as (sim, _):
        with pytest.raises(ValueError, match="no such fault: nonsense; there are auth, blur"):
            sim.cameras[1].fall_ill("nonsense")
        sim.cameras[1].fall_ill("loss", "cover")
        sim.cameras[1].recover("loss")
        assert set(sim.cameras[1].ills) == {"cover"}
