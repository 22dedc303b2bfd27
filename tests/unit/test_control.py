"""The control socket, over real Unix sockets: what clients may do wrong, and what becomes of it."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from edge import control
from edge.control import (
    MAX_CLIENTS,
    MAX_IN_FLIGHT,
    MAX_RUNNING,
    SOCKET_MODE,
    ControlClient,
    ControlError,
    ControlServer,
)
from edge.ids import new_id
from edge.wire import MAX_PAYLOAD, MAX_REQUEST, Reply, Request

ME = f"local-{os.getuid()}"
PRIVATE = {"wait.private", "echo.private"}  # verbs that end with their client


class Node:
    """A handler that echoes, waits, breaks or answers at length, by the verb."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.at_once = 0
        self.most_at_once = 0
        self.go = asyncio.Event()

    async def handle(self, request: Request, client: str) -> Reply:
        self.seen.append((request.verb, client))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._answer(request)
        finally:
            self.at_once -= 1

    async def _answer(self, request: Request) -> Reply:
        data: dict[str, Any] = dict(request.args)
        match request.verb:
            case "wait" | "wait.private":
                await self.go.wait()
            case "break":
                raise ZeroDivisionError("oops")
            case "long":
                data = {"text": "x" * int(request.args["size"])}
        return Reply(id=request.id, result="done", data=data)


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[Node]:
    node = Node()
    server = ControlServer(path, node.handle, lambda verb: verb in PRIVATE)
    await server.start()
    try:
        yield node
    finally:
        await server.stop()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture
async def node(path: Path) -> AsyncIterator[Node]:
    async with serving(path) as node:
        yield node


@pytest.fixture
async def client(path: Path, node: Node) -> AsyncIterator[ControlClient]:
    async with ControlClient(path) as client:
        yield client


class Raw:
    """A client that sends what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self) -> Reply:
        async with asyncio.timeout(60):
            return Reply.model_validate_json(await self.reader.readline())

    async def rest(self) -> bytes:
        async with asyncio.timeout(60):
            try:
                return await self.reader.read()
            except ConnectionResetError:  # closed with our bytes unread
                return b""


@asynccontextmanager
async def raw(path: Path) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_unix_connection(str(path), limit=MAX_PAYLOAD)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 what is waited for happens in the code under test
            await asyncio.sleep(0.001)


def line(verb: str, **args: object) -> bytes:
    return json.dumps({"id": new_id(), "verb": verb, "args": args}).encode() + b"\n"


# --- well-behaved clients ---
async def test_a_request_is_answered_and_names_who_asked(node: Node, client: ControlClient) -> None:
    reply = await client.request("echo", {"window": "3", "名": "陈"})
    assert (reply.result, reply.data) == ("done", {"window": "3", "名": "陈"})
    assert node.seen == [("echo", ME)]


async def test_many_ask_at_once_over_one_connection_and_each_gets_its_own(
    node: Node, client: ControlClient
) -> None:
    waiting = asyncio.create_task(client.request("wait", {"n": -1}))
    replies = await asyncio.gather(*(client.request("echo", {"n": n}) for n in range(100)))
    assert [reply.data["n"] for reply in replies] == list(range(100))
    assert not waiting.done(), "a slow request holds up no other"
    assert node.most_at_once <= MAX_IN_FLIGHT
    node.go.set()
    assert (await waiting).data == {"n": -1}


async def test_a_connection_is_read_no_further_than_its_share(path: Path, node: Node) -> None:
    async with raw(path) as hog, raw(path) as other:
        await hog.say(b"".join(line("wait", n=n) for n in range(50)))
        await other.say(line("echo"))
        await other.reply()
        assert node.at_once == MAX_IN_FLIGHT
        node.go.set()
        assert {(await hog.reply()).data["n"] for _ in range(50)} == set(range(50))


async def test_a_client_that_closes_its_side_still_gets_its_replies(path: Path, node: Node) -> None:
    async with raw(path) as client:
        await client.say(line("wait"))
        client.writer.write_eof()
        node.go.set()
        assert (await client.reply()).result == "done"
        assert await client.rest() == b""


async def test_what_has_begun_is_carried_on_when_the_client_goes(path: Path, node: Node) -> None:
    async with raw(path) as client:
        await client.say(line("wait") + line("echo"))
        await client.reply()
    async with ControlClient(path) as other:
        await other.request("echo")
        assert node.at_once == 1
        node.go.set()
        await other.request("echo")
        assert node.at_once == 0, "it ran to its end"


# --- what is private ends with its client ---
async def test_a_private_request_is_answered_like_any_other(node: Node, client: ControlClient) -> None:
    assert (await client.request("echo.private", {"n": 1})).data == {"n": 1}


@pytest.mark.parametrize("ending", ["abort", "close", "half-close"])
async def test_a_private_request_ends_with_its_connection(path: Path, node: Node, ending: str) -> None:
    async with raw(path) as client, raw(path) as other:
        await other.say(line("wait.private"))
        await client.say(line("wait.private") + line("wait"))
        await until(lambda: node.at_once == 3)
        match ending:
            case "abort":
                client.writer.transport.abort()
            case "close":
                client.writer.close()
            case "half-close":
                client.writer.write_eof()
        await until(lambda: node.at_once == 2)
        node.go.set()
        assert (await other.reply()).result == "done", "another's is not touched"
        await until(lambda: node.at_once == 0)


async def test_a_private_request_of_who_has_gone_already_does_not_begin(path: Path, node: Node) -> None:
    for _ in range(20):
        async with raw(path) as client:
            await client.say(line("wait.private"))
            client.writer.write_eof()
    await until(lambda: node.at_once == 0)
    async with ControlClient(path) as other:
        assert (await other.request("echo")).result == "done"
    assert node.at_once == 0


async def test_a_client_that_reads_nothing_loses_its_private_requests(
    path: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "WRITE_TIMEOUT_S", 0.1)
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(path))
        slow.sendall(line("wait.private") + b"".join(line("long", size=250_000) for _ in range(4)))
        await until(lambda: ("wait.private", ME) in node.seen)
        await until(lambda: node.at_once == 0)


# --- the client's own promises ---
async def test_a_time_out_is_unknown_and_the_late_reply_goes_to_nobody(
    node: Node, client: ControlClient
) -> None:
    reply = await client.request("wait", timeout_s=0.02)
    assert (reply.result, reply.code) == ("unknown", "timeout")
    node.go.set()
    assert (await client.request("echo", {"n": 1})).data == {"n": 1}


async def test_a_daemon_that_dies_leaves_the_result_unknown_and_is_found_again(path: Path) -> None:
    async with ControlClient(path) as client:
        async with serving(path) as node:
            asked = asyncio.create_task(client.request("wait"))
            await until(lambda: node.at_once == 1)
        assert ((await asked).result, (await asked).code) == ("unknown", "connection_lost")
        with pytest.raises(ControlError):
            await client.request("echo")
        async with serving(path):
            assert (await client.request("echo")).result == "done"


@pytest.mark.parametrize("said", [b"hello\n", b'{"id": "1", "result": "perhaps"}\n', b"x" * 1_000_000])
async def test_what_is_no_reply_ends_the_connection_and_is_told_apart(path: Path, said: bytes) -> None:
    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        with suppress(OSError):  # who listens has had enough
            writer.write(said)
            await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(lie, path), ControlClient(path) as client:
        reply = await client.request("echo")
        assert (reply.result, reply.code) == ("unknown", "bad_reply")


async def test_no_daemon_is_an_error_with_cause_and_remedy(path: Path) -> None:
    with pytest.raises(ControlError, match="no daemon answers") as caught:
        await ControlClient(path).request("status")
    assert "systemctl status hall-edge" in caught.value.remedy
    assert caught.value.remedy_zh


async def test_no_permission_is_told_apart(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(asyncio, "open_unix_connection", refuse)  # root, who runs tests, may do everything
    with pytest.raises(ControlError, match="no permission") as caught:
        await ControlClient(path).request("status")
    assert "usermod -aG hall" in caught.value.remedy


async def test_a_client_that_is_closed_as_it_connects_lets_nobody_wait(node: Node, path: Path) -> None:
    client = ControlClient(path)
    asking = asyncio.create_task(client.request("wait", timeout_s=60.0))
    while client._reading is None:  # noqa: ASYNC110 the very turn in which it is connected is meant
        await asyncio.sleep(0)
    writer = client._writer
    await client.close()  # before it has begun to read
    assert (await asking).code == "connection_lost"
    assert writer is not None
    assert writer.transport.is_closing()


async def test_the_client_sends_nothing_that_would_be_refused(node: Node, client: ControlClient) -> None:
    assert (await client.request("echo", {"text": "x" * MAX_REQUEST})).code == "too_long"
    with pytest.raises(ValidationError):
        await client.request("No Verb")
    assert node.seen == []


# --- bad input ---
@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 10_000,
        b'{"id": "1"' + b" " * 500,
        b'{"id": "x", "verb": "status"}',
        b'{"id": "0123456789abcdef0123456789abcdef", "verb": "DROP TABLE"}',
        b'{"id": "0123456789abcdef0123456789abcdef", "verb": "status", "extra": 1}',
        b'{"id": "0123456789abcdef0123456789abcdef", "verb": "status", "args": []}',
        json.dumps({"id": "0" * 32, "verb": "echo", "args": {str(n): n for n in range(33)}}).encode(),
    ],
)
async def test_bad_input_is_refused_with_a_reason_and_the_connection_goes_on(
    path: Path, node: Node, bad: bytes
) -> None:
    async with raw(path) as client:
        await client.say(bad + b"\n" + line("echo"))
        refused, answered = sorted(
            [await client.reply(), await client.reply()], key=lambda r: r.result != "rejected"
        )
        assert (refused.result, refused.code) == ("rejected", "bad_request")
        assert len(refused.en) > 15
        assert refused.zh
        assert answered.result == "done"
    assert [verb for verb, _ in node.seen] == ["echo"]


async def test_a_refusal_carries_the_id_that_could_be_read(path: Path, node: Node) -> None:
    async with raw(path) as client:
        await client.say(b'{"id": "0123", "verb": "status"}\n')
        reply = await client.reply()
        assert (reply.id, reply.code) == ("0123", "bad_request")
        assert "id" in reply.en


async def test_a_line_may_be_as_long_as_the_limit_and_no_longer(path: Path, node: Node) -> None:
    fits = line("echo", text="").rstrip()
    fits = fits.replace(b'""', b'"' + b"x" * (MAX_REQUEST - len(fits)) + b'"')
    assert len(fits) == MAX_REQUEST
    async with raw(path) as client:
        await client.say(fits + b"\n")
        assert (await client.reply()).result == "done"
        await client.say(fits + b" \n" + line("echo"))
        reply = await client.reply()
        assert (reply.result, reply.code) == ("rejected", "too_long")
        assert await client.rest() == b"", "and the connection ends"
    assert len(node.seen) == 1


async def test_an_endless_line_is_cut_off(path: Path, node: Node) -> None:
    async with raw(path) as client:
        with pytest.raises(ConnectionError):
            while True:
                await client.say(b"x" * 65_536)
    async with ControlClient(path) as other:
        assert (await other.request("echo")).result == "done"


@settings(max_examples=40)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.text(max_size=8),
                lambda inner: (
                    st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
                ),
                max_leaves=12,
            ).map(lambda value: json.dumps(value).encode()),
            st.fixed_dictionaries(
                {
                    "id": st.sampled_from(["0" * 32, "", 7]),
                    "verb": st.sampled_from(["echo", "", "e" * 99, None]),
                },
                optional={
                    "args": st.none() | st.dictionaries(st.text(max_size=4), st.floats()),
                    "x": st.none(),
                },
            ).map(lambda value: json.dumps(value).encode()),
        ),
        max_size=8,
    ),
    st.integers(1, 64),
)
def test_whatever_is_sent_every_line_is_answered(lines: list[bytes], cut: int) -> None:
    asyncio.run(_fuzz([each.replace(b"\n", b"") for each in lines], cut))


async def _fuzz(lines: list[bytes], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "control.sock"
        async with serving(path), raw(path) as client:
            data = b"".join(each + b"\n" for each in lines)
            for start in range(0, len(data), cut):
                await client.say(data[start : start + cut])
            replies = [await client.reply() for _ in lines]
            assert {reply.code for reply in replies if reply.result == "rejected"} <= {"bad_request"}
            assert {reply.result for reply in replies} <= {"done", "rejected"}
            await client.say(line("echo"))
            assert (await client.reply()).result == "done"


async def test_a_handlers_bug_is_unknown_to_its_client_and_nothing_to_others(
    client: ControlClient, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await client.request("break")
    assert (reply.result, reply.code) == ("unknown", "internal_error"), (
        "it may have taken effect before it broke"
    )
    assert "ZeroDivisionError" in caplog.text
    assert (await client.request("echo")).result == "done"


async def test_a_reply_that_is_too_long_keeps_its_result_and_says_so(client: ControlClient) -> None:
    assert len((await client.request("long", {"size": MAX_PAYLOAD - 500})).data["text"]) == MAX_PAYLOAD - 500
    reply = await client.request("long", {"size": MAX_PAYLOAD})
    assert (reply.result, reply.code, reply.data) == ("done", "reply_too_long", {})


# --- many and slow clients ---
async def test_connections_are_bounded_and_the_next_is_told(path: Path, node: Node) -> None:
    clients = [ControlClient(path) for _ in range(MAX_CLIENTS)]
    for client in clients:
        assert (await client.request("echo")).result == "done"
    async with ControlClient(path) as one_more:
        reply = await one_more.request("echo")
        assert (reply.result, reply.code) == ("rejected", "busy")
    await clients[0].close()
    async with ControlClient(path) as one_more:
        for _ in range(1000):
            if (reply := await one_more.request("echo")).result == "done":
                break
        assert reply.result == "done", "one that leaves makes room"
    for client in clients:
        await client.close()


async def test_running_requests_are_bounded_over_all_connections(path: Path, node: Node) -> None:
    clients = [ControlClient(path) for _ in range(MAX_RUNNING // MAX_IN_FLIGHT)]
    tasks = [asyncio.create_task(each.request("wait")) for each in clients for _ in range(MAX_IN_FLIGHT)]
    await until(lambda: node.at_once == MAX_RUNNING)
    async with ControlClient(path) as one_more:
        assert (await one_more.request("echo")).code == "busy"
    node.go.set()
    assert {(await task).result for task in tasks} == {"done"}
    for client in clients:
        await client.close()


async def test_a_client_that_does_not_read_is_cut_off_and_holds_little(
    path: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "WRITE_TIMEOUT_S", 0.1)
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(path))
        slow.sendall(b"".join(line("long", size=200_000) for _ in range(60)))
        async with ControlClient(path) as other:
            await until(lambda: len(node.seen) >= MAX_IN_FLIGHT)
            assert (await other.request("echo")).result == "done", "others are served meanwhile"
            await until(lambda: _is_hung_up(slow))
            assert len(node.seen) <= 2 * MAX_IN_FLIGHT, "no more is taken from it while it does not read"
        received = 0
        while chunk := _recv(slow):
            received += len(chunk)
        assert received < 2 * 1024 * 1024


def _is_hung_up(sock: socket.socket) -> bool:
    poll = select.poll()
    poll.register(sock, 0)
    return bool(poll.poll(0))


def _recv(sock: socket.socket) -> bytes:
    sock.settimeout(2)
    try:
        return sock.recv(1 << 20)
    except ConnectionResetError:
        return b""


# --- the socket file ---
async def test_the_socket_is_for_owner_and_group_only(path: Path, node: Node) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == SOCKET_MODE


async def test_stopping_removes_the_socket_but_not_a_successors(path: Path) -> None:
    async with serving(path):
        assert path.exists()
    assert not path.exists()
    async with serving(path):
        path.unlink()
        path.write_text("another's")
    assert path.read_text() == "another's"


async def test_a_dead_daemons_socket_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with serving(path), ControlClient(path) as client:
        assert (await client.request("echo")).result == "done"


async def test_a_live_daemons_socket_is_left_alone(path: Path, client: ControlClient) -> None:
    with pytest.raises(ControlError, match="another daemon") as caught:
        await ControlServer(path, Node().handle).start()
    assert "systemctl stop" in caught.value.remedy
    assert (await client.request("echo")).result == "done"


async def test_what_is_no_socket_is_never_deleted(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(ControlError, match="no socket"):
        await ControlServer(path, Node().handle).start()
    assert path.read_text() == "precious"


@pytest.mark.parametrize("name", ["missing/control.sock", "x" * 120])
async def test_a_path_that_cannot_be_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    before = os.umask(0o022)
    os.umask(before)
    with pytest.raises(ControlError) as caught:
        await ControlServer(tmp_path / name, Node().handle).start()
    assert caught.value.remedy
    assert os.umask(before) == before, "the umask is as it was"


async def test_ping_tells_whether_it_listens(path: Path) -> None:
    server = ControlServer(path, Node().handle)
    with pytest.raises(ControlError):
        await server.ping()
    await server.start()
    await server.ping()
    await server.stop()
    await server.stop()
    with pytest.raises(ControlError):
        await server.ping()


async def test_who_comes_just_when_the_door_closes_leaves_nothing_open(tmp_path: Path) -> None:
    """Python warns of what is left open, and a warning fails the test."""
    path = tmp_path / "control.sock"

    def comes_and_goes() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))

    for _ in range(30):
        server = ControlServer(path, Node().handle)
        await server.start()
        await asyncio.to_thread(comes_and_goes)
        await server.stop()
    gc.collect()
