"""Whether the process is well: pings of the core, systemd's watchdog, and the figures a node publishes.

The watchdog is fed only while every *core* task answers (store, outbox, bus, control). Devices are not asked:
a stuck printer must not restart the hall.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from drivers.api import Clock
from edge.clock import deadline
from edge.log import Once
from edge.wire import NodeHealth, OutboxStatus

log = logging.getLogger(__name__)

CHECK_EVERY_S = 5.0  # the units have WatchdogSec=30, so a core that is stuck is restarted within 35 s
PING_LIMIT_S = 5.0  # the slowest answer is the store's, behind a commit on a slow disk
_STATUS = Path("/proc/self/status")
_KIB_PER_MB = 1024.0

Ping = Callable[[], Awaitable[object]]


class Notifier:
    """sd_notify(3): a datagram to the socket that systemd names in NOTIFY_SOCKET; does nothing without one.

    Never blocks and never raises: a service manager that is away must not stop the hall.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address  # @: abstract, unix(7)
        self._once = Once()
        own = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        usec = environ.get("WATCHDOG_USEC", "")
        self.watchdog_s = int(usec) / 1e6 if own and usec.isdecimal() else None

    def ready(self) -> None:
        self._send("READY=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={' '.join(text.split())}")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.sendto(message.encode(), self._address)
        except OSError as error:
            if self._once.first("send"):
                log.warning("systemd is not told: %s", error)
        else:
            self._once.forget("send")


class CoreWatch:
    """Pings the core in turn, feeds the watchdog, and measures how late the loop runs."""

    def __init__(self, pings: Mapping[str, Ping], clock: Clock, notifier: Notifier) -> None:
        self._pings = dict(pings)
        self._clock = clock
        self._notifier = notifier
        self._silent: set[str] = set()
        self._every_s = min(CHECK_EVERY_S, (notifier.watchdog_s or 2 * CHECK_EVERY_S) / 2)
        self._lag_ms = 0.0

    async def run(self) -> None:
        """For ever. One that does not answer is logged once, and its return once."""
        while True:
            before_s = self._clock.now().mono_s
            await self._clock.sleep(self._every_s)
            late_s = self._clock.now().mono_s - before_s - self._every_s
            self._lag_ms = max(self._lag_ms, late_s * 1000)
            if await self.check():
                self._notifier.watchdog()

    async def check(self) -> bool:
        """Ask all at once; whether every one answered within PING_LIMIT_S."""
        return all(await asyncio.gather(*(self._answers(name, ping) for name, ping in self._pings.items())))

    async def _answers(self, name: str, ping: Ping) -> bool:
        try:
            async with deadline(self._clock, PING_LIMIT_S):
                await ping()
        except Exception:  # whatever it is, this core task does not answer
            if name not in self._silent:
                log.exception("%s does not answer; the watchdog is not fed", name)
            self._silent.add(name)
            return False
        if name in self._silent:
            log.warning("%s answers again", name)
            self._silent.discard(name)
        return True

    def take_lag_ms(self) -> float:
        """The longest delay of the loop since this was last asked."""
        lag_ms, self._lag_ms = self._lag_ms, 0.0
        return lag_ms


def rss_mb(status: Path = _STATUS) -> float:
    """Resident memory of this process in MiB, as the kernel counts it (proc(5): VmRSS, in kB)."""
    for line in status.read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / _KIB_PER_MB
    return 0.0


def sample(at: float, loop_lag_ms: float, outbox: OutboxStatus) -> NodeHealth:
    """The node's figures now; `at` is wall time."""
    return NodeHealth(
        at=at,
        load1=round(os.getloadavg()[0], 2),
        rss_mb=round(rss_mb(), 1),
        loop_lag_ms=round(loop_lag_ms, 1),
        outbox=outbox,
    )
