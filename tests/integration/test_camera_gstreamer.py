"""Looks at streams of a server that is not ours: GStreamer's, with real encoders, by Debian's own Python."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from drivers.camera.auth import Credentials
from drivers.camera.client import flow, picture, probe
from drivers.camera.errors import LookFailed
from drivers.camera.model import AccessUnit
from drivers.camera.session import Look, place
from drivers.transport.tcp import TcpLink, TcpSettings, connect
from tests.camera_packets import nals_of

PYTHON = "/usr/bin/python3"
NEEDS = ("x264enc", "x265enc", "jpegenc", "rtph264pay", "rtph265pay", "rtpjpegpay")
PACKAGES = (
    "gir1.2-gst-rtsp-server-1.0 python3-gi and gstreamer1.0-plugins-{base,good,bad,ugly} are needed: "
    "apt-get install them to run this"
)
PROBE = f"""
import gi
for name in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(name, "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in {NEEDS})
"""
SOURCE = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=25/1,format=I420"
)
STREAMS = {
    "h264": f"{SOURCE} ! x264enc tune=zerolatency key-int-max=25 ! rtph264pay name=pay0",
    "b": f"{SOURCE} ! x264enc bframes=3 key-int-max=50 ! rtph264pay name=pay0 config-interval=-1",
    "h265": f"{SOURCE} ! x265enc tune=zerolatency key-int-max=25 ! rtph265pay name=pay0",
    "jpeg": f"{SOURCE} ! jpegenc ! rtpjpegpay name=pay0",
    "udp": f"{SOURCE} ! x264enc tune=zerolatency key-int-max=25 ! rtph264pay name=pay0",
}
SERVER = f"""
import sys, gi
for name in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(name, "1.0")
from gi.repository import Gst, GstRtsp, GstRtspServer, GLib
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
for name, launch in {STREAMS!r}.items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch("( " + launch + " )")
    factory.set_shared(True)
    if name == "udp":
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    role = "user, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
    factory.add_role_from_structure(Gst.Structure.new_from_string(role))
    server.get_mount_points().add_factory("/" + name, factory)
if len(sys.argv) > 1:
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth = GstRtspServer.RTSPAuth()
    if sys.argv[1] == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest("admin", "pa55word", token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic("admin", "pa55word"), token)
    server.set_auth(auth)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.timeout_add_seconds(900, lambda: sys.exit())
GLib.MainLoop().run()
"""


def served(*options: str) -> Iterator[str]:
    """The address of a server that ends by itself, at the latest after a quarter of an hour."""
    try:
        found = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip(PACKAGES)
    if found.returncode:
        pytest.skip(PACKAGES)
    with subprocess.Popen(
        [PYTHON, "-c", SERVER, *options], stdout=subprocess.PIPE, env={**os.environ, "GST_DEBUG": "0"}
    ) as server:
        assert server.stdout
        yield f"rtsp://127.0.0.1:{int(server.stdout.readline())}"
        server.terminate()


@pytest.fixture(scope="module")
def camera() -> Iterator[str]:
    yield from served()


@pytest.fixture(params=["digest", "basic"])
def guarded(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from served(request.param)


async def line(url: str) -> TcpLink:
    host, port = place(url)
    return await connect(url, TcpSettings(host, port, 5.0, 5.0), port)


async def seen(look: Look) -> AccessUnit:
    """Encoders on a busy machine take their time: as long as the client waits at all."""
    link = await line(look.url)
    try:
        unit, _ = await picture(link, look, gop_s=100.0)
        return unit
    finally:
        await link.close()


@pytest.mark.parametrize(
    ("name", "codec", "kinds"),
    [
        ("h264", "h264", {7, 8, 5}),
        ("b", "h264", {7, 8, 5}),
        ("udp", "h264", {7, 8, 5}),
        ("h265", "h265", None),
    ],
)
async def test_a_picture_of_a_real_encoder(
    camera: str, name: str, codec: str, kinds: set[int] | None
) -> None:
    unit = await seen(Look(f"{camera}/{name}"))
    assert (unit.format.codec, unit.format.width, unit.format.height) == (codec, 320, 180)
    assert unit.format.fps == pytest.approx(25.0)
    assert unit.complete
    nals = nals_of(unit.data)
    if kinds:
        assert {nal[0] & 0x1F for nal in nals} >= kinds
    else:
        found = {nal[0] >> 1 & 0x3F for nal in nals}
        assert found >= {32, 33, 34}
        assert found & {19, 20, 21}


async def test_a_jpeg_of_a_real_encoder(camera: str) -> None:
    unit = await seen(Look(f"{camera}/jpeg"))
    assert (unit.format.codec, unit.format.width, unit.format.height) == ("jpeg", 320, 184)  # whole blocks
    assert unit.data[:2] + unit.data[-2:] == b"\xff\xd8\xff\xd9"


async def test_how_a_real_stream_flows(camera: str) -> None:
    link = await line(f"{camera}/h264")
    try:
        _, found = await flow(link, Look(f"{camera}/h264"), gop_s=100.0, seconds=3.0)
    finally:
        await link.close()
    assert found.fps == pytest.approx(25.0, rel=0.2)
    assert found.lost == 0


async def test_the_clock_of_a_real_server_is_read_right(camera: str) -> None:
    link, look = await line(f"{camera}/h264"), Look(f"{camera}/h264")
    await probe(link, look)
    await link.close()
    assert look.clock is not None
    assert look.clock.wall_s == pytest.approx(time.time(), abs=60.0)


async def test_what_is_not_there(camera: str) -> None:
    link = await line(camera)
    with pytest.raises(LookFailed) as failed:
        await probe(link, Look(f"{camera}/nothing"))
    await link.close()
    assert failed.value.code == "not_found"


async def test_a_log_in_at_a_real_server(guarded: str) -> None:
    look = Look(f"{guarded}/h264", Credentials("admin", "pa55word"))
    assert (await seen(look)).complete
    assert look.logins == 1
    wrong = Look(f"{guarded}/h264", Credentials("admin", "wrong"))
    with pytest.raises(LookFailed) as failed:
        await seen(wrong)
    assert (failed.value.code, wrong.logins) == ("auth_failed", 1)
