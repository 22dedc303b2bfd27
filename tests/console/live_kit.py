"""What nodes say, as their topics have it."""

from __future__ import annotations

import json
from typing import Any

from edge.console.live.model import Fleet
from edge.console.live.things import Key, Moment
from edge.wire import Topics

HEX = "0123456789abcdef0123456789abcdef"
NOON = Moment(1_000.0, 1_790_000_000.0)
COUNTY = Topics("county", "node-1")


def later(seconds: float) -> Moment:
    return Moment(NOON.mono_s + seconds, NOON.wall_s + seconds)


def status(state: str = "ready", **more: Any) -> bytes:
    about = {"epoch": HEX, "boot": HEX, "session": HEX, "version": "8", "config_hash": "c", "since": 1.0}
    return said(v=1, state=state, **about | more)


def health(at: float = 1.0, **more: Any) -> bytes:
    outbox = dict.fromkeys(("rows", "bytes", "oldest_age_s", "acked_seq", "last_seq", "dropped"), 0)
    told = {"v": 1, "at": at, "load1": 0.1, "rss_mb": 42.0, "loop_lag_ms": 1.0, "outbox": outbox}
    return said(**told | more)


def device(name: str, state: str = "online", **more: Any) -> bytes:
    return said(**{"v": 1, "device": name, "state": state, "since": 1.0} | more)


def window(name: str, state: str = "open", **more: Any) -> bytes:
    return said(**{"v": 1, "window": name, "state": state} | more)


def queue(**waiting: tuple[int, float]) -> bytes:
    services = [
        {"service": name, "waiting": n, "issued": n, "oldest_wait_s": oldest_s}
        for name, (n, oldest_s) in waiting.items()
    ]
    return said(v=1, day="2026-11-30", services=services)


def alert(key: str, severity: str = "error", since: float = 1.0, **more: Any) -> bytes:
    words = {"zh": "缺纸", "en": "no paper", "remedy_zh": "换纸", "remedy_en": "put paper in"}
    return said(**{"v": 1, "key": key, "severity": severity, "since": since} | words | more)


def about(**more: Any) -> bytes:
    words = {"paper_out": {"severity": "error", "zh": "缺纸", "en": "no paper", "remedy_zh": "换纸"}}
    told = {
        "hall_name": "县政务服务中心",
        "hall_name_en": "County centre",
        "timezone": "Asia/Shanghai",
        "services": [{"id": "card", "name": "身份证", "name_en": "Identity cards"}],
        "windows": [{"id": "w1", "name": "1 号窗口"}],
        "devices": [
            {"id": "printer", "driver": "printer", "name": "取号机打印机"},
            {"id": "pad", "driver": "bus68", "window": "w1"},
        ],
        "reasons": [{"level": 1, "code": 3, "zh": "等候过长", "en": "waited too long"}],
        "device_words": {"printer": words, "": {"no_link": words["paper_out"]}},
    }
    return said(v=1, **told | more)


def event(seq: int, kind: str = "ticket.printed", epoch: str = HEX, **more: Any) -> dict[str, Any]:
    stamp = {"epoch": epoch, "seq": seq, "id": f"{seq:032x}", "at": 1.0, "boot": HEX, "mono": 1.0}
    return stamp | {"clock_ok": True, "by": "printer", "kind": kind, "ticket": "A001"} | more


def batch(*events: dict[str, Any]) -> bytes:
    return said(v=1, events=list(events))


def said(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def take(fleet: Fleet, topic: str, payload: bytes, now: Moment = NOON, *, kept: bool = False) -> set[Key]:
    return set(fleet.take(topic, payload, now, kept=kept))
