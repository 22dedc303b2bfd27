"""Items in the configuration: what is right becomes one, and each mistake is told with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.rules.items import Item
from edge.settings import ConfigError, Settings, changes, load
from tests.unit.registry_kit import WHOLE, entry_points, write

ITEMS = """
[[item]]
id = "0101"
service = "tax"
expected_min = 12
promise_min = 30
fee_fen = 500
[[item]]
id = "0102"
service = "social"
"""


def settings(folder: Path, items: str = ITEMS) -> Settings:
    text = WHOLE.replace("[mqtt]", items + "[mqtt]", 1)
    return load(write(folder / "hall.toml", text), env={}, entry_points=entry_points())


def test_what_an_item_does_not_say_is_its_service_s(tmp_path: Path) -> None:
    hall = settings(tmp_path).rules_hall()
    assert hall.items == {
        "0101": Item("0101", "tax", 720.0, 30.0, 500),
        "0102": Item("0102", "social", hall.services["social"].usual_s, 0.0, None),
    }


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('id = "0102"', 'id = "0101"', "item[1].id", "item[0] has it already"),
        ('service = "tax"', 'service = "tacks"', "item[0].service", "is no service"),
        ('id = "0101"', 'id = "事项"', "item[0].id", ""),
        ("fee_fen = 500", "fee_fen = -1", "item[0].fee_fen", ""),
        ("fee_fen = 500", "fee_fen = 5.5", "item[0].fee_fen", ""),
        ("expected_min = 12", "expected_min = 0", "item[0].expected_min", ""),
    ],
)
def test_each_mistake_is_told_with_its_key(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, ITEMS.replace(old, new, 1))
    (problem,) = caught.value.problems
    assert problem.key == key
    assert reason in problem.reason.en


def test_another_item_or_fee_needs_a_restart(tmp_path: Path) -> None:
    old = settings(tmp_path)
    dearer = changes(old, settings(tmp_path, ITEMS.replace("500", "800")))
    assert [each.zh for each in dearer.needs_restart] == ["事项 0101：fee_fen 从 500 改为 800"]
    assert [each.en for each in changes(old, settings(tmp_path, "")).needs_restart] == [
        "item 0101 is gone",
        "item 0102 is gone",
    ]


def test_a_promise_of_an_item_is_one_that_supervision_can_watch(tmp_path: Path) -> None:
    warning = '[[warning]]\nkind = "service"\nservices = ["social"]\n'
    with pytest.raises(ConfigError, match="promise"):
        settings(tmp_path, ITEMS + warning)
    assert settings(tmp_path, ITEMS + "promise_min = 10\n" + warning).warnings
