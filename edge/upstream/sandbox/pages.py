"""Where a payer pays, in a browser or by a program, and where the sandbox's faults are set."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from aiohttp import web

from edge.upstream.sandbox.bank import Payment
from edge.upstream.sandbox.faults import BadFault
from edge.upstream.sandbox.service import Service

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>演示付款 · SANDBOX</title>
<h1>演示付款 · SANDBOX</h1><p>这不是真的付款，不会扣款。<br>This is no real payment: nobody is charged.</p>
<p>{name}<br><b>¥{yuan}</b><br>{order}</p><p>{said}</p>{form}</html>"""
_FORM = '<form method="post"><button>付款 Pay</button></form>'
_SAID = {
    "open": "待付款 · To be paid",
    "paid": "已付款 · Paid",
    "closed": "订单已关闭 · The order is closed",
    "refunding": "退款中 · Being given back",
    "refunded": "已退款 · Given back",
}
MAX_FORM = 4096


class Pages:
    """A payer who pays twice has paid twice: banks do not ask why."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/pay/{order}", self.show),
            web.post("/pay/{order}", self.pay),
            web.get("/sandbox/faults", self.faults),
            web.put("/sandbox/faults", self.set_faults),
            web.get("/sandbox/payments", self.payments),
            web.get("/sandbox/cases", self.cases),
        ]

    async def show(self, request: web.Request) -> web.Response:
        return self._page(self._payment(request))

    async def pay(self, request: web.Request) -> web.Response:
        """`fen` in the form: another sum than was asked for."""
        payment = self._payment(request)
        fen = str((await request.post()).get("fen", payment.total_fen))
        if not fen.isdecimal() or len(fen) > 12:
            raise web.HTTPUnprocessableEntity(text="fen: a whole number")
        late = self._service.faults.strikes("late_money", "pay")
        taken = self._service.bank.pays(payment, int(fen), late=late)
        return self._page(payment, 200 if taken else 409)

    async def faults(self, _request: web.Request) -> web.Response:
        return web.json_response(self._service.faults.told())

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self._service.faults.set(json.loads(await request.read()))
        except (BadFault, ValueError) as error:
            raise web.HTTPUnprocessableEntity(text=f"{error}\n") from None
        return await self.faults(request)

    async def payments(self, _request: web.Request) -> web.Response:
        """All that moved, for who watches a test or a demonstration."""
        bank = self._service.bank
        found: list[dict[str, Any]] = [
            {
                "key": each.key,
                "state": bank.state(each),
                "total_fen": each.total_fen,
                "paid_fen": each.paid_fen,
                "refunded_fen": each.refunded_fen,
            }
            for each in bank.all()
        ]
        return web.json_response({"payments": found})

    async def cases(self, _request: web.Request) -> web.Response:
        """Numbers that are known here, as they stand on receipts."""
        return web.json_response({"cases": self._service.some_cases()})

    def _payment(self, request: web.Request) -> Payment:
        payment = self._service.bank.by_order(request.match_info["order"])
        if payment is None:
            raise web.HTTPNotFound(text="没有这个订单 · There is no such order\n")
        return payment

    def _page(self, payment: Payment, status: int = 200) -> web.Response:
        state = self._service.bank.state(payment)
        text = _PAGE.format(
            name=escape(payment.name),
            yuan=f"{payment.total_fen // 100:,}.{payment.total_fen % 100:02d}",
            order=escape(payment.order),
            said=_SAID[state],
            form=_FORM if state == "open" else "",
        )
        return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
