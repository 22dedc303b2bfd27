"""A USB keyboard as the peer of the driver, as the kernel shows it: `sim://hid?types=A012&every_s=1`.

It makes the bytes of `struct input_event` (linux/input.h, 64 bits) for itself, and has its own table of what
a US keyboard types. Serve it with `drivers.transport.sim.serve_pty` to unplug it and plug it in again.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping

from drivers.api import BadSettings, Link, LinkLost

KEYBOARD_REPEAT_S = 0.033  # between repeats of a key that is held, after …
REPEAT_DELAY_S = 0.25  # … so long: the kernel's own, REP_PERIOD and REP_DELAY
STROKE_S = 0.002  # scanners type a character in 1 to 20 ms

# Characters in the order of the keys' codes, from the code that stands before them; without and with shift.
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_PAD = {"7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82}
_SHIFT, _CTRL, _ENTER = 42, 29, 28
CHARS: dict[str, tuple[int, bool]] = {}
for _first, _plain, _shifted in _ROWS:
    for _place, (_low, _high) in enumerate(zip(_plain, _shifted, strict=True)):
        CHARS.setdefault(_low, (_first + _place, False))
        CHARS.setdefault(_high, (_first + _place, True))


def event(kind: int, code: int, value: int, at_s: float | None = None) -> bytes:
    """24 bytes: seconds, microseconds, type, code, value."""
    now_s = time.time() if at_s is None else at_s
    order = sys.byteorder
    return (
        int(now_s).to_bytes(8, order)
        + int(now_s % 1 * 1e6).to_bytes(8, order)
        + kind.to_bytes(2, order)
        + code.to_bytes(2, order)
        + value.to_bytes(4, order, signed=True)
    )


REPORT = (0, 0, 0)


class HidSim:
    """A keyboard. What a person or a scanner does is a coroutine to await; unplugged, it goes nowhere.

    `types` is typed every `every_s` while it is plugged in, as by someone who scans the same code again and
    again.
    """

    def __init__(self, *, types: str = "", every_s: float = 1.0) -> None:
        self.types = types
        self.every_s = every_s
        self._link: Link | None = None

    async def run(self, link: Link) -> None:
        """Until the link is lost; may be run again with another, as a cable is put back."""
        self._link = link
        try:
            while True:
                try:
                    async with asyncio.timeout(self.every_s if self.types else None):
                        await link.read()  # nobody says anything to a keyboard
                except TimeoutError:
                    await self.scan(self.types)
        finally:
            self._link = None

    # --- people and scanners ---
    async def press(self, code: int, *, for_s: float = 0.05) -> None:
        """A key goes down and up; held long enough, the kernel repeats it."""
        await self.down(code)
        left_s = for_s - REPEAT_DELAY_S
        await asyncio.sleep(min(for_s, REPEAT_DELAY_S))
        while left_s > 0:
            await self.say((1, code, 2), (0, 0, 1))
            await asyncio.sleep(KEYBOARD_REPEAT_S)
            left_s -= KEYBOARD_REPEAT_S
        await self.up(code)

    async def down(self, code: int) -> None:
        await self.say((4, 4, 0x70000 + code), (1, code, 1), REPORT)

    async def up(self, code: int) -> None:
        await self.say((4, 4, 0x70000 + code), (1, code, 0), REPORT)

    async def digits(self, digits: str) -> None:
        """On the number pad."""
        for digit in digits:
            await self.press(_PAD[digit])

    async def bounce(self, code: int, times: int = 3) -> None:
        """One press of a worn contact."""
        for _ in range(times):
            await self.down(code)
            await asyncio.sleep(0.004)
            await self.up(code)
            await asyncio.sleep(0.004)

    async def scan(self, text: str, *, enter: bool = True) -> None:
        """Type as a wedge scanner does. Control characters are typed with Ctrl, as scanners can be set to."""
        for char in text:
            await self._type(char)
        if enter:
            await self._stroke(_ENTER)

    async def drop(self) -> None:
        """The kernel's buffer ran over: what follows up to the next report counts for nothing."""
        await self.say((0, 3, 0), (1, 30, 0), REPORT)

    # --- the line ---
    async def say(self, *events: tuple[int, int, int]) -> None:
        """Type, code and value of each. Goes nowhere while unplugged."""
        if self._link is None:
            return
        try:
            await self._link.write(b"".join(event(*each) for each in events))
        except LinkLost:
            self._link = None

    async def _type(self, char: str) -> None:
        if ord(char) < 0x20:
            await self.say((1, _CTRL, 1), REPORT)
            await self._stroke(CHARS[chr(ord(char) + 0x60) if 0 < ord(char) < 27 else "]"][0])
            await self.say((1, _CTRL, 0), REPORT)
            return
        code, shift = CHARS[char]
        if shift:
            await self.say((1, _SHIFT, 1), REPORT)
        await self._stroke(code)
        if shift:
            await self.say((1, _SHIFT, 0), REPORT)

    async def _stroke(self, code: int) -> None:
        await self.down(code)
        await self.up(code)
        await asyncio.sleep(STROKE_S)


def simulator(params: Mapping[str, str]) -> HidSim:
    """`types` a code that is scanned every `every_s` seconds. Raises BadSettings."""
    left = dict(params)
    types, every = left.pop("types", ""), left.pop("every_s", "1")
    try:
        every_s = float(every)
    except ValueError:
        every_s = 0.0
    if left or not every_s > 0 or not set(types) <= set(CHARS):
        raise BadSettings(
            "a keyboard has the options types, characters of a US keyboard, and every_s",
            remedy="See drivers/hid/sim.py for its options.",
        )
    return HidSim(types=types, every_s=every_s)
