"""The demonstration's processes do not outlive it, however it ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import psutil

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
