"""The devices of a simulated bus, each with its own state. What a person does is a coroutine to await.

A strip's answer `A0 90 addr cmd A5 AA` has its first and last bytes from documentation; what is between
them was never seen captured. How long callers wait and how often they repeat is assumed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from drivers.bus68.sim_ears import KeyEar, StripEar
from drivers.bus68.sim_line import Line

ECHO_TIMEOUT_S = 0.25  # a device waits so long for its acknowledgement, ± 20 % …
TIMES = 4  # … and sends a frame so often in all, then it gives up
STRIP_DELAY_S = 0.01  # a strip draws before it answers

CALL, EVALUATE = 0x0C, 0x0B


@dataclass(frozen=True, slots=True)
class Press:
    """How one press went. Times are mono seconds of the event loop."""

    sent: int  # how often its frame was sent; 0: the device did not take the press
    began_s: float  # first byte of the first frame
    acknowledged_s: float | None  # None: the person saw an error


class Keypad:
    """A device that sends a frame until it is acknowledged: one press at a time, as its firmware does."""

    def __init__(self, line: Line, address: int) -> None:
        self.address = address
        self.silent = False  # no power: neither sends nor hears
        self.acknowledged = 0  # acknowledgements heard, those of repeats with them
        self._line = line
        self._ear = KeyEar()
        self._one_at_a_time = asyncio.Lock()
        self._heard: asyncio.Future[float] | None = None
        self._pending = b""
        line.stations.append(self)

    def hear(self, byte: int, at_s: float) -> None:
        frame = None if self.silent else self._ear.hear(byte, at_s)
        if frame is None:
            return
        if self._pending and frame == self._wanted(self._pending):
            self.acknowledged += 1
            self._line.acknowledged(at_s)
            if self._heard is not None and not self._heard.done():
                self._heard.set_result(at_s)
        core = frame[1:] if frame[0] == 0xFF else frame
        if core[4] == self.address:
            self._told(core[5], bytes(core[6:-2]))

    async def _send(self, frame: bytes, *, listen_first: bool) -> Press:
        async with self._one_at_a_time:
            began_s = asyncio.get_running_loop().time()
            if self.silent:
                return Press(0, began_s, None)
            self._pending = frame
            for sent in range(1, TIMES + 1):
                self._heard = asyncio.get_running_loop().create_future()
                start_s = await self._line.say(frame, self, listen_first=listen_first)
                began_s = start_s if sent == 1 else began_s
                await asyncio.wait(
                    [self._heard], timeout=ECHO_TIMEOUT_S * self._line.random.uniform(0.8, 1.2)
                )
                if self._heard.done():
                    return Press(sent, began_s, self._heard.result())
            return Press(TIMES, began_s, None)

    def _wanted(self, sent: bytes) -> bytes:
        """The acknowledgement of a frame sent: the same bytes."""
        return sent

    def _told(self, func: int, data: bytes) -> None:
        """Told something by the host."""


class CallerSim(Keypad):
    """A caller with a display of digits and a beeper."""

    def __init__(self, line: Line, address: int) -> None:
        super().__init__(line, address)
        self.display = ""
        self.beeps = 0

    async def press(
        self, digits: str = "", key: int = CALL, *, bad_check: bool = False, listen_first: bool = True
    ) -> Press:
        body = [self.address, 0x01, *(int(digit) for digit in digits), key]
        return await self._send(frame_of(body, bad_check=bad_check), listen_first=listen_first)

    def _told(self, func: int, data: bytes) -> None:
        if func == 0x02:
            self.display = "".join(" " if digit == 0x0A else str(digit) for digit in data)
        elif func == 0x03:
            self.beeps += 1


class ButtonsSim(Keypad):
    """A panel of ticket buttons that speaks like a caller: the button's number, then the call key."""

    async def press(self, button: int) -> Press:
        body = [self.address, 0x01, *(int(digit) for digit in str(button)), CALL]
        return await self._send(frame_of(body), listen_first=True)


class PadSim(Keypad):
    """A rating pad. Model A takes a rating only after the host has begun one; model B at any time."""

    def __init__(self, line: Line, address: int, model: str = "A") -> None:
        super().__init__(line, address)
        self.model = model
        self.invited = asyncio.Event()  # a rating may be given now
        self.invitations = 0
        if model == "B":
            self.invited.set()

    async def rate(self, value: int) -> Press:
        """Dead keys, where no rating was begun: nothing is sent."""
        if not self.invited.is_set():
            return Press(0, asyncio.get_running_loop().time(), None)
        press = await self._send(frame_of([self.address, 0x11, value]), listen_first=True)
        if press.acknowledged_s is not None and self.model == "A":
            self.invited.clear()
        return press

    def _wanted(self, sent: bytes) -> bytes:
        if self.model == "A":
            return frame_of([self.address, 0x01])[1:]  # without FF
        return frame_of([self.address, 0x01, sent[7]])

    def _told(self, func: int, data: bytes) -> None:
        if self.model == "A" and func == 0x01 and data == b"\x0b":
            self.invitations += 1
            self.invited.set()


class StripSim:
    """A window's LED strip. Knows the command A5, show text; others get no answer."""

    def __init__(self, line: Line, address: int) -> None:
        self.address = address
        self.silent = False  # no power: shows nothing, answers nothing
        self.mute = False  # shows, but its answers are lost
        self.text = ""
        self.colors: tuple[int, ...] = ()  # of each character
        self.shown: list[tuple[float, str]] = []  # (when the first byte of the frame was heard, text)
        self._line = line
        self._ear = StripEar()
        line.stations.append(self)

    def hear(self, byte: int, at_s: float) -> None:
        taken = None if self.silent else self._ear.hear(byte, at_s)
        if taken is None or taken[:2] != (self.address, 0xA5):
            return
        characters = _characters(taken[2])
        self.text = "".join(character for character, _ in characters)
        self.colors = tuple(color for _, color in characters)
        self.shown.append((taken[3], self.text))
        if not self.mute:
            self._line.spawn(self._answer())

    async def _answer(self) -> None:
        await asyncio.sleep(STRIP_DELAY_S)
        await self._line.say(bytes([0xA0, 0x90, self.address, 0xA5, 0xA5, 0xAA]), self, listen_first=False)


def frame_of(body: list[int], *, bad_check: bool = False) -> bytes:
    check = (sum(body) + bad_check) % 256
    return bytes([0xFF, 0x68, len(body), len(body), 0x68, *body, check, 0x16])


def _characters(data: bytes) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    while data:
        width = 1 if data[0] < 0x80 else 2
        if len(data) <= width:
            break  # a character without its colour is not drawn
        found.append((data[:width].decode("gbk", "replace"), data[width]))
        data = data[width + 1 :]
    return found
