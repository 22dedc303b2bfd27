"""A toy device, to try the kit on: a bell with a button, `STX length payload sum8` on the line.

Peer to host: `I<serial>` who I am, `D<n>` rung, `P` button pressed. Host to peer: `?` who are you,
`R<n>` ring with the number n.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Never

from drivers.api import (
    BadFrame,
    ConditionSpec,
    Context,
    DriverSpec,
    Identity,
    Link,
    LinkLost,
    NotKept,
    ProtocolBreach,
)
from drivers.conformance import Stimulus, Subject
from drivers.messages import Beep, ButtonPressed, Outcome, Result
from drivers.transport.losses import lost

STX = 0x02
MAX_PAYLOAD = 16
MAX_FRAME = MAX_PAYLOAD + 3
HEARTBEAT_S = 2.0
BAD_FRAMES = 50  # within one run


class ToyCodec:
    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def buffered(self) -> int:
        return len(self._held)

    def encode(self, frame: bytes) -> bytes:
        return bytes([STX, len(frame)]) + frame + bytes([sum(frame) & 0xFF])

    def feed(self, data: bytes) -> Sequence[bytes | BadFrame]:
        found: list[bytes | BadFrame] = []
        for byte in data:
            self._held.append(byte)
            self._scan(found)
        return found

    def _scan(self, found: list[bytes | BadFrame]) -> None:
        while held := bytes(self._held):
            size = held[1] + 3 if len(held) > 1 else MAX_FRAME
            if held[0] != STX or not 4 <= size <= MAX_FRAME:
                self._drop(found)
            elif len(held) < size:
                return
            elif sum(held[2 : size - 1]) & 0xFF != held[size - 1]:
                self._drop(found)
            else:
                found.append(held[2 : size - 1])
                del self._held[:size]

    def _drop(self, found: list[bytes | BadFrame]) -> None:
        found.append(BadFrame("no frame", bytes(self._held[:1])))
        del self._held[0]


class ToyBell:
    """The peer, with a state of its own."""

    def __init__(self) -> None:
        self.rung = 0
        self._codec = ToyCodec()
        self._link: Link | None = None

    async def run(self, link: Link) -> None:
        self._link = link
        while True:
            for frame in self._codec.feed(await link.read()):
                if frame == b"?":
                    await link.write(self._codec.encode(b"Ibell-1"))
                elif isinstance(frame, bytes) and frame[:1] == b"R":
                    self.rung += 1
                    await link.write(self._codec.encode(b"D" + frame[1:]))

    async def press(self) -> None:
        assert self._link is not None
        await self._link.write(self._codec.encode(b"P"))


@dataclass(frozen=True, slots=True)
class ToySettings:
    button: int = 7


_NOISY = ConditionSpec("noisy", "warning", "线路干扰", "noise on the line", "检查接线", "Check the wiring.")
SPEC = DriverSpec(
    family="toy",
    links=frozenset({"serial", "sim"}),
    settings=ToySettings,
    orders=frozenset({Beep}),
    events=frozenset({ButtonPressed}),
    conditions=(_NOISY,),
    heartbeat_s=HEARTBEAT_S,
    max_frame=MAX_FRAME,
    queue=4,
)


@dataclass(slots=True)
class _Run:
    """What one run knows: answers that are waited for."""

    heard_s: float = 0.0
    identity: asyncio.Event = field(default_factory=asyncio.Event)
    rings: dict[bytes, asyncio.Future[None]] = field(default_factory=dict)
    count: int = 0
    bad: int = 0


class ToyDriver:
    """Keeps every promise. The broken ones in `broken.py` each override the method that breaks one."""

    spec: ClassVar[DriverSpec] = SPEC

    def __init__(self) -> None:
        self.codec = ToyCodec()
        self.state = _Run()

    async def run(self, link: Link, ctx: Context[ToySettings]) -> Never:
        self.state = _Run(heard_s=ctx.clock.now().mono_s)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.listen(link, ctx))
                group.create_task(self.poll(link, ctx))
                group.create_task(self.obey(link, ctx))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        raise AssertionError("the three go on until one raises")

    async def listen(self, link: Link, ctx: Context[ToySettings]) -> None:
        while True:
            for frame in self.codec.feed(await link.read()):
                await self.take(frame, ctx)

    async def take(self, frame: bytes | BadFrame, ctx: Context[ToySettings]) -> None:
        if isinstance(frame, BadFrame):
            self.state.bad += 1
            if self.state.bad > BAD_FRAMES:
                raise ProtocolBreach("too many bad frames")
            return
        self.state.heard_s = ctx.clock.now().mono_s
        ctx.alive()
        if frame[:1] == b"I" and not self.state.identity.is_set():
            self.state.identity.set()
            ctx.ready(Identity(model="bell", serial=frame[1:].decode("ascii", "replace")))
        elif frame == b"P":
            await self.press(ctx)
        elif frame[:1] == b"D" and (ring := self.state.rings.get(frame[1:])) and not ring.done():
            ring.set_result(None)

    async def press(self, ctx: Context[ToySettings]) -> None:
        with contextlib.suppress(NotKept):  # the bell has no acknowledgement to hold back
            await ctx.emit(ButtonPressed(ctx.settings.button))

    async def poll(self, link: Link, ctx: Context[ToySettings]) -> None:
        while True:
            await link.write(self.codec.encode(b"?"))
            await ctx.clock.sleep(HEARTBEAT_S / 2)
            if ctx.clock.now().mono_s - self.state.heard_s > 3 * HEARTBEAT_S:
                raise lost(link.url, detail="the bell is silent")

    async def obey(self, link: Link, ctx: Context[ToySettings]) -> None:
        async for command in ctx.commands():
            outcome = Outcome(Result.UNKNOWN, "link_lost")
            try:
                outcome = await self.ring(link)
            finally:
                command.finish(outcome)

    async def ring(self, link: Link) -> Outcome:
        self.state.count += 1
        key = b"%d" % self.state.count
        done = self.state.rings[key] = asyncio.get_running_loop().create_future()
        try:
            for _ in range(5):  # a ring may be heard twice: harmless for a bell
                await link.write(self.codec.encode(b"R" + key))
                await asyncio.wait({done}, timeout=0.5)
                if done.done():
                    return Outcome(Result.DONE)
            return Outcome(Result.UNKNOWN, "link_lost")
        finally:
            del self.state.rings[key]


def subject(
    driver: type[ToyDriver] = ToyDriver, peer: type[ToyBell] = ToyBell
) -> Subject[ToySettings, ToyBell]:
    return Subject(
        driver,
        peer,
        ToySettings(),
        orders=[("device", Beep())],
        stimuli=[Stimulus(lambda bell: bell.press(), (("device", ButtonPressed(7)),))],
    )


__all__ = ["LinkLost", "ToyBell", "ToyCodec", "ToyDriver", "ToySettings", "subject"]
