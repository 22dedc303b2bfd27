"""What has passed last on a line: bounded, and nothing that is a person's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Ping, TextMessage
from wsproto.events import Request as HttpRequest

from drivers.api import Link
from drivers.bus68.said import said as bus_said
from drivers.bx5k import commands as board
from drivers.bx5k.codec import BoardCodec, Frame
from drivers.bx5k.said import said as board_said
from drivers.dialer import Dialer
from drivers.heartbeat.said import said as heartbeat_said
from drivers.messages import CameraLooked, PrintSlip, ReadCard, ReadCode
from drivers.printer.said import said as printer_said
from drivers.registry import Registry
from drivers.voice import codec as voice
from drivers.voice.said import said as voice_said
from drivers.xfs4iot.said import said as xfs_said
from edge.frames import KEPT, KEPT_BYTES, WATCHED_BYTES, WATCHED_S, Frames, Passed, frames_of, tapped
from edge.traffic import Traffic
from tests.unit.supervision import SPEC
from tests.unit.test_settings_examples import ours


class Line:
    """Says one thing, and keeps what it is told."""

    url = "test://line"

    def __init__(self, says: bytes = b"") -> None:
        self.says = says
        self.told: list[bytes] = []

    async def read(self) -> bytes:
        return self.says

    async def write(self, data: bytes) -> None:
        self.told.append(data)

    async def close(self) -> None:
        self.told.append(b"closed")


class Machine(Line):
    port: int | None = 80

    async def dial(self, port: int | None = None, host: str = "") -> Link:
        return Line(f"{host}:{port}".encode())


def frames(*orders: type, now_s: Callable[[], float] = lambda: 1.5) -> Frames:
    return Frames(replace(SPEC, orders=frozenset(orders)), now_s)


async def test_both_ways_are_kept_in_order_and_the_line_is_as_it_was() -> None:
    line, kept = Line(b"\x12"), frames()
    link = tapped(line, kept, Traffic())
    await link.write(b"\x10\x04\x01")
    assert await link.read() == b"\x12"
    await link.close()
    assert (link.url, line.told) == ("test://line", [b"\x10\x04\x01", b"closed"])
    assert kept.last() == [Passed(1, 1.5, True, b"\x10\x04\x01", 3), Passed(2, 1.5, False, b"\x12", 1)]
    assert not isinstance(link, Dialer)


def test_the_newest_are_kept_and_of_each_its_beginning() -> None:
    kept = frames()
    for n in range(KEPT + 5):
        kept.passed(bytes([n]) * 100, out=False)
    found = kept.last()
    assert [each.data[0] for each in found] == list(range(5, KEPT + 5))
    assert {(len(each.data), each.size) for each in found} == {(KEPT_BYTES, 100)}
    assert [each.data[0] for each in kept.last(2)] == [KEPT + 3, KEPT + 4]


def test_a_frame_that_comes_byte_by_byte_is_one_piece() -> None:
    times = iter((10.0, 10.001, 10.02, 10.2, 10.21, 10.22, 10.23))
    kept = frames(now_s=lambda: next(times))
    for byte in b"\xff\x68\x03":
        kept.passed(bytes([byte]), out=False)
    kept.passed(b"\x12", out=False)  # after a pause
    kept.passed(b"\x10", out=True)
    kept.passed(b"\x13", out=False)
    kept.passed(bytes(KEPT_BYTES), out=False)
    found = [(each.at_s, each.out, each.data, each.size) for each in kept.last()]
    assert found[:3] == [
        (10.0, False, b"\xff\x68\x03", 3),
        (10.2, False, b"\x12", 1),
        (10.21, True, b"\x10", 1),
    ]
    assert found[3] == (10.22, False, b"\x13" + bytes(KEPT_BYTES - 1), KEPT_BYTES + 1)


def test_who_asks_again_and_again_gets_each_piece_once_and_whole() -> None:
    now_s = 10.0
    kept = frames(now_s=lambda: now_s)
    assert kept.after(0) == (0, [])
    kept.passed(b"\x10", out=True)
    kept.passed(b"\xff", out=False)
    assert [each.seq for each in kept.after(0)[1]] == [1], "more of the second may come"
    now_s = 10.01
    kept.passed(b"\x68", out=False)
    now_s = 10.1
    newest, found = kept.after(1)
    assert (newest, [(each.seq, each.data) for each in found]) == (2, [(2, b"\xff\x68")])
    assert kept.after(newest) == (2, [])
    assert [each.seq for each in kept.after(500)[1]] == [1, 2], "its number is of another life"


def test_while_somebody_listens_more_of_each_is_kept() -> None:
    now_s = 10.0
    kept = frames(now_s=lambda: now_s)
    kept.after(0)
    kept.passed(bytes(2 * WATCHED_BYTES), out=True)
    now_s += WATCHED_S + 1
    kept.passed(bytes(2 * WATCHED_BYTES), out=True)
    assert [(len(each.data), each.size) for each in kept.last()] == [
        (WATCHED_BYTES, 2 * WATCHED_BYTES),
        (KEPT_BYTES, 2 * WATCHED_BYTES),
    ]


@pytest.mark.parametrize("order", [ReadCard, ReadCode])
def test_of_a_line_on_which_a_person_s_own_is_read_nothing_but_lengths(order: type) -> None:
    kept = frames(order)
    kept.passed(b"110101199003070000", out=False)
    kept.passed(b"\xaa", out=True)
    assert [(each.data, each.size) for each in kept.last()] == [(b"", 18), (b"", 1)]
    assert kept.is_private


def test_of_paper_only_lengths_are_kept_but_a_printer_s_questions_and_answers() -> None:
    kept = frames(PrintSlip)
    kept.passed("姓名 某某\n".encode("gb18030"), out=True)
    kept.passed("某某\n".encode("gb18030"), out=True)
    kept.passed(b"\x10\x04\x04", out=True)
    kept.passed(bytes(60), out=False)
    assert [each.data for each in kept.last()] == [b"", b"", b"\x10\x04\x04", bytes(60)]


def test_every_driver_of_ours_that_reads_what_is_a_person_s_own_is_private() -> None:
    registry = Registry(entry_points=ours)
    of = {family: frames_of(registry.driver(family).spec) for family in registry.families()}
    assert {family for family, kept in of.items() if kept and kept.is_private} == {"sdt", "newland", "hid"}
    assert {family for family, kept in of.items() if kept is None} == {"camera"}
    assert frames_of(replace(SPEC, events=frozenset({CameraLooked}))) is None


async def test_further_lines_to_a_machine_are_kept_beside_its_own() -> None:
    kept = frames()
    link = tapped(Machine(b"one"), kept, Traffic())
    assert isinstance(link, Dialer)
    assert link.port == 80
    await link.read()
    second = await link.dial(81, "peer")
    assert await second.read() == b"peer:81"
    assert [each.data for each in kept.last()] == [b"one", b"peer:81"]


# --- what bytes mean ---
def test_a_family_that_tells_nothing_of_its_bytes_is_silent() -> None:
    assert Registry(entry_points=ours).said("sdt")(b"\xaa\xaa\xaa\x96\x69", True) == ""


@pytest.mark.parametrize(
    ("data", "out", "means"),
    [
        ("10 04 01", True, "DLE EOT 1: printer status?"),
        ("12", False, "status 12"),
        ("14 00 00 0f", False, "all status 14 00 00 0f"),
        ("5f 54 4d 00", False, "TM"),
        ("ff", False, "✗ not a status"),
        ("e5 90 8d", True, ""),
    ],
)
def test_a_printer_s(data: str, out: bool, means: str) -> None:
    assert printer_said(bytes.fromhex(data), out) == means


@pytest.mark.parametrize(
    ("data", "out", "means"),
    [
        ("FF 68 08 08 68 03 02 0A 0A 0A 00 02 03 28 16", True, "03: show 0a 0a 0a 00 02 03"),
        ("FF 68 03 03 68 81 11 03 95 16", False, "81: rating 03"),
        ("A0 90 05 A1 00 00 A4", True, "strip 05: show"),
        ("A0 90 05 A5 AA", False, "strip 05: done"),
        ("00 01", False, "✗ noise"),
        ("FF 68 03 03 68 81 11 03 96 16", False, "✗ check byte 96, computed 95"),
    ],
)
def test_a_bus_s(data: str, out: bool, means: str) -> None:
    assert bus_said(bytes.fromhex(data), out) == means


def test_a_board_s() -> None:
    def framed(data: bytes) -> bytes:
        return BoardCodec().encode(Frame(data))

    assert board_said(framed(board.PING), True) == "ping"
    assert board_said(framed(bytes((0xA1, 0x02, 0x00, 0, 0))), False) == "status: good"
    assert board_said(framed(bytes((0xA3, 0x06, 0x04, 0, 0))), False) == "areas: error 04"
    assert board_said(b"\xa5\xa5\x00", False) == ""
    spoilt = framed(board.PING)[:-2] + b"\x00\x5a"
    assert board_said(spoilt, False).startswith("✗ check ")


def test_a_loudspeaker_s() -> None:
    def framed(frame: voice.Frame) -> bytes:
        return voice.VoiceCodec().encode(frame)

    assert voice_said(framed(voice.Frame("Q")), True) == "job 0: how are you?"
    assert voice_said(framed(voice.end(7, 22_050, 10, "x")), True) == "job 7: play it"
    assert voice_said(framed(voice.Frame("S", 0, b"aplay")), False) == "all is well: aplay"
    assert (
        voice_said(framed(voice.Frame("F", 7, b"\x00no card")), False) == "job 7: heard not at all: no card"
    )
    assert voice_said(framed(voice.Frame("P", 7))[:-1] + b"\x00", False).startswith("✗ ")


def test_a_terminal_s_fields_and_none_of_their_values() -> None:
    assert heartbeat_said(b'{"paper": "low", "door": "shut"}\n', False) == "JSON: paper, door"
    assert heartbeat_said(b"no JSON\n", False).startswith("✗ not JSON")
    assert heartbeat_said(b"GET /health HTTP/1.1\r\nHost: t\r\n", True) == "GET /health HTTP/1.1"
    assert heartbeat_said(b"HTTP/1.1 200 OK\r\n\r\n{}", False) == "HTTP/1.1 200 OK"
    many = b"{" + b",".join(b'"f%d": 1' % n for n in range(10)) + b"}\n"
    assert heartbeat_said(many, False).endswith("f7 and 2 more")


def test_a_service_s_messages_also_where_their_end_is_not_kept() -> None:
    ws = WSConnection(ConnectionType.CLIENT)
    opening = ws.send(HttpRequest(host="t", target="/xfs4iot/v1.0"))
    assert xfs_said(opening, True) == "GET /xfs4iot/v1.0 HTTP/1.1"
    peer = WSConnection(ConnectionType.SERVER)
    peer.receive_data(opening)
    list(peer.events())
    ws.receive_data(peer.send(AcceptConnection()))
    list(ws.events())
    header = {"name": "Common.Status", "type": "completion", "requestId": 7, "completionCode": "timeOut"}
    text = json.dumps({"header": header, "payload": {"of": "x" * 200}})
    for data, out in ((ws.send(TextMessage(data=text)), True), (peer.send(TextMessage(data=text)), False)):
        assert xfs_said(data, out) == xfs_said(data[:150], out) == "completion Common.Status timeOut #7"
    assert xfs_said(peer.send(Ping()), False) == "ping"
    assert xfs_said(b"", True) == xfs_said(b"\xff\xff", False) == ""


@pytest.mark.parametrize("family", sorted(Registry(entry_points=ours).families()))
@given(
    pieces=st.lists(
        st.binary(max_size=80) | st.sampled_from([b"\xff\x68\x03\x03", b"ZPS", b"HTTP/", b"\x81\xfe"])
    )
)
def test_whatever_a_line_says_is_heard_in_both_directions(family: str, pieces: list[bytes]) -> None:
    """Also the sum of what was cut: no ear raises."""
    registry = Registry(entry_points=ours)
    for out in (False, True):
        ear = registry.ear(family, out)
        words = [word for piece in [*pieces, b"".join(pieces)] for word in ear.hear(piece)]
        assert all(isinstance(word, str) for word in [*words, *ear.pause()])
