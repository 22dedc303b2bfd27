"""What a terminal tells of itself, in a few words for a technician: which fields, none of their values."""

from __future__ import annotations

from drivers.api import BadFrame
from drivers.heartbeat.codec import LineCodec
from drivers.said import CodecEar, Ear, PieceEar, joined
from drivers.strictjson import Json
from drivers.terminal import clean

FIELDS = 8  # named of a document
_HTTP = (b"HTTP/", b"GET ")


def said(data: bytes, out: bool) -> str:
    return joined(ear(out), data)


def ear(out: bool) -> Ear:
    """Of HTTP the first line of each piece; nothing else leaves the host."""
    return PieceEar(_http) if out else _Heard()


class _Heard:
    def __init__(self) -> None:
        self._lines = CodecEar(LineCodec(), _document)

    def hear(self, data: bytes) -> list[str]:
        return [_http(data)] if data.startswith(_HTTP) else [*self._lines.hear(data)]

    def pause(self) -> list[str]:
        return []


def _http(data: bytes) -> str:
    first = data.partition(b"\r\n")[0].decode(errors="replace")
    return clean(first, 100) if data.startswith(_HTTP) else ""


def _document(document: Json | BadFrame) -> str:
    if not isinstance(document, dict):
        return "JSON, no object"
    names = [clean(name, 32) for name in document]
    more = f" and {len(names) - FIELDS} more" if len(names) > FIELDS else ""
    return f"JSON: {', '.join(names[:FIELDS])}{more}"
