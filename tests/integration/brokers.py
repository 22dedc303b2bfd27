"""Real brokers on free loopback ports: Debian's mosquitto and the nats-server of the PyPI wheel.

Each is a process that a test may kill, stop in its tracks, and start again on the same port; its state is
gone after a kill, as with a broker that was replaced. Ended by process id.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Literal, Self

import pytest

from edge.broker import Broker, Tls
from edge.demo.processes import free_port, nats_config
from edge.ids import new_id
from edge.inbox import Inbound
from edge.mqtt import Connection, connect

Kind = Literal["mosquitto", "nats"]
# For tests that take long: the one, and the other by `make test-thorough`.
NATS_FIRST = ("nats", pytest.param("mosquitto", marks=pytest.mark.thorough))
START_TIMEOUT_S = 20.0  # eight test runs may share two cores

_MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
_NATS = Path(sys.executable).parent / "nats-server"  # the wheel puts it beside python

_MOSQUITTO_CONF = """
listener {port} 127.0.0.1
persistence false
user root
allow_anonymous {anonymous}
{queue}
{extra}
"""


class BrokerProcess:
    """One broker. `extra` is appended to its configuration; `anonymous` is for mosquitto. `whole`: all of
    nats-server's configuration, in which {port} and {store} are filled in."""

    def __init__(
        self,
        kind: Kind,
        folder: Path,
        *,
        extra: str = "",
        scheme: str = "mqtt",
        anonymous: bool = True,
        whole: str = "",
    ) -> None:
        self.kind = kind
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._folder = folder / f"{kind}-{self.port}"
        self._extra = extra
        self._anonymous = anonymous
        self._whole = whole
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def broker(self) -> Broker:
        return Broker.parse(self.url)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Begin with an empty broker and return once its port answers."""
        self._folder.mkdir(exist_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        raise RuntimeError(f"{self.kind} did not start: {(self._folder / 'log').read_text()}")

    def kill(self) -> None:
        """kill −9, and all that it kept is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        shutil.rmtree(self._folder / "store", ignore_errors=True)

    def freeze(self) -> None:
        """It keeps its connections and says nothing more."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)  # until all its threads have stopped

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _command(self) -> list[str]:
        conf = self._folder / "conf"
        if self.kind == "nats":
            store = self._folder / "store"
            whole = self._whole.replace("{port}", str(self.port)).replace("{store}", str(store))
            conf.write_text((whole or nats_config(store, self.port)) + self._extra)
            return [str(_NATS), "-c", str(conf)]
        assert _MOSQUITTO, "mosquitto is not installed: apt-get install mosquitto"
        queue = "" if "max_queued_messages" in self._extra else "max_queued_messages 20000"  # as we ship it
        anonymous = "true" if self._anonymous else "false"
        conf.write_text(
            _MOSQUITTO_CONF.format(port=self.port, extra=self._extra, anonymous=anonymous, queue=queue)
        )
        return [_MOSQUITTO, "-c", str(conf)]


@contextlib.contextmanager
def running(
    kind: Kind,
    folder: Path,
    *,
    extra: str = "",
    scheme: str = "mqtt",
    anonymous: bool = True,
    whole: str = "",
) -> Iterator[BrokerProcess]:
    """A broker for the length of a `with`."""
    process = BrokerProcess(kind, folder, extra=extra, scheme=scheme, anonymous=anonymous, whole=whole)
    process.start()
    try:
        yield process
    finally:
        process.kill()


class Relay:
    """A line to a broker that a test may cut: the broker then sees no DISCONNECT."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        if self._carrying:
            await asyncio.wait(self._carrying)

    @property
    def broker(self) -> Broker:
        return Broker("127.0.0.1", self.port)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None  # a coroutine runs in a task
        self._carrying.add(own)
        own.add_done_callback(self._carrying.discard)
        self._writers.add(writer)  # may be cut before the broker is reached
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(far_writer)
        if writer.transport.is_closing():
            far_writer.transport.abort()
        await asyncio.gather(self._pipe(reader, far_writer), self._pipe(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()


class Observer:
    """An independent subscriber: all that a broker tells it, in order."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.messages: list[Inbound] = []

    def on(self, topic: str) -> list[bytes]:
        return [message.payload for message in self.messages if message.topic == topic]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Read on until `condition` holds; fails the test with what has come when it does not."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    self.messages += await self.connection.receive(100)
        except TimeoutError:
            heard = [(m.topic, m.payload[:200]) for m in self.messages[-20:]]
            pytest.fail(f"not within {timeout_s} s; the last messages were {heard}")

    async def quiet(self, for_s: float) -> None:
        """Read on for `for_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                while True:
                    self.messages += await self.connection.receive(100)


@contextlib.asynccontextmanager
async def observing(broker: Broker, *filters: str, tls: Tls | None = None) -> AsyncIterator[Observer]:
    async with connect(broker, f"observer-{new_id()[:8]}", tls) as connection:
        await connection.subscribe(*(filters or ("hall/#",)))
        yield Observer(connection)
