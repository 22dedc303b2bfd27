"""The board itself, reading the line for itself: its manual, not our codec."""

from __future__ import annotations

import re
from collections.abc import Mapping

from drivers.api import Link

_FRAME = re.compile(rb"\x02([0-9A-F]{2})([A-Z])([^\x02\x03]{0,8})\x03([0-9A-F]{2})")


class DigitsSim:
    def __init__(self, address: int = 1) -> None:
        self.shown = "    "
        self.brightness = 0
        self.dead_segment = False
        self._address = b"%02X" % address

    async def run(self, link: Link) -> None:
        held = b""
        while True:
            held = (held + await link.read())[-64:]
            while found := _FRAME.search(held):
                held = held[found.end() :]
                check = 0
                for byte in found[0][1:-2]:
                    check ^= byte
                if found[1] == self._address and int(found[4], 16) == check:
                    await link.write(self._answer(found[2], found[3]))

    def _answer(self, command: bytes, data: bytes) -> bytes:
        said = b"N"
        if command == b"Q":
            said = b"S%d1.07" % self.dead_segment
        elif command == b"B" and data.isdigit():
            self.brightness, said = int(data), b"K" + data
        elif command == b"D" and len(data) == len(self.shown):
            self.shown, said = data.decode("ascii"), b"K" + data
        body = self._address + said + b"\x03"
        check = 0
        for byte in body:
            check ^= byte
        return b"\x02" + body + b"%02X" % check


def simulator(params: Mapping[str, str]) -> DigitsSim:
    return DigitsSim(int(params.get("address", "1")))
