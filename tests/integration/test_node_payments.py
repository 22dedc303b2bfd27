"""Paying through the real daemon, the sandbox and a printer's line: from the confirmed sum to the paper."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.control import ControlClient
from edge.ids import new_id
from edge.rules.payments_counts import counted
from edge.upstream.sandbox.service import Service
from edge.wire import FACTS, Reply
from edge.wire.services import KioskPayment, KioskPrinted, KioskReceipts, Settled
from tests.node_kit import Node, config_text, hall_at, noon_zone, of
from tests.upstream.kit import NAME, NUMBER, client_of, declared, pays, sandbox, visit

NOBODY = "mqtt://127.0.0.1:1"
ONLINE = '\n[upstream]\nurl = "{url}"\ntimeout_s = 3\n'


@dataclass(slots=True)
class Hall:
    node: Node
    service: Service
    url: str

    async def order(self) -> dict[str, Any]:
        """What a citizen has just confirmed."""
        async with client_of(self.url) as client:
            declaration, total_fen = await declared(client, await visit(client))
        sums = {"total_fen": total_fen, "national_fen": total_fen - 1, "local_fen": 1}
        return {"key": new_id(), "declaration": declaration, "name": "税款", "kiosk": "kiosk-1", **sums}

    async def done(self, verb: str, **args: Any) -> dict[str, Any]:
        reply = await self.node.ask(verb, args)
        assert reply.result == "done", reply
        return reply.data

    async def begin(self, order: dict[str, Any]) -> KioskPayment:
        return KioskPayment.model_validate(await self.done("payment.begin", **order))

    async def until(self, key: str, state: str, receipt: str = "") -> KioskPayment:
        async def look() -> KioskPayment:
            return KioskPayment.model_validate(await self.done("payment.state", key=key))

        found: KioskPayment = await self.node.until(
            lambda each: each.state == state and (not receipt or each.receipt == receipt), look
        )
        return found

    async def settled(self) -> Settled:
        day = of(self.node.journal(), "day.opened")[-1]["day"]
        return Settled.model_validate(await self.done("settlement.day", day=day))


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Hall]:
    service = Service(zone=noon_zone())  # a day of the bank's is the hall's
    service.bank.refund_s = 0.2
    async with sandbox(service) as url:
        text = config_text(hall="login_required = false") + ONLINE.format(url=url)
        async with hall_at(folder, NOBODY, config=text, hub=None, start=False) as node:
            await node.start("printer")
            yield Hall(node, service, url)


@pytest.mark.alone  # of a printer that is kept waiting nobody knows whether it has printed
async def test_from_the_sum_to_the_paper_and_again_on_paper(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        order = await at.order()
        shown = await at.begin(order)
        assert (shown.state, shown.total_fen) == ("shown", order["total_fen"])
        assert shown.qr == f"{at.url}/pay/{shown.order}"
        assert 0 < shown.expires_in_s <= at.service.bank.open_s
        assert (await at.begin(order)).qr == shown.qr
        other = await at.node.ask("payment.begin", {**order, "key": new_id()})
        assert (other.result, other.code) == ("rejected", "in_payment")
        assert await pays(at.url, shown.order) == [200]
        paid = await at.until(order["key"], "paid", "printed")
        assert paid.qr == ""
        other = await at.node.ask("payment.begin", {**order, "key": new_id()})
        assert (other.result, other.code) == ("rejected", "already_paid")
        found = KioskReceipts.model_validate(await at.done("receipt.find", order=shown.order))
        assert [each.key for each in found.receipts] == [order["key"]]
        again = await at.done("receipt.print", key=order["key"], session="s-1")
        assert KioskPrinted.model_validate(again).is_copy

        async def slips() -> list[str]:
            return ["".join(slip.text) for slip in at.node.slips if shown.order in slip.qr]

        first, copy = await at.node.until(lambda found: len(found) == 2, slips)
        assert "副本" not in first
        assert "副本" in copy
        assert all("SANDBOX" in each and NUMBER not in each and NAME not in each for each in (first, copy))
        kept = (at.node.folder / "hall.db").read_bytes() + at.node.log.encode()
        kept += (at.node.folder / "hall.db-wal").read_bytes()
        assert shown.order.encode() in kept
        assert [each for each in (NAME, NUMBER, shown.qr) if each.encode() in kept] == []
        settled = await at.settled()
        assert (settled.created, settled.paid, settled.differences) == (1, 1, ())
        day = settled.day
        assert (await at.done("settlement.print", day=day))["printed"]


async def test_what_is_paid_twice_or_late_goes_back(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        twice = await at.order()
        shown = await at.begin(twice)
        assert await pays(at.url, shown.order, times=2) == [200, 200]
        await at.until(twice["key"], "refunded")
        assert at.service.bank.get(twice["key"]).kept_fen == twice["total_fen"]
        found = [FACTS.validate_python(each) for each in at.node.journal() if "payment" in each["kind"]]
        counts = counted(found)
        assert (counts.paid, counts.refunded, counts.unsettled, counts.charged_twice) == (1, 1, 0, 0)
        settled = await at.settled()
        assert (settled.refunded_fen, settled.differences) == (twice["total_fen"], ())


async def test_given_up_and_paid_late_goes_back_whole(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        order = await at.order()
        shown = await at.begin(order)
        at.service.bank.pays(at.service.bank.get(order["key"]), order["total_fen"], late=True)
        left = KioskPayment.model_validate(await at.done("payment.abandon", key=order["key"]))
        assert (left.state, left.qr) == ("expired", "")
        assert at.service.bank.get(shown.key).paid_fen == order["total_fen"]
        await at.settled()  # which looks at what has moved
        await at.until(order["key"], "refunded")
        assert at.service.bank.get(order["key"]).kept_fen == 0
        reply = await at.node.ask("receipt.print", {"key": order["key"], "session": "s"})
        assert reply.code == "receipt_not_paid"


async def test_a_sum_that_changes_between_confirming_and_paying_is_said(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        order = await at.order()
        at.service.faults.set({"faults": [{"name": "dearer", "times": 1}]})
        reply = await at.node.ask("payment.begin", order)
        assert (reply.result, reply.code) == ("rejected", "amount_changed")
        assert "没有扣款" in reply.zh
        assert reply.data["total_fen"] == order["total_fen"] + 100
        await at.until(order["key"], "expired")


async def test_an_order_whose_answer_is_lost_is_closed_and_nothing_was_charged(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        order = await at.order()
        at.service.faults.set({"faults": [{"name": "lost", "only": ["pay"]}]})
        reply = await at.node.ask("payment.begin", order)
        assert (reply.result, reply.code) == ("failed", "upstream_away")
        assert "没有扣款" in reply.zh
        at.service.faults.set({})
        await at.until(order["key"], "expired")
        assert at.service.bank.state(at.service.bank.get(order["key"])) == "closed"
        assert (await at.begin({**order, "key": new_id()})).state == "shown"


async def test_what_is_open_when_the_power_fails_is_closed_or_found_paid(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        order = await at.order()
        shown = await at.begin(order)
        at.node.daemon.kill()
        assert await pays(at.url, shown.order) == [200]
        await at.node.start("printer")
        await at.until(order["key"], "paid")
        reply: Reply = await at.node.ask("receipt.print", {"key": order["key"], "session": "s"})
        assert reply.data == {"printed": True, "copy": False}


async def test_a_kiosk_that_vanishes_while_it_waits_leaves_nothing_open(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        order = await at.order()
        at.service.faults.set({"latency_ms": 1500})
        async with ControlClient(at.node.socket) as client:
            asking = asyncio.create_task(client.request("payment.begin", order, 30.0))
            await at.node.has("payment.created")
            asking.cancel()
        at.service.faults.set({})
        await at.until(order["key"], "expired")


async def test_money_is_for_who_stands_there_and_settlements_for_managers_afar(tmp_path: Path) -> None:
    async with hall(tmp_path) as at:
        reply = await at.node.ask("settlement.day", {"day": "2001-01-01"})
        assert (reply.result, reply.code) == ("rejected", "no_settlement")
        reply = await at.node.ask("receipt.list", {"person": new_id()})
        assert (reply.result, reply.code) == ("rejected", "visit_over")
        reply = await at.node.ask(
            "certificate.print", {"person": new_id(), "certificate": "c-1", "session": "s"}
        )
        assert (reply.result, reply.code) == ("rejected", "visit_over")
