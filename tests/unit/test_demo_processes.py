"""The demonstration's processes do not outlive it, however it ends."""

from __future__ import annotations

import contextlib
import errno
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from edge.demo.processes import DemoError, Process, free_port

KILLED = """
import os, signal, sys
from pathlib import Path
from edge.demo.processes import Process

sleeping = Process("sleep", ["sleep", "600"], Path(sys.argv[1]))
sleeping.start()
print(sleeping.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def is_alive(pid: int) -> bool:
    """A dead one may wait for its new parent to take notice."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_who_is_killed_takes_its_processes_along(tmp_path: Path) -> None:
    script = [sys.executable, "-c", KILLED, str(tmp_path / "log")]
    killed = subprocess.run(script, stdout=subprocess.PIPE, text=True, check=False, timeout=30)
    assert killed.returncode == -9
    pid, deadline_s = int(killed.stdout), time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


async def test_one_that_never_is_ready_is_ended(tmp_path: Path) -> None:
    sleeping = Process("sleep", ["sleep", "600"], tmp_path / "log")
    with pytest.raises(DemoError, match=r"sleep was not ready within 0 s"):
        await sleeping.started(lambda: False, timeout_s=0.1)
    assert not sleeping.alive


async def test_a_new_run_is_judged_by_what_it_says_itself(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("ready, said the run before\n")
    asleep = Process("sleep", ["sleep", "600"], log)
    with pytest.raises(DemoError):
        await asleep.started(lambda: "ready" in asleep.said(), timeout_s=0.2)
    talking = Process("echo", ["sh", "-c", "echo ready; exec sleep 600"], log)
    await talking.started(lambda: "ready" in talking.said())
    assert talking.said() == "ready\n"
    assert await talking.stop() < 0


def test_a_free_port_is_for_the_server_that_asks_for_it_and_nobody_else() -> None:
    port = free_port()
    with socket.socket() as another, pytest.raises(OSError, match="in use") as refused:
        another.bind(("127.0.0.1", port))  # as the system does who looks for one that is free
    assert refused.value.errno == errno.EADDRINUSE
    with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(server.getsockname()):
        pass
