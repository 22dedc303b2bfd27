"""What the guest's observers say, in order, each line with the guest's CLOCK_MONOTONIC."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from tests.appliance.monitor import connect

# udevadm-monitor(8): "UDEV  [37.551334] add      /devices/…/tty/ttyUSB0 (tty)"
_UDEV = re.compile(r"(KERNEL|UDEV) *\[(\d+\.\d+)\] (\w+) +(\S+) \((\w+)\)")


@dataclass(frozen=True, slots=True)
class Plug:
    """A word of the kernel, or of udev when its rules have run."""

    mono_s: float
    by: str  # KERNEL | UDEV
    action: str
    path: str  # in /sys
    subsystem: str


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the daemon's log. `mono_s` is when the journal had it, which is after the daemon did it."""

    mono_s: float
    text: str


T = TypeVar("T")


class Tape(Generic[T]):
    """Everything since the boot; a test notes where the tape stands, and waits for what comes after."""

    def __init__(self) -> None:
        self._heard: list[T] = []
        self._more = asyncio.Event()

    def put(self, heard: T) -> None:
        self._heard.append(heard)
        self._more.set()

    def __len__(self) -> int:
        return len(self._heard)

    def since(self, place: int) -> list[T]:
        return self._heard[place:]

    async def first(self, fits: Callable[[T], bool], since: int, limit_s: float) -> T:
        """The first at or after this place that fits. Fails the test with what came instead."""
        try:
            async with asyncio.timeout(limit_s):
                while (found := next(filter(fits, self._heard[since:]), None)) is None:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"not within {limit_s:g} s; heard {self._heard[since:]}") from None
        return found


async def record(path: Path, tape: Tape[T], parse: Callable[[str], T | None]) -> None:
    """What an observer in the guest writes, until the machine ends."""
    reader, writer = await connect(path)
    try:
        while line := await reader.readline():
            if (heard := parse(line.decode(errors="replace"))) is not None:
                tape.put(heard)
    finally:
        writer.close()


def plug(line: str) -> Plug | None:
    """Of `udevadm monitor`."""
    found = _UDEV.match(line)
    return Plug(float(found[2]), found[1], *found.group(3, 4, 5)) if found else None


def said(line: str) -> Said | None:
    """Of `journalctl --output=json`."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return Said(int(entry["__MONOTONIC_TIMESTAMP"]) / 1e6, str(entry.get("MESSAGE", "")))
