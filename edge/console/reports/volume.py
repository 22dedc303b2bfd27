"""The month's or year's report: who did how much, how it was rated, how long it took, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from edge.console.reports.acts import Node
from edge.console.reports.counts import Cell, Counts, Times, total
from edge.console.reports.devices import Availability
from edge.console.reports.missing import WORDS, Lack
from edge.console.reports.sheets import REPORTED, SILENT, TOTAL, Column, Row, Sheet, rounded
from edge.console.reports.watched import Device
from edge.rules.rates import LEVELS

MINUTE_S, HOUR_S = 60.0, 3600.0
HALL = Column("厅", "Hall", "text")
NODE = Column("节点", "Node", "text")
UNIT = Column("单位", "Unit", "text")
WINDOW = Column("窗口", "Window", "text")
STAFF = Column("工号", "Staff", "text")
SERVICE = Column("业务", "Service", "text")
COUNTED = (
    Column("办件量", "Acts"),
    Column("评价数", "Ratings"),
    Column("参评率", "Participation", "share"),
    Column("好评率", "Good", "share"),
    Column("差评率", "Bad", "share"),
    Column("差评数", "Bad ratings"),
    Column("申诉撤销", "Withdrawn on appeal"),
    *(Column(f"{level} 级", f"Level {level}") for level in LEVELS),
    Column("等候人次", "Waits"),
    Column("平均等候（分）", "Mean wait, min", "minutes"),
    Column("等候 P50（分）", "Wait P50, min", "minutes"),
    Column("等候 P90（分）", "Wait P90, min", "minutes"),
    Column("计时件数", "Acts timed"),
    Column("平均办理（分）", "Mean service, min", "minutes"),
    Column("办理 P50（分）", "Service P50, min", "minutes"),
    Column("办理 P90（分）", "Service P90, min", "minutes"),
    Column("有承诺件数", "Acts with a promise"),
    Column("按时办结率", "On time", "share"),
    Column("过号", "No-shows"),
    Column("转出", "Transfers"),
    Column("日终未办结", "Cut off at day's end"),
)
NOTES: tuple[tuple[str, str], ...] = (
    ("一天是各厅当地的营业日。", "A day is the hall's own local business day."),
    (
        "参评率＝评价数÷办件量；好评率＝5、4、3 级÷评价数；差评率＝2、1 级÷评价数；"
        "未评价不算满意；0÷0 写“—”。",
        "Participation = ratings ÷ acts; good = levels 5, 4, 3 ÷ ratings; bad = levels 2, 1 ÷ ratings; "
        "who did not rate is not counted as satisfied; 0 ÷ 0 is “—”.",
    ),
    (
        "申诉撤销：差评数里，整改结论为“申诉成立，差评撤销”的件数。评价不能更改，各率照算；只有季度得分不计。",
        "Withdrawn on appeal: bad ratings whose follow-up granted the appeal. A rating cannot be altered, so "
        "they stay in all rates; only the quarter's score leaves them out.",
    ),
    (
        "等候：取号出票到第一次叫号；办理：开始（没有按“开始”的从叫号算起）到办结；百分位取最近秩。",
        "Wait: from the slip to the first call. Service: from the start, or from the call where nobody "
        "pressed start, to the end. Percentiles by nearest rank.",
    ),
    (
        "按时办结率：办理时间不超过当时配置的承诺时限的件数÷有承诺且计时的件数。",
        "On time: acts within what was promised when they ended ÷ acts that have a promise and a known time.",
    ),
    (
        "收费按票据各计一次，记在收费的窗口；退费记在退费的窗口；与标准不符：金额不同于收费时配置的标准。",
        "Fees: each receipt once, at the window that charged; refunds at the window that gave back. Not as "
        "configured: another amount than the configuration had for the item when it was charged.",
    ),
    (
        "设备可用率＝在线÷（在线＋中断）；节点自己停机的时间不知道，单列为“未知”，不算在线也不算中断。",
        "Availability = up ÷ (up + down); while a node itself was off nothing is known: that is shown as "
        "unknown, and is neither up nor down.",
    ),
    (
        "只有当期有人登录或办件的窗口才列出。",
        "Only windows where somebody logged in or an act ended are listed.",
    ),
)


def counted(counts: Counts) -> Row:
    """The values of COUNTED."""
    tally, waits, served = counts.tally, Times.of(counts.waits), Times.of(counts.served)
    return (
        tally.acts,
        tally.ratings,
        tally.participation.rate,
        tally.good.rate,
        tally.bad.rate,
        tally.bad.k,
        counts.withdrawn,
        *(tally.count(level) for level in LEVELS),
        *_times(waits),
        *_times(served),
        counts.promised,
        counts.timely.rate,
        counts.no_shows,
        counts.transfers,
        counts.cut,
    )


def _times(times: Times) -> Row:
    each = (times.mean_s, times.p50_s, times.p90_s)
    return (times.n, *(None if value is None else value / MINUTE_S for value in each))


Part = Callable[[Cell], tuple[str, ...]]


def grouped(cells: Mapping[Cell, Counts], part: Part) -> dict[tuple[str, ...], Counts]:
    """In order."""
    found: dict[tuple[str, ...], Counts] = {}
    for cell, counts in cells.items():
        found.setdefault(part(cell), Counts()).add(counts)
    return dict(sorted(found.items()))


def all_cells(nodes: Iterable[Node]) -> dict[Cell, Counts]:
    """Of all nodes; a window where somebody was logged in, and nothing happened, has one of zeros."""
    cells: dict[Cell, Counts] = {}
    for node in nodes:
        cells |= node.cells
        idle = node.windows - {cell.window for cell in node.cells}
        cells |= {Cell(node.hall, node.node, "", window, "", ""): Counts() for window in idle}
    return cells


def volume_sheets(nodes: Sequence[Node], halls: Mapping[str, str]) -> list[Sheet]:
    """`halls`: names of those that are to report, by id; each has a row, also without an act."""
    cells = all_cells(nodes)
    worked = {cell: counts for cell, counts in cells.items() if counts != Counts()}
    whole = counted(total(cells.values()))
    by_hall: dict[tuple[str, ...], Counts] = {(node.hall,): Counts() for node in nodes if node.days}
    by_hall |= grouped(cells, lambda cell: (cell.hall,))
    silent = [hall for hall in {**halls, **{node.hall: "" for node in nodes}} if (hall,) not in by_hall]
    by_unit = grouped(cells, lambda cell: (cell.hall, cell.unit))
    by_window = grouped(cells, lambda cell: (cell.hall, cell.node, cell.unit, cell.window))
    by_service = grouped(worked, lambda cell: (cell.hall, cell.service))
    by_staff = grouped(worked, lambda cell: (cell.hall, cell.staff))
    return [
        _halls(by_hall, halls, silent, whole),
        _sheet("units", ("单位", "Units"), (HALL, UNIT), by_unit, whole),
        _sheet("windows", ("窗口", "Windows"), (HALL, NODE, UNIT, WINDOW), by_window, whole),
        _sheet("services", ("业务", "Services"), (HALL, SERVICE), by_service, whole),
        _window_services(cells),
        _sheet("staff", ("人员", "Staff"), (HALL, STAFF), by_staff, whole),
    ]


def _sheet(
    key: str,
    names: tuple[str, str],
    heads: tuple[Column, ...],
    groups: Mapping[tuple[str, ...], Counts],
    whole: Row,
) -> Sheet:
    columns = (*heads, *COUNTED)
    rows = tuple(rounded(columns, (*name, *counted(counts))) for name, counts in groups.items())
    totals = rounded(columns, (TOTAL, *("" for _ in heads[1:]), *whole))
    return Sheet(key, *names, columns, rows, totals)


def _halls(
    by_hall: Mapping[tuple[str, ...], Counts], names: Mapping[str, str], silent: Sequence[str], whole: Row
) -> Sheet:
    """The centre's view. A hall that sent nothing has a row that says so, and not zeros."""
    columns = (HALL, Column("名称", "Name", "text"), Column("上报", "Reported", "text"), *COUNTED)
    rows: list[Row] = [
        (*key, names.get(key[0], ""), REPORTED, *counted(counts)) for key, counts in by_hall.items()
    ]
    rows += [(hall, names.get(hall, ""), SILENT, *(None for _ in COUNTED)) for hall in silent]
    done = tuple(rounded(columns, row) for row in sorted(rows, key=lambda row: str(row[0])))
    return Sheet("halls", "各厅", "Halls", columns, done, rounded(columns, (TOTAL, "", "", *whole)))


def _window_services(cells: Mapping[Cell, Counts]) -> Sheet:
    """Acts alone, of each window by service."""
    groups = grouped(cells, lambda c: (c.hall, c.node, c.unit, c.window, c.service))
    rows: tuple[Row, ...] = tuple((*name, counts.acts) for name, counts in groups.items() if counts.acts)
    columns = (HALL, NODE, UNIT, WINDOW, SERVICE, Column("办件量", "Acts"))
    totals = (TOTAL, "", "", "", "", sum(counts.acts for counts in groups.values()))
    return Sheet("window_services", "窗口业务量", "Acts by window and service", columns, rows, totals)


def device_sheet(devices: Mapping[Device, Availability]) -> Sheet:
    columns = (
        HALL,
        NODE,
        Column("设备", "Device", "text"),
        Column("可用率", "Availability", "share"),
        Column("开放时间可用率", "Availability in open hours", "share"),
        Column("在线（时）", "Up, h", "hours"),
        Column("其中降级（时）", "of it degraded, h", "hours"),
        Column("中断（时）", "Down, h", "hours"),
        Column("未知（时）", "Unknown, h", "hours"),
        Column("中断次数", "Outages"),
        Column("最长中断（时）", "Longest outage, h", "hours"),
        Column("平均修复（分）", "Mean time to repair, min", "minutes"),
    )
    rows: list[Row] = [
        (
            device.hall,
            device.node,
            device.device,
            each.rate,
            each.open_rate,
            each.up_s / HOUR_S,
            each.degraded_s / HOUR_S,
            each.down_s / HOUR_S,
            each.unknown_s / HOUR_S,
            each.outages,
            each.longest_s / HOUR_S,
            None if each.mttr_s is None else each.mttr_s / MINUTE_S,
        )
        for device, each in devices.items()
    ]
    return Sheet.of("devices", ("设备可用率", "Availability of devices"), columns, rows)


def missing_sheet(lacks: Iterable[Lack]) -> Sheet:
    columns = (
        HALL,
        NODE,
        Column("缺项", "What (zh)", "text"),
        Column("缺项（英文）", "What", "text"),
        Column("数量", "Count"),
        Column("说明", "Detail", "text"),
    )
    rows: list[Row] = [
        (each.hall, each.node, *WORDS[each.what], each.count, each.detail) for each in sorted(lacks)
    ]
    return Sheet.of("missing", ("缺项", "Missing"), columns, rows)
