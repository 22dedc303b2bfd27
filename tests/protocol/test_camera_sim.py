"""Simulated cameras at work, watched by PyAV and by a viewer by hand: neither knows how they are made."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import struct
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import av
import numpy as np
import pytest

from drivers.camera.sim import CameraSim, simulator
from drivers.camera.sim_ills import MODES
from drivers.camera.sim_recipe import NoVideo
from drivers.transport.null import pair
from tests.camera_viewers import WAIT_S, Viewer, features, serving, until, viewer, watch


# --- video ---
@pytest.mark.parametrize(
    ("kind", "codec", "order"),
    [
        ({}, "h264", False),
        ({"aggregates": True, "slices": 4}, "h264", False),
        ({"codec": "h265"}, "hevc", False),
        ({"codec": "h265", "aggregates": True}, "hevc", False),
        ({"b_frames": 2}, "h264", True),
        ({"control": "absolute"}, "h264", False),
        ({"control": "no_base"}, "h264", False),
        ({"tells_sets": False}, "h264", False),
        ({"sends_sets": False}, "h264", False),
        ({"source": "hall"}, "h264", False),
        ({"fps": 10}, "h264", False),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_a_client_that_is_not_ours_sees_a_whole_picture(
    clips: Path, kind: dict[str, object], codec: str, order: bool
) -> None:
    async with serving(features(clips, **kind)) as (_, url):
        seen = await watch(f"{url}/cam-1/sub", 30)
    assert seen.codec == codec
    assert seen.corrupt == 0
    assert {image.shape for image in seen.images} == {(360, 640, 3)}
    assert seen.images[0].std() > 20  # of something, not of nothing
    step = 90_000 // int(str(kind.get("fps", 25)))
    assert set(np.diff(seen.pts)) == {step}


async def test_main_is_the_same_place_in_full_size(clips: Path) -> None:
    async with serving(features(clips), profile="main") as (sim, url):
        await sim.prepare(["sub"])
        seen, small = await watch(f"{url}/cam-1/main"), await watch(f"{url}/cam-1/sub")
    whole = seen.images[0]
    assert whole.shape == (1080, 1920, 3)
    large = whole.reshape(45, 24, 80, 24, 3).mean((1, 3)).ravel()
    assert np.corrcoef(large, small.images[0].reshape(45, 8, 80, 8, 3).mean((1, 3)).ravel())[0, 1] > 0.95


async def test_cameras_of_different_places_show_different_pictures(clips: Path) -> None:
    async with serving(features(clips, scenes=2)) as (_, url):
        one, other = await asyncio.gather(watch(f"{url}/cam-1/sub"), watch(f"{url}/cam-2/sub"))
    assert np.corrcoef(one.images[0].ravel(), other.images[0].ravel())[0, 1] < 0.9


async def test_the_picture_moves_and_its_noise_is_never_the_same(clips: Path) -> None:
    async with serving(features(clips)) as (_, url):
        seen = await watch(f"{url}/cam-1/sub", 26)
    assert np.abs(seen.images[0] - seen.images[25]).mean() > 0.5


async def test_a_key_picture_comes_at_the_cameras_own_time(clips: Path) -> None:
    """Two who come at different moments are sent the same pictures from then on."""
    async with serving(features(clips)) as (_, url), viewer(url) as one, viewer(url) as other:
        await one.play(f"{url}/cam-1/sub")
        await asyncio.sleep(0.3)
        await other.play(f"{url}/cam-1/sub")
        mine = await _payloads(one, 80)
        theirs = await _payloads(other, 20)
    assert any(mine[at : at + len(theirs)] == theirs for at in range(len(mine)))


async def _payloads(who: Viewer, count: int) -> list[bytes]:
    return [(await who.packet()).payload for _ in range(count)]


async def test_the_time_runs_on_over_the_end_of_the_loop(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        packets = [await who.packet() for _ in range(100)]
        while len({packet.ticks for packet in packets}) < 90:  # the loop has 75
            packets.append(await who.packet())
    sequences = [packet.sequence for packet in packets]
    assert {(b - a) & 0xFFFF for a, b in itertools.pairwise(sequences)} == {1}
    steps = {(b.ticks - a.ticks) & 0xFFFFFFFF for a, b in itertools.pairwise(packets)}
    assert steps == {0, 3600}
    assert all(a.is_last == (a.ticks != b.ticks) for a, b in itertools.pairwise(packets))


async def test_night_and_lights_off_come_with_a_key_picture(clips: Path) -> None:
    async with serving(features(clips)) as (sim, url):
        for mode in MODES:
            sim.set_mode(mode)
            await sim.prepare(["sub"])
        sim.set_mode("day")
        watching = asyncio.create_task(watch(f"{url}/cam-1/sub", 100))
        await asyncio.sleep(1.5)
        sim.set_mode("night")
        seen = await watching
        sim.set_mode("off")
        dark = (await watch(f"{url}/cam-1/sub")).images[0]
    colour = [float(np.ptp(image[80:], axis=2).mean()) for image in seen.images]
    grey = [value < 3 for value in colour]
    assert not grey[0]
    assert grey[-1]
    assert grey.index(True) in seen.keys
    assert dark.mean() < seen.images[-1].mean() / 2


# --- what it says ---
async def test_a_whole_dialog(clips: Path) -> None:
    async with serving(features(clips)) as (sim, url), viewer(url) as who:
        address = f"{url}/cam-1/sub"
        assert "DESCRIBE" in (await who.ask("OPTIONS", "*")).headers["public"]
        told = await who.ask("DESCRIBE", address, Accept="application/sdp")
        assert told.headers["content-type"] == "application/sdp"
        assert told.headers["content-base"] == f"{address}/"
        text = told.body.decode()
        assert "m=video 0 RTP/AVP 96\r\n" in text
        assert "a=rtpmap:96 H264/90000\r\n" in text
        sets = text.partition("sprop-parameter-sets=")[2].partition("\r\n")[0].split(",")
        assert [b64decode(each)[0] & 0x1F for each in sets] == [7, 8]
        await who.play(address)
        assert len(sim.cameras[1].sessions) == 1
        await who.packet()
        assert (await who.ask("GET_PARAMETER", address)).status == 200
        assert (await who.ask("TEARDOWN", address)).status == 200
        assert not sim.cameras[1].sessions
        assert (await who.ask("PLAY", address)).status == 454


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("DESCRIBE", "/cam-9/sub", {}, 404),
        ("DESCRIBE", "/cam-1/other", {}, 404),
        ("DESCRIBE", "/cam-1/sub?fault=nonsense", {}, 404),
        ("DESCRIBE", "/cam-1/sub?fault=cover,blur", {}, 404),
        ("DESCRIBE", "/cam-1/sub", {"Accept": "text/plain"}, 406),
        ("DESCRIBE", "/cam-1/sub", {"Require": "implicit-play"}, 551),
        ("SETUP", "/cam-1/sub/trackID=1", {"Transport": "RTP/AVP;multicast"}, 461),
        ("SETUP", "/cam-1/sub/trackID=1", {"Transport": "RTP/AVP;unicast;client_port=5000-5001"}, 461),
        ("SETUP", "/cam-1/sub/trackID=1", {"Transport": "RTP/AVP/TCP;interleaved=999-1000"}, 461),
        ("SETUP", "/cam-1/sub/trackID=1", {}, 461),
        ("PLAY", "/cam-1/sub", {"Session": "unknown"}, 454),
        ("TEARDOWN", "/cam-1/sub", {}, 454),
        ("PAUSE", "/cam-1/sub", {}, 501),
    ],
)
async def test_what_cannot_be_is_refused(
    clips: Path, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        assert (await who.ask(method, url + path, b"", **headers)).status == status


async def test_sender_reports_tell_the_wall_clock(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        report = (await who.packet(channel=1)).data
        picture = await who.packet()
    head, kind, _, source, seconds, _, ticks = struct.unpack_from(">BBHIIII", report)
    assert (head, kind, report[28:30]) == (0x80, 200, b"\x81\xca")
    assert source == struct.unpack_from(">I", picture.data, 8)[0]
    assert seconds > 2_208_988_800 + 1_700_000_000
    assert (picture.ticks - ticks + 9_000) & 0xFFFFFFFF < 90_000


async def test_a_sender_report_counts_what_was_sent(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        assert struct.unpack_from(">II", (await who.packet(channel=1)).data, 20) == (0, 0)
        first = await who.packet()
        count, octets = struct.unpack_from(">II", (await who.packet(channel=1)).data, 20)
        last = await who.packet()
    assert count == (last.sequence - first.sequence) & 0xFFFF
    assert 100 * count < octets < 1400 * count


# --- sessions ---
async def test_no_more_sessions_than_it_has_places_for(clips: Path) -> None:
    async with serving(features(clips, session_limit=1)) as (sim, url):
        address = f"{url}/cam-1/sub"
        async with viewer(url) as one, viewer(url) as other:
            await one.play(address)
            assert (await other.set_up(address)).status == 453
            assert (await other.set_up(f"{url}/cam-2/sub")).status == 200
            await one.ask("TEARDOWN", address)
            other.session = ""
            assert (await other.set_up(address)).status == 200
        assert sim.cameras[1].refused == 1


@pytest.mark.parametrize("lingers", [False, True])
async def test_a_session_that_was_not_torn_down(clips: Path, lingers: bool) -> None:
    """On some cameras it counts until its time is out, on others it goes with the connection."""
    kind = features(clips, session_limit=1, lingers=lingers, session_timeout_s=1.0)
    async with serving(kind) as (_, url):
        async with viewer(url) as one:
            await one.play(f"{url}/cam-1/sub")
        async with viewer(url) as other:
            statuses = set()
            async with asyncio.timeout(WAIT_S):
                while 200 not in statuses:
                    statuses.add((await other.set_up(f"{url}/cam-1/sub")).status)
                    await asyncio.sleep(0.1)
    assert (453 in statuses) is lingers


async def test_a_session_ends_where_nothing_is_heard_and_not_before(clips: Path) -> None:
    async with serving(features(clips, session_timeout_s=1.5)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        loop = asyncio.get_running_loop()
        alive_until_s = loop.time() + 4
        while loop.time() < alive_until_s:
            who.writer.write(b"$\x01\x00\x08" + struct.pack(">BBHI", 0x80, 201, 1, 7))  # a receiver report
            await who.packet()
        async with asyncio.timeout(WAIT_S):
            while (await who.packet(channel=1)).data[1] != 203:
                pass
        assert (await who.ask("GET_PARAMETER", f"{url}/cam-1/sub")).status == 454


async def test_a_viewer_who_takes_nothing_is_dropped(clips: Path) -> None:
    async with serving(features(clips)) as (sim, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub?fault=endless")  # most bytes in least time
        await until(lambda: not sim.cameras[1].sessions)


# --- other ways ---
async def test_over_udp(clips: Path) -> None:
    async with serving(features(clips, udp="127.0.0.1", tcp=False)) as (_, url):
        async with viewer(url) as who:
            assert (await who.set_up(f"{url}/cam-1/sub")).status == 461
        seen = await watch(f"{url}/cam-1/sub", 10, rtsp_transport="udp")
    assert len(seen.images) == 10


async def test_behind_a_null_modem(clips: Path) -> None:
    sim = simulator({"folder": str(clips), "gop_s": "1", "seconds": "4", "scenes": "1", "fault": "missing"})
    near, far = pair()
    task = asyncio.create_task(sim.run(far))
    await near.write(b"DESCRIBE rtsp://any.where/cam-7/sub RTSP/1.0\r\nCSeq: 5\r\n\r\n")
    assert (await near.read()).startswith(b"RTSP/1.0 404 Not Found\r\nCSeq: 5\r\n")
    sim.recover()
    await near.write(b"DESCRIBE rtsp://any.where/cam-7/sub RTSP/1.0\r\nCSeq: 6\r\n\r\n")
    async with asyncio.timeout(WAIT_S + 20):
        assert (await near.read()).startswith(b"RTSP/1.0 200 OK\r\nCSeq: 6\r\n")
    task.cancel()
    await asyncio.wait({task})
    sim.close()


async def test_a_simulator_imports_no_video_library() -> None:
    code = (
        "import sys, drivers.camera.sim_port; sys.exit(any(n in sys.modules for n in ('cv2', 'numpy', 'av')))"
    )
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], timeout=60, check=False)
    assert done.returncode == 0


async def test_without_pyav_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "av.py").write_text("raise ImportError('No module named av')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    sim = CameraSim(features(tmp_path))
    with pytest.raises(NoVideo, match="pip install av opencv-python-headless"):
        await sim.prepare(["sub"])
    sim.close()


async def test_without_pyav_a_clip_that_is_there_will_do(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = CameraSim(features(clips))
    await sim.prepare(["sub"])
    (tmp_path / "av.py").write_text("raise ImportError('No module named av')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    other = CameraSim(features(clips))
    await other.prepare(["sub"])
    clip = await other.library.load(other.cameras[1].recipe("sub", {}))
    assert len(clip.gops) == 3


async def test_a_spoilt_file_is_made_again(clips: Path, tmp_path: Path) -> None:
    sim = CameraSim(features(tmp_path))
    recipe = sim.cameras[1].recipe("sub", {})
    (tmp_path / recipe.file()).write_bytes(b"[[[0.0, 0, 9999]]]\nshort")
    assert len((await sim.library.load(recipe)).gops) == 3
    sim.close()


async def test_all_offline_closes_the_port_and_comes_back_to_it(clips: Path) -> None:
    async with serving(features(clips)) as (sim, url), viewer(url) as who:
        sim.fall_ill("offline")
        assert await who.reader.read() == b""  # who was there is gone
        with pytest.raises(ConnectionRefusedError):
            async with viewer(url):
                pass
        sim.recover()
        assert await _comes_back(url)


async def _comes_back(url: str) -> bool:
    async with asyncio.timeout(WAIT_S):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                async with viewer(url) as who:
                    return (await who.ask("OPTIONS", "*")).status == 200
            await asyncio.sleep(0.05)


def test_ffmpeg_errors_are_what_tests_think() -> None:
    """PyAV's names for statuses, on which the tests of faults rely."""
    assert issubclass(av.HTTPNotFoundError, av.FFmpegError)
    assert issubclass(av.HTTPUnauthorizedError, av.FFmpegError)
