"""The services of any hour, by touch and by keypad, in both languages: the kiosk, the real daemon with its
printer, reader and scanner, and a sandbox of the services on the other side.

Each journey ends by looking for the citizen's name and number: in the memory of both programs, on the glass,
in every log and file.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drivers.newland.sim import NewlandSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import Card, made_up_number, resident
from edge.upstream.sandbox.bank import Payment
from edge.upstream.sandbox.cases import numbers_of, tail_of
from edge.upstream.sandbox.faults import Fault
from edge.upstream.sandbox.service import Service
from kiosk_ui.actions import Language
from kiosk_ui.i18n import tr
from tests.kiosk.process_kit import Driven, driven, hold, memory_has
from tests.node_kit import Node, config_text, hall_at, noon_zone
from tests.upstream.kit import pays, sandbox

pytestmark = pytest.mark.timeout(180)

NOBODY = "mqtt://127.0.0.1:9"  # no broker: a hall works without
CONFIG = (
    config_text(printer_settings="job_timeout_s = 20")
    + """
[[kiosk]]
id = "kiosk-1"

[[device]]
id = "scanner"
driver = "newland"
model = "newland-serial"
url = "serial://${HALL_TTY_SCANNER}?baud=9600"

[[device]]
id = "id-reader"
driver = "sdt"
model = "sdt-serial"
url = "serial://${HALL_TTY_READER}?baud=115200"

[upstream]
url = "UPSTREAM"
timeout_s = 3.0
"""
)
CARD: Card = resident()
NAME, NUMBER = CARD.parts[0][0], made_up_number()
MASKED = f"{NAME[0]}*{NAME[-1]}", f"{NUMBER[:3]}{'*' * 11}{NUMBER[-4:]}"
WAYS = pytest.mark.parametrize(
    ("by", "language"),
    [
        ("touch", "zh"),
        ("keypad", "en"),
        pytest.param("touch", "en", marks=pytest.mark.thorough),
        pytest.param("keypad", "zh", marks=pytest.mark.thorough),
    ],
)


@dataclass
class At:
    """Before the kiosk, in one's own language and by one's own way."""

    folder: Path
    node: Node
    kiosk: Driven
    service: Service
    url: str
    by: str
    language: Language

    async def press(self, *controls: str) -> dict[str, Any]:
        return await (self.kiosk.tap if self.by == "touch" else self.kiosk.key)(*controls)

    @property
    def first(self) -> tuple[str, ...]:
        """What one touches first."""
        return ("language",) if self.language == "en" else ()

    async def begin(self) -> None:
        await self.press(*self.first, "open-online")
        await self.reads("sandbox")

    async def reads(self, key: str, **values: object) -> dict[str, Any]:
        """Until the page says so."""
        words = tr(self.language, key, **values)
        return await self.kiosk.until(lambda found: words in found["text"] and not found["working"])

    async def said(self, key: str) -> None:
        await self.reads(key)
        await self.press("ok")

    async def card(self, control: str) -> None:
        """Asked for, it is laid on the reader, and taken away again once it was read."""
        await self.press(control)
        reader = next(iter(self.node.rig.of(SdtSim).values()))
        reader.put_card(CARD)
        await self.kiosk.until(lambda found: found["personal"][1] or found["said"])
        reader.take_card()
        assert (await self.kiosk.look())["personal"] == [*MASKED]

    async def at(self, screen: str) -> dict[str, Any]:
        return await self.kiosk.until(lambda found: found["screen"] == screen and not found["working"])

    async def has_readers(self) -> bool:
        told = (await self.node.ask("kiosk.view")).data
        return bool(told["card_readers"] and told["scanners"] and told["online"]["up"])

    async def payment(self) -> Payment:
        """The one that is under way there."""
        return self.service.bank.all()[-1]

    @property
    def paper(self) -> str:
        return "\n".join("\n".join(slip.text) for slip in self.node.slips)


@asynccontextmanager
async def hall(folder: Path, by: str = "touch", language: Language = "zh") -> AsyncIterator[At]:
    service = Service(zone=noon_zone())
    async with sandbox(service) as url:
        config = CONFIG.replace("UPSTREAM", url)
        async with (
            hall_at(folder, NOBODY, hub=None, config=config) as node,
            driven(node.socket, folder) as kiosk,
        ):
            await kiosk.until(lambda found: "测试大厅" in found["text"])
            await kiosk.tap("wake")
            await kiosk.until(lambda found: "open-online" in found["ids"])
            at = At(folder, node, kiosk, service, url, by, language)
            await until(at.has_readers)
            yield at


async def until(holds: Callable[[], Awaitable[object]], limit_s: float = 30.0) -> None:
    async with asyncio.timeout(limit_s):
        while not await holds():  # noqa: ASYNC110 the kiosk sets no Event for a test
            await asyncio.sleep(0.05)


async def no_trace(at: At) -> None:
    """K9, K10: of who was there nothing is left, neither in a memory nor on the glass nor in a file."""
    await at.kiosk.say("do finish")
    assert (await at.kiosk.look())["personal"] == ["", ""]
    await until(lambda: drawn_afresh(at.kiosk))
    traces = [text.encode(code) for text in (NUMBER, NAME) for code in ("utf-8", "utf-16-le", "utf-32-le")]
    for pid in (at.kiosk.process.pid, at.node.daemon.pid):
        assert memory_has(pid, *traces) == set()
    files = {path.name: path.read_bytes() for path in at.folder.rglob("*") if path.is_file()}
    assert {"hall.db", "daemon.log", "kiosk.log"} <= set(files)
    assert [(where, trace) for where, data in files.items() for trace in traces if trace in data] == []
    assert NUMBER not in at.paper and NAME not in at.paper


async def drawn_afresh(kiosk: Driven) -> bool:
    glass = await kiosk.say("glass")
    return bool(glass["shown"] == glass["wanted"])


# --- cases ---
@WAYS
async def test_a_case_is_found_by_its_number_by_its_code_and_by_the_card(
    tmp_path: Path, by: str, language: Language
) -> None:
    async with hall(tmp_path, by, language) as at:
        world, today = at.service.world, at.service.today()
        number = numbers_of(world, world.citizen(NAME, NUMBER).id, today)[0]
        receipt = number + tail_of(world, number)
        await at.begin()
        await at.press("open-cases", "number", *(f"key-{digit}" for digit in receipt), "find")
        await at.at("case")
        await at.reads("case.number", number=number)
        await at.press("home")
        scanner = next(iter(at.node.rig.of(NewlandSim).values()))
        await hold(scanner, f"case:{receipt}", at.kiosk, lambda found: found["screen"] == "case")
        await at.reads("case.number", number=number)
        await at.press("print")
        await at.said("said.slip_printed")
        assert number in at.paper and receipt not in at.paper
        await at.press("home", "open-online", "open-cases")
        await at.card("card")
        await at.kiosk.until(lambda found: found["screen"] in ("case", "case_list"))
        await no_trace(at)


async def test_a_number_of_no_case_is_a_calm_sentence(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        await at.begin()
        await at.press("open-cases", "number", *("key-1" for _ in range(14)), "find")
        await at.kiosk.until(lambda found: found["said"] == "unknown_case" and "ok" in found["ids"])
        await at.press("ok")
        await at.at("case_number")


# --- appointments ---
@WAYS
async def test_an_appointment_is_made_changed_and_cancelled(
    tmp_path: Path, by: str, language: Language
) -> None:
    async with hall(tmp_path, by, language) as at:
        await at.begin()
        await at.card("open-bookings")
        await at.reads("visits.none")
        await at.press("new", "service-tax")
        await pick(at, "day-")
        await pick(at, "time-")
        await at.press("book")
        await at.reads("visit_done.title")
        (booked,) = at.service.desk._booked.values()
        await at.press("print")
        await at.said("said.slip_printed")
        assert booked.time in at.paper
        await at.press("back")
        await at.press("open-bookings", "visit-0", "change")
        await pick(at, "day-", 1)
        await pick(at, "time-")
        await at.press("book")
        await at.reads("visit_done.title")
        (changed,) = at.service.desk._booked.values()
        assert (changed.ref, changed.day != booked.day) == (booked.ref, True)
        await at.press("back", "open-bookings", "visit-0", "cancel", "cancel")
        await at.said("said.visit_cancelled")
        await at.reads("visits.none")
        assert at.service.desk._booked == {}
        await no_trace(at)


async def pick(at: At, begins: str, place: int = 0) -> None:
    """One of those that can be picked."""

    def offered(found: dict[str, Any]) -> list[str]:
        return [each for each in found["ids"] if each.startswith(begins)]

    found = await at.kiosk.until(lambda found: offered(found) and not found["working"])
    await at.press(offered(found)[place])


async def test_a_time_that_was_taken_meanwhile_leads_to_the_others(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        await at.begin()
        await at.card("open-bookings")
        await at.press("new", "service-tax")
        await pick(at, "day-")
        await pick(at, "time-")
        room = at.service.desk._room
        at.service.desk._room = lambda *_: 0  # type: ignore[method-assign]
        await at.press("book")
        await at.kiosk.until(lambda found: found["said"] == "slot_taken" and not found["working"])
        at.service.desk._room = room  # type: ignore[method-assign]
        await at.press("ok")
        await at.at("visit_time")
        assert at.service.desk._booked == {}


# --- taxes ---
@WAYS
async def test_a_tax_is_declared_paid_and_its_receipt_printed_and_printed_again(
    tmp_path: Path, by: str, language: Language
) -> None:
    async with hall(tmp_path, by, language) as at:
        await declare(at)
        await at.press("pay")
        await at.at("pay")
        await at.reads("pay.title")
        payment = await at.payment()
        assert await pays(at.url, payment.order) == [200]
        await at.at("paid")
        await at.reads("paid.printed")
        assert len(at.node.slips) == 1
        assert f"{payment.total_fen / 100:,.2f}".replace(",", "") in at.paper.replace(",", "")
        await at.press("done", *at.first)
        scanner = next(iter(at.node.rig.of(NewlandSim).values()))
        await hold(scanner, payment.order, at.kiosk, lambda found: found["screen"] == "receipt_list")
        await at.press("receipt-0")
        await at.said("said.paper_printed")
        await at.press("home", "open-online", "open-receipts")
        await at.card("card")
        await at.at("receipt_list")
        await at.press("receipt-0")
        await at.said("said.paper_printed")
        assert len(at.node.slips) == 3
        assert (payment.paid_fen, payment.refunded_fen) == (payment.total_fen, 0)
        await no_trace(at)


async def declare(at: At) -> None:
    """Until the sum is on the page."""
    await at.begin()
    await at.card("open-tax")
    found = await at.at("tax")
    owed = next(each for each in found["ids"] if each.startswith("tax-"))
    if "next" not in found["ids"]:
        await at.press(owed)
    await at.press("next")
    await at.at("tax_check")
    await at.press("declare")
    await at.at("tax_sum")


async def test_who_cancels_pays_nothing_and_may_begin_again(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        await declare(at)
        await at.press("pay")
        await at.at("pay")
        await at.press("cancel-payment")
        await at.said("said.pay_cancelled")
        first = await at.payment()
        assert (first.closed, first.paid_fen) == (True, 0)
        await at.press("pay")
        await at.at("pay")
        second = await at.payment()
        assert await pays(at.url, second.order) == [200]
        await at.at("paid")
        assert sum(each.paid_fen for each in at.service.bank.all()) == second.total_fen
        await no_trace(at)


async def test_who_walks_away_has_it_closed(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        await declare(at)
        await at.press("pay")
        await at.at("pay")
        await at.kiosk.say("do finish")
        payment = await at.payment()

        async def closed() -> bool:
            return payment.closed

        await until(closed)
        await no_trace(at)


async def test_a_sum_that_has_changed_is_told_before_anything_is_paid(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        await declare(at)
        at.service.faults.faults.append(Fault("dearer", times=1))
        await at.press("pay")
        await at.kiosk.until(lambda found: found["said"] == "amount_changed" and not found["working"])
        await at.press("ok")
        await at.at("tax_sum")
        assert sum(each.paid_fen for each in at.service.bank.all()) == 0


# --- away ---
async def test_services_that_are_away_are_greyed_with_since_and_come_back_by_themselves(
    tmp_path: Path,
) -> None:
    async with hall(tmp_path) as at:
        await at.begin()
        await at.press("open-cases", "number", *("key-1" for _ in range(14)))
        at.service.faults.faults.append(Fault("down"))
        await at.press("find")
        await at.kiosk.until(lambda found: found["said"] == "upstream_away" and not found["working"])
        await at.press("ok", "home")
        found = await at.kiosk.until(lambda found: "open-online" not in found["ids"])
        assert tr("zh", "online.away.since", time="").strip()[:8] in found["text"]
        at.service.faults.faults.clear()
        await at.kiosk.until(lambda found: "open-online" in found["ids"], 60.0)
