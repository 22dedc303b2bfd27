"""The services of any hour, by touch and by keypad, in both languages: the kiosk, the real daemon with its
printer, reader and scanner, and a sandbox of the services on the other side.

Each journey ends by looking for the citizen's name and number: in the memory of both programs, on the glass,
in every log and file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drivers.newland.sim import NewlandSim
from edge.upstream.sandbox.cases import numbers_of, tail_of
from edge.upstream.sandbox.faults import Fault
from kiosk_ui.actions import Language
from kiosk_ui.i18n import tr
from tests.kiosk.online_hall import NAME, NUMBER, At, declare, hall, no_trace, until
from tests.kiosk.process_kit import driven, hold
from tests.kiosk.ways_kit import KEYPAD, TOUCH, ways
from tests.upstream.kit import pays


# --- cases ---
@ways(TOUCH)
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
@ways(TOUCH)
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
@ways(KEYPAD)
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


async def test_a_certificate_is_printed_for_the_card_and_says_no_more_than_it_may(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        await at.begin()
        await at.card("open-certificates")
        await at.at("certificates")
        await at.press("certificate-0")
        await at.said("said.paper_printed")
        assert len(at.node.slips) == 1
        assert "SANDBOX" in at.paper
        await no_trace(at)


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


async def test_a_kiosk_that_is_killed_resumes_nothing_and_its_payment_ends_by_itself(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        at.service.bank.open_s = 6.0
        await declare(at)
        await at.press("pay")
        await at.at("pay")
        at.kiosk.process.kill()
        await at.kiosk.process.wait()
        async with driven(at.node.socket, tmp_path) as kiosk:
            found = await kiosk.at("attract")
            assert found["personal"] == ["", ""]
        payment = await at.payment()

        async def closed() -> bool:
            return at.service.bank.state(at.service.bank.get(payment.key)) == "closed"

        await until(closed)
        assert payment.paid_fen == 0


async def test_a_daemon_that_is_killed_while_somebody_pays_finds_it_paid(tmp_path: Path) -> None:
    """The code stays on the glass meanwhile; then it is told, and the receipt can be had."""
    async with hall(tmp_path) as at:
        await declare(at)
        await at.press("pay")
        await at.at("pay")
        at.node.daemon.kill()
        payment = await at.payment()
        await at.reads("pay.away")
        assert await pays(at.url, payment.order) == [200]
        await at.node.start()
        await at.at("paid")
        await at.reads("paid.not_printed")
        await at.kiosk.until(lambda found: "print" in found["ids"])  # once the printer is there again
        await at.press("print")
        await at.said("said.paper_printed")
        assert len(at.node.slips) == 1
        assert (payment.paid_fen, payment.refunded_fen) == (payment.total_fen, 0)


async def test_k12_while_the_services_are_slow_all_else_goes_on(tmp_path: Path) -> None:
    async with hall(tmp_path, timeout_s=30.0) as at:
        await at.begin()
        await at.press("open-cases", "number", *("key-1" for _ in range(14)))
        at.service.faults.latency_ms = 6_000  # a ticket and its slip take far less
        await at.press("find")
        await at.kiosk.until(lambda found: found["working"] and tr("zh", "work.case") in found["text"])
        args = {"service": "tax", "session": "a" * 32, "can_show": True}
        assert (await at.node.ask("ticket.take", args)).data["ticket"] == "A001"
        assert (await at.kiosk.look())["working"], "the services have not answered yet"
        at.service.faults.latency_ms = 0
        await at.kiosk.until(lambda found: found["said"] == "unknown_case")


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
