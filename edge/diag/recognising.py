"""What the last bytes of a line tell: whose frames they are, and whose answers come garbled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from importlib import import_module

from drivers.api import BadFrame
from drivers.bus68.codec import BusCodec, StripAnswer
from edge.diag.evidence import Piece

# Those whose frames have a check: what passes it is no chance. Module and class of each codec.
_CODECS = {
    "bus68": ("drivers.bus68.codec", "BusCodec"),
    "bx5k": ("drivers.bx5k.codec", "BoardCodec"),
    "sdt": ("drivers.sdt.codec", "SdtCodec"),
}
_ENOUGH = 2  # frames that pass: one of 8 bits of check passes by chance
# A code as a reader sends it, which has no check. These families never say a line of text.
_NO_TEXT = frozenset({"printer", "bus68", "bx5k", "sdt"})
_SCANNER = "newland"
_CODE = re.compile(rb"[!-~]{6,512}[\r\n]")
_OFTEN = 3  # tries of one order
_STRIP = bytes.fromhex("A090")  # an order to a strip; its address follows


def stranger(family: str, pieces: Iterable[Piece]) -> str:
    """The other family whose frames came in, "" where there is none."""
    heard = bytes.fromhex("".join(each.hex for each in pieces if each.dir == "in"))
    for name, (module, codec) in _CODECS.items():
        if name == family or not heard:
            continue
        found = getattr(import_module(module), codec)().feed(heard)
        if sum(not isinstance(frame, BadFrame) for frame in found) >= _ENOUGH:
            return name
    codes = len(_CODE.findall(heard)) if family in _NO_TEXT else 0
    return _SCANNER if codes >= _ENOUGH else ""


def garbled(family: str, pieces: Iterable[Piece]) -> frozenset[int]:
    """Strips of which no answer can be read, though something comes whenever they are asked."""
    if family != "bus68":
        return frozenset()
    well: set[int] = set()
    badly: Counter[int] = Counter()
    for address, answer in _answers(pieces):
        if any(isinstance(each, StripAnswer) for each in BusCodec().feed(answer)):
            well.add(address)
        elif answer:
            badly[address] += 1
    return frozenset(each for each, times in badly.items() if times >= _OFTEN and each not in well)


def _answers(pieces: Iterable[Piece]) -> list[tuple[int, bytes]]:
    """What came behind each order to a strip, up to the next order."""
    found: list[tuple[int, bytes]] = []
    listens = False
    for each in pieces:
        data = bytes.fromhex(each.hex)
        if each.dir == "in":
            if listens:
                address, before = found[-1]
                found[-1] = address, before + data
            continue
        listens = data.startswith(_STRIP) and len(data) > len(_STRIP)
        if listens:
            found.append((data[len(_STRIP)], b""))
    return found
