"""Events with their seals, made with nothing of ours: as the README says it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.integration.node import event


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def genesis(epoch: str, after: int = 0) -> str:
    return sha(f"hall-edge chain 1 {epoch} {after}")


def sealed(fact: dict[str, Any], follows: str) -> dict[str, Any]:
    body = {name: value for name, value in fact.items() if name not in ("follows", "link")}
    body["follows"] = follows
    link = sha(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    return body | {"link": link}


def chained(epoch: str, last: int, *, after: int = 0, telemetry: int = 0) -> list[dict[str, Any]]:
    """1 … `last`: up to `after` without seals, then acts, each of which follows the one before it; every
    `telemetry`th is no act."""
    events: list[dict[str, Any]] = []
    follows = genesis(epoch, after)
    for seq in range(1, last + 1):
        if telemetry and seq % telemetry == 0:
            events.append(event(epoch, seq, kind="device.changed", device="打印机", state="online"))
        elif seq <= after:
            events.append(event(epoch, seq))
        else:
            events.append(sealed(event(epoch, seq, staff="张三", mono=seq / 7), follows))
            follows = events[-1]["link"]
    return events
