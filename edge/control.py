"""The local door: requests and replies as JSON, one a line, over a Unix socket that the group `hall` may use.

Replies may come in another order than the requests; `id` says which is which. A request that has begun is
carried on when its client goes away, because a ticket that is half taken helps nobody. Not so one that is
bound to who stands there: it ends as soon as its connection does, or closes its sending side.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import stat
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from edge.ids import new_id
from edge.private import as_line
from edge.wire import MAX_PAYLOAD, MAX_REQUEST, Lenient, Reply, Request, rejected

log = logging.getLogger(__name__)

DEFAULT_SOCKET = Path("/run/hall-edge/control.sock")
SOCKET_MODE = 0o660
MAX_CLIENTS = 64  # kiosks, technicians and scripts of one node are fewer than ten
MAX_IN_FLIGHT = 8  # of one connection: a kiosk waits for a print and asks for the queue meanwhile
MAX_RUNNING = 128  # of all connections, those included whose client has gone
WRITE_TIMEOUT_S = 5.0  # a client that reads nothing for so long is cut off
CONNECT_TIMEOUT_S = 2.0  # the socket is local: a daemon that does not accept within this is stuck
_BACKLOG = 128  # a full backlog makes asyncio's connect to a Unix socket report success
_CREDENTIALS = struct.Struct("3i")  # struct ucred of unix(7): pid, uid, gid

Handle = Callable[[Request, str], Awaitable[Reply]]


class ControlError(Exception):
    """The socket cannot be opened or reached. `str()` is the cause, `remedy` and `remedy_zh` what to do."""

    def __init__(self, cause: str, remedy: str, remedy_zh: str) -> None:
        super().__init__(cause)
        self.remedy = remedy
        self.remedy_zh = remedy_zh


class _OnlyId(Lenient):
    id: str = ""


class ControlServer:
    """Serves `handle(request, client)` at `path`; `client` is "local-<uid>" of who asks.

    `is_bound` tells the verbs that end with their client. `start` raises ControlError. What a client sends
    never raises: it is answered or refused with a reason.
    """

    def __init__(
        self, path: Path, handle: Handle, is_bound: Callable[[str], bool] = lambda _verb: False
    ) -> None:
        self._path = path
        self._handle = handle
        self._is_bound = is_bound
        self._server: asyncio.Server | None = None
        self._inode = 0
        self._clients: set[asyncio.Task[None]] = set()
        self._running: set[asyncio.Task[Reply]] = set()

    async def start(self) -> None:
        listener = _listen(self._path)
        self._inode = self._path.stat().st_ino
        self._server = await asyncio.start_unix_server(self._accept, sock=listener, limit=MAX_REQUEST)

    async def stop(self) -> None:
        """Close every connection and end what runs; idempotent. The socket file goes if it is still ours."""
        if self._server is None:
            return
        server, self._server = self._server, None
        for listener in server.sockets:  # a server that is closed loses whom it accepts
            asyncio.get_running_loop().remove_reader(listener.fileno())
        for _ in range(5):  # turns of the loop, from an accepted connection to its task
            await asyncio.sleep(0)
        server.close()
        tasks = [*self._clients, *self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()

    async def ping(self) -> None:
        """For the watchdog: returns if the loop still accepts. Raises ControlError if it does not listen."""
        if self._server is None or not self._server.is_serving():
            raise ControlError("the control socket is closed", "restart the service", "重启服务")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        client = _Client(self, reader, writer)
        if len(self._clients) >= MAX_CLIENTS:
            await client.refuse("busy", f"more than {MAX_CLIENTS} connections", "连接太多，请稍候再试")
            return
        self._clients.add(task)
        try:
            with suppress(asyncio.CancelledError):  # of `stop` alone; asyncio would log it as an error
                await client.serve()
        finally:
            self._clients.discard(task)
            writer.transport.abort()

    async def answer(self, line: bytes, client: _Client) -> Reply:
        """The reply to one line, whatever it holds. Cancelled where it is bound and its client is gone."""
        try:
            request = Request.model_validate_json(line)
        except ValidationError as error:
            return _malformed(line, error)
        if len(self._running) >= MAX_RUNNING:
            return rejected(request.id, "busy", "系统正忙，请稍候再试", f"{MAX_RUNNING} requests are running")
        running = asyncio.ensure_future(self._guarded(request, client.name))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        if self._is_bound(request.verb):
            client.bind(running)
            return await running
        return await asyncio.shield(running)

    async def _guarded(self, request: Request, client: str) -> Reply:
        try:
            return await self._handle(request, client)
        except Exception:  # a handler's bug must not close the door to all others
            log.exception("%s failed", request.verb, extra={"client": client})
            return Reply(
                id=request.id,
                result="unknown",
                code="internal_error",
                zh="系统内部出错，结果不明，详见日志",
                en="an internal error; whether it took effect is not known, see the log",
            )


class _Client:
    """One connection. While MAX_IN_FLIGHT of its requests are being answered it is read one request further
    and no more; that it is gone is noticed by reading."""

    def __init__(
        self, server: ControlServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self.name = _peer(writer)
        self._gone = False  # it sends no more
        self._bound: set[asyncio.Task[Reply]] = set()  # what ends with it
        self._free = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._writing = asyncio.Lock()
        writer.transport.set_write_buffer_limits(high=0)  # `drain` waits until the kernel has it all

    async def serve(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                while (line := await self._line()) is not None:
                    await self._free.acquire()
                    group.create_task(self._reply(line))
                self._end_bound()
        except* OSError as gone:  # TimeoutError and ConnectionError are OSErrors
            log.debug("client gone: %s", gone.exceptions[0], extra={"client": self.name})

    def bind(self, running: asyncio.Task[Reply]) -> None:
        """It ends with this connection: at once where that has ended."""
        self._bound.add(running)
        running.add_done_callback(self._bound.discard)
        if self._gone:
            running.cancel()

    def _end_bound(self) -> None:
        self._gone = True
        for running in self._bound:
            running.cancel()

    async def _line(self) -> bytes | None:
        """The next line, or None at the end. One that is too long is refused, and is the last."""
        try:
            return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError:
            await self.refuse("too_long", f"a line is longer than {MAX_REQUEST} bytes", "请求太长")
            return None

    async def refuse(self, code: str, en: str, zh: str) -> None:
        """Say why the connection ends here, to a client that may be gone already, and end it."""
        with suppress(OSError):
            await self.send(rejected("", code, zh, en))
        self._writer.transport.abort()

    async def _reply(self, line: bytes) -> None:
        try:
            await self.send(await self._server.answer(line, self))
        finally:
            self._free.release()

    async def send(self, reply: Reply) -> None:
        """Raises TimeoutError or ConnectionError where the client does not read."""
        with as_line(reply) as line:
            async with self._writing, asyncio.timeout(WRITE_TIMEOUT_S):
                self._writer.write(line)
                await self._writer.drain()


def _listen(path: Path) -> socket.socket:
    """A listening socket at `path`; one left by a dead daemon is replaced. Raises ControlError."""
    if not path.parent.is_dir():
        raise ControlError(
            f"{path.parent} is no directory",
            "create it, or set RuntimeDirectory= in the unit",
            "先建立该目录，或在服务单元里写 RuntimeDirectory=",
        )
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~SOCKET_MODE)  # never open to all, not even between bind and chmod
    try:
        listener.bind(str(path))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        remedy = "choose a path of at most 107 bytes in a directory that the service may write"
        raise ControlError(f"{path}: {error}", remedy, "换一个不超过 107 字节、服务可写的路径") from error
    finally:
        os.umask(before)
    listener.setblocking(False)
    return listener


def _clear(path: Path) -> None:
    """Make way for a new socket, unless what is there is in use or is no socket."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ControlError(
                f"{path} exists and is no socket",
                "move it away or choose another path",
                "移走该文件或换一个路径",
            )
        if _is_served(path):
            raise ControlError(
                f"another daemon serves {path}",
                "stop it first: systemctl stop hall-edge",
                "先停掉它：systemctl stop hall-edge",
            )
        log.info("replacing the socket of a dead daemon", extra={"path": path})
        path.unlink()


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(CONNECT_TIMEOUT_S)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError as error:
            return error.errno != errno.ENOENT  # not ours to judge: no permission, or too busy to accept
        return True


def _peer(writer: asyncio.StreamWriter) -> str:
    sock = writer.get_extra_info("socket")
    _pid, uid, _gid = _CREDENTIALS.unpack(
        sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return f"local-{uid}"


def _malformed(line: bytes, error: ValidationError) -> Reply:
    """Refuse with the first fault, under the request's id where one can be read."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    reason = f"{where}: {first['msg']}" if where else first["msg"]
    try:
        request_id = _OnlyId.model_validate_json(line).id[:64]
    except ValidationError:
        request_id = ""
    return rejected(request_id, "bad_request", f"请求格式不对：{reason}", f"not a request: {reason}")


# --- the client ---
class ControlClient:
    """Talks to the daemon over one connection, which is opened when needed. Several may ask at once."""

    def __init__(self, path: Path = DEFAULT_SOCKET) -> None:
        self._path = path
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[str] | None = None
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def request(
        self,
        verb: str,
        args: Mapping[str, Any] | None = None,
        timeout_s: float = 10.0,
        *,
        id: str = "",  # noqa: A002 the wire's own word
    ) -> Reply:
        """Ask, and wait for the reply. `id` repeats an earlier request: its first answer is given again.

        A time-out or a lost connection is a reply with result "unknown". Raises ControlError where the daemon
        cannot be reached, so that nothing was sent, and ValidationError for what is no request.
        """
        asked = Request(id=id or new_id(), verb=verb, args=dict(args or {}))
        line = asked.model_dump_json(exclude_defaults=True).encode()
        if len(line) > MAX_REQUEST:
            return rejected(asked.id, "too_long", "请求太长", f"longer than {MAX_REQUEST} bytes")
        async with self._opening:
            writer = await self._open()
        answer = self._waiting.setdefault(asked.id, asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(timeout_s):
                writer.write(line + b"\n")
                await writer.drain()
                return await asyncio.shield(answer)
        except TimeoutError:
            return _unknown(asked.id, "timeout", f"no reply within {timeout_s:g} s", "没有及时答复，结果不明")
        except OSError:
            return _lost(asked.id)
        finally:
            self._waiting.pop(asked.id, None)

    async def close(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.wait({reading})

    async def _open(self) -> asyncio.StreamWriter:
        if self._writer is not None and self._reading is not None and not self._reading.done():
            return self._writer
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                reader, writer = await asyncio.open_unix_connection(str(self._path), limit=MAX_PAYLOAD)
        except OSError as error:
            raise _unreachable(self._path, error) from error
        self._writer = writer
        self._reading = asyncio.create_task(self._read(reader))
        self._reading.add_done_callback(lambda reading: self._ended(writer, reading))
        return writer

    async def _read(self, reader: asyncio.StreamReader) -> str:
        """Hand out replies until the connection ends; the code of how it did."""
        try:
            while True:
                self._hand_out(Reply.model_validate_json(await reader.readuntil(b"\n")))
        except (OSError, EOFError, asyncio.LimitOverrunError, ValidationError) as error:
            log.debug("control connection ended: %s", type(error).__name__)  # its text may quote a reply
            return "connection_lost" if isinstance(error, OSError | EOFError) else "bad_reply"

    def _ended(self, writer: asyncio.StreamWriter, reading: asyncio.Task[str]) -> None:
        """Nobody waits any longer: also where it was closed before reading had begun."""
        self._hand_out(_lost("", "connection_lost" if reading.cancelled() else reading.result()))
        writer.transport.abort()

    def _hand_out(self, reply: Reply) -> None:
        """One without an id is the connection's: it is for all who wait."""
        for request_id in [reply.id] if reply.id else list(self._waiting):
            answer = self._waiting.get(request_id)
            if answer is not None and not answer.done():
                answer.set_result(reply.model_copy(update={"id": request_id}))


def _unknown(request_id: str, code: str, en: str, zh: str) -> Reply:
    return Reply(id=request_id, result="unknown", code=code, en=en, zh=zh)


def _lost(request_id: str, code: str = "connection_lost") -> Reply:
    return _unknown(request_id, code, "the connection ended before the reply", "答复之前连接中断，结果不明")


def _unreachable(path: Path, error: OSError) -> ControlError:
    if isinstance(error, PermissionError):
        return ControlError(
            f"no permission for {path}",
            "the socket belongs to the group hall: usermod -aG hall <user>, then log in again",
            "套接字属于 hall 组：usermod -aG hall <用户>，然后重新登录",
        )
    return ControlError(
        f"no daemon answers at {path}: {error.strerror or 'time-out'}",
        "is it running? systemctl status hall-edge",
        "服务在运行吗？systemctl status hall-edge",
    )
