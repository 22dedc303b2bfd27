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
PRESSED_LIMIT_MS, PAGE_LIMIT_MS = 100.0, 200.0  # K12
SLOW_MS = 5000.0
ASKED = 3


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
        pressed, pages = await _beside_slow_ones(at, visits)
    return Result(
        "Services at any hour",
        (
            Figure("case answered → shown, p95", "ms", cases.ms(0.95), below=CASE_LIMIT_MS),
            Figure("order answered → code shown, p95", "ms", codes.ms(0.95), below=CODE_LIMIT_MS),
            Figure("paid → receipt begun, p95", "ms", papers.ms(0.95), below=PAPER_LIMIT_MS),
            Figure("paid → told on the screen, p95", "ms", told.ms(0.95)),
            Figure("pressed, services slow, p95", "ms", pressed.ms(0.95), below=PRESSED_LIMIT_MS),
            Figure("page, services slow, p95", "ms", pages.ms(0.95), below=PAGE_LIMIT_MS),
        ),
        (cases, codes, papers, told, pressed, pages),
        notes=(
            "a payment is asked for once a second, by the node of the services and by the kiosk of the node",
            f"slow: each answer takes {SLOW_MS / 1000:.0f} s, and {ASKED} are waited for all the while",
        ),
    )


async def _beside_slow_ones(at: At, visits: int) -> tuple[Series, Series]:
    """What a finger brings about on other pages while answers are waited for."""
    pressed, pages = Series("finger down → pressed, services slow"), Series("finger up → page, services slow")
    at.service.faults.latency_ms = SLOW_MS
    asking = [asyncio.create_task(_asks_on(at)) for _ in range(ASKED)]
    for _ in range(visits):
        for control in ("open-queue", "home", "open-services", "home"):
            touch = await at.kiosk.tap(control)
            frames = (await at.kiosk.say("frames"))["frames"]
            down_s, up_s = touch["down_s"], touch["up_s"]
            shown_s = [frame["shown_s"] for frame in frames if frame["shown_s"] > down_s]
            new_s = [frame["shown_s"] for frame in frames if frame["shown_s"] > up_s and frame["new_page"]]
            pressed.values_s.append(shown_s[0] - down_s)
            pages.values_s.append(new_s[0] - up_s)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    return pressed, pages


async def _asks_on(at: At) -> None:
    while True:
        await at.node.ask("case.find", {"number": "1" * 14})


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
