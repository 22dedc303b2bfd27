"""`python -m drivers.camera.worker`: decodes and measures pictures for the daemon, told so over pipes.

A process of its own, for it reads what strangers send with code that crashes, hangs and swells; it knows no
address and no password. It ends when its input does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from drivers.api import BadFrame
from drivers.camera.framing import Frame, Frames
from drivers.camera.job import (
    MAX_PIXELS,
    MAX_TO_WORKER,
    Answer,
    Hello,
    Order,
    read_order,
    write_answer,
    write_hello,
)

Look = Callable[[Order], Answer]

READ_SIZE = 1 << 20  # what a pipe holds at the most for who is not root (/proc/sys/fs/pipe-max-size)
# Of addresses, beside those of the libraries: a picture of MAX_PIXELS takes 70 MB with PyAV, 140 with OpenCV.
ROOM = 256 << 20
CPU_LIMIT_S = 4  # of one job: the daemon ends it after 2 s, unless it is stopped itself
FILE_LIMIT = 8 << 20  # of files in memory: an access unit, or what a decoder complains
# A job's buffers, of up to 3 MB each for a picture of 1080p, stay with the process for the next: giving them
# back and taking them anew costs 700 page faults a job, a tenth of its time. Larger ones are given back.
KEPT_BUFFER, KEPT_IN_ALL = 8 << 20, 16 << 20
_PR_SET_PDEATHSIG = 1  # prctl(2)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # mallopt(3)
_FAULT, _NOT_OURS = 1, 3  # exit statuses


def main() -> None:
    pipe = take_output()
    settle()
    try:
        from drivers.camera.decode import decoder  # noqa: PLC0415 what is missing is told to the daemon
        from drivers.camera.look import look  # noqa: PLC0415
    except ImportError as error:  # also of a library that lacks another, or does not fit this processor
        _send(pipe, write_hello(Hello(lacks=str(error))))
        sys.exit(_FAULT)
    _send(pipe, write_hello(Hello(decoder())))
    hush()
    limit_memory()
    serve(pipe, look)


def serve(pipe: int, look: Look) -> None:
    """Answer until the input ends; input that is none of the daemon's ends the process."""
    frames = Frames(MAX_TO_WORKER)
    while data := os.read(0, READ_SIZE):
        for frame in frames.feed(data):
            if isinstance(frame, BadFrame):
                sys.exit(_NOT_OURS)
            _send(pipe, answer_to(frame, look))


def answer_to(frame: Frame, look: Look) -> bytes:
    """One job; whatever Python can catch becomes an answer. Raises ValueError for what is no job."""
    order = read_order(frame)
    # The process's clock goes by the kernel's ticks where a limit is set on it; this thread's does not.
    began_s = time.thread_time()
    _limit(resource.RLIMIT_CPU, int(time.process_time()) + CPU_LIMIT_S)
    try:
        answer = look(order)
    except MemoryError:
        answer = Answer("no_memory", f"it takes more than {ROOM >> 20} MiB")
    except Exception as error:  # noqa: BLE001 a fault of the measuring: told, and logged by the daemon
        answer = Answer("failed", _words(error))
    spent_ms = (time.thread_time() - began_s) * 1000
    answer = replace(answer, cpu_ms=round(spent_ms, 3), rss_kib=_memory()[1] >> 10)
    try:
        return write_answer(order.number, answer)
    except (TypeError, ValueError) as error:  # the measuring brought more, or other, than an answer may hold
        return write_answer(order.number, Answer("failed", _words(error), rss_kib=answer.rss_kib))


# --- this process ---
def take_output() -> int:
    """Standard output for answers alone: what a library prints goes to standard error."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return pipe


def hush() -> None:
    """From here on decoders complain of each broken picture: into the answer, not into the daemon's log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def settle() -> None:
    """Before the libraries are loaded, which read some of it then."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)  # meant for the daemon, which ends its workers last
    with contextlib.suppress(OSError):  # a container may forbid it
        Path("/proc/self/oom_score_adj").write_text(
            "500"
        )  # where memory runs out, rather this than the daemon
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if hasattr(libc, "mallopt"):  # glibc's
        libc.mallopt(_M_MMAP_THRESHOLD, KEPT_BUFFER)
        libc.mallopt(_M_TRIM_THRESHOLD, KEPT_IN_ALL)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, FILE_LIMIT)
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MAX_PIXELS)


def limit_memory() -> None:
    """When the libraries are loaded."""
    _limit(resource.RLIMIT_AS, _memory()[0] + ROOM)


def _limit(what: int, most: int) -> None:
    """Within what the system allows."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@lru_cache(1)  # opened once: it is asked after each job
def _statm() -> int:
    return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)


def _memory() -> tuple[int, int]:
    """Bytes of addresses, and of them resident."""
    size, resident = (int(pages) * resource.getpagesize() for pages in os.pread(_statm(), 64, 0).split()[:2])
    return size, resident


def _words(error: Exception) -> str:
    """With the place, which a technician can pass on."""
    place, trace = "", error.__traceback__
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}: {error}"


def _send(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]


if __name__ == "__main__":
    main()
