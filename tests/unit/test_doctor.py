"""What `hallctl doctor` sends away: secrets and names are sown everywhere, and none is found in its file."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.diag.bundle import allow, gather, lines
from edge.diag.cli import app
from edge.store import Store
from edge.wire import RatingGiven, Reply
from tests.store_kit import draft

NAME, SECRET, IDENTITY, PHONE, STAFF = (
    "张三丰",
    "Open-Sesame-7",
    "11010519491231002X",
    "13912345678",
    "zhang3",
)
SOWN = (NAME, SECRET, IDENTITY, PHONE, STAFF, "31 30 31")
ROOT = Path(__file__).resolve().parents[2]

CONFIG = f"""
password = "{SECRET}"
[hall]
id = "tax-1"
name = "{NAME}大厅"
rating_limit_s = 30.0
[node]
id = "node-1"
store = "/home/{STAFF}/hall.db"
[mqtt]
brokers = ["mqtts://{STAFF}:{SECRET}@broker.{STAFF}.example:8883"]
username = "{STAFF}"
password_file = "/home/{STAFF}/{SECRET}"
[[window]]
id = "3"
name = "{NAME}"
services = ["tax"]
[[device]]
id = "printer"
driver = "printer"
model = "escpos-80mm"
url = "serial:///dev/ttyUSB0?baud=9600&token={SECRET}"
settings = {{ columns = 42, login = "{SECRET}", {STAFF} = 5, timeout_s = {PHONE} }}
[[device]]
id = "cam"
driver = "camera"
url = "rtsp://{STAFF}:{SECRET}@10.0.0.5/{SECRET}"
"""
STATUS: dict[str, Any] = {
    "node": {"hall": "tax-1", "node": "node-1", "version": "1.2.3", "epoch": "a" * 32, "since": 1, "x": NAME},
    "devices": [
        {
            "device": "printer", "state": "degraded", "since": 5.0, "restarts": 2, "last_heard": None,
            "conditions": [{"code": "paper_low", "severity": "warning", "since": 1.0, "detail": NAME}],
            "attributes": {"serial": SECRET},
        },
        {"device": NAME, "state": SECRET, "since": int(PHONE), "conditions": [NAME]},
    ],
    "windows": [{"window": "3", "staff": STAFF, "state": "open", "ticket": "A012", "waiting": 4}],
    "queue": {"services": [{"service": "tax", "waiting": 4, "issued": 9}], "note": PHONE},
    "alerts": [{"key": "printer/paper_low", "severity": "warning", "since": 1.0, "zh": NAME, "note": SECRET,
                "acknowledged_by": STAFF}],
    "health": {"at": 1.0, "load1": 0.1, "rss_mb": 42, "loop_lag_ms": 1, "outbox": {"rows": SECRET}},
    "words": {"printer": {"paper_low": {"zh": NAME}}},
    "cameras": [],
    "projects": {"next": NAME},
}  # fmt: skip
FRAMES = {"device": "printer", "family": "printer", "lengths_only": False, "line": NAME,
          "frames": [{"seq": 1, "at": 2.0, "dir": "in", "hex": "31 30 31", "size": 3, "said": NAME}],
}  # fmt: skip
COUNTS = {"identity": {"serial": SECRET}, "statistics": {"HoursPoweredCount": 7, NAME: 1, "Owner": NAME}}
LOGGED = [
    "<4>edge.door: no acknowledgement beyond 17 for 30 s, told again",
    f"<4>edge.x: {NAME} {IDENTITY} has come with {SECRET}",
    f"<6>edge.device: device.frames device=printer client={STAFF} by={NAME}",
    f"Started hall-edge.service - {NAME}",
    f"<3>edge.store.writer: nothing more can be kept: {SECRET}",
]


class Daemon:
    async def request(self, verb: str, *_args: Any, **_more: Any) -> Reply:
        data = {"status": STATUS, "device.frames": FRAMES, "device.statistics": COUNTS}[verb]
        return Reply(id="0" * 32, result="done", data=data)


@asynccontextmanager
async def reached(_socket: Path) -> AsyncIterator[Daemon]:
    yield Daemon()


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node with a person or a secret in everything that is looked at."""

    async def made() -> None:
        store = await Store.open(tmp_path / "hall.db")
        rating = RatingGiven(act="2025-03-03/A012", ticket="A012", window="3", staff=STAFF, level=1, raw=1)
        await store.append([draft(rating, by=STAFF), draft()])
        await store.close()

    asyncio.run(made())
    (tmp_path / "hall.toml").write_text(CONFIG, encoding="utf-8")
    tools = tmp_path / "bin"
    tools.mkdir()
    entries = [
        {"MESSAGE": line, "_SYSTEMD_UNIT": "hall-edge.service", "PRIORITY": "4", "_CMDLINE": SECRET,
         "__REALTIME_TIMESTAMP": "1700000000000000", "_HOSTNAME": STAFF}
        for line in LOGGED
    ]  # fmt: skip
    (tmp_path / "journal").write_text("\n".join(map(json.dumps, entries)))
    script(tools / "journalctl", f"cat {tmp_path}/journal")
    script(tools / "systemctl", f"echo ActiveState=active; echo SubState=running; echo Result={SECRET}")
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(gather, "reached", reached)
    return tmp_path


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def doctor(node: Path, file: Path) -> dict[str, Any]:
    options = ["--store", str(node / "hall.db"), "--config", str(node / "hall.toml"), "--lang", "en"]
    done = CliRunner().invoke(app, ["doctor", str(file), *options])
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as tar:
        texts = {info.name: tar.extractfile(info).read().decode() for info in tar}  # type: ignore[union-attr]
    whole = "\n".join([*texts, *texts.values()])
    assert [sown for sown in SOWN if sown in whole] == []
    return {Path(name).stem: json.loads(text) for name, text in texts.items()}


def test_what_was_sown_is_not_in_it_and_what_helps_is(node: Path) -> None:
    told = doctor(node, node / "doctor.tgz")
    device = told["status"]["devices"][0]
    assert (device["device"], device["state"], device["conditions"][0]["code"]) == (
        "printer", "degraded", "paper_low"
    )  # fmt: skip
    assert told["lines"][0]["frames"] == [{"seq": 1, "at": 2.0, "dir": "in", "size": 3}]
    assert told["lines"][0]["statistics"] == {"HoursPoweredCount": 7}
    assert told["verify"]["chain"][0]["acts"] == 2
    assert told["services"]["hall-edge"]["ActiveState"] == "active"
    said = [entry["message"] for entry in told["journal"]]
    assert said[0] == "edge.door: no acknowledgement beyond 17 for 30 s, told again"
    assert said[1] == f"[{len(LOGGED[1])}]"
    assert said[4] == "edge.store.writer: nothing more can be kept: …"
    config = told["configuration"]
    assert config["hall"] == {"id": "tax-1", "name": allow.WITHHELD, "rating_limit_s": 30.0}
    assert config["device"][0]["url"] == "serial:///dev/ttyUSB0?baud=9600"
    assert config["device"][1]["url"] == "rtsp://[…][…]"
    assert config["device"][0]["settings"]["columns"] == 42
    assert told["versions"]["packages"]["pyserial"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing_leaves_no_half_file(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    target = tmp_path / "out" / "doctor.tgz"
    target.parent.mkdir()

    def refuse(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    for lang, remedy in (("en", "make room"), ("zh", "清理磁盘")):
        done = CliRunner().invoke(
            app, ["doctor", str(target), "--store", str(node / "hall.db"), "--lang", lang]
        )
        assert (done.exit_code, remedy in done.output) == (2, True), done.output
        assert list(target.parent.iterdir()) == []


def test_without_daemon_configuration_or_journal_it_is_made_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "doctor.tgz"
    places = ["--store", str(tmp_path / "no.db"), "--config", str(tmp_path / "no.toml")]
    done = CliRunner().invoke(app, ["doctor", str(file), *places, "--socket", str(tmp_path / "no.sock")])
    assert done.exit_code == 0, done.output
    with tarfile.open(file) as tar:
        told = {info.name: json.load(tar.extractfile(info)) for info in tar}  # type: ignore[arg-type]
    assert (told["doctor/status.json"], told["doctor/journal.json"]) == (None, [])
    again = CliRunner().invoke(app, ["doctor", str(file), "--lang", "en"])
    assert (again.exit_code, "already" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "edge.store.database: schema brought to version 006",
            "edge.store.database: schema brought to version …",
        ),
        ("edge.x: schema brought to version 李四 and more", "edge.x: schema brought to version …"),
        ("schema brought to version 6 device=printer by=李四", "schema brought to version …"),
        ("李四: schema brought to version 6", "[31]"),
    ],
)
def test_a_line_keeps_only_what_the_program_says_itself(line: str, said: str) -> None:
    known = lines.texts([ROOT / "edge" / "store"])
    assert lines.redacted(line, known, {"printer"}) == said
