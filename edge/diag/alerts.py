"""The alerts of a node as a technician or a manager sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from edge.diag.words import Words
from edge.wire import Alert
from edge.wire.plain import plain

WHO = 17  # columns: "not acknowledged," is the longest on a line
_STYLES = {"error": "bold red", "warning": "yellow"}


def summary(alerts: Sequence[Alert], words: Words) -> str:
    """In a line."""
    warnings = [alert.warning for alert in alerts if alert.warning]
    if not alerts:
        return words("no_alerts")
    left = sum(not warning.acknowledged_by for warning in warnings)
    return words("alerts_line").format(count=len(alerts), warnings=len(warnings), open=left)


def listed(alerts: Sequence[Alert], words: Words, now: float, hall_now: float) -> RenderableType:
    """All of them, the grave ones first; both are wall times, and warnings go by the hall's own."""
    if not alerts:
        return words("no_alerts")
    table = Table(expand=True)
    table.add_column(words("alert"), overflow="fold")
    table.add_column(words("state"))
    table.add_column(words("for"))
    table.add_column(words("what"), overflow="fold", ratio=1)
    table.add_column(words("who"), overflow="fold", width=WHO)
    for alert in sorted(alerts, key=lambda alert: (alert.severity != "error", alert.since)):
        table.add_row(
            escape(alert.key),
            Text(words(alert.severity), style=_STYLES[alert.severity]),
            words.duration((hall_now if alert.warning else now) - alert.since),
            _what(alert, words),
            Text("\n".join(_who(alert, words, hall_now if alert.warning else now))),
        )
    return table


def _what(alert: Alert, words: Words) -> Text:
    detail = f" ({plain(alert.detail)})" if alert.detail else ""
    text = Text(f"{plain(words.pick(alert.zh, alert.en))}{detail}")
    remedy = words.pick(alert.remedy_zh, alert.remedy_en)
    return text.append(f"\n{words('remedy')}{plain(remedy)}", style="italic")


def _who(alert: Alert, words: Words, now: float) -> Iterator[str]:
    warning, seen = alert.warning, alert.warning or alert
    if warning:
        yield words("to").format(plain(warning.to))
        if warning.escalated and not warning.acknowledged_by:
            yield words("escalated")
    if seen.acknowledged_by:
        ago = words("ago").format(words.duration(now - (seen.acknowledged_at or now)))
        yield words("taken_by").format(name=plain(seen.acknowledged_by), ago=ago)
    if seen.note:
        yield plain(seen.note)
