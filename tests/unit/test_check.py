"""`hall-edge check`: what a technician reads, and the exit status that a script reads."""

from __future__ import annotations

import io
from pathlib import Path

from edge.check import check
from tests.unit.registry_kit import WHOLE, entry_points, replaced, write


def run(tmp_path: Path, text: str, *, allow_sim: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    path = write(tmp_path / "hall.toml", text)
    return check(path, allow_sim=allow_sim, env={}, entry_points=entry_points(), out=out), out.getvalue()


def test_a_right_configuration_is_summed_up(tmp_path: Path) -> None:
    status, text = run(tmp_path, WHOLE)
    assert status == 0
    assert "配置正确：示范大厅，2 个窗口，2 项服务" in text
    assert "the configuration is right: windows 2, services 2" in text
    assert "bus  line  4 子设备 / children" in text


def test_every_problem_is_printed_in_both_languages(tmp_path: Path) -> None:
    text = replaced('id = "demo"', 'id = "demo"\ntimezone = "Asia/Shangai"')
    status, out = run(
        tmp_path, replaced("address = 2", "address = 0", replaced("columns = 32", "colums = 32", text))
    )
    assert status == 2
    lines = out.splitlines()
    assert lines[:5] == [
        "✗ 有这些错误，节点不启动",
        "  with these, the node does not start",
        '    hall.timezone = "Asia/Shangai"',
        "      没有这个时区：是不是 Asia/Shanghai？",
        "      is no time zone: did you mean Asia/Shanghai?",
    ]
    assert "✗ 设备 slips 停用，大厅照常运行" in lines
    assert "    device[0].settings.colums = 32" in lines
    assert "✗ bus 上的 pad-1 停用" in lines
    assert "    device[1].child[1].address = 0" in lines
    assert lines[-1] == "共 3 处错误 / 3 problems"


def test_a_device_alone_is_enough_to_fail(tmp_path: Path) -> None:
    status, out = run(tmp_path, replaced("columns = 32", "columns = true"))
    assert status == 2
    assert "node does not start" not in out
    assert out.endswith("共 1 处错误 / 1 problem\n")


def test_a_child_alone_is_enough_to_fail(tmp_path: Path) -> None:
    status, out = run(tmp_path, replaced("address = 2", "address = 0"))
    assert status == 2
    assert "pad-1 on bus stays out" in out


def test_the_files_of_mqtt_are_looked_at(tmp_path: Path) -> None:
    write(tmp_path / "ca.pem", "-----BEGIN CERTIFICATE-----\n")
    files = f'ca = "{tmp_path}/ca.pem"\ncert = "{tmp_path}/cert.pem"\nkey = "{tmp_path}"'
    text = replaced('brokers = ["mqtt://127.0.0.1:1883"]', f'brokers = ["mqtts://h"]\n{files}')
    status, out = run(tmp_path, text)
    assert status == 2
    assert "mqtt.ca" not in out
    assert f"    mqtt.cert = {tmp_path}/cert.pem\n      读不了：No such file or directory" in out
    assert "mqtt.key" in out
    assert "there is no connection to a broker" in out


def test_simulators_are_allowed_by_the_command_line(tmp_path: Path) -> None:
    text = replaced("serial:///dev/ttyUSB0?baud=9600", "sim://slip")
    assert run(tmp_path, text)[0] == 2
    assert run(tmp_path, text, allow_sim=True)[0] == 0


def test_a_text_in_one_language_is_printed_once(tmp_path: Path) -> None:
    out = run(tmp_path, replaced("address = 2", "address = 1"))[1]
    assert out.count("two children at one address") == 1


def test_a_file_that_is_not_there_fails(tmp_path: Path) -> None:
    out = io.StringIO()
    assert check(tmp_path / "absent.toml", out=out) == 2
    assert "文件不存在" in out.getvalue()
