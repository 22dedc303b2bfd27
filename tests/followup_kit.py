"""Ratings as a node tells them, for the tests of the hub's follow-ups."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.node import event

CHINA = ZoneInfo("Asia/Shanghai")
EPOCH = "e" * 32


def at(text: str) -> float:
    """Wall seconds of a moment of China's time, such as "2026-03-02 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()


def rating(seq: int, level: int, day: str = "2026-03-02", **more: Any) -> dict[str, Any]:
    fact: dict[str, Any] = {
        "kind": "rating.given",
        "act": f"{day}/A{seq:03}",
        "ticket": f"A{seq:03}",
        "window": "3",
    }
    fact |= {"staff": "1001", "level": level, "raw": level, "reasons": [], "indicator_version": ""}
    return event(EPOCH, seq, **(fact | {"id": f"{seq:032x}"} | more))
