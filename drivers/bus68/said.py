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

_STRIP = b"\xa0\x90"
_STRIP_ADDRESS = 2
_FUNCTIONS = {FUNC_KEY: "key", FUNC_DISPLAY: "show", FUNC_BEEP: "beep", FUNC_RATING: "rating"}


def said(data: bytes, out: bool) -> str:
    """Strip commands only ever leave the host, so the codec does not read them."""
    if out and data.startswith(_STRIP) and len(data) > _STRIP_ADDRESS:
        return f"strip {data[_STRIP_ADDRESS]:02x}: show"
    return "; ".join(_frame(frame) for frame in BusCodec().feed(data))


def _frame(frame: object) -> str:
    match frame:
        case KeyFrame(address, func, data):
            name = _FUNCTIONS.get(func, f"function {func:02x}")
            return f"{address:02x}: {name} {data.hex(' ')}".rstrip()
        case StripAnswer(address):
            return f"strip {address:02x}: done"
    return "? not a frame"
