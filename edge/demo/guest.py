"""Who sits before the demonstration's kiosk has no card and no code in his hands: `hall-edge sim` lays a
made-up card on the simulated reader, and holds a code before the simulated scanner.

A command reaches the demonstration over a socket in its folder, as a request reaches a node.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drivers.newland.sim import NewlandSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import CARDS, made_up_number
from edge.control import ControlClient, ControlError
from edge.demo.payers import fetch
from edge.demo.rig import Rig
from edge.ids import new_id
from edge.wire import Reply, Request, rejected

FOLDER = "hall-demo-"  # and something by chance, among the temporary files
SOCKET = "guest.sock"
LIES_S = 10.0  # a card that nobody takes away before
MAX_LIES_S = 600.0
LIGHT_S = 15.0  # that a code is held before a scanner until it is lit
BEFORE_MIN = 5  # the time of an appointment that is made for who comes without: so soon
ASK_S = 5.0  # of a node that makes an appointment
ANSWER_S = LIGHT_S + 2 * ASK_S


NO_BOOKING = Reply(id="", result="done", zh="没有预约", en="it has no appointment")


class NoDemo(Exception):
    """None runs here. `str()` says so in both languages."""


# --- in the demonstration ---
class Guest:
    """`socket`: of the node, where an appointment is made. `key`: of its `person`, as the kiosk has it.
    `services`: the sandbox, whose payer's page his telephone would show."""

    def __init__(self, rig: Rig, socket: Path, key: str, services: str = "") -> None:
        self._reader = next(iter(rig.of(SdtSim).values()), None)
        self._scanner = next(iter(rig.of(NewlandSim).values()), None)
        self._service = next(iter(rig.settings.services))
        self._socket = socket
        self._key = key
        self._services = services
        self._taking: asyncio.TimerHandle | None = None

    async def handle(self, request: Request, _client: str) -> Reply:
        does = {"sim.card": self._card, "sim.scan": self._scan, "sim.pay": self._pay}.get(request.verb)
        if does:
            try:
                return await does(request)
            except (OSError, ControlError) as error:
                zh, en = f"连不上沙箱或节点：{error}", f"the sandbox or the node cannot be asked: {error}"
                return rejected(request.id, "no_services", zh, en)
        return rejected(request.id, "unknown_verb", "没有这个命令", f"no {request.verb} here")

    def leave(self) -> None:
        if self._taking is not None:
            self._taking.cancel()

    async def _card(self, request: Request) -> Reply:
        """Who lays the resident's card down has an appointment; the other cards have none."""
        kind, lies_s = request.args.get("kind", "resident"), request.args.get("lies_s", LIES_S)
        if str(kind) not in CARDS or not isinstance(lies_s, int | float) or not 0 < lies_s <= MAX_LIES_S:
            kinds = "、".join(CARDS)
            return rejected(
                request.id, "bad_card", f"没有这种证件；有 {kinds}", f"there are {', '.join(CARDS)}"
            )
        if self._reader is None:
            return rejected(request.id, "no_reader", "这里没有读卡器", "there is no card reader here")
        booked = NO_BOOKING
        if kind == "resident":
            booked = await self._booked(_ref(), made_up_number())
        self.leave()
        self._reader.put_card(CARDS[str(kind)]())
        self._taking = asyncio.get_running_loop().call_later(lies_s, self._reader.take_card)
        zh = f"证件已放上，{lies_s:g} 秒后拿走；{booked.zh}"
        en = f"the card lies there for {lies_s:g} s; {booked.en}"
        return Reply(id=request.id, result="done", zh=zh, en=en)

    async def _scan(self, request: Request) -> Reply:
        """The text that was told, else that of an appointment which is made for it."""
        text = str(request.args.get("text", ""))
        if self._scanner is None:
            return rejected(request.id, "no_scanner", "这里没有扫码器", "there is no scanner here")
        if request.args.get("case"):
            text = str((await self._of_services("cases"))[0])
        if not text:
            text = _ref()
            booked = await self._booked(text)
            if booked.result != "done":
                return booked.model_copy(update={"id": request.id})
        with suppress(TimeoutError):
            async with asyncio.timeout(LIGHT_S):
                await self._scanner.lit.wait()
        if not await self._scanner.scan(text):
            zh, en = "扫码器没有亮：先在自助机上点扫码", "the scanner is dark: touch the kiosk's scan first"
            return rejected(request.id, "dark", zh, en)
        return Reply(id=request.id, result="done", zh=f"已扫码 {text}", en=f"scanned {text}")

    async def _pay(self, request: Request) -> Reply:
        """Each payment whose code a kiosk shows now, as who scans it with a telephone does."""
        paid = 0
        for payment in await self._of_services("payments"):
            if payment["state"] == "open":
                page = await self._code(payment["key"])
                paid += bool(page)
                if page:
                    await asyncio.to_thread(fetch, page, "POST")
        if not paid:
            zh, en = (
                "自助机上没有付款码：先在自助机上办税",
                "no kiosk shows a code to pay by: declare a tax first",
            )
            return rejected(request.id, "no_code", zh, en)
        return Reply(id=request.id, result="done", zh="已付款（演示，不扣款）", en="paid, with made-up money")

    async def _code(self, key: str) -> str:
        """What the code of a payment says, "" where none is shown."""
        async with ControlClient(self._socket) as client:
            reply = await client.request("payment.state", {"key": key}, ASK_S)
        return str(reply.data.get("qr", ""))

    async def _of_services(self, what: str) -> list[Any]:
        """What the sandbox tells of itself: cases, payments."""
        told = await asyncio.to_thread(fetch, f"{self._services}/sandbox/{what}")
        return list(json.loads(told)[what])

    async def _booked(self, ref: str, number: str = "") -> Reply:
        """The next appointment of who has this identity number; one that is made, where there is none, as the
        appointments' own system does at the hall's time."""
        try:
            async with ControlClient(self._socket) as client:
                view = await client.request("kiosk.view", {}, ASK_S)
                if view.result != "done":
                    return view
                now = datetime.fromisoformat(str(view.data["time"]))
                comes = now + timedelta(minutes=BEFORE_MIN)
                day, time = f"{comes:%Y-%m-%d}", f"{comes:%H:%M}"
                person = _person(self._key, number, day) if number else ""
                if person and (found := await _next(client, person, now)):
                    return _booked_at(found)
                args = {"ref": ref, "service": self._service, "day": day, "time": time, "person": person}
                made = await client.request("appointment.book", args, ASK_S)
                return _booked_at(time) if made.result == "done" else made
        except ControlError as error:
            return rejected("", "no_node", f"连不上节点：{error}", f"the node cannot be asked: {error}")


def _ref() -> str:
    return f"guest-{new_id()[:8]}"


def _person(key: str, number: str, day: str) -> str:
    """As an appointment has it."""
    return hmac.new(key.encode(), f"{day}/{number}".encode(), hashlib.sha256).hexdigest()[:32]


async def _next(client: ControlClient, person: str, now: datetime) -> str:
    """The time of this person's next appointment today that has no ticket yet, "" for none."""
    reply = await client.request("appointment.find", {"person": person}, ASK_S)
    known = reply.data.get("appointments", ())
    times = (each["time"] for each in known if not each["ticket"] and each["time"] >= f"{now:%H:%M}")
    return next(times, "")


def _booked_at(time: str) -> Reply:
    return Reply(id="", result="done", zh=f"有 {time} 的预约", en=f"it has an appointment at {time}")


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
