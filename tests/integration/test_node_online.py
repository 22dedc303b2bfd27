"""The services at any hour through the real daemon, with the sandbox as a process: what a kiosk is told, that
the hall goes on while they are away, and that who somebody is stays in no memory, file or message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
from aiohttp import ClientSession

from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import made_up_number, resident
from edge.control import ControlClient
from edge.ids import new_id
from edge.wire import PERSONAL, Reply
from edge.wire.kiosk import KioskView
from edge.wire.services import (
    KioskBooking,
    KioskBookings,
    KioskCases,
    KioskCertificates,
    KioskDeclaration,
    KioskObligations,
    KioskPerson,
    KioskSlotDays,
    KioskSlots,
)
from tests.card_kit import DEVICE, Kiosk, kiosk_at
from tests.integration.brokers import observing, running
from tests.kiosk.process_kit import memory_has
from tests.upstream.test_contract import a_process

LONG_S = 60.0  # for what comes within seconds on an idle machine
NOBODY = "mqtt://127.0.0.1:1"
ONLINE = """
[upstream]
url = "{url}"

[[extended]]
hours = "00:00-24:00"
zh = "全天开放"
en = "Open at any hour"
"""


@dataclass(slots=True)
class Hall:
    kiosk: Kiosk
    url: str

    async def ask(self, verb: str, **args: Any) -> Reply:
        async with ControlClient(self.kiosk.socket) as client:
            return await client.request(verb, args, 30.0)

    async def done(self, verb: str, **args: Any) -> dict[str, Any]:
        reply = await self.ask(verb, **args)
        assert (reply.result, reply.code) == ("done", ""), reply
        return reply.data

    async def identify(self) -> str:
        """The card is laid on again until it is read: the reader may have looked at it for itself before."""
        asking = asyncio.create_task(self.ask("person.identify", device=DEVICE, session="s-1", within_s=10))
        while not asking.done():
            self.kiosk.sim.put_card(resident())
            await asyncio.wait({asking}, timeout=1.0)
        self.kiosk.sim.take_card()
        reply = asking.result()
        assert reply.result == "done", reply
        return KioskPerson.model_validate(reply.data).person

    async def fault(self, **wish: Any) -> None:
        async with ClientSession() as session:
            assert (await session.put(f"{self.url}/sandbox/faults", json=wish)).status == 200

    async def view(self) -> KioskView:
        return KioskView.model_validate(await self.done("kiosk.view"))

    async def until(self, holds: Callable[[KioskView], object]) -> KioskView:
        async with asyncio.timeout(LONG_S):
            while not holds(view := await self.view()):  # noqa: ASYNC110 another process tells
                await asyncio.sleep(0.1)
        return view

    async def until_raised(self, alerts: dict[str, str]) -> None:
        """With their details."""
        async with asyncio.timeout(LONG_S):
            while alerts != {  # noqa: ASYNC110 as above
                each["key"]: each["detail"] for each in (await self.done("status"))["alerts"]
            }:
                await asyncio.sleep(0.1)


@asynccontextmanager
async def hall(folder: Path, broker: str = NOBODY, *args: str) -> AsyncIterator[Hall]:
    sim = SdtSim(find_s=0.02, select_s=0.02, read_s=0.1)
    async with (
        a_process() as (_, url),
        kiosk_at(folder, broker, sim, *args, more=ONLINE.format(url=url)) as kiosk,
    ):
        yield Hall(kiosk, url)


async def test_a_visit_from_the_card_to_the_sum(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        person = await node.identify()
        cases = KioskCases.model_validate(await node.done("case.list", person=person)).cases
        assert cases
        owed = KioskObligations.model_validate(await node.done("tax.obligations", person=person))
        wishes = [{"id": each.id, "values": {}} for each in owed.obligations]
        key = new_id()
        declared = KioskDeclaration.model_validate(
            await node.done("tax.declare", person=person, key=key, obligations=wishes)
        )
        assert declared.key == key
        assert declared.total_fen == declared.national_fen + declared.local_fen > 0
        certificates = await node.done("certificate.list", person=person)
        assert KioskCertificates.model_validate(certificates).certificates
        days = KioskSlotDays.model_validate(await node.done("slot.days", service="tax")).days
        assert (len(days), {day.open for day in days}) == (31, {True}), "without a roster every day is open"
        day = (date.fromisoformat(days[0].day) + timedelta(7)).isoformat()
        slots = KioskSlots.model_validate(await node.done("slot.find", service="tax", day=day)).slots
        time = next(slot.time for slot in slots if slot.free)
        wish = {"person": person, "ref": new_id(), "service": "tax", "day": day, "time": time}
        booked = KioskBooking.model_validate(await node.done("booking.make", **wish))
        assert booked.time == time
        listed = KioskBookings.model_validate(await node.done("booking.list", person=person))
        assert listed.bookings == (booked,)
        early = await node.ask("appointment.check_in", ref=wish["ref"])
        assert early.code == "appointment_day", "it is in the hall's own queue"
        assert await node.done("booking.cancel", person=person, ref=wish["ref"]) == {}
        gone = await node.ask("appointment.check_in", ref=wish["ref"])
        assert gone.code == "unknown_appointment"
        await node.done("person.forget", person=person)
        for verb in ("case.list", "booking.list", "tax.obligations", "certificate.list"):
            reply = await node.ask(verb, person=person)
            assert (reply.result, reply.code) == ("rejected", "visit_over")
            assert "请重新放上证件" in reply.zh


async def test_what_a_kiosk_shows_of_them(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        view = await node.until(lambda view: view.online.notices)  # which are asked for last
        assert view.online.sandbox
        assert view.online.services == ("cases", "bookings", "tax")
        assert [each.en for each in view.online.announcements] == ["Open at any hour"]
        await node.fault(faults=[{"name": "error"}])
        reply = await node.ask("case.find", number="1" * 14)
        assert (reply.result, reply.code) == ("failed", "upstream_away")
        assert reply.zh
        assert reply.en
        view = await node.until(lambda view: not view.online.up)
        assert len(view.online.since) == len("12:34")
        await node.until_raised({"services_away": "it has an error of its own: 500"})
        await node.fault()
        assert (await node.until(lambda view: view.online.up)).online.since == ""
        await node.until_raised({})
        reply = await node.ask("case.find", number="1" * 14)
        assert reply.code == "unknown_case"


async def test_the_hall_goes_on_while_they_are_slow(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        person = await node.identify()
        await node.fault(latency_ms=2000)
        slow = [asyncio.create_task(node.ask("case.list", person=person)) for _ in range(3)]
        await asyncio.sleep(0.1)
        views = 0
        while not any(task.done() for task in slow):
            await node.view()
            views += 1
        assert views > 1, "the first waited for theirs"
        assert [reply.result for reply in await asyncio.gather(*slow)] == ["done"] * 3


async def test_a_card_that_is_not_read_is_told_by_the_reader_and_no_process_stays(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        reply = await node.ask("person.identify", device=DEVICE, session="s", within_s=0.3)
        assert (reply.result, reply.code) == ("failed", "no_card")
        async with ControlClient(node.kiosk.socket) as client:
            asking = asyncio.create_task(
                client.request("person.identify", {"device": DEVICE, "session": "s", "within_s": 60})
            )
            await asyncio.sleep(1.0)
            asking.cancel()
        daemon = psutil.Process(node.kiosk.daemon.pid)
        async with asyncio.timeout(LONG_S):
            while daemon.children():  # noqa: ASYNC110 the system sets no Event
                await asyncio.sleep(0.05)


async def test_who_somebody_is_stays_nowhere(tmp_path: Path) -> None:
    """Neither the name nor the number in the node's memory, log, store or messages; nor is the visit's secret
    in any but the memory."""
    name, number = resident().parts[0][0], made_up_number()
    traces = [text.encode(code) for text in (name, number) for code in ("utf-8", "utf-16-le", "utf-32-le")]
    traces += [name.encode("unicode_escape")]
    with running("mosquitto", tmp_path) as broker:
        async with observing(broker.broker, "#") as seen, hall(tmp_path, broker.url, "--verbose") as node:
            person = await node.identify()
            answers = [await node.ask("case.list", person=person)]
            answers.append(await node.ask("tax.obligations", person=person))
            shown = await node.ask("person.identify", device=DEVICE, session="s-2", within_s=1.0)
            assert shown.code == "no_card"
            assert PERSONAL not in shown.data
            pid = node.kiosk.daemon.pid
            there = DEVICE.encode()
            assert memory_has(pid, there, *traces) == {there}, "this look finds what is there"
            await node.done("person.forget", person=person)
            assert memory_has(pid, *traces) == set()
            await node.kiosk.daemon.stop()
            await seen.quiet(0.5)
            told = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
            told |= {f"{message.topic} {n}": message.payload for n, message in enumerate(seen.messages)}
        assert {"hall.db", "daemon.log"} <= set(told)
        assert all(reply.result == "done" for reply in answers)
        assert [(where, trace) for where, data in told.items() for trace in traces if trace in data] == []
        assert [where for where, data in told.items() if b"/v1/subjects/" in data] == [], "no path is logged"
        assert b"person.identify" in told["daemon.log"]
        assert person.encode() not in told["hall.db"]
