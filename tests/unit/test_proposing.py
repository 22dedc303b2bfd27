"""What a scan proposes is a right configuration, whatever devices say of themselves."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import ConditionSpec, LinkLost
from drivers.checking.words import Text
from drivers.registry import LINK_CONDITIONS
from drivers.transport.ports import Node
from edge.check import GOOD, check
from edge.diag.evidence import Holder
from edge.diag.probing.found import Child, Finding
from edge.diag.probing.holders import connected, holders
from edge.diag.probing.inputs import typing
from edge.diag.probing.ports import lasting_name
from edge.diag.probing.probes import PROBES
from edge.diag.proposing import proposed
from edge.diag.remedies import explained

HALL = """
[hall]
id = "yu"
name = "榆县"
[node]
id = "node-1"
store = "/var/lib/hall.db"
socket = "/run/hall.sock"
[mqtt]
brokers = ["mqtt://127.0.0.1"]
[printing]
printer = "printer"
[[service]]
id = "tax"
name = "税务"
prefix = "A"
[[window]]
id = "1"
name = "1"
services = ["tax"]
"""


def found(driver: str, model: str, url: str) -> Finding:
    return Finding("serial", url, "found", url, driver, model, Text("有应答", "answers"))


FOUND = [
    *(found(p.driver, p.model, f"serial:///dev/ttyUSB{n}?baud={p.speeds[0]}") for n, p in enumerate(PROBES)),
    found("printer", "escpos-80mm", "tcp://192.168.1.50:9100"),
    found("bus68", "bus68-standard", "serial:///dev/ttyUSB9?baud=9600"),
    found("xfs4iot", "xfs4iot-terminal", "host://192.168.1.60"),
    Finding("input", "/dev/input/event3", "found", "evdev:///dev/input/event3", "hid"),
    Finding("camera", "192.168.1.71", "found", "", "camera", "rtsp-cameras"),
    Finding("serial", "/dev/ttyUSB8", "silent"),
]


def test_each_thing_that_is_found_becomes_a_device_that_is_right(tmp_path: Path) -> None:
    path, out = tmp_path / "hall.toml", io.StringIO()
    path.write_text(HALL + proposed(FOUND), encoding="utf-8")
    assert check(path, out=out) == GOOD, out.getvalue()
    devices = tomllib.loads(proposed(FOUND))["device"]
    ids = [device["id"] for device in devices]
    expected = ["printer", "scanner", "board", "board-2", "id-reader", "printer-2", "windows", "terminal"]
    assert ids == expected


def test_a_printers_line_is_as_fast_as_its_port() -> None:
    (device,) = tomllib.loads(proposed([found("printer", "escpos-80mm", "serial:///dev/ttyS1?baud=38400")]))[
        "device"
    ]
    assert device["settings"] == {"line_bytes_per_s": 3840}


def test_what_nobody_can_know_is_left_to_take_the_marks_away(tmp_path: Path) -> None:
    """The window of a caller that was heard, and what a keyboard is for."""
    bus = Finding(
        "serial", "", "found", "serial:///dev/ttyS1?baud=9600", "bus68", "bus68-standard",
        children=(Child("caller", 3), Child("pad", 0x83)),
    )  # fmt: skip
    keys = Finding("input", "", "found", "evdev:///dev/input/event3", "hid")
    cameras = [Finding("camera", f"192.168.1.{n}", "found", "", "camera", "rtsp-cameras") for n in (71, 72)]
    lines = proposed([*cameras, found("printer", "escpos-80mm", "serial:///dev/ttyS0?baud=9600"), bus, keys])
    assert [each["id"] for each in tomllib.loads(lines)["device"]] == ["printer", "windows"]
    marked = lines.replace('#window = ""', '#window = "1"').splitlines()
    freed = "\n".join(line[1:] if line.startswith("#") and line[1:2] not in " " else line for line in marked)
    path, out = tmp_path / "hall.toml", io.StringIO()
    path.write_text(HALL + freed, encoding="utf-8")
    assert "caller-3" in freed and "hid-pad-five" in freed and "rtsp://192.168.1.72/" in freed
    check(path, out=out)
    assert "SyntaxError" not in out.getvalue() and "is not TOML" not in out.getvalue()
    assert [each["address"] for each in tomllib.loads(freed)["device"][1]["child"]] == [3, 0x83]


@given(st.text(), st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_whatever_a_device_says_stays_in_its_comment_and_its_quotes(told: str, place: str) -> None:
    one = Finding("serial", place, "found", f"serial://{place}", "sdt", "sdt-serial", Text(told, told))
    (device,) = tomllib.loads(proposed([one]))["device"]
    assert device["url"] == f"serial://{place}" and set(device) == {"id", "driver", "model", "url"}


# --- names that stay ---
BY_ID = "/dev/serial/by-id/usb-FTDI_A1-if00-port0"
BY_PATH = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0"


def test_an_adapter_with_a_number_of_its_own_is_named_by_it() -> None:
    node = Node("/dev/ttyUSB0", (BY_ID, BY_PATH), "0403", "6001")
    assert lasting_name(node, [node]) == BY_ID


def test_twins_without_a_number_are_named_by_their_sockets() -> None:
    """Both have one name by-id, which leads to either as it happens."""
    node = Node("/dev/ttyUSB0", (BY_ID, BY_PATH), "1a86", "7523")
    twin = Node("/dev/ttyUSB1", (BY_PATH.replace(":2:", ":3:"),), "1a86", "7523")
    assert lasting_name(node, [node, twin]) == BY_PATH
    assert lasting_name(twin, [node, twin]) == BY_PATH.replace(":2:", ":3:")
    assert lasting_name(Node("/dev/ttyS0"), [node, twin]) == "/dev/ttyS0"


def test_a_keyboard_is_told_by_its_lasting_name_and_without_a_model() -> None:
    link = "/dev/input/by-id/usb-pad-event-kbd"
    (found,) = typing([Node("/dev/input/event3", (link,), "0c2e", "0b6a")])
    assert (found.kind, found.place, found.url, found.model) == ("input", link, f"evdev://{link}", "")


# --- what cannot be opened ---
@pytest.mark.parametrize("spec", LINK_CONDITIONS, ids=lambda spec: spec.code)
def test_whatever_may_be_wrong_with_a_line_is_said_with_its_remedy_in_both_languages(
    spec: ConditionSpec,
) -> None:
    cause, remedy = explained(LinkLost("/dev/ttyUSB0", code=spec.code))
    assert cause.zh.startswith(spec.zh) and cause.en.startswith(spec.en) and "/dev/ttyUSB0" in cause.en
    assert (remedy.zh, remedy.en) == (spec.remedy_zh, spec.remedy_en)


# --- who holds a port ---
def test_a_program_that_has_the_port_open_is_named(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    (tmp_path / "proc" / "4711" / "fd").mkdir(parents=True)
    (tmp_path / "proc" / "4711" / "comm").write_text("minicom\n")
    (tmp_path / "proc" / "4711" / "fd" / "3").symlink_to(port)
    (tmp_path / "proc" / "4712").mkdir()  # one that is ending, or another user's
    assert holders([str(port)], tmp_path / "proc") == {str(port): Holder(4711, "minicom")}
    assert holders([str(tmp_path / "ttyUSB1")], tmp_path / "proc") == {}


def test_what_this_machine_is_connected_to_is_read_from_the_kernels_table(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    rows = (
        "  sl  local_address rem_address   st tx_queue",
        "   0: 0100007F:A1B2 3201A8C0:238C 01 00000000:00000000 00:00000000",  # 192.168.1.50:9100
        "   1: 0100007F:A1B3 3301A8C0:238C 06 00000000:00000000 00:00000000",  # TIME_WAIT
        "   2: 00000000:238C 00000000:0000 0A 00000000:00000000 00:00000000",  # it listens
    )
    (tmp_path / "net" / "tcp").write_text("\n".join(rows) + "\n")
    assert connected(tmp_path) == {("192.168.1.50", 9100)}
