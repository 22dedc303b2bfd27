"""The self-service corner and the terminals outside the hall: citizens who lay cards on a reader, hold codes
before a scanner, and pay at a terminal, one after the other at each.

They see what a kiosk would show them: the answer on the control socket. All cards are made up.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from drivers.heartbeat.sim import HeartbeatSim
from drivers.newland.sim import NewlandSim
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import CARDS
from drivers.xfs4iot.sim import TerminalSim
from edge.control import ControlClient, ControlError
from edge.demo.ledger import Samples
from edge.demo.payers import Payers
from edge.demo.rig import Rig
from edge.wire import PERSONAL, Reply

WITHIN_S = 15.0  # that a visitor is given to find card or code
FIND_S = (0.5, 2.0)  # that it takes
AT_TERMINAL_S = (1.0, 3.0)
BETWEEN_S = 8.0  # on average, from one visitor to the next
FIRST_AFTER_S = 3.0  # at the most
AMOUNTS = ("20.00", "115.50", "300.00", "1280.36")  # yuan, at the terminal that tells its takings
FOUND_S = 1.0  # a card lies there for so long after it was read: no reader may read it twice

_Visit = Callable[[], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Visits:
    """What the visitors have seen."""

    cards: int = 0
    codes: int = 0
    payments: int = 0  # at the terminals
    taxes: int = 0  # visits, whatever came of them
    wrong: list[str] = field(default_factory=list)  # what was not as it should be, in words
    card_to_fields: Samples = field(default_factory=Samples)  # from the card on the reader
    takings: dict[str, Decimal] = field(default_factory=dict)  # since midnight, by terminal


class Corner:
    """All of chance comes from one seed. `guest`: who sits before the kiosk has reader and scanner
    to himself. `payers`: where there is somebody who takes their taxes."""

    def __init__(
        self, rig: Rig, socket: Path, payers: Payers | None, *, seed: str, speed: float, guest: bool = False
    ) -> None:
        self._rig = rig
        self._socket = socket
        self._random = random.Random(f"corner/{seed}")
        self._speed = speed
        self._guest = guest
        self.payers = payers
        self.visits = Visits()

    async def run(self) -> None:
        """Until cancelled, and at once over where there is nothing to visit; then all have gone. Raises what
        the first visit that fails does."""
        places = [asyncio.create_task(self._visits(visit)) for visit in self._plans()]
        try:
            if places:
                failed, _ = await asyncio.wait(places, return_when=asyncio.FIRST_EXCEPTION)
                failed.pop().result()
        finally:
            for place in places:
                place.cancel()  # once only: who is paying finishes first
            await asyncio.gather(*places, return_exceptions=True)

    async def _visits(self, visit: _Visit) -> None:
        await self._pass(self._random.uniform(0, FIRST_AFTER_S))
        while True:
            await visit()
            await self._pass(self._random.expovariate(1 / BETWEEN_S))

    def _plans(self) -> Iterator[_Visit]:
        if not self._guest:
            for device, reader in self._rig.of(SdtSim).items():
                yield partial(self._at_reader, device, reader)
            for device, scanner in self._rig.of(NewlandSim).items():
                yield partial(self._read_code, device, scanner)
        for terminal in self._rig.of(TerminalSim).values():
            yield partial(self._use, terminal)
        for device, heartbeat in self._rig.of(HeartbeatSim).items():
            yield partial(self._pay, device, heartbeat)

    # --- at the reader and the scanner ---
    async def _at_reader(self, device: str, reader: SdtSim) -> None:
        """One reads his card, the next one pays a tax with it."""
        if self.payers and self.visits.cards > self.visits.taxes:
            self.visits.taxes += 1
            await self.payers.visit(device, reader)
        else:
            await self._read_card(device, reader)

    async def _read_card(self, device: str, reader: SdtSim) -> None:
        card = CARDS[self._random.choice(sorted(CARDS))]()
        asking = asyncio.create_task(self._ask("card.read", device))
        await self._pass(self._random.uniform(*FIND_S))
        laid_s = asyncio.get_running_loop().time()
        reader.put_card(card)
        reply = await asking
        self.visits.card_to_fields.add(asyncio.get_running_loop().time() - laid_s)
        name = card.parts[0][0]
        self._check(reply, device, lambda personal: personal.get("name") == name)
        self.visits.cards += 1
        await self._pass(FOUND_S)
        reader.take_card()

    async def _read_code(self, device: str, scanner: NewlandSim) -> None:
        text = f"CASE-{self._random.randrange(10**8):08d}"
        asking = asyncio.create_task(self._ask("code.read", device))
        await self._pass(self._random.uniform(*FIND_S))
        async with asyncio.timeout(WITHIN_S):
            await scanner.lit.wait()
        await scanner.scan(text)
        self._check(await asking, device, lambda personal: personal.get("text") == text)
        self.visits.codes += 1

    async def _ask(self, verb: str, device: str) -> Reply:
        """As a kiosk does: one connection for one session."""
        session = f"visit-{self._random.randrange(10**6)}"
        args = {"device": device, "session": session, "within_s": WITHIN_S}
        async with ControlClient(self._socket) as client:
            return await client.request(verb, args, 2 * WITHIN_S)

    def _check(self, reply: Reply, device: str, is_right: Callable[[dict[str, str]], bool]) -> None:
        if reply.result != "done":
            self.visits.wrong.append(f"{device}: {reply.result} {reply.code}".strip())
        elif not is_right(reply.data[PERSONAL]):
            self.visits.wrong.append(f"{device}: what came is not what was shown")

    # --- at the terminals ---
    async def _use(self, terminal: TerminalSim) -> None:
        terminal.put_card()
        await self._pass(self._random.uniform(*AT_TERMINAL_S))
        terminal.print_receipt()
        terminal.take_card()
        self.visits.payments += 1

    async def _pay(self, device: str, terminal: HeartbeatSim) -> None:
        await self._pass(self._random.uniform(*AT_TERMINAL_S))
        total = self.visits.takings.get(device, Decimal(0)) + Decimal(self._random.choice(AMOUNTS))
        self.visits.takings[device] = total
        terminal.take(str(total))
        terminal.use(time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()))
        self.visits.payments += 1

    async def _pass(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s / self._speed)


def errors_of(run: asyncio.Task[None]) -> list[str]:
    """Why the corner closed before its time, which a report tells."""
    if not run.done() or run.cancelled() or (error := run.exception()) is None:
        return []
    if isinstance(error, ControlError | TimeoutError):
        return [f"the self-service corner closed: {error or 'no light at the scanner'}"]
    raise error
