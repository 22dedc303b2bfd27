"""What passes to a loudspeaker and back, in a few words for a technician."""

from __future__ import annotations

from drivers.said import CodecEar, Ear, PieceEar, joined
from drivers.voice.codec import Frame, VoiceCodec

_ASKED = {
    b"ZPQ": "how are you?",
    b"ZPD": "samples of sound",
    b"ZPE": "play it",
    b"ZPX": "stop",
}
_HEAD = 5  # bytes up to the end of the job's number


def said(data: bytes, out: bool) -> str:
    return joined(ear(out), data)


def ear(out: bool) -> Ear:
    """What leaves the host begins a frame in each piece, and is not read further."""
    return PieceEar(_sent) if out else CodecEar(VoiceCodec(), _heard)


def _sent(data: bytes) -> str:
    name = _ASKED.get(data[:3], "")
    return f"job {int.from_bytes(data[3:5])}: {name}" if name and len(data) >= _HEAD else name


def _heard(frame: Frame) -> str:
    match frame.kind:
        case "S":
            return f"all is well: {_text(frame.payload)}"
        case "P":
            return f"job {frame.job}: played"
        case "F":
            how = "in part" if frame.payload[:1] == b"\x01" else "not at all"
            return f"job {frame.job}: heard {how}: {_text(frame.payload[1:])}"
        case _:
            return f"{frame.kind} of job {frame.job}"


def _text(payload: bytes) -> str:
    return payload.decode(errors="replace")
