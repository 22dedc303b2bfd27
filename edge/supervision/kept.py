"""What supervision remembers, as the store keeps it between two starts.

Nothing depends on it but time: the acts since are read again, and where it is missing or cannot be read those
of the day are.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import Any

from edge.rules.model import Even, Moment
from edge.rules.supervision_kinds import ABOUT
from edge.rules.supervision_model import Acknowledged, Warned, Watch

log = logging.getLogger(__name__)


def to_bytes(watch: Watch) -> bytes:
    return json.dumps(asdict(watch), ensure_ascii=False).encode()


def from_bytes(kept: bytes) -> Watch | None:
    try:
        return _watch(json.loads(kept))
    except (ValueError, TypeError, KeyError) as error:
        log.warning("what supervision remembered cannot be read, the day's acts are read instead: %r", error)
        return None


def _watch(flat: dict[str, Any]) -> Watch:
    clock = flat["clock"]
    return Watch(
        seq=int(flat["seq"]),
        clock=Even(Moment(**clock["at"]) if clock["at"] else None, float(clock["s"])),
        warned={key: _warned(each) for key, each in flat["warned"].items() if each["kind"] in ABOUT},
        ratings={window: tuple(map(int, levels)) for window, levels in flat["ratings"].items()},
        called={window: float(s) for window, s in flat["called"].items()},
        begun={window: float(s) for window, s in flat["begun"].items()},
        outcomes={window: tuple(map(float, each)) for window, each in flat["outcomes"].items()},
    )


def _warned(flat: dict[str, Any]) -> Warned:
    by = flat.pop("acknowledged")
    return Warned(**flat, acknowledged=Acknowledged(**by) if by else None)
