"""Express lanes in the configuration: what is right becomes a lane, and each mistake is told with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.rules.projects import Lane, Step
from edge.settings import ConfigError, Settings, load
from tests.unit.registry_kit import WHOLE, entry_points, write

LANE = """
[[express]]
id = "fast"
name = "快速通道"
limit_days = 8
amber_days = 6
[[express.step]]
id = "one"
name = "第一步"
service = "tax"
[[express.step]]
id = "two"
name = "第二步"
service = "social"
after = ["one"]
"""


def settings(folder: Path, lane: str = LANE) -> Settings:
    text = WHOLE.replace("[mqtt]", lane + "[mqtt]", 1)
    return load(write(folder / "hall.toml", text), env={}, entry_points=entry_points())


def test_a_lane_is_its_steps_and_its_days(tmp_path: Path) -> None:
    steps = Step("one", "第一步", "tax"), Step("two", "第二步", "social", after=("one",))
    assert settings(tmp_path).rules_hall().express == {"fast": Lane("fast", "快速通道", steps, 8, 6)}


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("amber_days = 6", "amber_days = 9", "express[0].amber_days", "more than limit_days"),
        ("limit_days = 8", "limit_days = 0", "express[0].limit_days", ""),
        ('id = "two"', 'id = "one"', "express[0].step[1].id", "twice"),
        ('service = "tax"', 'service = "tacks"', "express[0].step[0].service", "is no service"),
        ('after = ["one"]', 'after = ["two"]', "express[0].step[1].after[0]", "no step above"),
        (
            'service = "tax"\n',
            'service = "tax"\nafter = ["two"]\n',
            "express[0].step[0].after[0]",
            "no step above",
        ),
    ],
)
def test_each_mistake_is_told_with_its_key(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, LANE.replace(old, new, 1))
    (problem,) = caught.value.problems
    assert problem.key == key and reason in problem.reason.en
