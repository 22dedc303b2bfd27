"""What bytes on the bus mean, in a few words for a technician."""

from __future__ import annotations

from drivers.bus68.codec import (
    FUNC_BEEP,
    FUNC_DISPLAY,
    FUNC_KEY,
    FUNC_RATING,
    BusCodec,
    KeyFrame,
    StripAnswer,
)
from drivers.said import CodecEar, Ear, PieceEar, joined

_STRIP = b"\xa0\x90"
_STRIP_ADDRESS = 2
_FUNCTIONS = {FUNC_KEY: "key", FUNC_DISPLAY: "show", FUNC_BEEP: "beep", FUNC_RATING: "rating"}


def said(data: bytes, out: bool) -> str:
    return joined(ear(out), data)


def ear(out: bool) -> Ear:
    """What leaves the host is whole in each piece."""
    return PieceEar(_sent) if out else _heard()


def _heard() -> Ear:
    return CodecEar(BusCodec(), _frame)


def _sent(data: bytes) -> str:
    """Strip commands only ever leave the host, so the codec does not read them."""
    if data.startswith(_STRIP) and len(data) > _STRIP_ADDRESS:
        return f"strip {data[_STRIP_ADDRESS]:02x}: show"
    return joined(_heard(), data)


def _frame(frame: KeyFrame | StripAnswer) -> str:
    if isinstance(frame, StripAnswer):
        return f"strip {frame.address:02x}: done"
    name = _FUNCTIONS.get(frame.func, f"function {frame.func:02x}")
    return f"{frame.address:02x}: {name} {frame.data.hex(' ')}".rstrip()
