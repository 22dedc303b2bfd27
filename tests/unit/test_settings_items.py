"""Items in the configuration: what is right becomes one, and each mistake is told with its key."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from edge.catalogue import SAMPLE
from edge.check import check
from edge.rules.items import Item
from edge.settings import ConfigError, Settings, changes, load
from tests.catalogue_kit import write_catalogue
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
        "0102": Item("0102", "social", 0.0, 0.0, None),
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


# --- beside the guide's catalogue ---
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of one item of tax, one of a service that the hall has not, one of none, and one that is wrong."""
    guide = tmp_path / "guide"
    guide.mkdir()
    return write_catalogue(
        guide,
        "number,theme,unit,service,level,kind_zh,kind_en,name_zh,name_en,legal_days,promised_days,"
        "fee_zh,fee_en,expected_min,promise_min,fee_fen,steps_zh,steps_en\n"
        "0101,home,u1,tax,county,确认,confirmation,登记,House,30,3,5 元,5 yuan,15,30,500,取号,ticket\n"
        "0102,home,u1,tax,county,确认,confirmation,查询,Query,30,3,不收费,free,,,,取号,ticket\n"
        "0103,home,u1,,county,确认,confirmation,其他,Other,30,3,不收费,free,,,,取号,ticket\n"
        "0104,home,u1,tax,county,确认,confirmation,坏,Bad,30,3,不收费,free,0,,,取号,ticket\n",
    )


def guided(folder: Path, items: str) -> str:
    return f'{items}[guide]\ncatalogue = "{folder}"\n'


def test_items_of_the_catalogue_are_known_and_a_table_holds_where_it_says_something(folder: Path) -> None:
    own = '[[item]]\nid = "0102"\nservice = "tax"\nfee_fen = 0\n[[item]]\nid = "0199"\nservice = "social"\n'
    assert settings(folder, guided(folder, own)).rules_hall().items == {
        "0101": Item("0101", "tax", 900.0, 30.0, 500),
        "0102": Item("0102", "tax", 0.0, 0.0, 0),
        "0199": Item("0199", "social"),
    }
    own = '[[item]]\nid = "0101"\nservice = "tax"\nexpected_min = 20\n'
    items = settings(folder, guided(folder, own)).rules_hall().items
    assert items["0101"] == Item("0101", "tax", 1200.0, 30.0, 500)
    moved = '[[item]]\nid = "0101"\nservice = "social"\n'
    items = settings(folder, guided(folder, moved)).rules_hall().items
    assert items["0101"] == Item("0101", "social"), "of another service, nothing is taken over"


def test_another_catalogue_needs_a_restart_and_is_another_configuration(folder: Path) -> None:
    old = settings(folder, guided(folder, ""))
    assert changes(old, settings(folder, guided(folder, ""))).needs_restart == ()
    path = folder / "items.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",500,", ",800,"), encoding="utf-8")
    new = settings(folder, guided(folder, ""))
    assert [each.en for each in changes(old, new).needs_restart] == ["guide.catalogue: items.csv has changed"]
    assert old.config_hash != new.config_hash


def test_the_check_names_what_the_two_say_differently(folder: Path) -> None:
    own = '[[item]]\nid = "0102"\nservice = "tax"\n[[item]]\nid = "0101"\nservice = "social"\nfee_fen = 800\n'
    text = WHOLE.replace("[mqtt]", guided(folder, own) + "[mqtt]", 1)
    out = io.StringIO()
    assert check(write(folder / "hall.toml", text), env={}, entry_points=entry_points(), out=out) == 2
    said = out.getvalue()
    assert 'item[1].service = "social"' in said
    assert "item[1].fee_fen = 800" in said
    assert "item[0]" not in said
    assert 'items.csv:5 expected_min = "0"' in said


def test_a_promise_of_the_catalogue_is_one_that_supervision_can_watch(folder: Path) -> None:
    warning = '[[warning]]\nkind = "service"\nservices = ["tax"]\n'
    assert settings(folder, guided(folder, warning)).warnings
    (folder / "items.csv").unlink()
    assert settings(folder, guided(folder, "")).rules_hall().items == {}, (
        "no file, no item; the check says so"
    )


def test_the_sample_s_items_that_are_free_of_charge_say_so() -> None:
    with (SAMPLE / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        fees = {(row["fee_zh"] == "不收费", row["fee_fen"]) for row in csv.DictReader(file)}
    assert fees == {(True, "0"), (False, "")}
