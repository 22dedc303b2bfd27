"""The answer of the verb `status` and how a technician sees it. A state is a word, never only a colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pydantic import Field
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from edge.diag.alerts import summary
from edge.diag.refusals import refusal
from edge.diag.words import Words
from edge.wire import (
    Alert,
    Condition,
    DeviceStatus,
    Lenient,
    NodeHealth,
    QueueStatus,
    ServiceQueue,
    WindowStatus,
    told_min,
)
from edge.wire.plain import plain

STYLES = {
    "online": "green",
    "open": "green",
    "degraded": "yellow",
    "handshake": "cyan",
    "connecting": "cyan",
    "paused": "yellow",
    "backoff": "red",
    "misconfigured": "red",
    "faulted": "bold red",
}
_KIB = 1024


class NodeInfo(Lenient):
    hall: str
    node: str
    version: str
    epoch: str
    since: float
    hall_time: float | None = None  # another than the machine's in a hall that is played


class ConditionWords(Lenient):
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""


class ProjectsView(Lenient):
    """Of the express lanes. `next`: the project that is due first, on `next_due`."""

    open: int
    due: int
    overdue: int
    next: str
    next_due: str


class BrokerView(Lenient):
    """`why`: as the network says it, where there is no connection."""

    connected: bool | None = None  # older nodes do not tell
    why: str = ""


class StatusView(Lenient):
    """`data` of the reply to `status`. `words`: by device, then by code, of the conditions that are on."""

    node: NodeInfo
    devices: tuple[DeviceStatus, ...] = ()
    windows: tuple[WindowStatus, ...] = ()
    queue: QueueStatus | None = None
    projects: ProjectsView | None = None
    health: NodeHealth | None = None
    alerts: tuple[Alert, ...] = ()
    broker: BrokerView = BrokerView()
    words: dict[str, dict[str, ConditionWords]] = Field(default_factory=dict)


def render(status: StatusView, words: Words, now: float) -> RenderableType:
    """All of it, for a terminal; `now` is wall time."""
    return Group(*_parts(status, words, now))


def render_node(status: StatusView, words: Words, now: float) -> RenderableType:
    """The node itself: what it has to send, and who waits."""
    return Group(_head(status, words, now), *_queues(status, words))


def render_windows(status: StatusView, words: Words) -> RenderableType:
    return _windows(status.windows, words) if status.windows else Text(words("no_windows"))


def _parts(status: StatusView, words: Words, now: float) -> Iterator[RenderableType]:
    yield _head(status, words, now)
    yield _devices(status, words, now)
    if status.windows:
        yield _windows(status.windows, words)
    yield from _queues(status, words)


def _queues(status: StatusView, words: Words) -> Iterator[RenderableType]:
    if status.queue is not None and status.queue.services:
        yield _queue(status.queue, words)


def _head(status: StatusView, words: Words, now: float) -> Table:
    node, health = status.node, status.health
    grid = Table.grid(padding=(0, 2))
    grid.add_row(
        words("node"),
        escape(f"{node.hall}/{node.node}  {words('version')} {node.version}  epoch {node.epoch[:8]}"),
    )
    grid.add_row(words("running_for"), words.duration(now - node.since))
    if health is not None:
        line = words("health_line").format(load=health.load1, rss=health.rss_mb, lag=health.loop_lag_ms)
        grid.add_row(words("health"), line)
        outbox = health.outbox
        line = words("outbox_line").format(
            rows=outbox.rows,
            bytes=f"{outbox.bytes / _KIB:.0f} KiB",
            age=words.duration(outbox.oldest_age_s),
            acked=outbox.acked_seq,
            last=outbox.last_seq,
            dropped=outbox.dropped,
        )
        grid.add_row(words("outbox"), line)
    if status.broker.connected is not None:
        grid.add_row(words("broker"), _broker(status.broker, words))
    grid.add_row(words("alerts"), summary(status.alerts, words))
    if status.projects is not None:
        grid.add_row(words("projects"), _projects(status.projects, words))
    counts = Counter(device.state for device in status.devices)
    grid.add_row(
        words("devices").lower(),
        " · ".join(f"{words(state)} {count}" for state, count in counts.most_common()),
    )
    return grid


def _projects(projects: ProjectsView, words: Words) -> str:
    if not projects.open:
        return words("no_projects")
    return words("projects_line").format(
        open=projects.open,
        due=projects.due,
        overdue=projects.overdue,
        next=escape(plain(projects.next)),
        next_due=escape(plain(projects.next_due)),
    )


def _broker(broker: BrokerView, words: Words) -> Text:
    if broker.connected:
        return Text(words("connected"), style="green")
    found = refusal(broker.why)
    said = words.pick(found.what.zh, found.what.en) + (f" ({plain(broker.why)})" if broker.why else "")
    return Text(f"{said}\n{words('remedy')}{words.pick(found.next.zh, found.next.en)}", style="red")


def _devices(status: StatusView, words: Words, now: float) -> Table:
    table = Table(title=words("devices"), title_justify="left", expand=True)
    table.add_column(words("device"), no_wrap=True)
    for name in ("state", "conditions", "for", "heard"):
        table.add_column(words(name), overflow="fold")
    for device in status.devices:
        known = status.words.get(device.device, {})
        table.add_row(
            escape(device.device),
            _device_state(device, words),
            Text("\n").join(told(each, known.get(each.code), words) for each in device.conditions),
            words.duration(now - _since(device)),
            heard(device, words, now),
        )
    return table


def _state(state: str, words: Words) -> Text:
    return Text(words(state), style=STYLES.get(state, ""))


def _device_state(device: DeviceStatus, words: Words) -> Text:
    """With how often it was restarted, which most never are: a column of its own would narrow the others."""
    state = _state(device.state, words)
    if device.restarts:
        state = Text("\n").join([state, Text(words("restarts").format(device.restarts))])
    return state


def _since(device: DeviceStatus) -> float:
    """Since when it is as it is. One that is tried again and again is away since its condition came."""
    if device.state in {"online", "degraded"}:
        return device.since
    return min([device.since, *(condition.since for condition in device.conditions)])


def heard(device: DeviceStatus, words: Words, now: float) -> str:
    if device.last_heard is None:
        return words("never")
    return words("ago").format(words.duration(now - device.last_heard))


def told(condition: Condition, known: ConditionWords | None, words: Words) -> Text:
    """In words with the remedy; a code that the daemon has no words for is shown as it is."""
    known = known or ConditionWords(zh=condition.code, en=condition.code)
    detail = f" ({plain(condition.detail)})" if condition.detail else ""
    text = Text(f"{plain(words.pick(known.zh, known.en))}{detail}")
    if remedy := words.pick(known.remedy_zh, known.remedy_en):
        text.append(f"\n{words('remedy')}{plain(remedy)}", style="italic")
    return text


def _windows(windows: tuple[WindowStatus, ...], words: Words) -> Table:
    table = Table(title=words("windows"), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("window", "state", "staff", "ticket", "last_called", "waiting"):
        table.add_column(words(name))
    for window in windows:
        phase = f" {words(window.phase)}" if window.phase else ""
        table.add_row(
            escape(window.window),
            _state(window.state, words),
            escape(window.staff),
            escape(window.ticket) + phase,
            escape(window.last_called),
            str(window.waiting),
        )
    return table


def _queue(queue: QueueStatus, words: Words) -> Table:
    title = f"{words('queue')} {escape(queue.day)}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("service", "waiting", "held", "booked", "issued", "oldest", "expect"):
        # On a narrow terminal nothing is left out, and no word of a heading is broken.
        widest = max((len(word) for word in words(name).split() if word.isascii()), default=1)
        table.add_column(words(name), overflow="fold", min_width=widest)
    for service in queue.services:
        oldest = words.duration(service.oldest_wait_s) if service.waiting else ""
        counts = service.waiting, service.held, service.booked, service.issued
        table.add_row(escape(service.service), *map(str, counts), oldest, _expected(service, words))
    if queue.told and queue.mean_wait_s is not None and queue.mae_s is not None:
        mean, error = words.duration(queue.mean_wait_s), words.duration(queue.mae_s)
        share = f"{queue.p90_coverage or 0.0:.0%}"
        table.caption = words("waits_line").format(n=queue.told, mean=mean, error=error, share=share)
        table.caption_justify = "left"
    return table


def _expected(service: ServiceQueue, words: Words) -> str:
    """As citizens are told."""
    if service.wait_p50_s is None or service.wait_p90_s is None:
        return words("cannot_say")
    low, high = told_min(service.wait_p50_s, service.wait_p90_s)
    return words("minutes").format(f"{low}–{high}" if low != high else high)
