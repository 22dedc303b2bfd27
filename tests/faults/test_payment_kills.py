"""kill −9 of the daemon at every step of a payment, over HTTP and a real printer's line, while its payer pays
never, once or twice: what the bank has and what the store has is compared afterwards.

The bank is the sandbox, in this process: so the kill falls exactly before a request reaches it, after it has
acted and before the daemon hears of it, or some milliseconds later.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from drivers.sdt.sim_cards import made_up_number
from edge.control import ControlError
from edge.demo.processes import BIN, DemoError, Process
from edge.ids import new_id
from edge.rules.payments_counts import counted
from edge.upstream.sandbox.app import app_of
from edge.upstream.sandbox.service import Service
from edge.wire import FACTS, Reply
from tests.node_kit import Node, config_text, hall_at, noon_zone, of
from tests.upstream.kit import client_of, declared, serving, visit

pytestmark = [pytest.mark.few, pytest.mark.timeout(3600)]

NOBODY = "mqtt://127.0.0.1:1"
ONLINE = '\n[upstream]\nurl = "{url}"\ntimeout_s = 2\n'
PHASES = ("before", "unheard", "after")
STEPS = 5  # requests of a payment: its order, looks, its receipt
LATER_S = 0.03  # in which the daemon keeps what it has heard
PAID_S = 4.0  # that a run without a kill takes at the most until it is killed all the same
MANY = pytest.mark.thorough
SETTLED = {"payment.paid", "payment.expired", "payment.refunded"}


@dataclass
class Plan:
    """When the daemon dies: at its `step`-th request about payments, in this phase; how often who pays."""

    step: int
    phase: str
    payments: int
    late: bool  # what he pays arrives once it is closed
    pays_after: bool  # the kill
    again: int  # the same once more, at this request of the next daemon; 0 is not

    @classmethod
    def of(cls, run: int, chance: random.Random) -> Plan:
        step, phase = run % STEPS + 1, PHASES[run // STEPS % len(PHASES)]
        payments, again = chance.choice([0, 1, 1, 2]), chance.choice([0, 0, 1, 2, 3])
        return cls(step, phase, payments, chance.random() < 0.2, chance.random() < 0.3, again)


@dataclass
class Killer:
    """In the bank's door. `armed`: the request and the phase at which the daemon dies."""

    chance: random.Random
    kill: Callable[[], None] = lambda: None
    armed: tuple[int, str] | None = None
    count: int = 0
    kills: int = 0
    died: asyncio.Event = field(default_factory=asyncio.Event)

    def arm(self, step: int, phase: str) -> None:
        self.armed, self.count = (step, phase), 0
        self.died.clear()

    def strike(self) -> None:
        self.armed = None
        self.kills += 1
        self.kill()
        self.died.set()

    @web.middleware
    async def door(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not request.path.startswith(("/v1/payments", "/v1/settlements")) or self.armed is None:
            return await handler(request)
        self.count += 1
        step, phase = self.armed
        if self.count != step:
            return await handler(request)
        if phase == "before":
            self.strike()
            raise web.HTTPServiceUnavailable
        response = await handler(request)
        if phase == "unheard":
            self.strike()
        else:
            asyncio.get_running_loop().call_later(self.chance.random() * LATER_S, self.strike)
        return response


@dataclass
class Town:
    node: Node
    service: Service
    url: str
    killer: Killer

    async def dies_at(self, step: int, phase: str, work: Awaitable[object]) -> None:
        """Whether it comes to that request or not, it dies."""
        self.killer.arm(step, phase)
        await work
        with suppress(TimeoutError):
            async with asyncio.timeout(PAID_S):
                await self.killer.died.wait()
        if not self.killer.died.is_set():
            self.killer.strike()


@asynccontextmanager
async def town(folder: Path, chance: random.Random) -> AsyncIterator[Town]:
    service, killer = Service(zone=noon_zone()), Killer(chance)
    service.bank.open_s, service.bank.refund_s = 20, 0.05
    app = app_of(service)
    app.middlewares.insert(0, killer.door)
    async with serving(app) as url:
        text = config_text(hall="login_required = false") + ONLINE.format(url=url)
        async with hall_at(folder, NOBODY, config=text, hub=None, start=False) as node:
            killer.kill = lambda: node.daemon.kill()  # noqa: PLW0108 each time another one
            yield Town(node, service, url, killer)


@pytest.mark.parametrize(
    ("runs", "seed"), [(6, 1), pytest.param(150, 2, marks=MANY), pytest.param(150, 3, marks=MANY)]
)
async def test_whenever_it_dies_money_is_taken_once_and_has_its_receipt(
    tmp_path: Path, runs: int, seed: int
) -> None:
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    async with town(tmp_path, chance) as all_of_it:
        for run in range(runs):
            plan = Plan.of(run * STEPS + run if runs < STEPS * len(PHASES) else run, chance)
            seen[await one_run(all_of_it, plan, run)] += 1
        journal, bank = all_of_it.node.journal(), all_of_it.service.bank
    counts = counted(FACTS.validate_python(event) for event in journal if "payment" in event["kind"])
    kept = [each for each in bank.all() if each.kept_fen]
    assert (counts.charged_twice, counts.unsettled) == (0, 0)
    assert all(each.kept_fen == each.total_fen for each in kept)
    assert len({each.declaration for each in kept}) == len(kept)
    killed = all_of_it.killer.kills
    assert sum(seen.values()) == runs <= killed
    print(f"{runs} payments, {killed} kills: {dict(seen)}; {counts}")  # noqa: T201 for who runs many


async def one_run(all_of_it: Town, plan: Plan, run: int) -> str:
    """A payment whose daemon dies, and the next one that brings it to its end; what came of it."""
    node, service, killer = all_of_it.node, all_of_it.service, all_of_it.killer
    if not ("daemon" in node.processes and node.daemon.alive):
        await node.start("printer")
    async with client_of(all_of_it.url) as client:
        subject = await visit(client, made_up_number(f"19{50 + run % 50}0101", f"{run % 900 + 100}"))
        declaration, total_fen = await declared(client, subject)
    key = new_id()
    args = {"key": key, "declaration": declaration, "total_fen": total_fen, "national_fen": total_fen}
    args |= {"local_fen": 0, "name": "税款", "kiosk": "kiosk-1"}
    asking = asyncio.create_task(_asks(node, "payment.begin", args))
    paying = asyncio.sleep(0) if plan.pays_after else _pays(service, key, plan, killer)
    await all_of_it.dies_at(plan.step, plan.phase, paying)
    await asking
    if plan.pays_after:
        await _pays(service, key, plan, killer)
    if plan.again:
        await all_of_it.dies_at(plan.again, plan.phase, _start(node))
    await node.start("printer")
    return await _ends(node, service, key)


async def _start(node: Node) -> None:
    """A daemon that may die before it is ready: it is the node's from its first moment on."""
    node.socket.unlink(missing_ok=True)
    command = [str(BIN / "hall-edge"), "run", str(node.config)]
    places = {"STATE_DIRECTORY": str(node.folder), "RUNTIME_DIRECTORY": str(node.folder)}
    process = Process("hall-edge", command, node.folder / "daemon.log", {**places, **node.rig.env})
    node.processes["daemon"] = process
    with suppress(DemoError):
        await process.started(node.socket.exists)


async def _asks(node: Node, verb: str, args: dict[str, Any]) -> Reply | None:
    try:
        return await node.ask(verb, args)
    except (ControlError, OSError, EOFError):
        return None  # it died meanwhile


async def _pays(service: Service, key: str, plan: Plan, killer: Killer) -> None:
    """As soon as there is an order, if ever."""
    for _ in range(100):
        payment = next((each for each in service.bank.all() if each.key == key and each.order), None)
        if payment:
            for _ in range(plan.payments):
                service.bank.pays(payment, payment.total_fen, late=plan.late)
            return
        if killer.died.is_set():
            return
        await asyncio.sleep(0.01)


async def _ends(node: Node, service: Service, key: str) -> str:
    """The daemon that lives on finds it paid or closes it, gives back what is too much, and prints it."""

    async def story() -> list[str]:
        return [event["kind"] for event in node.journal() if event.get("key") == key]

    if not await story():  # it died before it had kept anything
        assert all(each.key != key for each in service.bank.all())
        return "nothing"

    def settled(kinds: list[str]) -> bool:
        last = [kind for kind in kinds if "receipt" not in kind][-1]
        return last in SETTLED and service.bank.get(key).kept_fen in (0, service.bank.get(key).total_fen)

    await node.until(lambda kinds: [kind for kind in kinds if "receipt" not in kind][-1] in SETTLED, story)
    day = of(node.journal(), "day.opened")[-1]["day"]
    await node.ask("settlement.day", {"day": day})  # what came after the close would be seen within the hour
    kinds = await node.until(settled, story)
    bank = service.bank.get(key)
    if not bank.kept_fen:
        assert "payment.expired" in kinds
        return "closed"
    assert bank.kept_fen == bank.total_fen
    assert "payment.paid" in kinds
    reply = await node.ask("receipt.print", {"key": key, "session": "s"})
    assert (reply.result, reply.data.get("printed")) == ("done", True), reply
    assert any(bank.order in slip.qr for slip in node.slips)
    return "refunded" if "payment.refunded" in kinds else "paid"
