"""The dashboard and the alerts ask for what the console tells, in a form that is taken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from aiohttp import ClientSession
from jsonschema import Draft202012Validator

from edge.console.web.keys import ERRORS
from tests.console.kit import Kept, console
from tests.console.metrics_kit import Leader, read

CONFIG = Path(__file__).resolve().parents[2] / "config"
DASHBOARD: dict[str, Any] = json.loads((CONFIG / "grafana/hall-edge.json").read_text(encoding="utf-8"))
ALERTS: dict[str, Any] = yaml.safe_load((CONFIG / "prometheus/alerts.yml").read_text(encoding="utf-8"))
SOURCE = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
# Of PromQL: what stands before a brace or a range, and is neither a function nor a word of the language.
METRIC = re.compile(r"\b((?:hall|process)_[a-z_]+)")
NOT_SHOWN: dict[str, str] = {}  # families of the console that no panel needs, with the reason
# grafana/grafana, kinds/dashboard/dashboard_kind.cue: what a dashboard of the classic schema may be.
_SOURCE = {"type": "object", "required": ["type", "uid"], "properties": {"uid": {"type": "string"}}}
_GRID = {
    "type": "object",
    "required": ["h", "w", "x", "y"],
    "properties": {
        "h": {"type": "integer", "minimum": 1},
        "w": {"type": "integer", "minimum": 1, "maximum": 24},
        "x": {"type": "integer", "minimum": 0, "maximum": 23},
        "y": {"type": "integer", "minimum": 0},
    },
}
_STEP = {
    "type": "object",
    "required": ["color", "value"],
    "properties": {"value": {"type": ["number", "null"]}},
}
_THRESHOLDS = {
    "type": "object",
    "required": ["mode", "steps"],
    "properties": {"mode": {"enum": ["absolute", "percentage"]}, "steps": {"type": "array", "items": _STEP}},
}
_TARGET = {
    "type": "object",
    "required": ["refId", "datasource", "expr"],
    "properties": {"refId": {"pattern": "^[A-Z]$"}, "datasource": _SOURCE, "expr": {"minLength": 1}},
}
_PANEL = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos"],
    "properties": {
        "id": {"type": "integer"},
        "type": {"enum": ["row", "stat", "timeseries"]},
        "title": {"type": "string", "minLength": 1},
        "gridPos": _GRID,
        "targets": {"type": "array", "minItems": 1, "items": _TARGET},
        "fieldConfig": {
            "type": "object",
            "required": ["defaults", "overrides"],
            "properties": {"defaults": {"properties": {"thresholds": _THRESHOLDS}}},
        },
    },
    "if": {"properties": {"type": {"const": "row"}}},
    "then": {"required": ["collapsed", "panels"]},
    "else": {"required": ["datasource", "fieldConfig", "options", "targets"]},
}
_VARIABLE = {
    "type": "object",
    "required": ["name", "type", "hide", "skipUrlSync", "query"],
    "properties": {"type": {"enum": ["query", "datasource"]}, "hide": {"enum": [0, 1, 2]}},
}
DASHBOARD_SCHEMA = {
    "type": "object",
    "required": ["title", "schemaVersion", "panels", "templating", "editable", "graphTooltip"],
    "properties": {
        "id": {"type": "null"},  # Grafana gives it one
        "uid": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{8,40}$"},
        "schemaVersion": {"type": "integer", "minimum": 36, "maximum": 39},  # of Grafana 10
        "graphTooltip": {"enum": [0, 1, 2]},
        "refresh": {"pattern": "^[0-9]+[smh]$"},
        "time": {"required": ["from", "to"]},
        "panels": {"type": "array", "items": _PANEL},
        "templating": {"required": ["list"], "properties": {"list": {"items": _VARIABLE}}},
    },
}


def panels() -> Iterator[dict[str, Any]]:
    return (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")


def expressions() -> Iterator[str]:
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            assert variable["definition"] == variable["query"]["query"]
            yield variable["definition"]


def rules() -> Iterator[dict[str, Any]]:
    return (rule for group in ALERTS["groups"] for rule in group["rules"])


async def told(folder: Path, record: Kept) -> tuple[set[str], dict[str, set[str]]]:
    """Families, and samples with their labels, of a console at work."""
    async with (
        console(folder, record=record, recorder=Leader()) as here,
        ClientSession(here.address) as session,
    ):
        here.app[ERRORS].last_s = 1.0
        for path in ("/healthz", "/metrics", "/metrics"):
            async with session.get(path) as answer:
                text = await answer.text()
    found = read(text)
    labels: dict[str, set[str]] = {}
    for family in found:
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return {family.name for family in found}, labels


def test_it_is_what_grafana_imports() -> None:
    errors = Draft202012Validator(DASHBOARD_SCHEMA).iter_errors(DASHBOARD)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert all(panel["datasource"] == SOURCE for panel in panels())
    assert all(target["datasource"] == SOURCE for panel in panels() for target in panel["targets"])
    (source,) = [each for each in DASHBOARD["templating"]["list"] if each["type"] == "datasource"]
    assert (source["name"], source["query"]) == ("DS_PROMETHEUS", "prometheus")


def test_no_panel_lies_on_another_or_beyond_the_edge() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24, panel["title"]
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert (x, y) not in taken, (panel["title"], taken.get((x, y)))
                taken[x, y] = panel["title"]


def test_every_title_is_in_chinese_with_english_beside() -> None:
    labels = [each["label"] for each in DASHBOARD["templating"]["list"] if each["label"] != "Prometheus"]
    for title in (DASHBOARD["title"], *labels, *(panel["title"] for panel in DASHBOARD["panels"])):
        zh, _, en = title.partition(" · ")
        assert re.search(r"[\u4e00-\u9fff]", zh) and en.isascii() and en, title


async def test_every_figure_that_is_asked_for_is_told_and_each_of_the_console_is_shown(
    tmp_path: Path,
    record: Kept,
) -> None:
    families, labels = await told(tmp_path, record)
    asked = set[str]()
    for expression in (*expressions(), *(rule["expr"] for rule in rules())):
        names = set(METRIC.findall(expression))
        assert names, expression
        assert names - set(labels) == set(), expression
        asked |= names
        used = {"instance"} | {label for name in names for label in labels[name]}
        for group in re.findall(r"\bby \(([^)]*)\)", expression):
            assert set(group.split(", ")) <= used, expression
        for matched in re.findall(r"([a-z_]+)(?:=~|=)\"", expression):
            assert matched in used, expression
    shown = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in asked}
    own = {name for name in families if name.startswith("hall_")}
    assert own - shown == set(NOT_SHOWN)


def test_the_alerts_are_rules_of_prometheus_and_calm() -> None:
    for rule in rules():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"[0-9]+[smh]", rule["for"])
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert " · " in rule["annotations"]["summary"] and " · " in rule["annotations"]["description"]
