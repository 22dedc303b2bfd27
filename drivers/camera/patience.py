"""A deadline for a process that tells one that hangs from one that is not let run.

On a machine that is too busy a sound decoder misses any deadline. Killing it would make the machine busier,
and blame a camera for it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Self

EVE = 0.95  # of the deadline: when it is decided
ENOUGH = 0.5  # of a processor: with less it was not let run


class Patience:
    """Within it, `deadline`, which is `first_s` from now, is put off by `more_s` where process `pid` wants to
    run and did not get enough of a processor in the second half of its time.

    Where the machine is that busy we may be late ourselves: it is decided before the deadline all the same.
    """

    def __init__(self, pid: int, deadline: asyncio.Timeout, first_s: float, more_s: float) -> None:
        self._pid = pid
        self._deadline = deadline
        self._first_s, self._more_s = first_s, more_s
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Self:
        end_s = self._deadline.when()
        assert end_s is not None  # it is a deadline
        self._looks = (
            self._loop.call_at(end_s - self._first_s * 0.5, self._look),
            self._loop.call_at(end_s - self._first_s * (1 - EVE), self._decide),
        )
        return self

    def __exit__(self, *_: object) -> None:
        for look in self._looks:
            look.cancel()

    def _look(self) -> None:
        self._began_s, self._spent_s = self._loop.time(), running(self._pid)[1]

    def _decide(self) -> None:
        wants, spent_s = running(self._pid)
        got_s, took_s = spent_s - self._spent_s, self._loop.time() - self._began_s
        if wants and got_s <= ENOUGH * took_s:
            self._deadline.reschedule(self._loop.time() + self._more_s)


def running(pid: int) -> tuple[bool, float]:
    """Whether it wants to run, and for how long it has run (proc_pid_stat(5): fields 3, 14 and 15)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:  # it is gone, which reading from it tells
        return False, 0.0
    fields = text.rpartition(")")[2].split()  # after its name, which may hold anything
    return fields[0] == "R", (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
