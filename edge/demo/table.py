"""The hall at a glance while the demonstration runs: windows, queue, devices, outbox."""

from __future__ import annotations

from collections import Counter

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drivers.heartbeat.sim import HeartbeatSim
from drivers.xfs4iot.sim import TerminalSim
from edge.demo.corner import Visits
from edge.demo.observer import Observer
from edge.demo.people import Tally
from edge.demo.report import shown_on, tickets_of
from edge.demo.rig import Rig
from edge.settings import Settings

PHASES = {"called": "叫号 called", "serving": "办理 serving", "rating": "评价 rating", "": ""}
STATES = {"open": "开放 open", "closed": "关闭 closed", "paused": "暂停 paused"}
NARROW = ("#", "票号 ticket", "状态 state")
WIDE = ("窗口 #", "工号 staff", "票号 ticket", "状态 state", "等候 waiting")
COLUMNS = 13  # windows of one table: 52 fit a screen in four


def picture(rig: Rig, observer: Observer, tally: Tally, visits: Visits, left_s: float) -> RenderableType:
    """All that is shown: what the independent subscriber has heard, and what people in the hall see."""
    settings = rig.settings
    windows = list(settings.windows)
    blocks = [windows[i : i + COLUMNS] for i in range(0, len(windows), COLUMNS)]
    return Group(
        Text(f"{settings.hall.name}   还有 {max(0, left_s):.0f} s left", style="bold"),
        Columns([_windows(block, observer, narrow=len(blocks) > 1) for block in blocks]),
        Columns([_queue(settings, observer), _side(observer, tally, visits), _around(rig, observer, visits)]),
    )


def _windows(block: list[str], observer: Observer, *, narrow: bool) -> Table:
    table = Table(title="窗口 windows", title_justify="left")
    for name in NARROW if narrow else WIDE:
        table.add_column(name, no_wrap=True)
    for window in block:
        now = observer.windows.get(window)
        if now is None:
            table.add_row(window)
            continue
        state = PHASES[now.phase] or STATES[now.state]
        if narrow:
            table.add_row(window, now.ticket, state)
        else:
            table.add_row(window, now.staff, now.ticket, state, str(now.waiting))
    return table


def _queue(settings: Settings, observer: Observer) -> Table:
    table = Table(title="排队 queue", title_justify="left")
    table.add_column("业务 service", no_wrap=True)
    for name in ("等候 waiting", "已取 issued"):
        table.add_column(name, justify="right")
    for each in observer.queue.services if observer.queue else ():
        table.add_row(settings.services[each.service].name, str(each.waiting), str(each.issued))
    return table


def _around(rig: Rig, observer: Observer, visits: Visits) -> Table:
    """Boards, the self-service corner, and the terminals outside."""
    table = Table(title="大厅屏和自助 boards and self-service", title_justify="left", show_header=False)
    for name, lines in shown_on(rig).items():
        table.add_row(name, "\n".join(lines))
    table.add_row("证件/扫码 cards/codes", f"{visits.cards} / {visits.codes}")
    table.add_row("终端缴费 payments", f"{visits.payments}")
    for name in (*rig.of(TerminalSim), *rig.of(HeartbeatSim)):
        if status := observer.devices.get(name):
            paper, takings = (status.attributes.get(key, "") for key in ("paper", "takings_today"))
            table.add_row(name, " · ".join(filter(None, (status.state, paper, takings and f"¥{takings}"))))
    return table


def _side(observer: Observer, tally: Tally, visits: Visits) -> Table:
    table = Table(title="设备和事件 devices and events", title_justify="left", show_header=False)
    states = Counter(device.state for device in observer.devices.values())
    table.add_row("设备 devices", " · ".join(f"{state} {count}" for state, count in states.most_common()))
    acts = tickets_of(observer.ledger)
    table.add_row("取号/叫号/办结 issued/called/served", f"{acts.issued} / {acts.called} / {acts.served}")
    table.add_row("已评/未评 rated/not rated", f"{acts.rated} / {acts.not_rated}")
    table.add_row("事件/重复 events/repeated", f"{observer.ledger.published} / {observer.ledger.duplicated}")
    if observer.health:
        outbox = observer.health.outbox
        table.add_row("待确认 outbox", f"{outbox.rows}，{outbox.acked_seq}/{outbox.last_seq}")
        table.add_row("内存 memory", f"{observer.health.rss_mb:.1f} MB")
    for name, samples in (
        ("字节→发布 byte → PUBLISH", observer.byte_to_publish),
        ("按键→屏条 key → strip", tally.key_to_strip),
        ("按钮→出票 tap → slip", tally.tap_to_print),
        ("证件→内容 card → fields", visits.card_to_fields),
    ):
        summary = samples.summary()
        if summary["n"]:
            table.add_row(name, f"p50 {summary['p50']} · p99 {summary['p99']} ms")
    return table
