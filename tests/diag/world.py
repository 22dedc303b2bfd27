"""One device with its real driver, supervised as the daemon does it, and a simulator that can be made ill.

In a loop whose time jumps over waiting: a minute of silence costs nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from drivers.api import LinkLost, Simulator
from drivers.checking.problems import BadDevice
from drivers.conformance import LoopClock
from drivers.messages import CheckHealth, Order, Outcome, ShowText
from drivers.registry import LINK_CONDITIONS, Registry
from drivers.transport.sick import WELL, Ills, Sick
from edge.diag.evidence import Checked, Evidence, Line, Piece
from edge.diag.recognising import garbled, stranger
from edge.inspection.line import line_of
from edge.inspection.verdict import Found, told
from edge.life import Seams
from edge.settings.model import ChildConfig, DeviceConfig, Wire
from edge.supervisor import Supervisor

REGISTRY = Registry(allow_sim=True)


@dataclass
class Door:
    """Whether a line can be opened, and how often that was tried."""

    open: bool = True
    tries: int = 0


@dataclass
class World:
    device: str
    config: DeviceConfig
    devices: Supervisor
    clock: LoopClock
    sick: Sick[Any]
    door: Door

    def pull(self) -> None:
        """Its plug, or its network: the line is lost, and cannot be opened."""
        self.door.open = False
        self.devices.unplugged(self.device)

    @property
    def sim(self) -> Any:
        """What a person can do to the device; each family has its own."""
        return self.sick.simulator

    async def live(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def order(self, order: Order, device: str = "", limit_s: float = 30.0) -> Outcome:
        return await self.devices.order(device or self.device, order, limit_s)

    async def evidence(self, device: str = "") -> Evidence:
        """As `hallctl diag` gathers it."""
        device = device or self.device
        asked = await self._ask(device)
        checked = told(self._found(device, asked))
        _, frames, _ = self.devices.frames(device)
        pieces = [
            Piece(dir="out" if each.out else "in", hex=each.data.hex(" "), size=each.size)
            for each in (frames.last() if frames else ())
        ]
        line = Line.model_validate({"device": device, **line_of(self.config, self.devices)})
        return Evidence(
            line=line,
            now_s=self.clock.now().wall_s,
            checked=Checked.model_validate(checked),
            stranger=stranger(line.family, pieces),
            garbled=garbled(line.family, pieces),
        )

    async def _ask(self, device: str) -> Outcome | None:
        loaded = self.config.loaded
        if loaded and CheckHealth in loaded.spec.orders:
            return await self.order(CheckHealth(), device, 15.0)
        child = self.config.children.get(device)
        return (
            await self.order(ShowText("测试"), device, 5.0) if child and child.wire.kind == "strip" else None
        )

    def _found(self, device: str, asked: Outcome | None) -> Found:
        status = self.devices.status(device)
        heard, now_s = status.last_heard, self.clock.now().wall_s
        return Found(
            status=status,
            meant=self.devices.words_of(device),
            asked=asked,
            done=None,
            heard_s=None if heard is None else now_s - heard,
            is_line=device == self.config.id and bool(self.config.children),
        )


@dataclass(frozen=True)
class Child:
    """On a line by its address, or a camera by its URL."""

    kind: Literal["caller", "pad", "strip", "buttons", "camera"]
    address: int
    url: str = ""

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.address}"

    @property
    def entry(self) -> dict[str, Any]:
        where = {"url": self.url} if self.url else {"address": self.address}
        return {"id": self.id, "kind": self.kind, **where}


@asynccontextmanager
async def world(
    family: str,
    *,
    model: str = "",
    settings: Mapping[str, Any] | None = None,
    children: Sequence[Child] = (),
    options: str = "",
    peer: Simulator | None = None,
    ills: Ills = WELL,
    seed: int = 1,
) -> AsyncIterator[World]:
    """`options`: of the simulator and its line, as in a URL. `peer`: what stands at the other end, by default
    the family's own simulator."""
    url = f"sim://{family}?{options}" if options else f"sim://{family}"
    entries = [each.entry for each in children]
    own = {**(settings or {}), **({"children": entries} if children else {})}
    try:
        loaded = REGISTRY.resolve(family, model, url, own)
    except BadDevice as error:
        raise AssertionError("; ".join(map(str, error.problems))) from error
    sick: list[Sick[Any]] = []
    door = Door()

    def simulate(name: str, params: Mapping[str, str]) -> Simulator:
        door.tries += 1
        if not door.open:
            raise LinkLost("no such port")
        if not sick:  # the same device behind each new line
            sick.append(Sick(peer or REGISTRY.simulate(name, params), ills, seed))
        return sick[0]

    config = DeviceConfig(
        id=family,
        loaded=replace(loaded, _simulate=simulate),
        children={each.id: ChildConfig(Wire(kind=each.kind), (), "") for each in children},
        driver=family,
    )
    clock = LoopClock()
    devices = Supervisor([config], _seams(clock))
    running = asyncio.create_task(devices.run())
    try:
        await asyncio.sleep(0.1)  # opened, and with it the simulator made
        yield World(family, config, devices, clock, sick[0], door)
    finally:
        running.cancel()
        await asyncio.wait({running})


def _seams(clock: LoopClock) -> Seams:
    async def keep(_event: object) -> None:
        pass

    return Seams(
        clock=clock,
        rng=random.Random(1),
        emit=keep,
        changed=lambda _status: None,
        conditions=LINK_CONDITIONS,
    )
