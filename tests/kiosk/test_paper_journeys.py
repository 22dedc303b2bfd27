"""Journeys with a card, a slip or a notice in the hand: through the real daemon, with a simulated printer,
scanner and card reader at ptys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drivers.newland.sim import NewlandSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import made_up_number, resident
from kiosk_ui.actions import Language
from kiosk_ui.i18n import tr
from kiosk_ui.keys import person_of
from tests.kiosk.process_kit import TO_THE_LIST, Driven, driven, hold, memory_has
from tests.kiosk.ways_kit import TOUCH, ways
from tests.node_kit import CALL, EVALUATE, START, Node, config_text, hall_at, of

NOBODY = "mqtt://127.0.0.1:9"  # no broker: a hall works without
FIND = (0x20, 0x01)  # the order to look for a card
KEY = "0123456789abcdef" * 2
CONFIG = (
    config_text()
    + """
[[kiosk]]
id = "kiosk-1"
silent_s = 3

[guide]
catalogue = "sample"

[appointments]
per_window = 5

[[device]]
id = "scanner"
driver = "newland"
model = "newland-serial"
url = "serial://${HALL_TTY_SCANNER}?baud=9600"

[[device]]
id = "reader"
driver = "sdt"
model = "sdt-serial"
url = "serial://${HALL_TTY_READER}?baud=115200"
"""
)


@dataclass
class Hall:
    node: Node
    kiosk: Driven

    @property
    def reader(self) -> SdtSim:
        return next(iter(self.node.rig.of(SdtSim).values()))

    async def press(self, by: str, language: Language, *controls: str) -> None:
        """By touch or by a keypad, in this language, from home."""
        press = self.kiosk.tap if by == "touch" else self.kiosk.key
        await press(*(("language",) if language == "en" else ()), *controls)

    async def scan(self, text: str, until: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Until the kiosk shows what it leads to, which is returned."""
        await hold(next(iter(self.node.rig.of(NewlandSim).values())), text, self.kiosk, until)
        return await self.kiosk.look()

    async def lay_card(self) -> None:
        """Once the reader looks for one, which must have seen that it left."""
        self.reader.asked.clear()
        async with asyncio.timeout(20):
            while FIND not in self.reader.asked:  # noqa: ASYNC110 the simulator sets no Event
                await asyncio.sleep(0.05)
        self.reader.put_card(resident())

    async def book(self, ref: str, number: str, minutes: int) -> None:
        """Of who has this card, so many minutes from now."""
        soon = await self.now() + timedelta(minutes=minutes)
        person = person_of(KEY, number, f"{soon:%Y-%m-%d}")
        args = {"ref": ref, "service": "tax", "day": f"{soon:%Y-%m-%d}", "time": f"{soon:%H:%M}"}
        reply = await self.node.ask("appointment.book", args | {"person": person})
        assert reply.result == "done", reply

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.node.ask("kiosk.view")).data["time"])

    async def serve(self, ticket: str) -> None:
        """At window 1, whose rating ends as its member of staff leaves."""
        await self.node.log_in("1")
        for key, kind in (
            (CALL, "ticket.called"),
            (START, "service.started"),
            (EVALUATE, "service.finished"),
        ):
            await self.node.key(key)
            await self.node.has(kind)
        await self.node.ask("window.logout", {"window": "1"})
        (missed,) = await self.node.has("rating.missed")
        assert missed["ticket"] == ticket

    async def code_of(self, ticket: str) -> str:
        """What the QR code on its slip says."""
        hall_id = (await self.node.ask("kiosk.view")).data["hall_id"]
        return f"{hall_id}/{await self.now():%Y-%m-%d}/{ticket}"

    async def said(self, words: str) -> None:
        await self.kiosk.until(lambda found: "ok" in found["ids"] and words in found["text"])


def without_time(text: str) -> str:
    """Another minute is no other page."""
    return re.sub(r"\b\d\d:\d\d\b", "", text)


def shows(screen: str) -> Callable[[dict[str, Any]], bool]:
    return lambda found: found["screen"] == screen


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Hall]:
    key = folder / "person-key"
    key.write_text(KEY + "\n", encoding="utf-8")
    async with (
        hall_at(folder, NOBODY, hub=None, config=CONFIG) as node,
        driven(node.socket, folder, HALL_PERSON_KEY=str(key)) as kiosk,
    ):
        await kiosk.until(lambda found: "测试大厅" in found["text"])
        at = Hall(node, kiosk)
        at.reader.find_s = at.reader.select_s = 0.02  # as quick as a reader is
        at.reader.read_s = 0.1
        yield at


each_way = ways(TOUCH)


@each_way
async def test_who_has_booked_checks_in_by_his_card(tmp_path: Path, by: str, language: Language) -> None:
    """None of today, then two to choose from, then the one that is left; his number is nowhere."""
    number = made_up_number()
    async with hall(tmp_path) as at:
        await at.kiosk.tap("wake")
        await at.press(by, language, "open-check_in", "card")
        await at.lay_card()
        found = await at.kiosk.at("bookings")
        assert tr(language, "bookings.none") in found["text"] and "open-services" in found["ids"]
        at.reader.take_card()
        await at.press(by, "zh", "go-home", "finish")

        await at.book("R-0000001", number, 5)
        await at.book("R-0000002", number, 20)
        await at.book("R-0000003", made_up_number("19850612", "202"), 5)
        await at.press(by, language, "open-check_in", "card")
        await at.lay_card()
        await at.kiosk.until(lambda found: {"booking-0", "booking-1"} <= {*found["ids"]})
        await at.press(by, "zh", "booking-1")
        assert (await at.kiosk.at("ticket"))["ticket"] == "A001"
        at.reader.take_card()
        await at.press(by, "zh", "done")

        await at.press(by, language, "open-check_in", "card")
        await at.lay_card()
        assert (await at.kiosk.at("ticket"))["ticket"] == "A002"
        await at.press(by, "zh", "done")
        checked = [fact["ref"] for fact in of(at.node.journal(), "appointment.checked_in")]
        assert checked == ["R-0000002", "R-0000001"]
        assert number.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("hall.db*"))
        assert memory_has(at.kiosk.process.pid, number.encode(), number.encode("utf-32-le")) == set()


@each_way
async def test_an_act_is_rated_by_the_number_on_the_slip_once(
    tmp_path: Path, by: str, language: Language
) -> None:
    """After its window has gone on; the page tells window and service, and who comes twice is told kindly."""
    async with hall(tmp_path) as at:
        await at.kiosk.tap("wake")
        await at.press(by, language, "open-services", "take-tax")
        await at.kiosk.at("ticket")
        await at.press(by, "zh", "done")
        await at.press(by, language, "open-rate_window", "by-slip")
        await at.press(by, "zh", "key-a", "key-0", "key-0", "key-1", "find")
        await at.kiosk.until(lambda found: found["said"] == "act_not_over")
        await at.press(by, "zh", "ok", "home", "finish")

        await at.serve("A001")
        await at.press(by, language, "open-rate_window", "by-slip")
        await at.press(by, "zh", "key-a", "key-0", "key-0", "key-1", "find")
        found = await at.kiosk.at("rate")
        assert "A001" in found["text"] and ("1 号窗口" if language == "zh" else "Window 1") in found["text"]
        await at.press(by, "zh", "level-2", "reason-207", "send")
        await at.said(tr(language, "said.rated"))
        (rated,) = await at.node.has("rating.given")
        assert (rated["ticket"], rated["level"], rated["reasons"]) == ("A001", 2, [207])
        await at.press(by, "zh", "ok", "finish")

        await at.press(by, language, "open-rate_window", "by-slip")
        await at.kiosk.at("rate_slip")
        await at.scan(await at.code_of("A001"), lambda found: found["said"] == "rated_already")
        await at.press(by, "zh", "ok")
        assert len(of(at.node.journal(), "rating.given")) == 1


async def test_paper_is_held_to_the_scanner_while_nobody_has_touched_anything(tmp_path: Path) -> None:
    """A notice leads to its item, in the case that it was printed for; a slip to its place in the queue, and
    once its act is over to its rating."""
    async with hall(tmp_path) as at:
        await at.kiosk.until(lambda found: found["screen"] == "attract")
        hall_id = (await at.node.ask("kiosk.view")).data["hall_id"]
        found = await at.scan(f"{hall_id}/item/1001/renew", shows("item"))
        assert "食品经营许可" in found["text"]
        await at.kiosk.tap("papers", "next")
        printed = without_time((await at.kiosk.at("notice"))["text"])
        await at.kiosk.tap("home", "open-guide", *TO_THE_LIST)
        picked = without_time((await at.kiosk.at("notice"))["text"])
        assert picked == printed, "as who picks that case by hand"
        await at.kiosk.tap("home", "finish")

        for _ in range(3):
            await at.node.ask("ticket.take", {"service": "tax"})
        found = await at.scan(await at.code_of("A003"), shows("position"))
        assert "A003" in found["text"] and tr("zh", "ahead", people=2) in found["text"]
        await at.kiosk.tap("home", "finish")

        await at.serve("A001")
        await at.scan(await at.code_of("A001"), shows("position"))
        await at.kiosk.tap("rate-slip", "level-5", "send")
        await at.said(tr("zh", "said.rated"))
        (rated,) = await at.node.has("rating.given")
        assert (rated["ticket"], rated["level"]) == ("A001", 5)


async def test_a_kiosk_that_is_killed_leaves_the_scanner_to_the_next(tmp_path: Path) -> None:
    """Its reading ends with it, and does not keep the scanner busy."""
    async with hall(tmp_path) as at:
        at.kiosk.process.kill()
        await at.kiosk.process.wait()
        async with driven(at.node.socket, tmp_path) as other:
            await other.until(lambda found: "测试大厅" in found["text"])
            at.kiosk = other
            await at.scan("other/item/1001", lambda found: found["said"] == "said.other_hall")
