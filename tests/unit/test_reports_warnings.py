"""Warnings in a month's report: by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.report_kit import Node, keep, wall
from tests.unit.test_reports_month import made


def raised(node: Node, key: str, level: str = "amber", warning: str = "wait") -> None:
    fact: dict[str, Any] = {"warning": warning, "about": "tax", "level": level, "value": 30.0, "limit": 30.0}
    node.tell("alert.raised", key=key, **fact, to="manager", since=node.at)


def updated(node: Node, key: str, after_s: float, reason: str, level: str) -> None:
    fact: dict[str, Any] = {"reason": reason, "level": level, "value": 60.0, "limit": 60.0, "to": "head"}
    node.tell("alert.updated", after_s, key=key, **fact)


def test_what_became_of_each(tmp_path: Path) -> None:
    """wait: amber, red after 10 min, escalated, acknowledged after 20, over after 30; then amber, over in 10.
    idle: red from the start, and stands beyond the month."""
    node = Node()
    node.day("2026-10-08")
    raised(node, "w1")
    updated(node, "w1", 600, "red", "red")
    updated(node, "w1", 300, "escalated", "red")
    node.tell("alert.acknowledged", 300, key="w1", name="Li", note="")
    node.tell("alert.acknowledged", 60, key="w1", name="Li", note="again")
    node.tell("alert.cleared", 540, key="w1", reason="over")
    raised(node, "w1")
    node.tell("alert.cleared", 600, key="w1", reason="over")
    node.at = wall("2026-10-31 17:50")
    raised(node, "i3", "red", "idle")
    node.at = wall("2026-11-02 08:10")
    raised(node, "w1")  # November's
    node.tell("alert.cleared", 0, key="i3", reason="not_watched")
    sheet = made(keep(tmp_path / "r.db", node)).sheet("warnings")
    assert sheet.rows == (
        ("county", "idle", 1, 1, 0, 0, None, 1, 2300.0),  # 38 h 20 min
        ("county", "wait", 2, 1, 1, 1, 20.0, 2, 20.0),
    )
