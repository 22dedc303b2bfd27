"""The process that reads: what it makes of a code and of a card, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.control import ControlServer
from edge.wire import MAX_PAYLOAD, PERSONAL, Reply, Request
from kiosk_ui import plain, reader
from kiosk_ui.keys import MIN_KEY, NoKey, person_of, read_key
from kiosk_ui.link import Reading
from kiosk_ui.plain import MAX_LINE, PlainClient, Told

KEY = "k" * MIN_KEY
NUMBER = "000000199003071017"  # of a region that there is not
DAY = "2026-12-01"
PERSON = "b03409ae5d6eda4264f719094094648c"  # as the guide for those who book has it


@dataclass
class Daemon:
    """A control socket; `says`: the answers by verb, the last one again and again."""

    socket: Path
    says: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    async def handle(self, request: Request, _client: str) -> Reply:
        self.asked.append(request)
        told = self.says[request.verb]
        reply = told.pop(0) if len(told) > 1 else told[0]
        return reply.model_copy(update={"id": request.id})

    def verbs(self) -> list[str]:
        return [each.verb for each in self.asked]


@asynccontextmanager
async def daemon(folder: Path, **says: list[Reply]) -> AsyncIterator[Daemon]:
    made = Daemon(folder / "control.sock", {verb.replace("__", "."): told for verb, told in says.items()})
    server = ControlServer(made.socket, made.handle)
    await server.start()
    try:
        yield made
    finally:
        await server.stop()


def done(**data: object) -> Reply:
    return Reply(id="0" * 32, result="done", data=data)


def no(code: str) -> Reply:
    return Reply(id="0" * 32, result="rejected", code=code, zh="不行", en="no")


def code(text: str) -> Reply:
    return done(kind="code", **{PERSONAL: {"text": text}})


TICKET = done(ticket="A004", service="tax", phase="waiting", ahead=1, printed=True)


async def read(at: Daemon, folder: Path, what: str = "code", **more: object) -> Reading:
    """As the kiosk takes it."""
    key = folder / "key"
    key.write_text(KEY + "\nnothing else counts\n", encoding="utf-8")
    order: dict[str, Any] = {
        "what": what,
        "socket": str(at.socket),
        "device": "d",
        "session": "s",
        "within_s": 2.0,
        "secret": "of this run",
        "key_file": str(key),
        "day": DAY,
        "stands": False,
        "online": False,
    }
    told = json.dumps(await asyncio.to_thread(reader.read, order | more))
    assert NUMBER not in told and NUMBER[:-4] not in told
    return Reading.model_validate_json(told)


# --- codes ---
@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("20261120017788", "case", "20261120017788"),
        ("case:20261120017788\r\n", "case", "20261120017788"),
        ("P2026113000000000017", "order", "P2026113000000000017"),
    ],
)
async def test_a_case_and_a_payment_are_told_by_their_number_where_they_mean_something(
    tmp_path: Path, text: str, kind: str, said: str
) -> None:
    """In a hall without these services it is what else it may be: the code of an appointment."""
    async with daemon(tmp_path, code__read=[code(text)], appointment__check_in=[TICKET]) as at:
        reading = await read(at, tmp_path, online=True)
        assert reading.scanned and (reading.scanned.kind, reading.scanned.text) == (kind, said)
        assert at.verbs() == ["code.read"]
        elsewhere = await read(at, tmp_path)
        assert elsewhere.scanned is None
        assert ("appointment.check_in" in at.verbs()) == (":" not in text)


@pytest.mark.parametrize(
    ("text", "kind", "said", "cases"),
    [
        ("yunhe/item/1001", "item", "1001", ()),
        (" yunhe/item/1001/renew+proxy\r\n", "item", "1001", ("renew", "proxy")),
        ("yunhe/2026-12-01/A012", "ticket", "yunhe/2026-12-01/A012", ()),
        ("云和县政务服务中心A012税务2026-12-01 yunhe/2026-12-01/A012", "ticket", "yunhe/2026-12-01/A012", ()),
    ],
)
async def test_paper_of_the_halls_is_told_and_nothing_asked(
    tmp_path: Path, text: str, kind: str, said: str, cases: tuple[str, ...]
) -> None:
    async with daemon(tmp_path, code__read=[code(text)]) as at:
        found = await read(at, tmp_path)
        assert found.scanned and found.mark
        assert (found.scanned.kind, found.scanned.text, found.scanned.cases) == (kind, said, cases)
        assert found.scanned.hall == "yunhe"
        assert at.verbs() == ["code.read"]


async def test_an_appointments_code_is_handed_to_the_daemon_and_not_to_the_kiosk(tmp_path: Path) -> None:
    async with daemon(tmp_path, code__read=[code("R-7f3a9c1e")], appointment__check_in=[TICKET]) as at:
        found = await read(at, tmp_path)
        again = await read(at, tmp_path)
        assert found.ticket and found.ticket.ticket == "A004"
        first, second = (each.args for each in at.asked if each.verb == "appointment.check_in")
        assert first == second and first["ref"] == "R-7f3a9c1e", "one appointment, one ticket"
        assert "R-7f3a9c1e" not in found.model_dump_json() and found.mark == again.mark


@pytest.mark.parametrize(
    "text", ["", "x", "https://example.cn/a?b=1", "9" * 4000, "a b c d e f g h", "预约码"]
)
async def test_what_is_no_code_of_ours_is_asked_nobody(tmp_path: Path, text: str) -> None:
    async with daemon(tmp_path, code__read=[code(text)]) as at:
        found = await read(at, tmp_path)
        assert (found.result, found.code, at.verbs()) == ("rejected", "unknown_code", ["code.read"])


@given(st.text(max_size=300) | st.from_regex(r"(case:|P)?[0-9]{12,20}", fullmatch=True), st.booleans())
def test_any_code_is_read_to_something_that_the_kiosk_takes(text: str, online: bool) -> None:
    class Asked:
        def request(self, *_: object) -> Told:
            return Told("rejected", "unknown_appointment")

    order = {"secret": "of this run", "online": online}
    told = reader._meant(Asked(), text, order)  # type: ignore[arg-type]  # as much as it needs
    found = Reading.model_validate_json(json.dumps(told))
    assert found.result in ("done", "rejected")
    assert found.scanned is None or found.scanned.text in text


async def test_one_that_stands_waits_on_and_one_that_does_not_says_so(tmp_path: Path) -> None:
    waits = [no("no_code"), no("no_code"), code("yunhe/item/1001")]
    async with daemon(tmp_path, code__read=[*waits]) as at:
        assert (await read(at, tmp_path, stands=True)).scanned
        assert [each.args["within_s"] for each in at.asked] == [reader.STANDS_S] * 3
    async with daemon(tmp_path, code__read=[*waits]) as at:
        found = await read(at, tmp_path)
        assert (found.code, found.zh, found.mark) == ("no_code", "不行", "")


async def test_an_order_that_is_just_ending_is_waited_for(tmp_path: Path) -> None:
    async with daemon(tmp_path, code__read=[no("busy"), no("busy"), code("yunhe/item/1001")]) as at:
        assert (await read(at, tmp_path)).scanned


async def test_a_daemon_that_is_away_is_a_failure(tmp_path: Path) -> None:
    found = await read(Daemon(tmp_path / "nowhere.sock"), tmp_path)
    assert (found.result, found.code) == ("failed", "unreachable")


# --- the socket, as far as a reader needs it ---
def test_it_knows_the_wire() -> None:
    assert (plain.PERSONAL, MAX_LINE) == (PERSONAL, MAX_PAYLOAD)


async def test_a_standing_reader_takes_little_memory_and_gives_the_way_free(tmp_path: Path) -> None:
    """It waits in a process of its own until it is ended, and its request ends with it."""
    ended = asyncio.Event()

    async def handle(request: Request, _client: str) -> Reply:
        asked.set()
        try:
            return await asyncio.Future[Reply]()
        finally:
            ended.set()

    asked = asyncio.Event()
    server = ControlServer(tmp_path / "control.sock", handle, lambda verb: verb == "code.read")
    await server.start()
    order = {
        **{
            "what": "code",
            "socket": str(tmp_path / "control.sock"),
            "device": "d",
            "session": "s",
            "within_s": 60.0,
        },
        **{"secret": "s", "key_file": "", "day": DAY, "stands": True, "online": False, "kiosk": os.getpid()},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk_ui.reader"), stdin=-1, stdout=-1
    )
    assert process.stdin
    process.stdin.write(json.dumps(order).encode() + b"\n")
    async with asyncio.timeout(20):
        await asked.wait()
    resident_mb = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4 / 1024
    process.kill()
    await process.communicate()
    async with asyncio.timeout(20):
        await ended.wait()
    await server.stop()
    assert resident_mb <= 22.0


def lying(path: Path, *answers: bytes) -> threading.Thread:
    """A control socket that answers the first request with this, and closes."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as line:
            line.settimeout(10.0)
            asked = json.loads(line.recv(1 << 16))
            for answer in answers:
                line.sendall(answer.replace(b"ID", asked["id"].encode()))

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ((b'{"v":1,"id":"ID","res', b'ult":"done"}\n'), Told("done")),
        ((b'{"id":"other","result":"done"}\n{"id":"ID","result":"failed"}\n',), Told("failed")),
        ((b'{"id":"","result":"rejected","code":"too_long"}\n',), Told("rejected", "too_long")),
        ((), Told("unknown", "connection_lost")),
        ((b'{"id":"ID"',), Told("unknown", "connection_lost")),
        ((b"hello\n",), Told("unknown", "bad_reply")),
        ((b"[1]\n",), Told("unknown", "bad_reply")),
        ((b"\xff\xfe\n",), Told("unknown", "bad_reply")),
        ((b'{"id":"ID","result":"perhaps"}\n',), Told("unknown", "bad_reply")),
        ((b'{"id":"ID","result":[]}\n',), Told("unknown", "bad_reply")),
        ((b'{"id":"ID","result":"done","data":[]}\n',), Told("unknown", "bad_reply")),
        ((b'{"id":"ID","result":"done","zh":7}\n',), Told("unknown", "bad_reply")),
        ((b"x" * (MAX_LINE + 1),), Told("unknown", "bad_reply")),
    ],
)
def test_a_socket_that_closes_or_lies_is_an_answer_that_nobody_knows(
    tmp_path: Path, answers: tuple[bytes, ...], told: Told
) -> None:
    path = tmp_path / "control.sock"
    serving = lying(path, *answers)
    with PlainClient(str(path)) as client:
        assert client.request("code.read", {}, 10.0) == told
    serving.join(10.0)


async def test_a_daemon_that_does_not_answer_is_waited_for_no_longer_than_was_said(tmp_path: Path) -> None:
    async def never(_request: Request, _client: str) -> Reply:
        return await asyncio.Future[Reply]()

    def ask() -> Told:
        with PlainClient(str(tmp_path / "control.sock")) as client:
            return client.request("code.read", {}, 0.2)

    server = ControlServer(tmp_path / "control.sock", never)
    await server.start()
    try:
        assert await asyncio.to_thread(ask) == Told("unknown", "timeout")
    finally:
        await server.stop()


# --- cards that check in ---
CARD = done(kind="resident", **{PERSONAL: {"name": "样卡甲", "number": NUMBER}})


def booked(*tickets: str) -> Reply:
    every = [
        {"ref": f"r-{at:07d}", "service": "tax", "time": f"{9 + at:02d}:30", "ticket": ticket}
        for at, ticket in enumerate(tickets)
    ]
    return done(appointments=every)


@pytest.mark.parametrize(
    ("tickets", "checked_in", "told"),
    [
        ([""], "r-0000000", 0),
        (["A001", ""], "r-0000001", 0),
        (["A001"], "r-0000000", 0),
        (["A001", "A002"], "r-0000001", 0),
        (["", ""], "", 2),
        (["", "A001", ""], "", 2),
        ([], "", 0),
    ],
)
async def test_the_only_appointment_is_checked_in_and_of_several_the_kiosk_asks(
    tmp_path: Path, tickets: list[str], checked_in: str, told: int
) -> None:
    says = {"card__read": [CARD], "appointment__find": [booked(*tickets)], "appointment__check_in": [TICKET]}
    async with daemon(tmp_path, **says) as at:
        found = await read(at, tmp_path, "card_check_in")
        assert at.asked[1].args == {"person": PERSON}
        if checked_in:
            assert at.asked[2].args["ref"] == checked_in
            assert found.ticket and found.appointments is None
        else:
            assert found.appointments is not None and len(found.appointments) == told
            assert at.verbs() == ["card.read", "appointment.find"]


async def test_a_card_without_a_number_or_that_was_pulled_away_asks_for_nothing(tmp_path: Path) -> None:
    nameless = done(kind="resident", **{PERSONAL: {"name": "样卡甲"}})
    for reply, code_ in ((nameless, "no_number"), (no("card_moved"), "card_moved")):
        async with daemon(tmp_path, card__read=[reply]) as at:
            found = await read(at, tmp_path, "card_check_in")
            assert (found.result, found.code, at.verbs()) == ("rejected", code_, ["card.read"])


async def test_without_the_key_no_card_is_read(tmp_path: Path) -> None:
    async with daemon(tmp_path, card__read=[CARD]) as at:
        found = await read(at, tmp_path, "card_check_in", key_file=str(tmp_path / "gone"))
        assert (found.result, found.code, at.asked) == ("failed", "no_key", [])


# --- the key ---
def test_a_person_is_another_one_on_another_day_and_by_another_key() -> None:
    assert person_of(KEY, NUMBER, DAY) == PERSON
    assert person_of(KEY, NUMBER.lower() + " ", DAY) == PERSON
    assert len({PERSON, person_of(KEY, NUMBER, "2026-12-02"), person_of("l" * MIN_KEY, NUMBER, DAY)}) == 3


@pytest.mark.parametrize("text", ["", "short\n", "\n" + KEY, "\xff"])
def test_a_file_without_a_key_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(NoKey):
        read_key(path)
    with pytest.raises(NoKey):
        read_key(tmp_path)
