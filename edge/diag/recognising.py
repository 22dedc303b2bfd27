"""Whose frames are they? What is heard on a line, read by the codecs of the other families."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from drivers.api import BadFrame
from edge.diag.evidence import Piece

# Those whose frames have a check: what passes it is no chance. Module and class of each codec.
_CODECS = {
    "bus68": ("drivers.bus68.codec", "BusCodec"),
    "bx5k": ("drivers.bx5k.codec", "BoardCodec"),
    "sdt": ("drivers.sdt.codec", "SdtCodec"),
}
_ENOUGH = 2  # frames that pass: one of 8 bits of check passes by chance


def stranger(family: str, pieces: Iterable[Piece]) -> str:
    """The other family whose frames came in, "" where there is none."""
    heard = bytes.fromhex("".join(each.hex for each in pieces if each.dir == "in"))
    for name, (module, codec) in _CODECS.items():
        if name == family or not heard:
            continue
        found = getattr(import_module(module), codec)().feed(heard)
        if sum(not isinstance(frame, BadFrame) for frame in found) >= _ENOUGH:
            return name
    return ""
