"""What bytes on a board's line mean, in a few words for a technician."""

from __future__ import annotations

from functools import partial

from drivers.bx5k import commands
from drivers.bx5k.codec import BoardCodec, Frame
from drivers.said import CodecEar, Ear, joined

_NAMES = {
    (0xA2, 0x00): "ping",
    (0xA2, 0x03): "clock",
    (0xA1, 0x02): "status",
    (0xA3, 0x00): "light",
    (0xA3, 0x02): "brightness",
    (0xA3, 0x06): "areas",
    (0xA3, 0x10): "clear",
}


def said(data: bytes, out: bool) -> str:
    """ "" where a frame does not end within what is kept of it."""
    return joined(ear(out), data)


def ear(out: bool) -> Ear:
    return CodecEar(BoardCodec(), partial(_frame, out=out))


def _frame(frame: Frame, out: bool) -> str:
    group, command = [*frame.data[:2], 0, 0][:2]
    name = _NAMES.get((group, command), f"command {group:02x} {command:02x}")
    if out:
        return name
    try:
        error = commands.reply(frame.data).error
    except ValueError:
        return f"{name}: ?"
    return f"{name}: error {error:02x}" if error else f"{name}: good"
