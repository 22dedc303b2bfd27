"""What technicians do at a kiosk, and from afar, through the real daemon with simulated hardware."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from drivers.printer.sim_paper import Slip
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import made_up_number, resident
from edge.control import ControlClient
from edge.demo.processes import BIN
from edge.wire import Reply
from kiosk_ui.i18n import tr
from kiosk_ui.update_technician import PIN_LOCK_S, PIN_TRIES
from tests.card_kit import kiosk_at
from tests.kiosk.pin_kit import PIN
from tests.kiosk.process_kit import Driven, driven
from tests.kiosk.test_journeys import NOBODY, hall, printer, said
from tests.node_kit import Node, of

BY_CHANCE = re.compile(r"[0-9a-f]{32,}|\d+\.\d+")  # ids, hashes and times: any four digits may be in there
WARNED = "somebody entered wrong technicians' PINs"  # of the words for `wrong_pins`


async def enter(kiosk: Driven, pin: str) -> None:
    await kiosk.say("knock")
    await kiosk.at("pin")
    await kiosk.tap(*(f"pin-{digit}" for digit in pin), "pin-check")


async def test_technicians_get_in_look_at_devices_print_a_page_and_leave(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        await enter(kiosk, PIN)
        await kiosk.at("technician")
        await kiosk.tap("to-devices")
        await kiosk.until(lambda found: "device-printer" in found["ids"])
        await kiosk.tap("back", "try-printer")
        await said(kiosk, tr("zh", "said.trial_printed"))
        assert "测试页" in _text(node.slips[-1])
        await kiosk.tap("ok")

        node.rig.printer.set_paper("out")
        await node.until(lambda problem: problem == "paper_out", lambda: printer(node))
        await kiosk.tap("try-printer")
        found = await kiosk.until(lambda found: "ok" in found["ids"])
        assert found["said"] == "paper_out" and "纸" in found["text"], "it says why not"
        assert len(node.slips) == 1
        node.rig.printer.set_paper("ok")
        await kiosk.tap("ok", "leave")
        assert (await kiosk.at("home"))["said"] == ""
        assert of(node.journal(), "ticket.reserved") == [], "a test page is no ticket"


async def test_wrong_pins_open_nothing_are_told_and_the_right_one_clears_them(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        for _ in range(PIN_TRIES):
            await enter(kiosk, "1111")
            await said(kiosk, tr("zh", "said.wrong_pin"))
            await kiosk.tap("ok", "home")
        await node.until(lambda codes: codes == ["wrong_pins"], lambda: conditions(node))
        seen = await hallctl("status", node.socket)
        assert WARNED in seen and "the right PIN clears it" in seen
        await node.has("device.changed", device="kiosk-1", conditions=["wrong_pins"])
        await enter(kiosk, PIN)
        await said(kiosk, tr("zh", "said.pin_locked"))
        await kiosk.tap("ok")
        assert (await kiosk.look())["screen"] == "pin", "for a minute none is looked at"
        assert await conditions(node) == ["wrong_pins"]

        await kiosk.say(f"later {PIN_LOCK_S + 1}")
        await kiosk.tap(*(f"pin-{digit}" for digit in PIN), "pin-check")
        await kiosk.at("technician")
        await node.until(lambda codes: codes == [], lambda: conditions(node))
        assert WARNED not in await hallctl("status", node.socket)
        await node.has("device.changed", device="kiosk-1", conditions=[])
        assert "1111" not in (tmp_path / "kiosk.log").read_text()


async def hallctl(verb: str, socket: Path) -> str:
    """What a technician at the node reads."""
    process = await asyncio.create_subprocess_exec(
        *(BIN / "hallctl", verb, "--socket", socket), stdout=-1, env={**os.environ, "COLUMNS": "300"}
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def conditions(node: Node) -> list[str]:
    return [each["code"] for each in (await node.devices())["kiosk-1"]["conditions"]]


def _text(slip: Slip) -> str:
    return "".join(str(getattr(item, "text", "")) for item in slip.items)


# --- from afar ---
async def look(socket: Path) -> Reply:
    async with ControlClient(socket) as client:
        return await client.request("kiosk.look", {"kiosk": "kiosk-1", "by": "李工"}, 20.0)


def words(page: dict[str, Any]) -> str:
    return str(page["name"]) + "".join(map(words, page.get("children", ())))


async def test_who_looks_sees_what_shows_and_is_kept(tmp_path: Path) -> None:
    async with hall(tmp_path) as (node, kiosk):
        await kiosk.tap("open-services")
        reply = await look(node.socket)
        assert (reply.result, reply.data["screen"]) == ("done", "services")
        assert "税务" in words(reply.data["page"]) and "take-tax" in json.dumps(reply.data)
        (fact,) = of(node.journal(), "kiosk.looked")
        assert (fact["by"], fact["kiosk"], fact["screen"]) == ("李工", "kiosk-1", "services")
        kiosk.process.kill()
        assert (await look(node.socket)).code == "no_answer"
        assert len(of(node.journal(), "kiosk.looked")) == 1, "nothing was seen"


async def test_a_card_and_what_is_typed_are_never_told_nor_kept(tmp_path: Path) -> None:
    number, name = made_up_number(), resident().parts[0][0]
    sim = SdtSim(find_s=0.02, select_s=0.02, read_s=0.1)
    async with kiosk_at(tmp_path, NOBODY, sim) as node, driven(node.socket, tmp_path) as kiosk:
        await kiosk.until(lambda found: "测试大厅" in found["text"])
        await kiosk.tap("wake")
        await kiosk.say("do card")
        sim.put_card(resident())
        masked = (await kiosk.until(lambda found: found["personal"][1]))["personal"]
        await enter(kiosk, "7531")  # a wrong PIN, and then two digits of another
        await kiosk.tap("ok", "pin-9", "pin-8")
        reply = await look(node.socket)
        assert reply.data["screen"] == "pin" and "***" in words(reply.data["page"])
        with closing(sqlite3.connect(node.folder / "hall.db")) as db:
            known = reply.model_dump_json() + "".join(db.iterdump())
        assert "kiosk.looked" in known
        for own in (number, name, *masked):
            assert own not in known, own
        for digits in (number[-4:], "7531"):
            assert digits not in BY_CHANCE.sub("", known), digits
