"""A centre's settings of its reports: the example shows every one, with its default."""

from __future__ import annotations

import tomllib
from pathlib import Path

from edge.console.reports.settings import HonoursTable, ReportSettings

EXAMPLE = Path(__file__).resolve().parents[2] / "config/reports.example.toml"


def test_the_example_shows_every_setting_with_its_default() -> None:
    loaded, default = ReportSettings.load(EXAMPLE), ReportSettings.load(None)
    assert loaded.honours == default.honours
    assert loaded.timezone == default.timezone
    assert list(loaded.halls) == ["county", "town-01"]
    raw = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert set(raw) == set(ReportSettings.model_fields)
    assert set(raw["honours"]) == set(HonoursTable.model_fields)
