"""What `node.events` and `node.log` tell, each in a line."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from edge.wire.plain import plain

_STAMP = frozenset({"epoch", "seq", "id", "at", "boot", "mono", "clock_ok", "by", "kind", "follows", "link"})


def at_of(item: Mapping[str, Any]) -> float:
    at = item.get("at")
    return float(at) if isinstance(at, int | float) else 0.0


def line_of(item: Mapping[str, Any]) -> str:
    """An event, or a line of the log."""
    clock = time.strftime("%H:%M:%S", time.localtime(at_of(item)))
    if "text" in item:
        return plain(f"{clock} {item.get('level', '')} {item['text']}")
    rest = " ".join(f"{name}={_value(value)}" for name, value in item.items() if name not in _STAMP)
    return plain(f"{clock} #{item.get('seq', '')} {item.get('kind', '')} {rest} ({item.get('by', '')})")


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
