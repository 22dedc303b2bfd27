"""Charging under supervision: raised, acknowledged, cleared and kept, with the daemon's own parts at work."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from drivers.messages import KeyAction
from edge.bus import Bus
from edge.fees import ChargeArgs, Fees, RefundArgs
from edge.hall import HallAtWork
from edge.ids import new_id
from edge.store import Store
from edge.store.audit import audit
from edge.wire import Reply, Request
from tests.store_kit import flat, told
from tests.unit.warning_kit import Stepped, Watched, settings_with, watched

KINDS = ("fee_amiss", "fee_without_act", "fee_missing")
ITEM = '[[item]]\nid = "0601"\nservice = "tax"\nfee_fen = 500\n'


class Till:
    """The verbs, as a command asks them."""

    def __init__(self, hall: HallAtWork) -> None:
        bus: Bus = hall._bus
        store: Store = hall._store
        self._fees = Fees(hall, bus, store)

    async def charge(self, amount_fen: int, receipt: str = "", *, request: str = "", act: str = "") -> Reply:
        args = ChargeArgs(window="1", amount_fen=amount_fen, receipt=receipt, act=act)
        asked = Request(id=request or new_id(), verb="window.charge")
        return await self._fees.charge(args, asked, "till")

    async def refund(self, receipt: str, amount_fen: int | None = None) -> Reply:
        args = RefundArgs(window="1", receipt=receipt, amount_fen=amount_fen)
        return await self._fees.refund(args, Request(id=new_id(), verb="window.refund"), "till")


async def an_act(hall: Watched) -> str:
    wish = hall.hall.take("tax", new_id(), can_show=True, item="0601")
    await hall.hall._bus.ask(wish, "kiosk")
    await hall.key("1", KeyAction.CALL)
    ticket = hall.hall.state.window("1").ticket
    await hall.key("1", KeyAction.FINISH)
    return f"{hall.hall.state.day}/{ticket}"


async def test_a_wrong_amount_is_raised_acknowledged_and_over_once_it_is_put_right(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, *(f'kind = "{kind}"' for kind in KINDS), more=ITEM)
    clock = Stepped()
    async with watched(tmp_path, settings, clock) as hall:
        till = Till(hall.hall)
        await hall.key("1", KeyAction.LOGIN, "1001")
        await an_act(hall)
        done = await till.charge(800, "R1")
        assert done.data["amount_fen"] == 800
        await hall.passes(1)
        assert hall.broker.told == ["+fee_amiss-1 amber"]
        alert = hall.broker.alerts["fee_amiss-1"]
        assert "1 笔收费与配置的标准不符" in alert.zh
        assert (await hall.acknowledge("fee_amiss-1", "李主任", "去核对")).result == "done"
    async with watched(tmp_path, settings, clock) as hall:
        await hall.passes(1)
        assert await Till(hall.hall).refund("R1", 300)
        await hall.passes(1)
        assert "fee_amiss-1" not in hall.broker.alerts
        assert await hall.kinds() == [
            "raised fee_amiss-1",
            "acknowledged fee_amiss-1",
            "cleared fee_amiss-1",
        ]
    assert audit(tmp_path / "hall.db").first is None
    with closing(sqlite3.connect(tmp_path / "hall.db")) as db, db:
        db.execute("UPDATE event SET text = replace(text, '\"amount_fen\":800', '\"amount_fen\":500')")
    found = audit(tmp_path / "hall.db").first
    assert found
    assert found.kind == "fee.charged", "the chain holds what was charged"


async def test_what_nobody_charged_and_what_belongs_to_nobody(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, *(f'kind = "{kind}"' for kind in KINDS), more=ITEM)
    async with watched(tmp_path, settings, Stepped()) as hall:
        till = Till(hall.hall)
        await hall.key("1", KeyAction.LOGIN, "1001")
        await till.charge(500, "R0")
        await hall.passes(1)
        assert hall.broker.told == ["+fee_without_act-1 amber"]
        await till.refund("R0")
        act = await an_act(hall)
        await hall.passes(9)
        assert set(hall.broker.alerts) == set()
        await hall.passes(2)
        assert set(hall.broker.alerts) == {"fee_missing-1"}
        await till.charge(500, "R1", act=act)
        await hall.passes(1)
        assert set(hall.broker.alerts) == set()


async def test_a_request_is_its_own_receipt(tmp_path: Path) -> None:
    async with watched(tmp_path, settings_with(tmp_path, 'kind = "fee_amiss"', more=ITEM), Stepped()) as hall:
        till, request = Till(hall.hall), new_id()
        await hall.key("1", KeyAction.LOGIN, "1001")
        first = await till.charge(500, request=request)
        again = await till.charge(500, request=request)
        assert first.data == again.data == {"receipt": request, "act": "", "item": "", "amount_fen": 500}
        assert len(hall.hall.state.fees) == 1
        refused = await till.refund(request, 501)
        assert (refused.code, "还可退 5.00 元" in refused.zh) == ("refund_too_much", True)


async def test_a_receipt_of_yesterday_is_known_and_can_be_given_back_once(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, 'kind = "fee_amiss"', more=ITEM)
    clock = Stepped()
    async with watched(tmp_path, settings, clock) as hall:
        await hall.key("1", KeyAction.LOGIN, "1001")
        till = Till(hall.hall)
        await till.charge(500, "R1")
        await till.refund("R1", 100)
        clock.stepped_s += 24 * 3600
        assert (await till.charge(500, "R1")).code == "not_logged_in", "the night has logged her out"
        await hall.key("1", KeyAction.LOGIN, "1001")
        assert hall.hall.state.fees == {}
        assert (await till.charge(500, "R1")).data["amount_fen"] == 500, "told again, and not kept again"
        assert (await till.charge(600, "R1")).code == "receipt_used"
        both = await asyncio.gather(till.refund("R1", 300), till.refund("R1", 300))
        assert sorted(each.code for each in both) == ["", "refund_too_much"]
    async with watched(tmp_path, settings, clock) as hall:
        till = Till(hall.hall)
        assert (await till.refund("R1")).data == {"receipt": "R1", "refunded_fen": 100, "left_fen": 0}
        assert (await till.refund("R1")).code == "refund_too_much"
        assert (await till.refund("R2")).code == "fee_unknown"
        kept = [row["kind"] for row in map(flat, await told(hall.store)) if row["kind"].startswith("fee.")]
        assert kept == ["fee.charged", "fee.refunded", "fee.refunded", "fee.refunded"]
