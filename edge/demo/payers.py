"""Citizens who pay a tax at the self-service corner, one after the other at its reader: with their card and,
for what a telephone does, at the payer's page of the sandbox.

Not all go the straight way: some pay twice, some think better of it, and the money of some arrives after they
have. They see what a kiosk would show them. All cards are made up, and so is the money.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.request import Request, urlopen

from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import resident
from edge.control import ControlClient
from edge.demo.fairness import Event
from edge.ids import new_id
from edge.rules.payments_counts import Counts, counted
from edge.wire import FACTS, Reply

UPSTREAM = """
[upstream]
url = "${HALL_UPSTREAM}"
"""

Way = Literal["pays", "pays_twice", "leaves", "pays_late"]
WAYS: dict[Way, float] = {"pays": 0.6, "pays_twice": 0.1, "leaves": 0.15, "pays_late": 0.15}
WITHIN_S = 15.0  # that a card is waited for
FIND_S = (0.3, 1.0)  # until it lies there
SCAN_S = (0.5, 1.5)  # until the code has been scanned with a telephone
ASK_S = 30.0  # of the node, which asks the services
MAX_PAGE = 1 << 20  # bytes of it: 10,000 payments
PAGE_S = 10.0  # of the payer's page
PAID_S = 20.0  # until what was paid is printed, or what was left is closed
SETTLE_S = 20.0  # after closing, until all that is owed has been given back
LOOK_S = 0.2


def with_services(text: str) -> str:
    """The configuration `text` with the services of the government network."""
    return text + UPSTREAM


@dataclass(slots=True)
class Paying:
    """What the payers have done, and what was not as it should be, in words."""

    begun: int = 0
    wrong: list[str] = field(default_factory=list)


class Payers:
    def __init__(self, socket: Path, services: str, dice: random.Random) -> None:
        """`services`: the sandbox's address."""
        self._socket = socket
        self._services = services
        self._dice = dice
        self._clock_s = 0.0
        self.paying = Paying()

    async def begin(self, ahead_s: float) -> None:
        """The services have the hall's day, which is `ahead_s` later than the machine's clock."""
        self._clock_s = ahead_s
        await self._set([])

    async def visit(self, device: str, reader: SdtSim) -> None:
        """One citizen: identified, told what is owed, declared, and paid or not."""
        order, year = self._dice.randrange(1, 999), self._dice.randrange(1950, 1999)
        card = resident(order=f"{order:03d}", birth=f"{year}0307")
        asking = asyncio.create_task(
            self._ask("person.identify", device=device, session=new_id(), within_s=WITHIN_S)
        )
        await self._pass(FIND_S)
        reader.put_card(card)
        known = await asking
        reader.take_card()
        if not self._is_done(known, "person.identify"):
            return
        person = known.data["person"]
        try:
            owed = await self._ask("tax.obligations", person=person)
            open_ = [each for each in owed.data.get("obligations", ()) if each["state"] == "to_declare"]
            if self._is_done(owed, "tax.obligations") and open_:
                await _to_its_end(self._pay(person, self._dice.choice(open_)))
        finally:
            await self._ask("person.forget", person=person)

    async def _pay(self, person: str, owed: dict[str, Any]) -> None:
        wanted = [{"id": owed["id"], "values": {}}]
        declared = await self._ask("tax.declare", person=person, key=new_id(), obligations=wanted)
        if not self._is_done(declared, "tax.declare"):
            return
        due, key = declared.data, new_id()
        sums = {name: due[name] for name in ("total_fen", "national_fen", "local_fen")}
        names = {"name": owed["name"], "name_en": owed["name_en"]}
        begun = await self._ask(
            "payment.begin", key=key, declaration=due["key"], kiosk="kiosk-1", **names, **sums
        )
        if not self._is_done(begun, "payment.begin"):
            return
        self.paying.begun += 1
        (way,) = self._dice.choices(list(WAYS), list(WAYS.values()))
        await self._pass(SCAN_S)
        await self._go(way, key, begun.data["qr"])

    async def _go(self, way: Way, key: str, page: str) -> None:
        if way == "pays_late":
            await self._set([{"name": "late_money", "times": 1}])
        if way != "leaves":
            await self._post(page)
        if way == "pays_twice":
            await self._post(page)
        if way in ("leaves", "pays_late"):
            left = await self._ask("payment.abandon", key=key)
            self._is_done(left, "payment.abandon")
            return
        told = await self._until_receipt(key)
        if told != "printed":
            self.paying.wrong.append(f"a tax was paid, and its receipt is {told or 'not begun'}")

    async def _until_receipt(self, key: str) -> str:
        ends_s = asyncio.get_running_loop().time() + PAID_S
        while True:
            told = await self._ask("payment.state", key=key)
            receipt = str(told.data.get("receipt", ""))
            if receipt in ("printed", "not_printed") or asyncio.get_running_loop().time() > ends_s:
                return receipt
            await asyncio.sleep(LOOK_S)

    async def settle(self, day: str) -> None:
        """The manager's settlement of `day`, once nothing is owed any more; its slip is printed. Raises
        ControlError."""
        ends_s = asyncio.get_running_loop().time() + SETTLE_S
        while True:
            found = await self._ask("settlement.day", day=day)
            open_ = found.data.get("unsettled", 0) or found.data.get("differences")
            if found.result == "done" and not open_:
                break
            if asyncio.get_running_loop().time() > ends_s:
                self.paying.wrong.append(f"the payments of {day} do not settle: {found.code} {found.data}")
                return
            await asyncio.sleep(LOOK_S)
        self._is_done(await self._ask("settlement.print", day=day), "settlement.print")

    async def _ask(self, verb: str, **args: Any) -> Reply:
        """As a kiosk does: one connection for one question."""
        async with ControlClient(self._socket) as client:
            return await client.request(verb, args, ASK_S)

    def _is_done(self, reply: Reply, verb: str) -> bool:
        if reply.result != "done":
            self.paying.wrong.append(f"{verb}: {reply.result} {reply.code}")
        return reply.result == "done"

    async def _set(self, faults: list[dict[str, Any]]) -> None:
        """All that is to go wrong there from now on."""
        wish = {"clock_s": self._clock_s, "faults": faults}
        await self._post(f"{self._services}/sandbox/faults", json.dumps(wish), "PUT")

    async def _post(self, url: str, text: str = "", method: str = "POST") -> None:
        await asyncio.to_thread(fetch, url, method, text)

    async def _pass(self, span_s: tuple[float, float]) -> None:
        await asyncio.sleep(self._dice.uniform(*span_s))


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Also where the corner closes meanwhile: nobody is sent away between his payment and his receipt."""
    paying = asyncio.create_task(work)
    try:
        await asyncio.shield(paying)
    except asyncio.CancelledError:
        await asyncio.gather(paying, return_exceptions=True)
        raise


def fetch(url: str, method: str = "GET", text: str = "") -> bytes:
    """A page of the sandbox; waits for it. Raises OSError."""
    request = Request(url, text.encode() if method != "GET" else None, method=method)
    with urlopen(request, timeout=PAGE_S) as answer:
        return bytes(answer.read(MAX_PAGE))


def payments_of(events: Sequence[Event]) -> Counts:
    """Of a node's events in the hub's record, in their order."""
    told = (each for each in events if each["kind"].startswith(("payment.", "payments.")))
    return counted(FACTS.validate_python(each) for each in told)
