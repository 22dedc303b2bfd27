"""A node without its daemon: what is said of its unit, its configuration and its ports."""

from __future__ import annotations

import grp
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.control import ControlError
from edge.diag import ground
from edge.diag.ground import Seen, looked
from edge.diag.rights import rights_of

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another group")
DIALOUT = grp.getgrnam("dialout").gr_gid
AWAY = ControlError("no socket", "start the service", "启动服务")
HALL = """
[hall]
id = "hall"
name = "大厅"

[node]
id = "node"
store = "hall.db"
socket = "control.sock"

[mqtt]
brokers = ["mqtt://127.0.0.1"]

[[service]]
id = "tax"
name = "税务"
name_en = "Taxes"
prefix = "A"

[[window]]
id = "1"
name = "1 号窗口"
services = ["tax"]

[printing]
printer = "printer"

[[device]]
id = "printer"
driver = "printer"
model = "escpos-80mm"
url = "{url}"
"""


def config(folder: Path, url: str) -> Path:
    path = folder / "hall.toml"
    path.write_text(HALL.format(url=url), encoding="utf-8")
    return path


def of_the_port(folder: Path, url: str) -> Seen:
    first, *_, last = looked(AWAY, config(folder, url), unit=lambda: "")
    assert (first.what.en, first.next.zh) == ("no socket", "启动服务"), "why there is no daemon comes first"
    assert last.what.zh and last.what.en
    return last


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    seen = of_the_port(tmp_path, f"serial://{tmp_path}/ttyUSB9")
    assert not seen.well
    assert "no such port" in seen.what.en
    assert "by-id" in seen.next.en


@ROOT
def test_a_port_that_the_services_user_may_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    os.chown(port, -1, DIALOUT)
    port.chmod(0o660)
    monkeypatch.setattr(ground, "service_user", lambda: "nobody")
    seen = of_the_port(tmp_path, f"serial://{port}")
    assert not seen.well
    for said in (seen.what.zh, seen.what.en):
        assert "nobody" in said and ":dialout 0660" in said
    assert "usermod -aG dialout nobody" in seen.next.en
    assert "usermod -aG dialout nobody" in seen.next.zh


@contextmanager
def program_that_holds(path: Path) -> Iterator[int]:
    code = f"import sys; f = open({str(path)!r}); print('open', flush=True); sys.stdin.read()"
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdout
        assert program.stdout.readline() == "open\n"
        yield program.pid
        program.communicate()


def test_the_program_that_holds_a_port_is_named(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    with program_that_holds(port) as pid:
        seen = of_the_port(tmp_path, f"serial://{port}")
    assert not seen.well
    assert f"({pid})" in seen.what.en
    assert "python" in seen.what.zh
    assert "close it" in seen.next.en


def test_a_port_that_is_there_and_free(tmp_path: Path) -> None:
    near, far = pty.openpty()
    try:
        seen = of_the_port(tmp_path, f"serial://{os.ttyname(far)}")
        assert seen.well
        assert "free" in seen.what.en
    finally:
        os.close(near)
        os.close(far)


def test_a_configuration_that_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"
    path.write_text('[hall]\nid = "a', encoding="utf-8")
    *_, last = looked(AWAY, path, unit=lambda: "")
    assert not last.well
    assert "hall.toml" in last.what.en
    assert "hall-edge check" in last.next.en


def test_one_device_and_one_that_is_not_configured(tmp_path: Path) -> None:
    path = config(tmp_path, "tcp://127.0.0.1:9100")
    assert looked(AWAY, path, "printer", lambda: "")[-1].well
    *_, last = looked(AWAY, path, "nobody", lambda: "")
    assert not last.well
    assert "nobody" in last.what.en


def test_the_unit_says_why(tmp_path: Path) -> None:
    path = config(tmp_path, "tcp://127.0.0.1:9100")
    found = looked(AWAY, path, unit=lambda: "failed failed exit-code 5")
    assert any("failed failed exit-code 5" in each.what.en and "journalctl" in each.next.en for each in found)
    assert all(each.data()["what"]["zh"] for each in found)


def test_a_machine_without_systemd_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_args: object, **_more: object) -> None:
        raise FileNotFoundError("systemctl")

    monkeypatch.setattr(subprocess, "run", none)
    assert ground.unit_state() == ""


@ROOT
@pytest.mark.parametrize(
    ("mode", "group", "user", "lets_in"),
    [
        (0o660, DIALOUT, "root", True),
        (0o660, DIALOUT, "nobody", False),
        (0o666, DIALOUT, "nobody", True),
        (0o640, DIALOUT, "uucp", False),
        (0o600, 0, "nobody", False),
    ],
)
def test_whom_a_port_lets_in(tmp_path: Path, mode: int, group: int, user: str, *, lets_in: bool) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    os.chown(port, -1, group)
    port.chmod(mode)
    rights = rights_of(str(port), user)
    assert rights.lets_in == lets_in
    assert ("udev" in rights.remedy.en) == (group == 0 or mode == 0o640)
