"""Who pays a tax in the demonstration, and how its report counts what became of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drivers.sdt.sim import SdtSim
from edge.control import ControlServer
from edge.demo import payers as module
from edge.demo.corner import Corner
from edge.demo.payers import Payers, payments_of
from edge.demo.rig import Rig
from edge.demo.verdict import problems_of_money
from edge.rules.payments_counts import Counts
from edge.wire import PaymentCreated, PaymentExpired, PaymentPaid, PaymentShown, Reply, Request
from tests.unit.hall_kit import until

KEY, OTHER, DUE = "1" * 32, "2" * 32, "d" * 32
ORDER = "P0000000000000000001"


def created(key: str) -> PaymentCreated:
    return PaymentCreated(
        key=key, declaration=DUE, total_fen=500, national_fen=300, local_fen=200, name="税", kiosk="kiosk-1"
    )


def test_payments_are_counted_from_the_record_and_nothing_else() -> None:
    facts = (
        created(KEY),
        PaymentShown(key=KEY, order=ORDER),
        PaymentExpired(key=KEY),
        created(OTHER),
        PaymentShown(key=OTHER, order=ORDER),
        PaymentPaid(key=OTHER, order=ORDER, total_fen=500, paid_on="2026-11-30"),
    )
    events = [fact.model_dump() for fact in facts] + [{"kind": "ticket.voided", "ticket": "A001"}]
    assert payments_of(events) == Counts(created=2, paid=1, expired=1)


def test_a_day_with_money_twice_or_owed_or_unknown_is_not_good() -> None:
    payers = Payers(Path(), "", random.Random(1))
    payers.paying.begun, payers.paying.wrong = 2, ["payment.begin: rejected down"]
    found = Counts(created=1, unsettled=1, charged_twice=1)
    assert problems_of_money(found, payers) == [
        "payment.begin: rejected down",
        "1 payments were taken twice",
        "1 payments are not settled",
        "2 payments begun, 1 in the record",
    ]


def test_a_hall_without_services_has_no_payments() -> None:
    assert problems_of_money(Counts(), None) == []
    nobody = cast(Payers, SimpleNamespace(paying=SimpleNamespace(begun=0, wrong=[])))
    assert problems_of_money(Counts(), nobody) == []


ANSWERS: dict[str, dict[str, Any]] = {
    "person.identify": {"person": "p"},
    "tax.obligations": {"obligations": [{"id": "o", "name": "税", "name_en": "tax", "state": "to_declare"}]},
    "tax.declare": {"key": DUE, "total_fen": 500, "national_fen": 300, "local_fen": 200},
    "payment.begin": {"qr": "http://127.0.0.1/pay"},
}


@pytest.mark.parametrize("last", ["tax.declare", "payment.begin", "payment.abandon"])
async def test_who_is_paying_when_the_corner_closes_is_not_sent_away(
    last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAYS", {"leaves": 1.0})
    monkeypatch.setattr(module, "SCAN_S", (0.0, 0.0))
    asked: list[str] = []

    async def answer(request: Request, _client: str) -> Reply:
        asked.append(request.verb)
        if request.verb == last:
            visiting.cancel()
            await asyncio.sleep(0)  # it has taken effect
        return Reply(id=request.id, result="done", data=ANSWERS.get(request.verb, {}))

    server = ControlServer(tmp_path / "control.sock", answer)
    await server.start()
    payers = Payers(tmp_path / "control.sock", "", random.Random(1))
    visiting = asyncio.create_task(payers.visit("reader", SdtSim()))
    with pytest.raises(asyncio.CancelledError):
        await visiting
    await server.stop()
    assert asked[-3:] == ["payment.begin", "payment.abandon", "person.forget"]
    assert (payers.paying.begun, payers.paying.wrong) == (1, [])


async def test_a_corner_that_closes_waits_for_who_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def pays() -> None:
        try:
            seen.append("pays")
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            seen.append("has gone")

    async def looks() -> None:
        seen.append("looks")
        await asyncio.Event().wait()

    class Place(Corner):
        def _plans(self) -> Iterator[Any]:
            yield from (pays, looks)

    monkeypatch.setattr("edge.demo.corner.FIRST_AFTER_S", 0.0)
    corner = asyncio.create_task(Place(cast(Rig, None), Path(), None, seed="1", speed=1.0).run())
    await until("both are there", lambda: len(seen) == 2)
    corner.cancel()
    with pytest.raises(asyncio.CancelledError):
        await corner
    assert seen == ["pays", "looks", "has gone"]
