"""The picture worker as a process: it says what it is, answers, and ends with its input or its parent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.camera import process as process_module
from drivers.camera.decode import decoder
from drivers.camera.framing import Frame, Frames
from drivers.camera.job import (
    MAX_FROM_WORKER,
    MAX_JPEG,
    Answer,
    Hello,
    Job,
    read_answer,
    read_hello,
    write_hello,
    write_job,
)
from drivers.camera.process import COMMAND, Worker
from tests.camera_units import unit

PATIENCE_S = 60.0
Process = subprocess.Popen[bytes]


@contextlib.contextmanager
def worker(*command: str, **environment: str) -> Iterator[Process]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command or COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=dict(os.environ) | environment
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: Process, frames: Frames) -> Frame:
    assert process.stdout is not None
    while data := os.read(process.stdout.fileno(), 65_536):
        for found in frames.feed(data):
            assert isinstance(found, Frame), found
            return found
    raise AssertionError(f"it ended with {process.wait(PATIENCE_S)}")


def tell(process: Process, data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()


def ready(process: Process) -> Frames:
    frames = Frames(MAX_FROM_WORKER)
    assert read_hello(said(process, frames)) == Hello(decoder())
    return frames


def test_jobs_are_answered_in_their_order_and_it_ends_with_its_input() -> None:
    with worker() as process:
        frames = ready(process)
        tell(process, write_job(1, Job(unit())) + write_job(2, Job(unit("h265"), want_jpeg=True)))
        answers = [read_answer(said(process, frames)) for _ in range(2)]
        assert [number for number, _ in answers] == [1, 2]
        assert [bool(answer.jpeg) for _, answer in answers] == [False, True]
        assert len(answers[1][1].jpeg) <= MAX_JPEG
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_what_is_given_goes_to_the_measuring() -> None:
    with worker() as process:
        frames = ready(process)
        tell(process, write_job(1, Job(unit())))
        first = read_answer(said(process, frames))[1]
        tell(process, write_job(2, Job(unit(), first.blobs)))
        second = read_answer(said(process, frames))[1]
        assert first.code == second.code == "ok"
        assert len(second.measures) > len(first.measures), "the same picture as before is compared with it"


@pytest.mark.parametrize("data", [b"rubbish", write_hello(Hello("x")), b"cam1" + b"\xff" * 8])
def test_what_is_no_job_ends_it(data: bytes) -> None:
    with worker() as process:
        ready(process)
        tell(process, data)
        assert process.wait(PATIENCE_S) != 0


def test_broken_pictures_are_told_of_in_answers_only() -> None:
    data = bytearray(unit().data)
    del data[len(data) // 2 : len(data) // 2 + 1400]
    with worker() as process:
        frames = ready(process)
        tell(process, write_job(1, Job(replace(unit(), data=bytes(data)))))
        answer = read_answer(said(process, frames))[1]
        assert answer.corrupt
        assert answer.detail
        assert answer.measures
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_it_does_not_end_with_signals_that_are_meant_for_the_daemon() -> None:
    with worker() as process:
        frames = ready(process)
        for name in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(name)
        tell(process, write_job(1, Job(unit())))
        assert read_answer(said(process, frames))[1].code == "ok"


def test_it_is_limited_and_has_one_thread() -> None:
    with worker() as process:
        frames = ready(process)
        tell(process, write_job(1, Job(unit("h264", 1920, 1080))))
        assert read_answer(said(process, frames))[1].code == "ok"
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        soft = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
        assert int(soft["Max address space"]) < 1 << 30
        assert 0 < int(soft["Max cpu time"]) < 60
        assert int(soft["Max file size"]) == 8 << 20
        assert soft["Max core file size"] == "0"
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert "Threads:\t1\n" in status
        assert int(Path(f"/proc/{process.pid}/oom_score_adj").read_text()) == 500


def test_it_dies_with_its_parent_even_over_a_picture() -> None:
    """The parent is killed while the worker spins and reads no end of input."""
    code = (
        "import subprocess, sys, time\n"
        "from drivers.camera.job import Job, write_job\n"
        "from drivers.camera.model import AccessUnit, StreamFormat\n"
        "worker = subprocess.Popen([sys.executable, '-m', 'tests.camera_sick_worker'], stdin=-1, stdout=-1)\n"
        "worker.stdout.read(1)\n"
        "unit = AccessUnit(StreamFormat('h264'), b'x', True)\n"
        "worker.stdin.write(write_job(1, Job(unit, {'ill': b'spin'}))); worker.stdin.flush()\n"
        "print(worker.pid, flush=True); time.sleep(60)\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    with worker(sys.executable, "-c", code, PYTHONPATH=root) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
        parent.wait()
        until_s = time.monotonic() + PATIENCE_S
        while (stat := _state(pid)) not in ("", "Z"):
            assert time.monotonic() < until_s, f"it goes on, in state {stat}"
            time.sleep(0.02)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def test_a_library_that_is_missing_is_told(tmp_path: Path) -> None:
    """As where the extra was not installed: its import fails."""
    (tmp_path / "cv2.py").write_text("raise ModuleNotFoundError(\"No module named 'cv2'\", name='cv2')\n")
    with worker(PYTHONPATH=str(tmp_path)) as process:
        assert read_hello(said(process, Frames(MAX_FROM_WORKER))).lacks == "No module named 'cv2'"
        assert process.wait(PATIENCE_S) == 1


def test_without_pyav_it_works_with_opencv(tmp_path: Path) -> None:
    (tmp_path / "av.py").write_text("raise ModuleNotFoundError(\"No module named 'av'\", name='av')\n")
    with worker(PYTHONPATH=str(tmp_path)) as process:
        frames = Frames(MAX_FROM_WORKER)
        assert read_hello(said(process, frames)).decoder.startswith("cv2 ")
        tell(process, write_job(1, Job(unit())))
        answer = read_answer(said(process, frames))[1]
        assert isinstance(answer, Answer)
        assert (answer.code, answer.width, answer.height) == ("ok", 640, 360)


async def test_nothing_of_a_worker_that_is_slow_to_end_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "REAP_S", 0.0)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("cat", stdin=pipe, stdout=pipe)
    await Worker(process).kill()
    assert vars(process)["_transport"].is_closing()
    assert await process.wait() in (-signal.SIGKILL, 255)  # or another has fetched what it ended with
