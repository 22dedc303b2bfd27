"""Simulated cameras as a server: what they say, whom they let watch, and what they are made of."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import struct
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from drivers.api import BadSettings
from drivers.camera.sim import CameraSim, simulator
from drivers.camera.sim_camera import Features
from drivers.camera.sim_features import KNOWN
from drivers.camera.sim_ills import STRENGTHS
from drivers.camera.sim_port import serve_cameras
from drivers.camera.sim_recipe import NoVideo, Recipe
from drivers.transport import open_link
from tests.camera_viewers import WAIT_S, features, serving, until, viewer, watch


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
    async with serving(features(clips, session_limit=1, lingers=lingers)) as (sim, url):
        async with viewer(url) as one:
            await one.play(f"{url}/cam-1/sub")
        async with viewer(url) as other:
            assert (await other.set_up(f"{url}/cam-1/sub")).status == (453 if lingers else 200)
            for session in sim.cameras[1].sessions.values():
                session.until_s = 0.0
            other.session = ""
            assert (await other.set_up(f"{url}/cam-1/sub")).status == 200


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


async def test_a_hall_of_cameras_behind_one_port(clips: Path) -> None:
    """All 146 at once: each sends whole pictures, one after another, and key pictures when
    most others do not."""
    sim = CameraSim(features(clips), 146)
    await sim.prepare(["sub"])
    async with serve_cameras(sim) as (host, port):
        keys = await asyncio.gather(
            *(_time_of_a_key_picture(f"rtsp://{host}:{port}/cam-{number}/sub") for number in sim.cameras)
        )
    tenths = Counter(int(at % 1 * 10) for at in keys)
    assert max(tenths.values()) < 146 / 2


async def _time_of_a_key_picture(url: str) -> float:
    async with viewer(url) as who:
        await who.play(url)
        last, at = await who.packet(), 0.0
        for _ in range(100):
            packet = await who.packet()
            assert (packet.sequence - last.sequence) & 0xFFFF == 1
            at = asyncio.get_running_loop().time() if packet.payload[0] & 0x1F == 7 else at
            last = packet
        return at


# --- other ways ---
async def test_over_udp(clips: Path) -> None:
    async with serving(features(clips, udp="127.0.0.1", tcp=False)) as (_, url):
        async with viewer(url) as who:
            assert (await who.set_up(f"{url}/cam-1/sub")).status == 461
        seen = await watch(f"{url}/cam-1/sub", 10, rtsp_transport="udp")
    assert len(seen.images) == 10


async def test_by_a_url_behind_a_null_modem(clips: Path) -> None:
    sims = list[CameraSim]()

    def simulate(_: str, params: Mapping[str, str]) -> CameraSim:
        sims.append(simulator(params))
        return sims[0]

    url = f"sim://camera?ill=missing&gop_s=1&seconds=4&scenes=1&folder={clips}"
    link = await open_link(url, simulate=simulate)
    await link.write(b"DESCRIBE rtsp://any.where/cam-7/sub RTSP/1.0\r\nCSeq: 5\r\n\r\n")
    assert (await link.read()).startswith(b"RTSP/1.0 404 Not Found\r\nCSeq: 5\r\n")
    sims[0].recover()
    await link.write(b"DESCRIBE rtsp://any.where/cam-7/sub RTSP/1.0\r\nCSeq: 6\r\n\r\n")
    async with asyncio.timeout(WAIT_S + 20):
        assert (await link.read()).startswith(b"RTSP/1.0 200 OK\r\nCSeq: 6\r\n")
    await link.close()
    sims[0].close()


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
        sim.cameras[1].fall_ill("offline")
        assert (await who.ask("OPTIONS", "*")).status == 200  # there is another behind the same port
        sim.cameras[2].fall_ill("offline")
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


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"ill": "nonsense"}, "ill is one or more of auth, blur"),
        ({"mode": "dusk"}, "mode is one of day, night, off"),
        ({"gop_s": "11"}, "gop_s is a number from 1 to 10"),
        ({"auth": "ntlm"}, "auth is one or more of md5, sha256, basic"),
        ({"colour": "red"}, "The options are cameras, ill"),
    ],
)
def test_an_option_that_is_wrong_is_told(options: dict[str, str], reason: str) -> None:
    with pytest.raises(BadSettings) as error:
        simulator(options)
    assert reason in error.value.remedy


def test_every_option_is_known_and_taken() -> None:
    said = {
        **{"cameras": "3", "ill": "cover,loss", "strength": "mild", "mode": "night", "codec": "h265"},
        **{"main_codec": "h264", "fps": "15", "gop_s": "4", "seconds": "20", "b_frames": "1", "slices": "2"},
        **{"source": "hall", "scenes": "2", "aggregate": "1", "sdp_sets": "0", "band_sets": "0"},
        **{
            "control": "absolute",
            "date": "local",
            "tcp": "0",
            "udp": "1",
            "session_limit": "1",
            "session_timeout_s": "5",
        },
        **{"lingers": "1", "user": "u", "password": "p", "auth": "sha256", "qop": "1", "nonce_s": "9"},
        "folder": "/nowhere",
    }
    assert list(said) == KNOWN.split(", ")
    sim = simulator(said)
    assert sim.cameras[3].ills == dict.fromkeys(("cover", "loss"), STRENGTHS["mild"])
    assert sim.cameras[3].recipe("sub", {}) == Recipe(
        "hall", 1, "h265", fps=15, gop_s=4, gops=5, b_frames=1, slices=2, mode="night"
    )
    other = {
        field.name
        for field in dataclasses.fields(Features)
        if getattr(sim.features, field.name) != getattr(Features(source="vtest"), field.name)
    }
    assert other == {field.name for field in dataclasses.fields(Features)} - {"main_codec"}
