"""Real brokers on free loopback ports: Debian's mosquitto and the nats-server of the PyPI wheel.

Each is a process that a test may kill, stop in its tracks, and start again on the same port; its state is
gone after a kill, as with a broker that was replaced. Ended by process id.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from edge.broker import Broker

Kind = Literal["mosquitto", "nats"]
KINDS: tuple[Kind, ...] = ("mosquitto", "nats")
START_TIMEOUT_S = 20.0  # eight test runs may share two cores

_MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
_NATS = Path(sys.executable).parent / "nats-server"  # the wheel puts it beside python

_NATS_CONF = """
server_name: "test"
host: "127.0.0.1"
port: -1
jetstream {{ store_dir: "{store}" }}
mqtt {{ host: "127.0.0.1", port: {port} }}
"""
_MOSQUITTO_CONF = """
listener {port} 127.0.0.1
persistence false
user root
allow_anonymous true
max_queued_messages 10000
{extra}
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class BrokerProcess:
    """One broker. `extra` is appended to mosquitto's configuration."""

    def __init__(self, kind: Kind, folder: Path, *, extra: str = "", scheme: str = "mqtt") -> None:
        self.kind = kind
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._folder = folder / f"{kind}-{self.port}"
        self._extra = extra
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

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _command(self) -> list[str]:
        conf = self._folder / "conf"
        if self.kind == "nats":
            conf.write_text(_NATS_CONF.format(store=self._folder / "store", port=self.port))
            return [str(_NATS), "-c", str(conf)]
        assert _MOSQUITTO, "mosquitto is not installed: apt-get install mosquitto"
        conf.write_text(_MOSQUITTO_CONF.format(port=self.port, extra=self._extra))
        return [_MOSQUITTO, "-c", str(conf)]


@contextmanager
def running(kind: Kind, folder: Path, *, extra: str = "", scheme: str = "mqtt") -> Iterator[BrokerProcess]:
    """A broker for the length of a `with`."""
    process = BrokerProcess(kind, folder, extra=extra, scheme=scheme)
    process.start()
    try:
        yield process
    finally:
        process.kill()


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrokerProcess]:
    """An empty broker of each kind, one test after the other."""
    with running(request.param, tmp_path) as process:
        yield process
