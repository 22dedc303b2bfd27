"""The services of any hour, as a citizen waits for them: from what they answer to what is on the glass.

The real daemon with a printer, reader and scanner at ptys, a kiosk that draws into memory, and a sandbox of
the services over HTTP. When the sandbox answers is taken in the sandbox, when a page shows by the kiosk's own
log of frames, on one clock.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from drivers.transport.sim import serve_pty
from edge.upstream.sandbox.service import Handler, Service
from tests.bench.at_the_desk import PRINTER_BAUD, Tap
from tests.bench.model import Figure, Result, Series
from tests.kiosk.online_hall import At, declare, hall, made_up
from tests.upstream.kit import pays

CASE_LIMIT_MS = 1000.0  # from the services' answer to the page
CODE_LIMIT_MS = 500.0
PAPER_LIMIT_MS = 2000.0


async def measure(folder: Path, visits: int) -> Result:
    cases, codes = Series("case answered → on the glass"), Series("order answered → code on the glass")
    told, papers = Series("paid → told on the glass"), Series("paid → its receipt's first byte")
    folder.mkdir(parents=True, exist_ok=True)
    service = made_up()
    answered = _watched(service)
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(hall(folder, service=service))
        tap = await _tapped(stack, at)
        for _ in range(visits):
            await at.begin()
            await at.press("open-cases")
            await at.card("card")
            await at.kiosk.until(lambda found: found["screen"] in ("case", "case_list"))
            page_s = max([await _shown_s(at, "case"), await _shown_s(at, "case_list")])
            cases.values_s.append(page_s - answered["cases_of"])
            await _leave(at)
        for visit in range(visits):
            service.bank._payments.clear()  # so that the same tax is due again
            service.revenue._declared.clear()
            await declare(at)
            await at.press("pay")
            await at.at("pay")
            codes.values_s.append(await _shown_s(at, "pay") - answered["pay"])
            payment = await at.payment()
            paid_s = time.monotonic()
            await pays(at.url, payment.order)
            while len(at.node.slips) <= visit:  # noqa: ASYNC110 the printer sets no Event for a benchmark
                await asyncio.sleep(0.005)
            papers.values_s.append(tap.began_s - paid_s)
            await at.at("paid")
            told.values_s.append(await _shown_s(at, "paid") - paid_s)
            await _leave(at)
    return Result(
        "Services at any hour",
        (
            Figure("case answered → shown, p95", "ms", cases.ms(0.95), below=CASE_LIMIT_MS),
            Figure("order answered → code shown, p95", "ms", codes.ms(0.95), below=CODE_LIMIT_MS),
            Figure("paid → receipt begun, p95", "ms", papers.ms(0.95), below=PAPER_LIMIT_MS),
            Figure("paid → told on the screen, p95", "ms", told.ms(0.95)),
        ),
        (cases, codes, papers, told),
        notes=(
            "a payment is asked for once a second, by the node of the services and by the kiosk of the node",
        ),
    )


def _watched(service: Service) -> dict[str, float]:
    """When each of these operations was answered last, monotonic."""
    answered: dict[str, float] = {}

    def timed(name: str, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            response = await handler(request)
            answered[name] = time.monotonic()
            return response

        return handle

    service.cases_of = timed("cases_of", service.cases_of)  # type: ignore[method-assign,assignment]
    service.pay = timed("pay", service.pay)  # type: ignore[method-assign,assignment]
    return answered


async def _tapped(stack: AsyncExitStack, at: At) -> Tap:
    """The printer's line, with what notes when a slip begins: unplugged here and plugged in there."""
    tap, rig = Tap(at.node.rig.printer), at.node.rig
    line = rig.ptys["printer"]
    line.unplug()
    await at.node.until(lambda states: states.get("printer") != "online", at.node.states)
    rig.ptys["printer"] = await stack.enter_async_context(serve_pty(tap, Path(line.path), PRINTER_BAUD))
    await at.node.until(lambda states: states.get("printer") == "online", at.node.states)
    return tap


async def _shown_s(at: At, screen: str) -> float:
    """When the page came that shows now; 0 where it is another one."""
    frames = (await at.kiosk.say("frames"))["frames"]
    came = [each["shown_s"] for each in frames if each["screen"] == screen and each["new_page"]]
    return float(came[-1]) if came else 0.0


async def _leave(at: At) -> None:
    await at.kiosk.say("do finish")
    await at.at("home")
