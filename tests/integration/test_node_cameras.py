"""Cameras at the real daemon, over real RTSP with real video: seen, judged, told, remembered."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from drivers.camera.sim import CameraSim
from drivers.camera.sim_port import serve_cameras
from edge.wire import PERSONAL
from tests.bench.observer import Observer, observer
from tests.camera_viewers import features
from tests.integration.brokers import running
from tests.node_kit import Node, hall_with

pytestmark = pytest.mark.alone  # a camera that is starved of a second's pictures is said to be ill
CAMERAS = 12  # two ill ones are no third of them
DEVICE = """
[cameras]
mode_hold_s = 5.0
votes = {{ dark = {{ k = 3, n = 4, span_s = 3.0, gross_span_s = 3.0 }} }}

[[device]]
id = "cameras"
driver = "camera"
model = "rtsp-cameras"
url = "lan://"
settings = {{ probe_s = 1.0, picture_s = 1.0, suspect_s = 1.0, stream_s = 3.0, stream_window_s = 1.0, \
sessions_per_host = 16, credentials = "{logins}" }}
"""
CHILD = """
[[device.child]]
id = "cam-{n}"
kind = "camera"
url = "rtsp://127.0.0.1:{port}/cam-{n}/sub"
main = "rtsp://127.0.0.1:{port}/cam-{n}/main"
login = "hall"
"""
PASSWORD = "the-password-of-the-hall"
BASE = "hall/1/test/n1"


def devices(folder: Path, sim: CameraSim, port: int) -> str:
    """The tables of all cameras, and the file of their login."""
    logins = folder / "logins.toml"
    logins.write_text(f'[hall]\nuser = "hall"\npassword = "{PASSWORD}"\n')
    logins.chmod(0o600)
    return DEVICE.format(logins=logins) + "".join(CHILD.format(n=n, port=port) for n in sim.cameras)


async def cameras(node: Node) -> dict[str, dict[str, Any]]:
    return {each["camera"]: each for each in (await node.status())["cameras"]}


def troubles(status: dict[str, Any]) -> set[str]:
    return {each["fault"] for each in status["troubles"]}


def last_alert(eyes: Observer, camera: str) -> str:
    """ "" where there was none, or it has been taken back."""
    told = eyes.on(f"{BASE}/alert/camera-{camera}")
    return told[-1].payload.decode() if told else ""


async def test_cameras_are_seen_judged_and_told(tmp_path: Path, clips: Path) -> None:
    kind = features(clips, users=(("hall", PASSWORD),), gops=16)  # no picture comes again soon
    sim = CameraSim(kind, CAMERAS)
    await sim.prepare(("sub",), ("dark",))
    await sim.prepare(("main",))
    with running("nats", tmp_path) as broker:
        async with (
            serve_cameras(sim) as (_, port),
            observer(broker.port) as eyes,
            hall_with(tmp_path, broker.url, devices(tmp_path, sim, port)) as node,
        ):
            await node.until(
                lambda found: all(each["looked_at"] and each["fps"] for each in found.values()),
                lambda: cameras(node),
            )
            found = await cameras(node)
            assert {each["state"] for each in found.values()} == {"learning"}
            assert {(each["codec"], each["width"], each["height"]) for each in found.values()} == {
                ("h264", 640, 360)
            }
            await _falls_ill(node, sim, eyes)
            await _is_remembered(node)
            assert PASSWORD not in node.daemon.said()


async def _falls_ill(node: Node, sim: CameraSim, eyes: Observer) -> None:
    """One is silent, one shows nothing; the others are well all the time."""
    sim.cameras[1].fall_ill("hang")
    sim.cameras[2].fall_ill("dark")
    await node.until(lambda found: troubles(found["cam-1"]) == {"offline"}, lambda: cameras(node))
    await node.until(lambda found: troubles(found["cam-2"]) == {"dark"}, lambda: cameras(node), 60.0)
    await eyes.until(lambda: "画面过暗" in last_alert(eyes, "cam-2"))
    found = await cameras(node)
    assert {name for name, each in found.items() if troubles(each)} == {"cam-1", "cam-2"}

    reply = await node.ask("camera.picture", {"camera": "cam-2"})
    assert base64.b64decode(reply.data[PERSONAL]["jpeg"]).startswith(b"\xff\xd8\xff")

    sim.recover()
    await node.until(
        lambda found: not any(troubles(each) for each in found.values()), lambda: cameras(node), 60.0
    )
    await eyes.until(lambda: not last_alert(eyes, "cam-2"))
    for camera, fault in (("cam-1", "offline"), ("cam-2", "dark")):
        told = [event for event in await node.has("camera.fault", 4) if event["camera"] == camera]
        assert [(event["fault"], event["on"]) for event in told] == [(fault, True), (fault, False)]


async def _is_remembered(node: Node) -> None:
    """A view that somebody accepted is accepted after a restart, too."""
    reply = await node.ask("camera.accept", {"camera": "cam-3", "by": "李工"})
    assert reply.result == "done"
    assert (await node.ask("camera.accept", {"camera": "nobody", "by": "李工"})).code == "unknown_camera"
    await node.daemon.stop()
    await node.start()
    await node.until(lambda found: found["cam-3"]["accepted_by"] == "李工", lambda: cameras(node))
