"""The demonstration's processes, the same programs as in a hall: broker, hub, daemon. Ended by process id."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_TIMEOUT_S = 60.0  # each starts within a second; two busy cores may need far longer
STOP_TIMEOUT_S = 8.0  # the daemon drains for 2 s and lets its devices go within 5 s
POLL_S = 0.05
BIN = Path(sys.executable).parent  # where the distribution's commands and the wheel's nats-server are
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # prctl(2)
LOG_LINES = 8  # of a process that failed, shown with the error

_NATS = """
server_name: "hall-demo"
host: "127.0.0.1"
port: -1
jetstream {{ store_dir: "{store}" }}
mqtt {{ host: "127.0.0.1", port: {port} }}
"""


class DemoError(Exception):
    """The demonstration cannot go on; the text says which part failed and what it said last."""


class Process:
    """A program with its log in a file."""

    def __init__(
        self, name: str, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        self._argv = list(argv)
        self._env = {**os.environ, **(env or {})}
        self._running: subprocess.Popen[bytes] | None = None
        self._log_from = 0  # of this run: an earlier one may have written into the same file

    def start(self) -> None:
        with self.log.open("ab") as out:
            self._log_from = out.tell()
            self._running = subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._env,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 one system call, and no lock is taken in it
            )

    async def started(self, ready: Callable[[], bool], timeout_s: float = START_TIMEOUT_S) -> None:
        """Start, and wait until `ready()`. Raises DemoError where it ends or the time is up before, and has
        then ended it: nobody else knows of it yet."""
        self.start()
        try:
            await self._until(ready, timeout_s)
        except BaseException:
            self.kill()
            raise

    async def _until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not ready():
            self.must_live()
            if time.monotonic() > deadline_s:
                raise DemoError(
                    f"{self.name} was not ready within {timeout_s:.0f} s: " + " | ".join(self.tail())
                )
            await asyncio.sleep(POLL_S)

    def said(self) -> str:
        """Its log since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._log_from)
            return log.read().decode(errors="replace")

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def kill(self) -> None:
        """As a power cut: SIGKILL, and wait until it is gone."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    async def stop(self) -> int:
        """SIGTERM, and SIGKILL where that does not do; the exit status."""
        if self._running is None:
            return 0
        if self.alive:
            self._running.send_signal(signal.SIGTERM)
        deadline_s = time.monotonic() + STOP_TIMEOUT_S
        while self.alive and time.monotonic() < deadline_s:  # noqa: ASYNC110 a process sets no Event
            await asyncio.sleep(POLL_S)
        if self.alive:
            self._running.kill()
        return self._running.wait()

    def must_live(self) -> None:
        """Raises DemoError with the last lines of its log if it has ended."""
        if not self.alive:
            raise DemoError(f"{self.name} has ended: " + " | ".join(self.tail()))

    def tail(self) -> list[str]:
        return self.said().splitlines()[-LOG_LINES:]


def _end_with_parent() -> None:
    """In the child: SIGTERM when whoever started it is gone, be it killed. A daemon left behind would go on
    opening its lines, and /dev/pts/N is soon somebody else's."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def free_port() -> int:
    """Of the loopback, for a server that starts within the minute: a connection that has just ended there
    keeps the system from giving it to anybody else, and does not hinder who asks for it by its number."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as near:
            server.accept()[0].close()  # who closes first keeps it
            near.recv(1)
        return port


def nats_config(store: Path, port: int) -> str:
    """A nats-server that speaks MQTT on a loopback port, and nothing else to anybody."""
    return _NATS.format(store=store, port=port)


async def start_broker(folder: Path) -> tuple[Process, str]:
    """nats-server from its wheel; returns once it listens, with its URL."""
    port = free_port()
    config = folder / "nats.conf"
    config.write_text(nats_config(folder / "nats", port))
    process = Process("nats-server", [str(BIN / "nats-server"), "-c", str(config)], folder / "broker.log")
    await process.started(lambda: _listens(port))
    return process, f"mqtt://127.0.0.1:{port}"


async def start_services(folder: Path, seed: int, zone: str) -> tuple[Process, str]:
    """The sandbox of the government network's services; returns once it tells its address."""
    command = [str(BIN / "hall-edge"), "sandbox", "--port", "0", "--seed", str(seed), "--zone", zone]
    process = Process("hall-edge sandbox", command, folder / "sandbox.log")
    await process.started(lambda: "\n" in process.said())
    return process, process.said().splitlines()[0]


async def start_hub(folder: Path, broker: str, console: str = "") -> tuple[Process, Path]:
    """The recorder; returns once it has made its record, with the record's file. `console`: the settings of
    its pages, which are then served on a free port; without them there are none."""
    record, pages = folder / "hub.db", ["--no-web"]
    if console:
        config = folder / "console.toml"
        config.write_text(console, encoding="utf-8")
        pages = ["--port", "0", "--config", str(config)]
    command = [str(BIN / "hall-console"), *pages, "--broker", broker, "--store", f"sqlite:///{record}"]
    process = Process("hall-console", command, folder / "hub.log")
    await process.started(lambda: "connected as hall-console-recorder" in process.said())
    return process, record


def link_of(hub: Process) -> str:
    """The address by which the first account of its pages is made."""
    found = re.search(r"https?://\S+/link/\S+", hub.said())
    if found is None:
        raise DemoError("hall-console told no address: " + " | ".join(hub.tail()))
    return found[0]


async def start_daemon(
    config: Path, folder: Path, env: Mapping[str, str], *args: str, name: str = "hall-edge"
) -> Process:
    """The node, `name` in errors; returns once its control socket is there."""
    process = Process(
        name,
        [str(BIN / "hall-edge"), "run", *args, str(config)],
        folder / "daemon.log",
        {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder), **env},
    )
    await process.started((folder / "control.sock").exists)
    return process


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
