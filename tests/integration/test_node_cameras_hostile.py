"""The real daemon among cameras that do everything wrong, all at once: each is told for what it is, the good
one is looked at as ever, no login is tried a third time, and no password is seen anywhere."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from drivers.camera.sim import CameraSim
from drivers.camera.sim_port import serve_cameras
from edge.demo.processes import free_port
from tests.bench.observer import Observer, observer
from tests.camera_hostile import hostile, serving
from tests.camera_viewers import features
from tests.integration.brokers import running
from tests.node_kit import Node, hall_at

pytestmark = pytest.mark.alone  # a camera that is starved of a second's pictures is said to be ill

# What a simulated camera has, and the condition that a technician reads of it.
ILLS = {
    "hang": {"no_answer"},
    "half_header": {"no_answer"},
    "trickle": {"no_answer"},
    "reset": {"peer_reset", "peer_closed", "no_frames"},
    "huge_length": {"not_rtsp"},
    "redirect": {"unsupported"},
    "auth": {"auth_failed"},
    "endless": {"picture_too_large", "no_frames"},
    "stall": {"no_frames"},
    "no_parameter_sets": {"no_frames"},
    "huge_size": {"picture_too_large"},
}
# Of those in `tests.camera_hostile`.
HOSTILE = {
    "echo": {"server_error"},
    "garbage": {"no_answer"},
    "referral": {"moved", "unsupported"},
    "control": {"not_found"},
    "session": {"no_frames"},
    "refusal": {"auth_failed"},
    "nonces": {"auth_failed"},
    "longer": {"not_rtsp"},
}
PASSWORD = "the-password-of-the-hall"
DEVICE = """
[cameras]
group_share = 1.0 # here each is ill by itself

[[device]]
id = "cameras"
driver = "camera"
model = "rtsp-cameras"
url = "lan://"
settings = {{ probe_s = 1.0, picture_s = 1.0, suspect_s = 1.0, dead_sessions = 16, sessions_per_host = 32, \
credentials = "{logins}" }}
"""
CHILD = """
[[device.child]]
id = "{id}"
kind = "camera"
url = "rtsp://127.0.0.1:{port}/{path}"
login = "{id}"
"""


def config(folder: Path, text: str, places: dict[str, tuple[int, str]]) -> str:
    """Each camera has a login of its own, with the same password: refusals are counted by login."""
    logins = folder / "logins.toml"
    logins.write_text("".join(f'[{name}]\nuser = "hall"\npassword = "{PASSWORD}"\n' for name in places))
    logins.chmod(0o600)
    children = (CHILD.format(id=name, port=port, path=path) for name, (port, path) in places.items())
    return text + DEVICE.format(logins=logins) + "".join(children)


async def conditions(node: Node) -> dict[str, set[str]]:
    return {name: {each["code"] for each in it["conditions"]} for name, it in (await node.devices()).items()}


async def good(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in (await node.status())["cameras"] if each["camera"] == "good"
    )
    return found


async def test_each_is_told_for_what_it_is_and_no_password_is_seen(tmp_path: Path, clips: Path) -> None:
    sim = CameraSim(features(clips, users=(("hall", PASSWORD),), gops=16), len(ILLS) + 1)
    await sim.prepare(("sub",))
    numbers = dict(zip(["good", *ILLS], sim.cameras, strict=True))
    for ill in ILLS:
        sim.cameras[numbers[ill]].fall_ill(ill)
    peers = hostile()
    with running("nats", tmp_path) as broker:
        async with (
            serve_cameras(sim) as (_, port),
            serving(peers) as bad_port,
            observer(broker.port) as eyes,
            hall_at(tmp_path, broker.url, hub=None, start=False) as node,
        ):
            places = {name: (port, f"cam-{number}/sub") for name, number in numbers.items()}
            places |= {name: (bad_port, name) for name in HOSTILE}
            metrics = free_port()
            text = node.config.read_text().replace("allow_sim", f"metrics_port = {metrics}\nallow_sim", 1)
            node.config = tmp_path / "hostile.toml"
            node.config.write_text(config(tmp_path, text, places))
            await node.start()
            await each_is_told(node)
            await the_good_one_is_well(node, sim, numbers["good"])
            no_secret_in(await everything_told(node, eyes, metrics))
            await decoders_are_replaced(node, sim, numbers["good"])
            await node.daemon.stop()
            await node.start()
            await asyncio.sleep(5.0)  # some probes of each
            no_secret_in(await everything_told(node, eyes, metrics))
    no_flood_in(node.log)
    tried = {name: peers.logins[name] for name in ("refusal", "nonces")}
    tried["auth"] = sim.cameras[numbers["auth"]].guard.tried
    assert tried == dict.fromkeys(tried, 2), "logins that were refused"


async def each_is_told(node: Node) -> None:
    wanted = ILLS | HOSTILE

    def missing(found: dict[str, set[str]]) -> list[str]:
        return [name for name, codes in wanted.items() if not found.get(name, set()) & codes]

    found = await node.until(lambda found: not missing(found), lambda: conditions(node), 60.0)
    assert found["good"] == set()
    assert not missing(found)


async def the_good_one_is_well(node: Node, sim: CameraSim, number: int) -> None:
    tried = sim.cameras[number].guard.tried
    await node.until(lambda it: it["state"] in ("learning", "ok"), lambda: good(node))

    async def logins() -> int:
        return sim.cameras[number].guard.tried

    await node.until(lambda now: now >= tried + 5, logins)  # it is looked at as often as ever


async def decoders_are_replaced(node: Node, sim: CameraSim, number: int) -> None:
    """Those that were killed, and those that are stopped in their tracks."""

    before = set[int]()

    async def new() -> set[int]:
        return workers(node) - before

    for how in (signal.SIGKILL, signal.SIGSTOP):
        before = workers(node)
        assert before
        for pid in before:
            os.kill(pid, how)
        await node.until(bool, new)
        await the_good_one_is_well(node, sim, number)
    assert (await conditions(node))["good"] == set()


def workers(node: Node) -> set[int]:
    """Of the daemon's decoders."""
    children = Path(f"/proc/{node.daemon.pid}/task/{node.daemon.pid}/children").read_text().split()
    return {int(pid) for pid in children if b"camera.worker" in command_of(pid)}


def command_of(pid: str) -> bytes:
    """b"" of a process that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


async def everything_told(node: Node, eyes: Observer, metrics: int) -> dict[str, bytes]:
    """All that leaves the daemon, by where it was found."""
    reader, writer = await asyncio.open_connection("127.0.0.1", metrics)
    writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
    scraped = await reader.read()
    writer.close()
    assert b'hall_cameras{state="fault"}' in scraped
    lines = [
        Path(f"/proc/{pid}/{name}").read_bytes()
        for pid in (node.daemon.pid, *workers(node))
        for name in ("cmdline", "environ")
    ]
    answers = [
        (await node.ask(verb, args)).model_dump_json().encode()
        for verb, args in (("status", {}), ("camera.look", {"camera": "echo"}), ("node.reload", {}))
    ]
    return {
        "log": node.log.encode(),
        "metrics": scraped,
        "processes": b"\n".join(lines),
        "answers": b"\n".join(answers),
        "broker": b"\n".join(each.topic.encode() + each.payload for each in eyes.seen),
        "store": b"".join(path.read_bytes() for path in node.folder.glob("hall.db*")),
    }


def no_secret_in(told: dict[str, bytes]) -> None:
    pair = f"hall:{PASSWORD}".encode()
    forms = {
        "plain": PASSWORD.encode(),
        "base64": base64.b64encode(pair),
        "base64 of the password": base64.b64encode(PASSWORD.encode()).rstrip(b"="),
        **{f"{name} of the camera": _ha1(name, "camera") for name in ("md5", "sha256")},
        **{f"{name} of the sim": _ha1(name, "IP Camera") for name in ("md5", "sha256")},
    }
    seen = [(place, form) for place, data in told.items() for form, secret in forms.items() if secret in data]
    assert seen == []


def _ha1(name: str, realm: str) -> bytes:
    """What Digest makes of the password: as good as the password itself, at this camera."""
    return hashlib.new(name, f"hall:{realm}:{PASSWORD}".encode()).hexdigest().encode()


def no_flood_in(log: str) -> None:
    """A line when something begins, and one when it is over or has become something else."""
    assert "Traceback" not in log
    assert not re.search(r"never retrieved|unhandled|driver bug", log, re.IGNORECASE)
    lines = Counter(
        name for line in log.splitlines() for name in (*ILLS, *HOSTILE) if re.search(rf"\b{name}\b", line)
    )
    assert max(lines.values()) <= 24, lines
