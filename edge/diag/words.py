"""What hallctl says of itself, in Chinese and English. Words for conditions come from the daemon, which has
them from the driver that raised them: so a third party's driver speaks here too, in the version that runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum

from drivers.checking.words import Text
from edge.diag.words_live import LIVE


class Lang(StrEnum):
    ZH = "zh"
    EN = "en"


def system_lang(environ: Mapping[str, str] = os.environ) -> Lang:
    """Chinese where the locale is Chinese (locale(7): LC_ALL before LC_MESSAGES before LANG)."""
    names = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return Lang.ZH if next(filter(None, names), "").startswith("zh") else Lang.EN


_WORDS: dict[str, tuple[str, str]] = {
    **LIVE,
    "devices": ("设备", "Devices"),
    "device": ("设备", "device"),
    "state": ("状态", "state"),
    "conditions": ("情况和处理", "what is wrong, and the remedy"),
    "for": ("持续", "for"),
    "heard": ("最后应答", "last heard"),
    "never": ("从未", "never"),
    "ago": ("{}前", "{} ago"),
    "restarts": ("重启 {} 次", "restarts: {}"),
    "remedy": ("处理：", "remedy: "),
    "windows": ("窗口", "Windows"),
    "window": ("窗口", "window"),
    "staff": ("工号", "staff"),
    "ticket": ("当前号", "ticket"),
    "last_called": ("上次叫号", "last called"),
    "waiting": ("等候", "waiting"),
    "queue": ("排队", "Queue"),
    "service": ("业务", "service"),
    "held": ("保留", "held"),
    "booked": ("预约未到", "booked"),
    "issued": ("已取号", "issued"),
    "oldest": ("最长等候", "longest wait"),
    "expect": ("现在取号预计等候", "wait of a ticket taken now"),
    "minutes": ("{} 分钟", "{} min"),
    "cannot_say": ("说不准", "cannot be said"),
    "waits_line": (
        "今天告知过等候并已叫到 {n} 人：平均等候 {mean}，平均误差 {error}，没有超过上限的占 {share}",
        "{n} told and called today: mean wait {mean}, mean error {error}, {share} within the range",
    ),
    "node": ("节点", "node"),
    "alerts": ("告警", "alerts"),
    "alerts_line": (
        "{count} 条，其中预警 {warnings} 条，无人确认 {open} 条：hallctl alerts",
        "{count}; warnings {warnings}, not acknowledged {open}: hallctl alerts",
    ),
    "no_alerts": ("没有", "none"),
    "projects": ("快速通道", "projects"),
    "projects_line": (
        "在办 {open}，快到期 {due}，已超期 {overdue}；最先到期 {next_due}（{next}）",
        "{open} open, {due} due, {overdue} overdue; first {next_due} ({next})",
    ),
    "no_projects": ("没有在办的项目", "none open"),
    "alert": ("告警", "alert"),
    "what": ("情况和处理", "what is wrong, and what to do"),
    "who": ("负责和确认", "who"),
    "to": ("报给 {}", "to {}"),
    "escalated": ("无人确认，已升级", "not acknowledged, escalated"),
    "taken_by": ("{name} {ago}确认", "{name} sees to it, {ago}"),
    "error": ("严重", "grave"),
    "warning": ("警告", "warning"),
    "version": ("版本", "version"),
    "running_for": ("已运行", "running for"),
    "outbox": ("待发事件", "outbox"),
    "broker": ("消息服务器", "broker"),
    "outbox_line": (
        "{rows} 条，最早 {age}；已确认 {acked} / {last}；丢弃遥测 {dropped}；库 {bytes}",
        "waiting {rows}, oldest {age}; acknowledged {acked} of {last}; telemetry dropped {dropped}; "
        "store {bytes}",
    ),
    "health": ("负载", "health"),
    "health_line": (
        "负载 {load}，内存 {rss} MB，事件循环延迟 {lag} ms",
        "load {load}, memory {rss} MB, loop lag {lag} ms",
    ),
    # a device diagnosed
    "verdict": ("结论", "verdict"),
    "ok": ("正常", "sound"),
    "fault": ("故障", "fault"),
    "next": ("下一步：", "next: "),
    "look": ("看现场：", "look for: "),
    "use_it": (
        "到 {} 前按一下键、刷一下或扫一下，然后按回车",
        "press a key on {}, or use it as a citizen does, then Enter",
    ),
    "did_you": ("看到或听到了吗？是 y，否 n，说不准 ?", "Was it so? y yes, n no, ? cannot say"),
    "sound_of": ("{} 台正常，共 {} 台", "{} of {} are sound"),
    # states of a device
    "stopped": ("已停止", "stopped"),
    "connecting": ("连接中", "connecting"),
    "handshake": ("等待应答", "waiting for an answer"),
    "online": ("正常", "online"),
    "degraded": ("可用，有情况", "degraded"),
    "backoff": ("离线，自动重试", "offline, trying again"),
    "misconfigured": ("配置有误", "misconfigured"),
    "faulted": ("反复出错，每 5 分钟重试", "keeps failing, tried every 5 min"),
    # states and phases of a window
    "closed": ("未开", "closed"),
    "open": ("开放", "open"),
    "paused": ("暂停", "paused"),
    "called": ("已叫号", "called"),
    "serving": ("办理中", "serving"),
    "rating": ("待评价", "rating"),
    # results
    "done": ("已完成", "done"),
    "rejected": ("未执行", "rejected"),
    "failed": ("失败", "failed"),
    "unknown": ("结果不明", "unknown"),
    "ask_again": (
        "用同一编号再问一次，不会重复执行：--id {}",
        "ask again under the same id, it is not carried out twice: --id {}",
    ),
    "no_store": (
        "没有这个文件：{}",
        "there is no such file: {}",
    ),
    "name_store": ("用 --store 指明节点的数据库", "Name the node's database with --store"),
    "is_there": ("{}：已经有这个文件", "{} is there already"),
    "choose_another": ("换一个文件名", "Choose another name"),
    "another_place": ("换一个位置或清理磁盘", "Choose another place, or make room"),
    "no_folder": ("没有这个目录：{}", "there is no such folder: {}"),
    "stop_first": ("先停止它：systemctl stop hall-edge", "Stop it first: systemctl stop hall-edge"),
    "not_copied": ("数据库无法复制（{}）", "the database cannot be copied ({})"),
    "room": (
        "检查磁盘空间（df）和权限；没有留下半个文件",
        "Look at the room on the disk (df) and at who may write there; nothing half made is left",
    ),
    "other_version": (
        "服务的版本与本工具不同，看不懂它的答复；请重启服务或用 --json",
        "the daemon is of another version and its answer is not understood; restart it, or use --json",
    ),
    "ends_by": ("按 Ctrl+C 结束", "Ctrl+C ends it"),
    # a scan
    "looking": ("正在查看，约 {} 秒……", "looking, about {} s …"),
    "place": ("位置", "place"),
    "what_found": ("发现", "what is there"),
    "do_next": ("下一步", "what to do next"),
    "scan_found": ("已识别", "found"),
    "scan_silent": ("无应答", "silent"),
    "scan_strange": ("不认识", "not understood"),
    "scan_held": ("被占用", "in use"),
    "scan_failed": ("打不开", "cannot be opened"),
    "nothing_there": (
        "没有串口、打印机、键盘类设备或摄像机；网络设备用 --host 指明地址",
        "there is no serial port, printer, keyboard or camera; name machines of the network with --host",
    ),
    "propose": ("可以写进配置的内容：", "for the configuration:"),
    "press_keys": (
        "请在 {} 秒内按各设备的键（daemon 占用的设备不会显示）",
        "press a key of each device within {} s (those that the daemon holds are not shown)",
    ),
    "pressed": ("按下了", "pressed"),
    # units
    "s": ("秒", " s"),
    "min": ("分", " min"),
    "h": ("时", " h"),
    "d": ("天", " d"),
}


def both(key: str, *values: object, **named: object) -> Text:
    """In both languages, with these in their places."""
    zh, en = _WORDS[key]
    return Text(zh.format(*values, **named), en.format(*values, **named))


class Words:
    """`words("online")` in the chosen language; raises KeyError for what has no words."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str) -> str:
        return self.pick(*_WORDS[key])

    def pick(self, zh: str, en: str) -> str:
        return zh if self.lang is Lang.ZH else en

    def duration(self, seconds: float) -> str:
        """In its two largest units: "2 h 5 min"."""
        whole = max(0, int(seconds))
        units = (
            ("d", whole // 86400),
            ("h", whole // 3600 % 24),
            ("min", whole // 60 % 60),
            ("s", whole % 60),
        )
        first = next((index for index, (_, count) in enumerate(units) if count), len(units) - 1)
        parts = (f"{count}{self(unit)}" for unit, count in units[first : first + 2] if count)
        return " ".join(parts) or f"0{self('s')}"
