"""The real daemon with a simulated card reader at a pty that takes the time of a real line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.sdt.sim import SdtSim
from drivers.transport.sim import serve_pty
from edge.control import ControlClient
from edge.demo.processes import Process, start_daemon
from edge.wire import Reply

BAUD = 115_200
ONLINE_S = 60.0  # a daemon on an idle machine takes one
HALL, NODE, DEVICE = "test", "n1", "id-reader"

CONFIG = """
[hall]
id = "test"
name = "测试大厅"

[node]
id = "n1"
store = "${STATE_DIRECTORY}/hall.db"
socket = "${RUNTIME_DIRECTORY}/control.sock"
trust_rtc = true
min_free_mb = 1

[mqtt]
brokers = ["${HALL_BROKER}"]

[printing]
printer = ""

[[service]]
id = "tax"
name = "税务"
prefix = "A"

[[window]]
id = "1"
name = "1 号窗口"
services = ["tax"]

[[kiosk]]
id = "kiosk-1"

[[device]]
id = "id-reader"
driver = "sdt"
model = "sdt-serial"
url = "serial://${HALL_TTY_READER}?baud=115200"
"""


@dataclass(slots=True)
class Kiosk:
    """A node with a reader, and what a kiosk does there."""

    folder: Path
    sim: SdtSim
    daemon: Process

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    async def read(self, session: str, within_s: float = 10.0) -> Reply:
        """As a kiosk does: one connection for one citizen."""
        async with ControlClient(self.socket) as client:
            args = {"device": DEVICE, "session": session, "within_s": within_s}
            return await client.request("card.read", args, timeout_s=within_s + 10.0)


@asynccontextmanager
async def kiosk_at(
    folder: Path, broker: str, sim: SdtSim, *args: str, more: str = ""
) -> AsyncIterator[Kiosk]:
    """At work, and the reader online. `more`: further tables of the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    config, tty = folder / "hall.toml", folder / "tty-reader"
    config.write_text(CONFIG + more, encoding="utf-8")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serve_pty(sim, tty, BAUD))
        env = {"HALL_BROKER": broker, "HALL_TTY_READER": str(tty)}
        daemon = await start_daemon(config, folder, env, *args)
        stack.push_async_callback(daemon.stop)
        kiosk = Kiosk(folder, sim, daemon)
        await _online(kiosk)
        yield kiosk


async def _online(kiosk: Kiosk) -> None:
    deadline_s = time.monotonic() + ONLINE_S
    async with ControlClient(kiosk.socket) as client:
        while True:
            devices = (await client.request("status", {}, ONLINE_S)).data["devices"]
            if devices[0]["state"] == "online":
                return
            assert time.monotonic() < deadline_s, kiosk.daemon.said()[-3000:]
            await asyncio.sleep(0.05)
