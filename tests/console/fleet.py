"""What a centre's node and a township's tell of themselves on a busy afternoon."""

from __future__ import annotations

from typing import Any

from edge.console.live.model import Fleet
from edge.console.live.things import Moment
from edge.wire import Topics
from tests.console.live_kit import about, alert, device, health, queue, said, status, take, window

SERVICES = (
    ("tax", "税务", "Taxes"),
    ("social", "社保", "Social security"),
    ("estate", "不动产", "Real estate"),
    ("permits", "审批", "Permits"),
)
REASONS = (
    (2, 209, "未在承诺时间内办结", "not done within the promised time"),
    (2, 213, "窗口人员业务不熟练", "staff at the window did not know the business well"),
    (2, 214, "服务态度生硬", "curt attitude"),
    (1, 109, "需提供办事指南之外的申报材料", "papers were asked for that are not in the service guide"),
    (1, 113, "多头跑窗口和部门", "sent from window to window and from office to office"),
)
CONDITIONS = {
    "paper_near": {
        "severity": "warning",
        "zh": "纸快用完",
        "en": "paper is low",
        "remedy_zh": "备好纸卷",
        "remedy_en": "have a roll ready",
    },
    "no_link": {
        "severity": "error",
        "zh": "线路不通",
        "en": "no line to it",
        "remedy_zh": "检查接线",
        "remedy_en": "check the cable",
    },
}
DARK = {
    "zh": "画面过暗",
    "en": "the picture is too dark",
    "remedy_zh": "查看照明；检查镜头盖、光圈和曝光设置",
    "remedy_en": "look at the lights; check lens cap, iris and exposure",
}
SEEN: dict[str, Any] = {"checks": ["internal", "external"]}
DEVICES: tuple[dict[str, Any], ...] = (
    {"id": "printer-1", "driver": "printer", "name": "取号打印机", "name_en": "Ticket printer"}
    | SEEN
    | {"prints": True},
    {"id": "caller-1", "driver": "bus68", "kind": "caller", "window": "1"},
    {"id": "caller-2", "driver": "bus68", "kind": "caller", "window": "2"},
    {"id": "pad-1", "driver": "bus68", "kind": "pad", "window": "1"},
    {"id": "pad-2", "driver": "bus68", "kind": "pad", "window": "2"},
    {"id": "board-1", "driver": "bx5k", "name": "综合屏", "name_en": "Main board"}
    | SEEN
    | {"shows": ["all", "colors", "columns"]},
)
STATES = {"printer-1": ("degraded", "paper_near"), "pad-2": ("backoff", "no_link")}


def fill(fleet: Fleet, now_s: float) -> None:
    centre(fleet, Topics("county", "desk"), now_s)
    township(fleet, Topics("town", "node-1"), now_s)


def centre(fleet: Fleet, topics: Topics, now_s: float) -> None:
    for topic, payload in told_of_centre(topics, now_s).items():
        take(fleet, topic, payload, Moment(1_000.0, now_s))


def told_of_centre(topics: Topics, now_s: float) -> dict[str, bytes]:
    """What its node retains, by topic."""
    told: dict[str, bytes] = {
        topics.status: status(since=now_s - 90_000),
        topics.health: health(now_s - 4),
        topics.about: about(**names("县政务服务中心", "County centre", 6)),
        topics.queue: queue(tax=(3, 240.0), social=(6, 900.0), estate=(0, 0.0), permits=(1, 30.0)),
        topics.cameras: said(v=1, total=12, states={"ok": 11, "fault": 1}, faults={"dark": 1}),
        topics.alert("idle-4"): alert(
            "idle-4", "warning", now_s - 600, zh="4 号窗口空闲过久", en="window 4 is idle"
        ),
        topics.alert("device-pad-2"): alert(
            "device-pad-2", "error", now_s - 4000, zh="线路不通", en="no line to it", detail="pad-2"
        ),
    }
    for number, phase in enumerate(("serving", "serving", "called", "rating", "", ""), 1):
        name = str(number)
        ticket = f"A{40 + number:03}" if phase else ""
        state = "open" if number < 6 else "closed"
        told[topics.window(name)] = window(name, state, staff=f"100{number}", ticket=ticket, phase=phase)
    for each in DEVICES:
        state, *codes = STATES.get(each["id"], ("online",))
        told[topics.device(each["id"])] = device(
            each["id"], state, since=now_s - 3600, conditions=[condition(code) for code in codes]
        )
    for number in range(1, 13):
        dark = {"fault": "dark", "since": now_s - 900, **DARK}
        state, troubles = ("fault", [dark]) if number == 3 else ("ok", [])
        picture = {"codec": "h264", "width": 1920, "height": 1080, "fps": 25.0, "mode": "colour"}
        name = f"cam-{number}"
        told[topics.camera(name)] = said(
            v=1,
            camera=name,
            state=state,
            since=now_s - 7200,
            troubles=troubles,
            looked_at=now_s - 40,
            **picture,
        )
    return told


def township(fleet: Fleet, topics: Topics, now_s: float) -> None:
    """It was heard yesterday for the last time."""
    before = Moment(1_000.0, now_s - 80_000)
    take(fleet, topics.about, about(**names("白云镇便民服务中心", "Baiyun township", 1)), before)
    take(fleet, topics.status, status("lost", since=now_s - 80_000), before)


def names(zh: str, en: str, windows: int) -> dict[str, Any]:
    return {
        "hall_name": zh,
        "hall_name_en": en,
        "services": [{"id": id_, "name": name, "name_en": name_en} for id_, name, name_en in SERVICES],
        "windows": [{"id": str(n + 1), "name": f"{n + 1} 号窗口"} for n in range(windows)],
        "devices": list(DEVICES if windows > 1 else DEVICES[:2]),
        "reasons": [dict(zip(("level", "code", "zh", "en"), each, strict=True)) for each in REASONS],
        "device_words": {"": CONDITIONS},
    }


def condition(code: str) -> dict[str, Any]:
    return {"code": code, "severity": CONDITIONS[code]["severity"], "since": 1.0}
