"""An identity card reader as the peer of the driver: `sim://sdt?card=resident`.

It has its own states (nothing, found, selected, read and not yet taken away) and its own handling of bytes.
Replies are laid out as documented, not captured. Its times are assumed: the documents give time-outs only
(find and select 1 s, read 2 s), and readers are sold as taking less than 1.5 s for a card.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from drivers.api import BadSettings, Link
from drivers.sdt.sim_cards import CARDS, Card
from drivers.sdt.sim_ear import Ear, Heard

MAX_NOTED = 4096  # commands that are remembered for a test to look at
_FIND_DATA, _SELECT_DATA = bytes(4), bytes(8)
_RESET = (0x10, 0xFF)

State = Literal["away", "lying", "found", "selected", "done"]


@dataclass(slots=True)
class Trouble:
    """What is wrong with a reader of this protocol, for a test to set at any time.

    What any peer can have, such as silence, is in `drivers.transport.sick`.
    """

    unauthorised: bool = False
    self_test: bool = False
    stuffed: int = 0  # so many replies from now on carry more data than they should
    refuse: deque[int] = field(default_factory=deque)  # SW3 of the next replies, in place of the right ones


class SdtSim:
    """A reader that a card can be laid on. It goes on living while no link is there."""

    def __init__(
        self, card: Card | None = None, *, find_s: float = 0.08, select_s: float = 0.08, read_s: float = 0.9
    ) -> None:
        self.trouble = Trouble()
        # How long a reader of its make takes for a card; a reader that is late is `sick`.
        self.find_s, self.select_s, self.read_s = find_s, select_s, read_s
        self.asked: deque[tuple[int, int]] = deque(maxlen=MAX_NOTED)
        self.reading = asyncio.Event()  # a card is being read right now
        self.forgets = False  # a reader that finds a card again although it has not left
        self._card = card
        self._state: State = "lying" if card else "away"
        self._laid = 0  # counts what is laid on and taken away, so that a change in between is noticed
        self._link: Link | None = None

    # --- people ---
    def put_card(self, card: Card) -> None:
        """Lay a card on; one that lies there goes."""
        self._card, self._state, self._laid = card, "lying", self._laid + 1

    def take_card(self) -> Card | None:
        """Take the card away, also in the middle of a reading."""
        card, self._card, self._state, self._laid = self._card, None, "away", self._laid + 1
        return card

    async def say(self, data: bytes) -> None:
        """Bytes that nobody asked for."""
        if self._link is not None:
            await self._link.write(data)

    def card_reply(self, card: Card) -> bytes:
        """What a reading of `card` is answered."""
        sizes = bytes((1, 0, 4, 0))  # 256 and 1024, high byte first
        return _frame(0x90, sizes + card.text + card.photo)

    # --- the line ---
    async def run(self, link: Link) -> None:
        """Until the link is lost; may be run again with another one, as a cable is put back."""
        self._link, ear = link, Ear()
        loop = asyncio.get_running_loop()
        try:
            while True:
                for byte in await link.read():
                    heard = ear.hear(byte, loop.time())
                    if heard is not None:
                        await link.write(await self._obey(heard))
        finally:
            self._link = None
            self.reading.clear()

    async def _obey(self, heard: Heard) -> bytes:
        if heard.fault:
            return _frame(0x10 if heard.fault == "xor" else 0x11)
        self.asked.append(heard.command)
        if self.trouble.refuse:
            return _frame(self.trouble.refuse.popleft())
        if self.trouble.stuffed:
            self.trouble.stuffed -= 1
            return _frame(0x90, bytes(33))
        if self.trouble.self_test and heard.command != _RESET:
            return _frame(0x60)
        if self.trouble.unauthorised and heard.command != _RESET:
            return _frame(0x66)
        match heard.command:
            case (0x11, 0xFF) | (0x10, 0xFF):
                return _frame(0x90)
            case (0x20, 0x01):
                return await self._find()
            case (0x20, 0x02):
                return await self._select()
            case (0x30, 0x01):
                return await self._read()
        return _frame(0x21)

    async def _find(self) -> bytes:
        """A card is found that lies there all the while; one that was read only once it has left."""
        laid = self._laid
        await asyncio.sleep(self.find_s)
        gone = self._card is None or laid != self._laid
        if gone or (self._state == "done" and not self.forgets):
            return _frame(0x80)
        self._state = "found"
        return _frame(0x9F, _FIND_DATA)

    async def _select(self) -> bytes:
        laid = self._laid
        await asyncio.sleep(self.select_s)
        if self._state != "found" or laid != self._laid:
            return _frame(0x81)
        self._state = "selected"
        return _frame(0x90, _SELECT_DATA)

    async def _read(self) -> bytes:
        card, laid = self._card, self._laid
        if card is None or self._state != "selected":
            return _frame(0x41)
        self.reading.set()
        try:
            await asyncio.sleep(self.read_s)
        finally:
            self.reading.clear()
        if laid != self._laid:
            return _frame(0x41)
        self._state = "done"
        return self.card_reply(card)


def _frame(sw3: int, data: Iterable[int] = b"") -> bytes:
    """`AA AA AA 96 69 | len | 00 00 SW3 data | xor`."""
    content = bytes((0, 0, sw3)) + bytes(data)
    counted = bytes(((len(content) + 1) // 256, (len(content) + 1) % 256)) + content
    check = 0
    for byte in counted:
        check ^= byte
    return bytes((0xAA, 0xAA, 0xAA, 0x96, 0x69)) + counted + bytes((check,))


_Value = TypeVar("_Value")


def simulator(params: Mapping[str, str]) -> SdtSim:
    """The reader that a URL's options describe. Raises BadSettings.

    `card`: resident, permit or foreigner lies on it. `find_s select_s read_s`: its times. `unauthorised=1`,
    `self_test=1`: its faults.
    """
    left = dict(params)
    kind = _take(left, "card", str, "")
    if kind and kind not in CARDS:
        raise BadSettings(f"card={kind}", remedy=f"It is one of {', '.join(CARDS)}.")
    sim = SdtSim(
        CARDS[kind]() if kind else None,
        find_s=_take(left, "find_s", float, 0.08),
        select_s=_take(left, "select_s", float, 0.08),
        read_s=_take(left, "read_s", float, 0.9),
    )
    sim.trouble = Trouble(
        unauthorised=_take(left, "unauthorised", int, 0) == 1,
        self_test=_take(left, "self_test", int, 0) == 1,
    )
    if left:
        raise BadSettings(
            f"a reader has no {', '.join(left)}", remedy="See drivers/sdt/sim.py for its options."
        )
    return sim


def _take(left: dict[str, str], key: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
    text = left.pop(key, None)
    try:
        return default if text is None else parse(text)
    except ValueError:
        raise BadSettings(f"{key}={text}", remedy="See drivers/sdt/sim.py for its options.") from None
