"""Pictures of cameras that somebody has asked for, until their page has loaded them: in memory only."""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from dataclasses import dataclass

from edge.ids import new_id

KEPT = 40  # of at most MOST bytes each: 2.5 MB
MOST = 64 * 1024  # bytes; a node keeps pictures of 30 KiB at most
KEEP_S = 300.0  # a page is looked at, perhaps printed, and left
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Picture:
    account: str
    at_s: float
    jpeg: bytes


class Pictures:
    def __init__(self) -> None:
        self._kept: OrderedDict[str, Picture] = OrderedDict()

    def keep(self, account: str, now_s: float, told: object) -> str | None:
        """Its id; None for what is no JPEG in base64, or too large."""
        if not isinstance(told, str) or len(told) > MOST * 4 // 3 + 4:
            return None
        try:
            jpeg = base64.b64decode(told, validate=True)
        except (binascii.Error, ValueError):
            return None
        if not jpeg.startswith(_JPEG):
            return None
        if len(self._kept) >= KEPT:
            self._kept.popitem(last=False)
        id_ = new_id()
        self._kept[id_] = Picture(account, now_s, jpeg)
        return id_

    def find(self, account: str, id_: str, now_s: float) -> bytes | None:
        """For who asked for it, and not for long."""
        found = self._kept.get(id_)
        if found is None or found.account != account or now_s - found.at_s > KEEP_S:
            return None
        return found.jpeg
