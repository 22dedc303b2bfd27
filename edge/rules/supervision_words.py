"""What a warning says to whoever manages the hall: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.rules.express import standings
from edge.rules.model import Hall, Service, State, Window
from edge.rules.projects import Lane
from edge.rules.supervision_kinds import ABOUT, About, Kind, Stops
from edge.rules.supervision_model import Warned
from edge.wire import Alert, WarningState


@dataclass(frozen=True, slots=True)
class Words:
    """`{name}` is the window, service or device, `{limit}` what has been reached."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    unit_zh: str
    unit_en: str


WORDS: dict[Kind, Words] = {
    "wait": Words(
        "{name}：有人等候超过 {limit} 分钟",
        "{name}: somebody has waited for more than {limit} minutes",
        "增开窗口，或请引导员分流；向排在最前面的人说明情况",
        "open another window, or have the ushers direct people; tell those in front what is going on",
        "分钟",
        "minutes",
    ),
    "appointment": Words(
        "{name}：预约的人已过预约时间 {limit} 分钟，还没有叫到",
        "{name}: somebody with an appointment has not been called {limit} minutes after his time",
        "请窗口下一个就叫这位预约的人；经常发生时，减少每时段的预约数",
        "have a window call this number next; where it happens often, take fewer appointments a span",
        "分钟",
        "minutes",
    ),
    "service": Words(
        "{name}：这件事的办理时间已达承诺时限的 {limit}%",
        "{name}: the act under way has taken {limit} % of what is promised for it",
        "到窗口了解原因，必要时请人协助；确实办不完的，说明情况并约定时间",
        "ask at the window what holds it up, and help; where it cannot be ended, explain and agree on a time",
        "%",
        "% of the promise",
    ),
    "idle": Words(
        "{name}：有人等候，窗口空闲超过 {limit} 分钟没有叫号",
        "{name}: people wait, and the window has called nobody for more than {limit} minutes",
        "提醒窗口叫号；有事离开的应按暂停",
        "remind the window to call; whoever has to leave presses pause",
        "分钟",
        "minutes",
    ),
    "unstaffed": Words(
        "{name}：排班应开，有人等候，却已超过 {limit} 分钟无人受理",
        "{name}: to be open by the roster, people wait, and nobody has served for more than {limit} minutes",
        "联系该窗口所属单位派人顶岗；不开的窗口请改排班",
        "have its unit send somebody; change the roster of a window that is not to open",
        "分钟",
        "minutes",
    ),
    "unserved": Words(
        "{name}：连续 {limit} 次叫号没有办理（无人应答或几秒就结束）",
        "{name}: {limit} calls in a row without service: nobody came, or they ended within seconds",
        "到窗口查看：是否叫号太快、屏和广播是否正常、是否空叫",
        "look at the window: does it call too fast, do board and voice work, does it call for no one",
        "次",
        "calls",
    ),
    "uniform": Words(
        "{name}：近期评价过于一致，与其他窗口明显不同（可疑程度 {limit}）",
        "{name}: its ratings are too much alike and unlike those of other windows (evidence {limit})",
        "查看评价由谁、何时按下，必要时回访办事人；查明前不作结论",
        "see who pressed the pad and when, call citizens back; it proves nothing before that is known",
        "可疑程度",
        "of evidence",
    ),
    "stopped": Words(
        "{name} 故障超过 {limit} 分钟，{stops}",
        "{name} has been out of order for more than {limit} minutes: {stops}",
        "按设备告警里的办法处理；修好之前改用人工或其他窗口",
        "do what the device's own alert says; until then by hand, or at another window",
        "分钟",
        "minutes",
    ),
    "project": Words(
        "{name}：有项目快到期（黄）或已超期（红），还没有办结",
        "{name}: a project is due (amber) or overdue (red), and not closed yet",
        "用 project.list 看剩下哪些步骤，催办相关单位；申请人不办了的，撤回",
        "see by project.list which steps are left, and press their offices; withdraw what its owner gave up",
        "",
        "",
    ),
    "fee_amiss": Words(
        "{name}：今天有 {limit} 笔收费与配置的标准不符，或本应免费",
        "{name}: {limit} charges of today are not what is configured for their item, or it is free",
        "核对票据和事项：多收的退还（window.refund），少收的补记；标准有变的，改配置",
        "compare receipt and item: give back what is too much (window.refund), charge what is too little; "
        "where the fee has changed, change the configuration",
        "笔",
        "charges",
    ),
    "fee_without_act": Words(
        "{name}：今天有 {limit} 笔收费没有对应的办件",
        "{name}: {limit} charges of today belong to no act",
        "到窗口查明这笔钱为谁、为何收；不应收的退还（window.refund）",
        "find out at the window for whom and for what it was; give back what was not due (window.refund)",
        "笔",
        "charges",
    ),
    "fee_missing": Words(
        "{name}：应收费的事项办结超过 {limit} 分钟，没有收费记录",
        "{name}: an act whose item has a fee ended more than {limit} minutes ago, and no charge is recorded",
        "请窗口补记（window.charge，写明 act）；依法减免的，确认这条预警并说明",
        "have the window record it (window.charge with its act); where it was waived by law, acknowledge "
        "this with a note",
        "分钟",
        "minutes",
    ),
}
STOPS: dict[Stops, tuple[str, str]] = {
    "tickets": ("取不了号", "no tickets can be taken"),
    "calls": ("窗口叫不了号", "the window cannot call"),
    "ratings": ("窗口收不到评价", "nobody can rate the window"),
    "users": ("群众用不了", "nobody can use it"),
}


def alert_of(warned: Warned, hall: Hall, state: State, stops: Stops = "users") -> Alert:
    """`stops`: of a device."""
    words = WORDS[warned.kind]
    name_zh, name_en = _names(warned, hall)
    limit = f"{warned.limit:g}"
    stops_zh, stops_en = STOPS[stops]
    told_zh, told_en = _told(warned, words, hall, state)
    return Alert(
        key=warned.key,
        severity="error" if warned.level == "red" or warned.above else "warning",
        since=warned.since,
        zh=f"{words.zh.format(name=name_zh, limit=limit, stops=stops_zh)}{told_zh}",
        en=f"{words.en.format(name=name_en, limit=limit, stops=stops_en)}{told_en}",
        remedy_zh=words.remedy_zh,
        remedy_en=words.remedy_en,
        warning=_state(warned),
    )


def _told(warned: Warned, words: Words, hall: Hall, state: State) -> tuple[str, str]:
    """What was measured when it was last told; of a lane, its project that is due first as of now."""
    if ABOUT[warned.kind] != "lane":
        value = f"{round(warned.value, 1):g}"
        return f"（报出时 {value} {words.unit_zh}）", f" ({value} {words.unit_en} when it was told)"
    of_lane = (
        each.project for each in standings(state, hall, state.day) if each.project.lane == warned.about
    )
    first = next(of_lane, None)
    return (f"（{first.id}，{first.due} 到期）", f" ({first.id}, due {first.due})") if first else ("", "")


def _state(warned: Warned) -> WarningState:
    by = warned.acknowledged
    return WarningState(
        kind=warned.kind,
        about=warned.about,
        level=warned.level,
        value=warned.value,
        to=warned.to,
        escalated=warned.above,
        acknowledged_by=by.name if by else "",
        acknowledged_at=by.at if by else None,
        note=by.note if by else "",
    )


def _names(warned: Warned, hall: Hall) -> tuple[str, str]:
    """A service, window or lane has a name that people know; a device has its id."""
    about = ABOUT[warned.kind]
    named: dict[About, Mapping[str, Service | Window | Lane]] = {
        "service": hall.services,
        "window": hall.windows,
        "lane": hall.express,
    }
    known = named.get(about, {}).get(warned.about)
    return known.name if known else warned.about, f"{about} {warned.about}"
