"""One worker process as the daemon has it: started, asked one thing at a time, killed."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Sequence
from typing import Literal

from drivers.api import BadFrame
from drivers.camera.framing import Frame, Frames
from drivers.camera.job import MAX_FROM_WORKER, Answer, Hello, Job, read_answer, read_hello, write_job
from drivers.camera.patience import Patience

COMMAND = (sys.executable, "-m", "drivers.camera.worker")
START_S = 10.0  # 0.3 s where the libraries are in memory; from a slow disk seconds
JOB_S = 2.0  # of one job: the slowest, a picture of 16 megapixels, takes 0.4 s of a processor
STARVED_S = 6.0  # of one whose worker was not let run: the machine is too busy, and killing makes it busier
REAP_S = 1.0  # a killed process is gone in milliseconds, unless it hangs in the kernel
READ_SIZE = 64 << 10
PIPE_SIZE = 1 << 20  # most access units then go into the pipe in one write
# What an interpreter and its libraries need. The daemon's other variables may be secrets.
KEPT = ("PATH", "LANG", "LC_", "LD_", "PYTHON", "OPENBLAS_")

Loss = Literal[
    "hung",  # no answer in time
    "crashed",  # it ended
    "garbage",  # what it said is no answer
    "oversized",  # it said more than an answer may have
]


class Lost(Exception):
    """The worker is gone, or was killed for what it did. Next: start another."""

    def __init__(self, how: Loss, detail: str) -> None:
        super().__init__(detail)
        self.how = how


class NotStarted(Exception):
    """There is no worker to be had: `remedy` is a technician's next step."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.remedy = remedy


class Worker:
    """Started by `start`, ended by `kill`. One question at a time; after Lost it is killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # both are pipes
        assert process.stdout is not None
        self._process = process
        self._to, self._from = process.stdin, process.stdout
        self._frames = Frames(MAX_FROM_WORKER)
        self._asked = 0
        self.hello = Hello()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def asked(self) -> int:
        """How many jobs it has had."""
        return self._asked

    @property
    def ended(self) -> bool:
        """Whether it ended between two jobs, which was none's fault."""
        return self._process.returncode is not None or self._from.at_eof()

    @classmethod
    async def start(cls, command: Sequence[str] = COMMAND) -> Worker:
        """Raises NotStarted."""
        environment = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=environment)
        except OSError as error:
            raise NotStarted(str(error), "see whether the machine has memory and processes left") from error
        worker = cls(process)
        try:
            worker.hello = await worker._greet()
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def _greet(self) -> Hello:
        """Raises NotStarted."""
        _widen(self._to)
        remedy = "run `python -m drivers.camera.worker </dev/null` in this environment: it says what is wrong"
        try:
            async with asyncio.timeout(START_S):
                hello = read_hello(await self._frame())
        except TimeoutError:
            raise NotStarted(f"not ready within {START_S:g} s", remedy) from None
        except (Lost, ValueError) as error:
            raise NotStarted(f"not ready: {error}", remedy) from error
        if hello.lacks:
            raise NotStarted(hello.lacks, "pip install 'hall-edge[cameras]'")
        return hello

    async def ask(self, job: Job) -> Answer:
        """Raises Lost."""
        self._asked += 1
        began_s = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(JOB_S) as deadline:
                with Patience(self.pid, deadline, JOB_S, STARVED_S - JOB_S):
                    return await self._exchange(self._asked, job)
        except TimeoutError:
            lost = Lost("hung", f"no answer within {asyncio.get_running_loop().time() - began_s:.1f} s")
        except Lost as error:
            lost = error
        except BaseException:  # cancelled: it still works on what nobody waits for
            await self.kill()
            raise
        await self.kill()
        raise lost from None

    async def _exchange(self, number: int, job: Job) -> Answer:
        self._to.write(write_job(number, job))
        # Not `drain`: it raises where the worker is dead, which reading tells in all cases.
        frame = await self._frame()
        try:
            answered, answer = read_answer(frame)
        except ValueError as error:
            raise Lost("garbage", str(error)) from None
        if answered != number or self._frames.buffered:
            raise Lost("garbage", f"an answer to job {answered}, not {number}, or more than one")
        return answer

    async def _frame(self) -> Frame:
        while True:
            data = await self._from.read(READ_SIZE)
            if not data:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REAP_S):
                        await self._process.wait()
                raise Lost("crashed", _ending(self._process.returncode))
            found = self._frames.feed(data)
            if not found:
                continue
            if isinstance(frame := found[0], BadFrame):
                raise Lost("oversized" if "at most" in frame.reason else "garbage", frame.reason)
            if len(found) > 1:
                raise Lost("garbage", "more than one answer")
            return frame

    async def kill(self) -> None:
        """Never raises; nothing is lost with it, as a worker keeps nothing."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._to.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REAP_S):
                    await self._process.wait()
        finally:  # also where we are cancelled again, or the machine is too busy for it to end in time
            transport: asyncio.SubprocessTransport = vars(self._process)["_transport"]  # no other way to it
            transport.close()


def _ending(status: int | None) -> str:
    if status is None:
        return "it closed its output"
    return f"ended by signal {-status}" if status < 0 else f"ended with {status}"


def _widen(writer: asyncio.StreamWriter) -> None:
    """Where the system refuses, a job takes more writes."""
    pipe = writer.get_extra_info("pipe")
    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_SIZE)
