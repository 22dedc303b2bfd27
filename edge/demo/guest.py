"""Who sits before the demonstration's kiosk has no card and no code in his hands: `hall-edge sim` lays a
made-up card on the simulated reader, and holds a code before the simulated scanner.

A command reaches the demonstration over a socket in its folder, as a request reaches a node.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from drivers.newland.sim import NewlandSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import CARDS
from edge.clock import new_id
from edge.control import ControlClient, ControlError
from edge.demo.rig import Rig
from edge.wire import Reply, Request, rejected

FOLDER = "hall-demo-"  # and something by chance, among the temporary files
SOCKET = "guest.sock"
LIES_S = 10.0  # a card that nobody takes away before
MAX_LIES_S = 600.0
LIGHT_S = 15.0  # that a code is held before a scanner until it is lit
BEFORE_MIN = 5  # the time of an appointment that is made for who comes without: so soon
ASK_S = 5.0  # of a node that makes an appointment
ANSWER_S = LIGHT_S + 2 * ASK_S


class NoDemo(Exception):
    """None runs here. `str()` says so in both languages."""


# --- in the demonstration ---
class Guest:
    """`socket`: of the node, where an appointment is made."""

    def __init__(self, rig: Rig, socket: Path) -> None:
        self._reader = next(iter(rig.of(SdtSim).values()), None)
        self._scanner = next(iter(rig.of(NewlandSim).values()), None)
        self._service = next(iter(rig.settings.services))
        self._socket = socket
        self._taking: asyncio.TimerHandle | None = None

    async def handle(self, request: Request, _client: str) -> Reply:
        if request.verb == "sim.card":
            return self._card(request)
        if request.verb == "sim.scan":
            return await self._scan(request)
        return rejected(request.id, "unknown_verb", "没有这个命令", f"no {request.verb} here")

    def leave(self) -> None:
        if self._taking is not None:
            self._taking.cancel()

    def _card(self, request: Request) -> Reply:
        kind, lies_s = request.args.get("kind", "resident"), request.args.get("lies_s", LIES_S)
        if str(kind) not in CARDS or not isinstance(lies_s, int | float) or not 0 < lies_s <= MAX_LIES_S:
            kinds = "、".join(CARDS)
            return rejected(
                request.id, "bad_card", f"没有这种证件；有 {kinds}", f"there are {', '.join(CARDS)}"
            )
        if self._reader is None:
            return rejected(request.id, "no_reader", "这里没有读卡器", "there is no card reader here")
        self.leave()
        self._reader.put_card(CARDS[str(kind)]())
        self._taking = asyncio.get_running_loop().call_later(lies_s, self._reader.take_card)
        zh, en = f"证件已放上，{lies_s:g} 秒后拿走", f"the card lies there for {lies_s:g} s"
        return Reply(id=request.id, result="done", zh=zh, en=en)

    async def _scan(self, request: Request) -> Reply:
        """The text that was told, else that of an appointment which is made for it."""
        text = str(request.args.get("text", ""))
        if self._scanner is None:
            return rejected(request.id, "no_scanner", "这里没有扫码器", "there is no scanner here")
        if not text:
            text = f"guest-{new_id()[:8]}"
            booked = await self._book(text)
            if booked.result != "done":
                return booked.model_copy(update={"id": request.id})
        with suppress(TimeoutError):
            async with asyncio.timeout(LIGHT_S):
                await self._scanner.lit.wait()
        if not await self._scanner.scan(text):
            zh, en = "扫码器没有亮：先在自助机上点扫码", "the scanner is dark: touch the kiosk's scan first"
            return rejected(request.id, "dark", zh, en)
        return Reply(id=request.id, result="done", zh=f"已扫码 {text}", en=f"scanned {text}")

    async def _book(self, ref: str) -> Reply:
        """As the appointments' own system does, at the hall's time."""
        try:
            async with ControlClient(self._socket) as client:
                view = await client.request("kiosk.view", {}, ASK_S)
                if view.result != "done":
                    return view
                comes = datetime.fromisoformat(str(view.data["time"])) + timedelta(minutes=BEFORE_MIN)
                args = {
                    "ref": ref,
                    "service": self._service,
                    "day": f"{comes:%Y-%m-%d}",
                    "time": f"{comes:%H:%M}",
                }
                return await client.request("appointment.book", args, ASK_S)
        except ControlError as error:
            return rejected("", "no_node", f"连不上节点：{error}", f"the node cannot be asked: {error}")


# --- on the command line ---
def socket_of_demo(folder: Path | None = None) -> Path:
    """Of the demonstration of ours that was started last. Raises NoDemo."""
    found: list[tuple[float, Path]] = []
    for path in (folder or Path(tempfile.gettempdir())).glob(f"{FOLDER}*/{SOCKET}"):
        with suppress(OSError):  # it has ended meanwhile, or is not ours to look at
            stat = path.stat()
            if stat.st_uid == os.geteuid():
                found.append((stat.st_mtime, path))
    if not found:
        zh = "没有正在运行、开着自助机的演示。先在有显示器的桌面运行 make demo"
        raise NoDemo(f"{zh}\nno demonstration with a kiosk runs here: start make demo on a desktop first")
    return max(found)[1]


async def tell(verb: str, args: dict[str, object], socket: Path) -> Reply:
    """Raises NoDemo where the demonstration has gone."""
    try:
        async with ControlClient(socket) as client:
            return await client.request(verb, args, ANSWER_S)
    except ControlError as error:
        raise NoDemo(f"演示已经结束：{error}\nthe demonstration has ended: {error}") from None
