"""`hall-edge replay`: reads a kept day, plays it again with other staffing, and says what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from drivers.checking.words import Text
from edge.replay.chart import chart
from edge.replay.compare import Figures, Row, differing, rows, usual_legs
from edge.replay.engine import Engine
from edge.replay.model import Day, Waited
from edge.replay.record import Kept, Record, recorded
from edge.replay.staffing import BadChange, Staffed, changed
from edge.rules.model import Hall, Moment
from edge.settings import ConfigError, load
from edge.store import Recorded, StoreRefused
from edge.store.day import BadEvents, NoSuchDay, read_day
from edge.workdays import is_workday

BAD = 2  # exit status: nothing was played
ASSUMED = Text(
    "假定：来的人和时间不因等候长短而变；办多久只看是谁的事，不看哪个窗口；"
    "窗口的人照当时上下岗，他们走时还没叫到的算“没叫到”",
    "assumed: people come as they came, however long they wait; service time belongs to the act, whichever "
    "window serves; staff come and go as they did, and who is not called by then is unserved",
)


class Refused(Exception):
    """Nothing can be played. `words`: why, with a way on."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True, slots=True)
class Outcome:
    """The day as it was, played again as it was, and with other staffing. `refused`: the codes of those who
    got no ticket, and `amiss` the transfers that found nobody."""

    record: Record
    again: Sequence[Waited]
    refused_again: Mapping[str, int]
    staffed: Staffed
    waits: Sequence[Waited]
    refused: Mapping[str, int]
    amiss: int


def replay(day: str, config: Path, wishes: Sequence[str], source: Path | None, out: Path | None) -> int:
    """The exit status."""
    console = Console()
    try:
        hall, store = _hall(config)
        record = _record(day, source or store, hall)
        outcome = played(record, hall, wishes)
    except Refused as error:
        _say(Console(stderr=True), Text(f"✗ {error.words.zh}", f"✗ {error.words.en}"))
        return BAD
    _tell(console, outcome, hall)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"replay-{day}.svg"
        path.write_text(_drawn(f"{hall.name} {day}", outcome, wishes), encoding="utf-8")
        console.print(str(path), highlight=False, soft_wrap=True)
    return 0


def _drawn(title: str, outcome: Outcome, wishes: Sequence[str]) -> str:
    days = {"当时 as it was": outcome.record.waits}
    if wishes:
        days[f"改后 changed: {' '.join(wishes)}"] = tuple(outcome.waits)
    return chart(title, days)


def played(record: Record, hall: Hall, wishes: Sequence[str]) -> Outcome:
    """Raises Refused."""
    try:
        staffed = changed(record.day, hall, wishes)
    except BadChange as error:
        raise Refused(error.words) from error
    again = _engine(record.day, hall, record.day)
    other = _engine(staffed.day, staffed.hall, record.day)
    as_it_was, waits = again.run(record.ends_s), other.run(record.ends_s)
    refused = [Counter(code for _, code in each.refused) for each in (again, other)]
    return Outcome(record, as_it_was, refused[0], staffed, waits, refused[1], other.amiss)


def _engine(day: Day, hall: Hall, known: Day) -> Engine:
    workday = is_workday(date.fromisoformat(day.day)) if hall.roster else True
    return Engine(day, hall, workday=workday, usual=usual_legs(known, hall))


# --- what it is made from ---
def _hall(config: Path) -> tuple[Hall, Path]:
    try:
        settings = load(config, allow_sim=True)
    except ConfigError as error:
        zh = f"配置有错，先用 hall-edge check 查：{error}"
        raise Refused(Text(zh, f"the configuration is wrong, see hall-edge check: {error}")) from error
    return settings.rules_hall(), settings.node.store


def _record(day: str, source: Path, hall: Hall) -> Record:
    if date.fromisoformat(day) > datetime.now(hall.zone).date():
        raise Refused(Text(f"{day} 还没有到", f"{day} is still to come"))
    kept = [
        (each.fact, Moment(each.stamp.at, each.stamp.mono, each.stamp.boot)) for each in _events(day, source)
    ]
    _check_known("service", "业务", hall.services, kept)
    _check_known("window", "窗口", hall.windows, kept)
    _check_known("priority", "优先类别", hall.priorities, kept)
    record = recorded(day, kept, hall)
    if not record.waits:
        raise Refused(Text(f"{day} 没有人取号", f"nobody took a ticket on {day}"))
    return record


def _events(day: str, source: Path) -> list[Recorded]:
    try:
        return read_day(source, day)
    except NoSuchDay as error:
        words = _missing(day, error.kept)
    except BadEvents as error:
        zh = f"{source} 第 {error.line} 行不是事件；要数据库，或一行一个事件的文件"
        words = Text(zh, f"{source}: {error}; it has to be a database, or a file with an event a line")
    except StoreRefused as error:
        zh = f"数据库 {source} 不能用：可能损坏，或不是本系统的；原因和处理见下一行"
        words = Text(zh, f"the database cannot be used: {error}")
    except OSError as error:
        words = Text(f"读不了 {source}：{error.strerror}", f"{source}: {error.strerror}")
    raise Refused(words)


def _check_known(name: str, zh: str, known: Mapping[str, object], kept: Sequence[Kept]) -> None:
    """What the day's facts name has to be in the configuration."""
    found = {str(value) for fact, _ in kept if (value := getattr(fact, name, ""))}
    if unknown := ", ".join(sorted(found - known.keys())):
        way = f"that day had a {name} that the configuration has not: {unknown}; name the file of that time"
        raise Refused(Text(f"那天有配置里没有的{zh}：{unknown}；用当时的配置文件", way))


def _missing(day: str, kept: Sequence[str]) -> Text:
    if not kept:
        return Text("里面还没有任何一天", "no day is kept there yet")
    return Text(
        f"没有 {day} 的记录；{kept[0]} 到 {kept[-1]} 之间有 {len(kept)} 天",
        f"{day} is not kept; days that are, from {kept[0]} to {kept[-1]}: {len(kept)}",
    )


# --- what is said of it ---
def _tell(console: Console, outcome: Outcome, hall: Hall) -> None:
    _say(console, ASSUMED)
    for said in (*_fidelity(outcome), *outcome.staffed.said):
        _say(console, said)
    found = rows(outcome.record.waits, outcome.waits, hall.services)
    console.print(table(found, hall, is_changed=bool(outcome.staffed.said)))
    if outcome.amiss:
        zh = f"改后有 {outcome.amiss} 次转移没人接"
        _say(console, Text(zh, f"changed: {outcome.amiss} transfers found nobody"))
    if outcome.refused != outcome.refused_again:
        _say(console, _no_ticket("改后", "changed: ", outcome.refused))


def _fidelity(outcome: Outcome) -> Iterator[Text]:
    """How well the play fits the day, where nothing is changed."""
    n, record = len(outcome.record.waits), outcome.record
    differ = differing(record.waits, outcome.again)
    if not differ:
        yield Text(
            f"不改时重放与当天 {n} 人的等候全部相同", f"played unchanged, all {n} waits are as they were"
        )
        return
    yield Text(
        f"不改时重放，{n} 人中有 {differ} 人的等候与当天不同",
        f"played unchanged, {differ} of {n} waits differ",
    )
    if outcome.refused_again:
        yield _no_ticket("  ", "  ", outcome.refused_again)
    if record.by_choice:
        yield Text(
            f"  那天有 {record.by_choice} 次叫的不是轮到的人，重放时都按次序叫",
            f"  {record.by_choice} calls that day were not of the next in turn; here all are",
        )
    if record.unended:
        yield Text(
            f"  记录结束时有 {record.unended} 件还没有办完，按平均时间算，重放也到此为止",
            f"  {record.unended} acts had not ended when the record stops; they take the mean time, and the "
            "play stops there too",
        )


def _no_ticket(zh: str, en: str, codes: Mapping[str, int]) -> Text:
    """As with another roster in the configuration than on that day."""
    n, why = sum(codes.values()), ", ".join(codes)
    return Text(f"{zh}有 {n} 人取不到号：{why}", f"{en}{n} got no ticket: {why}")


def table(found: Sequence[Row], hall: Hall, *, is_changed: bool = True) -> Table:
    """Minutes: as it was, and changed."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("业务\nservice", no_wrap=True)
    for name in (
        "时\nhour",
        "人\nn",
        "平均\nmean",
        "一半\nP50",
        "九成\nP90",
        "最长\nlongest",
        "没叫到\nunserved",
    ):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in found:
        service = hall.services[row.service].name if row.service else "全部 all"
        hour = "全天 day" if row.hour is None else f"{row.hour}"
        style = "bold" if row.hour is None else ""
        cells = _pairs(row.before, row.after) if is_changed else _cells(row.before)
        shown.add_row(service, hour, str(row.before.n), *cells, style=style)
    return shown


def _pairs(before: Figures, after: Figures) -> Iterator[str]:
    for one, other in zip(_cells(before), _cells(after), strict=True):
        yield f"{one or 0}→{other or 0}" if one or other else ""


def _cells(found: Figures) -> tuple[str, ...]:
    waits = found.mean_s, found.p50_s, found.p90_s, found.longest_s
    return *map(_minutes, waits), str(found.unserved) if found.unserved else ""


def _minutes(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds / 60:.1f}"


def _say(console: Console, text: Text) -> None:
    for line in dict.fromkeys((text.zh, text.en)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
