"""The halls at a glance while the demonstration runs: the centre's windows, queue, devices and outbox, and a
line for each township.

Drawn in a thread of its own while states come in: what grows meanwhile is copied before it is looked through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drivers.heartbeat.sim import HeartbeatSim
from drivers.xfs4iot.sim import TerminalSim
from edge.demo.corner import Visits
from edge.demo.counts import tickets_of
from edge.demo.hall import Hall
from edge.demo.observer import NodeView
from edge.demo.rig import Rig
from edge.demo.room import Tally
from edge.demo.verdict import shown_on
from edge.rules.camera_words import FAULT_WORDS
from edge.settings import Settings
from edge.wire import CamerasStatus, told_min

PHASES = {"called": "叫号 called", "serving": "办理 serving", "rating": "评价 rating", "": ""}
STATES = {"open": "开放 open", "closed": "关闭 closed", "paused": "暂停 paused"}
NARROW = ("#", "票号 ticket", "状态 state")
WIDE = ("窗口 #", "工号 staff", "票号 ticket", "状态 state", "等候 waiting")
COLUMNS = 13  # windows of one table: 52 fit a screen in four
TOWNSHIPS_A_TABLE = 9  # halls: two tables beside the boards make 160 columns

_P = TypeVar("_P")


def picture(centre: Hall, townships: Sequence[Hall], left_s: float) -> RenderableType:
    """All that is shown: what the independent subscriber has heard, and what people in the hall see."""
    rig, view, visits = centre.rig, centre.view, centre.corner.visits
    windows = _blocks(tuple(rig.settings.windows), COLUMNS)
    first = [_queue(rig.settings, view), _side(view, centre.people.tally, visits)]
    warnings = _warnings(view, rig.settings)
    second = [*map(_townships, _blocks(townships, TOWNSHIPS_A_TABLE)), _around(rig, view, visits)]
    return Group(
        Text(_heading(centre, left_s), style="bold"),
        Columns([_windows(block, view, narrow=len(windows) > 1) for block in windows]),
        *map(Columns, [first, second] if townships else [first + second]),
        *([warnings] if view.warnings() else []),
    )


def _heading(centre: Hall, left_s: float) -> str:
    time = f"   {centre.day.local():%H:%M}" if centre.day else ""
    return f"{centre.name}{time}   还有 {max(0, left_s):.0f} s left"


def _warnings(view: NodeView, settings: Settings) -> Table:
    """Those that stand, and who sees to them."""
    table = Table(title="监察预警 warnings", title_justify="left", show_header=False)
    zone = ZoneInfo(settings.hall.timezone)
    for each in view.warnings():
        assert each.warning, "it is one of supervision"
        since = datetime.fromtimestamp(each.since, zone)
        level = Text(each.warning.level, style="red" if each.warning.level == "red" else "yellow")
        seen_to = f"{each.warning.acknowledged_by}\n已确认 ack." if each.warning.acknowledged_by else ""
        table.add_row(level, f"{since:%H:%M}", f"{each.zh}\n{each.en}", seen_to)
    return table


def _blocks(parts: Sequence[_P], size: int) -> list[Sequence[_P]]:
    return [parts[i : i + size] for i in range(0, len(parts), size)]


def _windows(block: Sequence[str], view: NodeView, *, narrow: bool) -> Table:
    table = Table(title="窗口 windows", title_justify="left")
    for name in NARROW if narrow else WIDE:
        table.add_column(name, no_wrap=True)
    for window in block:
        now = view.windows.get(window)
        if now is None:
            table.add_row(window)
            continue
        state = PHASES[now.phase] or STATES[now.state]
        if narrow:
            table.add_row(window, now.ticket, state)
        else:
            table.add_row(window, now.staff, now.ticket, state, str(now.waiting))
    return table


def _townships(halls: Sequence[Hall]) -> Table:
    """A line for each; what has not been heard of yet has not been started."""
    table = Table(title="乡镇大厅 township halls", title_justify="left")
    table.add_column("大厅\nhall", no_wrap=True)
    for name in ("等候\nwaiting", "现在\nnow", "办结\nserved", "在线\nonline"):
        table.add_column(name, no_wrap=True, justify="right")
    for hall in halls:
        view, every = hall.view, sum(1 + len(device.children) for device in hall.rig.settings.devices)
        waiting = sum(each.waiting for each in view.queue.services) if view.queue else 0
        now = " ".join(window.ticket for window in tuple(view.windows.values()))
        online = sum(device.state == "online" for device in tuple(view.devices.values()))
        served = tickets_of(view.ledger).served
        table.add_row(hall.name, str(waiting), now, str(served), f"{online}/{every}")
    return table


def _queue(settings: Settings, view: NodeView) -> Table:
    table = Table(title="排队 queue", title_justify="left")
    table.add_column("业务 service", no_wrap=True)
    for name in ("等候 waiting", "已取 issued", "预计 wait"):
        table.add_column(name, justify="right")
    for each in view.queue.services if view.queue else ():
        wait = ""
        if each.wait_p50_s is not None and each.wait_p90_s is not None:
            low, high = told_min(each.wait_p50_s, each.wait_p90_s)
            wait = f"{low}–{high} min" if low < high else f"≤ {high} min"
        table.add_row(settings.services[each.service].name, str(each.waiting), str(each.issued), wait)
    return table


def _around(rig: Rig, view: NodeView, visits: Visits) -> Table:
    """Boards, the self-service corner, and the terminals outside."""
    table = Table(title="大厅屏和自助 boards and self-service", title_justify="left", show_header=False)
    boards: dict[tuple[str, ...], list[str]] = {}  # by what they show: one that lags behind stands apart
    for name, lines in shown_on(rig).items():
        boards.setdefault(lines, []).append(name)
    for lines, names in boards.items():
        table.add_row("\n".join(names), "\n".join(lines))
    table.add_row("证件/扫码 cards/codes", f"{visits.cards} / {visits.codes}")
    table.add_row("终端缴费/网上办税 payments/taxes", f"{visits.payments} / {visits.taxes}")
    if view.cameras:
        table.add_row("摄像机 cameras", _cameras(view.cameras))
    for name in (*rig.of(TerminalSim), *rig.of(HeartbeatSim)):
        if status := view.devices.get(name):
            paper, takings = (status.attributes.get(key, "") for key in ("paper", "takings_today"))
            table.add_row(name, " · ".join(filter(None, (status.state, paper, takings and f"¥{takings}"))))
    return table


CAMERA_STATES = {
    "unknown": "未看 unseen",
    "learning": "学习 learning",
    "ok": "正常 ok",
    "suspect": "疑似 suspect",
    "fault": "故障 fault",
}


def _cameras(now: CamerasStatus) -> str:
    states = " · ".join(f"{CAMERA_STATES[state]} {count}" for state, count in now.states.items())
    faults = " · ".join(f"{FAULT_WORDS[fault].zh} {fault} {count}" for fault, count in now.faults.items())
    return "\n".join(filter(None, (states, faults)))


def _side(view: NodeView, tally: Tally, visits: Visits) -> Table:
    table = Table(title="设备和事件 devices and events", title_justify="left", show_header=False)
    states = Counter(device.state for device in tuple(view.devices.values()))
    table.add_row("设备 devices", " · ".join(f"{state} {count}" for state, count in states.most_common()))
    acts = tickets_of(view.ledger)
    table.add_row("取号/叫号/办结 issued/called/served", f"{acts.issued} / {acts.called} / {acts.served}")
    table.add_row("已评/未评 rated/not rated", f"{acts.rated} / {acts.not_rated}")
    table.add_row("事件/重复 events/repeated", f"{view.ledger.published} / {view.ledger.duplicated}")
    if view.queue and view.queue.mean_wait_s is not None:
        mean, mae = f"{view.queue.mean_wait_s / 60:.1f}", f"{(view.queue.mae_s or 0) / 60:.1f}"
        table.add_row("等候/预计误差 wait/error of what was told", f"{mean} / {mae} min")
    if view.health:
        outbox = view.health.outbox
        table.add_row("待确认 outbox", f"{outbox.rows}，{outbox.acked_seq}/{outbox.last_seq}")
        table.add_row("内存 memory", f"{view.health.rss_mb:.1f} MB")
    for name, samples in (
        ("字节→发布 byte → PUBLISH", view.byte_to_publish),
        ("按键→屏条 key → strip", tally.key_to_strip),
        ("按钮→出票 tap → slip", tally.tap_to_print),
        ("证件→内容 card → fields", visits.card_to_fields),
    ):
        summary = samples.summary()
        if summary["n"]:
            table.add_row(name, f"p50 {summary['p50']} · p99 {summary['p99']} ms")
    return table
