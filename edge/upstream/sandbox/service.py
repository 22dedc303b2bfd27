"""The sandbox's services over HTTP, as `config/upstream.openapi.yaml` has them."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from edge.upstream.sandbox import reading
from edge.upstream.sandbox.bank import Bank, Payment
from edge.upstream.sandbox.cases import case_by_receipt, cases_of, numbers_of, tail_of
from edge.upstream.sandbox.desk import Booked, Desk
from edge.upstream.sandbox.faults import Faults
from edge.upstream.sandbox.revenue import Revenue
from edge.upstream.sandbox.world import Citizen, Problem, World

Handler = Callable[[web.Request], Awaitable[web.Response]]
VISIT_S = 900
MAX_VISITS = 10_000  # the oldest is forgotten for the next
PAGE = 200  # payments of a settlement
DEARER_FEN = 100
NAME = "政务服务沙箱（演示数据）· SANDBOX"
_NOTICES = (
    ("sandbox", "这里的全部内容都是演示数据。", "All that is shown here is made up."),
    ("hours", "24 小时自助服务区全天开放。", "The self-service area is open at any hour."),
)


class Service:
    """All that there is. `faults` may be changed at any time."""

    def __init__(self, seed: int = 1, zone: str = "Asia/Shanghai", visit_s: int = VISIT_S) -> None:
        self.world = World(seed)
        self.faults = Faults(random.Random(seed))
        self._zone = ZoneInfo(zone)
        self._visit_s = visit_s
        self.bank = Bank(self.world, lambda: self.today().isoformat())
        self.desk = Desk(self.world)
        self.revenue = Revenue(self.world, self.bank, self.today)
        self.visits: dict[str, tuple[Citizen, float]] = {}  # oldest first

    def some_cases(self) -> list[str]:
        """Their numbers as they stand on receipts, for who has none in hand."""
        return [each + tail_of(self.world, each) for each in numbers_of(self.world, "anybody", self.today())]

    def today(self) -> date:
        return datetime.now(self._zone).date()

    def now(self) -> datetime:
        """As its clock shows it."""
        return datetime.now(UTC) + timedelta(seconds=self.faults.clock_s)

    def routes(self) -> list[tuple[str, str, str, Handler]]:
        """Method, path, operation, handler."""
        subject, payment = "/v1/subjects/{subject}", "/v1/payments/{key}"
        return [
            ("GET", "/v1/about", "about", self.about),
            ("GET", "/v1/notices", "notices", self.notices),
            ("GET", "/v1/cases/{number}", "case", self.case),
            ("POST", "/v1/subjects", "identify", self.identify),
            ("DELETE", subject, "forget", self.forget),
            ("GET", subject + "/cases", "casesOf", self.cases_of),
            ("GET", "/v1/slots", "slots", self.slots),
            ("GET", subject + "/appointments", "appointmentsOf", self.appointments_of),
            ("PUT", subject + "/appointments/{ref}", "book", self.book),
            ("DELETE", subject + "/appointments/{ref}", "cancel", self.cancel),
            ("GET", subject + "/obligations", "obligations", self.obligations),
            ("PUT", subject + "/declarations/{key}", "declare", self.declare),
            ("GET", subject + "/payments", "paymentsOf", self.payments_of),
            ("GET", subject + "/certificates", "certificatesOf", self.certificates_of),
            ("GET", subject + "/certificates/{certificate}", "certificate", self.certificate),
            ("PUT", payment, "pay", self.pay),
            ("GET", payment, "payment", self.payment),
            ("PUT", payment + "/closed", "close", self.close),
            ("PUT", payment + "/refund", "refund", self.refund),
            ("GET", payment + "/receipt", "receipt", self.receipt),
            ("GET", "/v1/settlements/{day}", "settlement", self.settlement),
        ]

    # --- who answers ---
    async def about(self, _request: web.Request) -> web.Response:
        now = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"name": NAME, "sandbox": True, "now": now})

    async def notices(self, _request: web.Request) -> web.Response:
        return web.json_response({"notices": [{"id": id_, "zh": zh, "en": en} for id_, zh, en in _NOTICES]})

    # --- cases ---
    async def case(self, request: web.Request) -> web.Response:
        number = reading.matched(request.match_info["number"], reading.CASE, "number")
        return web.json_response(case_by_receipt(self.world, number, self.today()))

    async def cases_of(self, request: web.Request) -> web.Response:
        return web.json_response({"cases": cases_of(self.world, self._citizen(request), self.today())})

    # --- who stands there ---
    async def identify(self, request: web.Request) -> web.Response:
        name, number = reading.card(await request.read(), request.content_type)
        citizen = self.world.citizen(name, number)
        subject = f"{random.SystemRandom().getrandbits(128):032x}"
        while len(self.visits) >= MAX_VISITS:
            del self.visits[next(iter(self.visits))]
        self.visits[subject] = (citizen, time.monotonic() + self._visit_s)
        return web.json_response({"subject": subject, "expires_in_s": self._visit_s}, status=201)

    async def forget(self, request: web.Request) -> web.Response:
        self.visits.pop(_hex(request, "subject"), None)
        return web.Response(status=204)

    # --- appointments ---
    async def slots(self, request: web.Request) -> web.Response:
        service = reading.matched(request.query.get("service"), reading.ID, "service")
        day = reading.day(request.query.get("day"))
        found = self.desk.slots(service, day, self.today())
        return web.json_response({"service": service, "day": day.isoformat(), "slots": found})

    async def appointments_of(self, request: web.Request) -> web.Response:
        found = self.desk.of(self._citizen(request).id, self.today())
        return web.json_response({"appointments": found})

    async def book(self, request: web.Request) -> web.Response:
        citizen, ref = self._citizen(request), _hex(request, "ref")
        wish = reading.body(await request.read(), request.content_type, {"service", "day", "time"})
        booked = Booked(
            citizen.id,
            ref,
            reading.matched(wish["service"], reading.ID, "service"),
            reading.day(wish["day"]).isoformat(),
            reading.matched(wish["time"], reading.TIME, "time"),
        )
        return web.json_response(self.desk.book(booked, self.today()))

    async def cancel(self, request: web.Request) -> web.Response:
        self.desk.cancel(self._citizen(request).id, _hex(request, "ref"))
        return web.Response(status=204)

    # --- taxes ---
    async def obligations(self, request: web.Request) -> web.Response:
        return web.json_response({"obligations": self.revenue.obligations(self._citizen(request))})

    async def declare(self, request: web.Request) -> web.Response:
        citizen, key = self._citizen(request), _hex(request, "key")
        wishes = reading.wishes(await request.read(), request.content_type)
        return web.json_response(self.revenue.declare(citizen, key, wishes))

    async def payments_of(self, request: web.Request) -> web.Response:
        found = self.revenue.payments_of(self._citizen(request))
        return web.json_response({"payments": [self._told(each, request) for each in found]})

    async def certificates_of(self, request: web.Request) -> web.Response:
        return web.json_response({"certificates": self.revenue.certificates(self._citizen(request))})

    async def certificate(self, request: web.Request) -> web.Response:
        citizen = self._citizen(request)
        id_ = reading.matched(request.match_info["certificate"], reading.ID, "certificate")
        return web.json_response(self.revenue.certificate(citizen, id_))

    # --- payments ---
    async def pay(self, request: web.Request) -> web.Response:
        key, order = _hex(request, "key"), reading.order(await request.read(), request.content_type)
        dearer_fen = DEARER_FEN if self.faults.strikes("dearer", "pay") else 0
        payment = self.revenue.pay(key, order, dearer_fen=dearer_fen)
        return web.json_response(self._told(payment, request))

    async def payment(self, request: web.Request) -> web.Response:
        return web.json_response(self._told(self.bank.get(_hex(request, "key")), request))

    async def close(self, request: web.Request) -> web.Response:
        payment = self.bank.close(_hex(request, "key"))
        told = self._told(payment, request)
        self.bank.settle_held(payment)
        return web.json_response(told)

    async def refund(self, request: web.Request) -> web.Response:
        key, keep_fen = _hex(request, "key"), reading.refund(await request.read(), request.content_type)
        return web.json_response(self._told(self.bank.refund(key, keep_fen), request))

    async def receipt(self, request: web.Request) -> web.Response:
        return web.json_response(self.revenue.receipt(_hex(request, "key")))

    async def settlement(self, request: web.Request) -> web.Response:
        day = reading.day(request.match_info["day"]).isoformat()
        terminal = reading.matched(request.query.get("terminal"), reading.TERMINAL, "terminal")
        after = reading.matched(request.query.get("after", "0" * 32), reading.HEX, "after")
        found = sorted(
            (e for e in self.bank.all() if e.terminal == terminal and day in e.moved and e.key > after),
            key=lambda each: each.key,
        )
        told = [self._told(each, request) for each in found[:PAGE]]
        return web.json_response({"day": day, "payments": told, "more": len(found) > PAGE})

    def _citizen(self, request: web.Request) -> Citizen:
        """Who stands there. Raises Problem."""
        found = self.visits.get(_hex(request, "subject"))
        if found is None or time.monotonic() >= found[1]:
            raise Problem(401, "visit_over", "the visit is over")
        return found[0]

    def _told(self, payment: Payment, request: web.Request) -> dict[str, Any]:
        return self.bank.told(payment, f"{request.scheme}://{request.host}"[:200])


def _hex(request: web.Request, name: str) -> str:
    return reading.matched(request.match_info[name], reading.HEX, name)
