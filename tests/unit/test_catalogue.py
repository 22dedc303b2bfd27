"""The catalogue of items: read whole, or every reason why not; the sample that comes with the software."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from edge.catalogue import SAMPLE, Words, find_item, read_catalogue
from edge.catalogue.columns import MAX_CASES, MAX_MATERIALS, TABLES
from edge.catalogue.make import make
from edge.check import check
from edge.settings.guide import SAMPLE as CONFIGURED
from tests.catalogue_kit import write_catalogue

SERVICES = ("tax", "social", "business", "property", "residence", "general")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small catalogue of two items, all of it right."""
    return write_catalogue(
        tmp_path,
        "number,theme,unit,service,level,kind_zh,kind_en,name_zh,name_en,legal_days,promised_days,"
        "fee_zh,fee_en,fee_basis_zh,fee_basis_en,telephone,steps_zh,steps_en\n"
        "0101,home,u1,property,county,行政确认,confirmation,𠮷䶮房屋登记,House,30,3,"
        "80 元,80 yuan,发改价格,Fa Gai,,取号|登记,ticket|register\n"
        "0102,home,u1,,city,公共服务,service,查询,Query,0,0,不收费,free,,,0000-999,取号,ticket\n",
        cases="0101,new,one,新办,New\n0101,renew,one,换证,Renewal\n0101,proxy,also,代办,By proxy\n",
        materials=(
            "0101,身份证,Identity card,1,1,\n0101,合同,Contract,1,0,new\n"
            "0101,原证,Old certificate,1,0,renew\n0101,委托书,Authority,1,0,proxy\n"
        ),
    )


def spoil(folder: Path, file: str, old: str, new: str) -> list[str]:
    """What is wrong once `old` has become `new`, and with which items out."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [str(problem) for problem in read_catalogue(folder, SERVICES).problems]


# --- what is right ---
def test_an_item_has_all_that_its_rows_say(folder: Path) -> None:
    read = read_catalogue(folder, SERVICES)
    assert read.problems == ()
    item = read.catalogue.items["0101"]
    assert (item.name.zh, item.legal_days, item.promised_days) == ("𠮷䶮房屋登记", 30, 3)
    assert item.steps == (Words("取号", "ticket"), Words("登记", "register"))
    assert (item.fee, item.fee_basis.en, item.service) == (Words("80 元", "80 yuan"), "Fa Gai", "property")
    assert item.telephone == "0000-12345"  # its unit's
    assert read.catalogue.items["0102"].telephone == "0000-999"  # its own


@pytest.mark.parametrize(
    ("picked", "materials"),
    [
        ([], ["身份证", "合同"]),  # the first of the choices is at hand
        (["renew"], ["身份证", "原证"]),
        (["renew", "proxy"], ["身份证", "原证", "委托书"]),
        (["proxy", "of another item"], ["身份证", "合同", "委托书"]),
        (["new", "renew"], ["身份证", "合同"]),  # of two that exclude each other the first
    ],
)
def test_the_materials_go_by_the_case_at_hand(folder: Path, picked: list[str], materials: list[str]) -> None:
    item = read_catalogue(folder).catalogue.items["0101"]
    assert [material.name.zh for material in item.needed(picked)] == materials


def test_an_item_without_cases_needs_what_it_always_needs(folder: Path) -> None:
    item = read_catalogue(folder).catalogue.items["0102"]
    assert (item.at_hand(["new"]), item.needed(["new"])) == ((), ())


def test_one_item_is_found_without_the_others(folder: Path) -> None:
    whole = read_catalogue(folder).catalogue
    found = find_item(folder, "0101")
    assert found is not None
    assert found[0] == whole.items["0101"]
    assert list(found[1].items) == ["0101"]
    assert find_item(folder, "9999") is None


def test_columns_may_stand_in_any_order_and_optional_ones_be_left_out(folder: Path) -> None:
    (folder / "materials.csv").write_text(
        "﻿copies,originals,name_en,name_zh,item\r\n0,1,Card,证件,0102\r\n\r\n", encoding="utf-8"
    )
    read = read_catalogue(folder)
    assert read.problems == ()
    assert [m.name for m in read.catalogue.items["0102"].materials] == [Words("证件", "Card")]


# --- what is wrong ---
@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("items.csv", "0102,home", "0101,home", 'items.csv:3 number = "0101": stands in line 2 already'),
        ("items.csv", "0101,home", "1,home", 'items.csv:2 number = "1": is not written as it must be'),
        ("items.csv", "查询", "", "items.csv:3 name_zh: is missing"),
        ("items.csv", "查询", "查" * 61, "has 61 characters, too many; at most 60"),
        ("items.csv", "查询", "查\u202e询", "has a character that cannot be shown; U+202E"),
        ("items.csv", "u1,property", "u1,proprety", "no such service (id of a [[service]]); did you mean"),
        ("items.csv", "u1,property", "u9,property", 'items.csv:2 unit = "u9": there is no such unit'),
        ("items.csv", "0101,home", "0101,hom", 'theme = "hom": there is no such theme; did you mean home?'),
        ("items.csv", "county", "town", 'level = "town": is not one of the choices'),
        ("items.csv", "30,3,", "3,30,", "promised_days = 30: is longer than the legal limit; at most 3"),
        ("items.csv", "30,3,", "-1,0,", 'legal_days = "-1": is no whole number that can be used; 0–999'),
        ("items.csv", "30,3,", "３０,3,", "is no whole number"),  # full-width digits
        ("items.csv", "ticket|register", "ticket", "steps_en: has 1 steps, Chinese 2"),
        ("items.csv", "取号|登记", "取号||登记", "has an empty part"),
        ("items.csv", "0000-999", "call me", 'telephone = "call me": is not written as it must be'),
        ("items.csv", "theme,unit", "theem,unit", 'items.csv:1 = "theem": there is no such column'),
        ("items.csv", "kind_zh,kind_en", "kind_zh,kind_zh", "stands here twice"),
        ("cases.csv", "0101,renew", "0101,new", 'cases.csv:3 case = "new": stands in line 2 already'),
        ("cases.csv", "0101,renew", "0109,renew", 'cases.csv:3 item = "0109": there is no such item'),
        ("cases.csv", "also", "maybe", 'cases.csv:4 choose = "maybe": is not one of the choices'),
        ("materials.csv", "1,0,new", "1,0,nwe", 'materials.csv:3 cases = "nwe": is no case of this item'),
        ("materials.csv", "1,0,new", "0,0,new", "originals = 0: is 0, and copies too"),
        ("materials.csv", "合同,Contract", "身份证,Card", "stands in line 2 already"),
        ("materials.csv", "1,0,new", "1,0,new,more", 'materials.csv:3 [6] = "more": is more than the head'),
        ("materials.csv", "合同", '"合同', "materials.csv:5: is no CSV"),
        ("about.csv", "2026,no,,\n", "", "about.csv: has one row, no more and no less"),
        ("about.csv", ",no,", ",perhaps,", 'about.csv:2 sample = "perhaps": is not one of the choices'),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_column(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    problems = spoil(folder, file, old, new)
    assert any(said in problem for problem in problems), problems


def test_an_item_of_which_anything_is_wrong_is_left_out_whole(folder: Path) -> None:
    spoil(folder, "materials.csv", "委托书,Authority,1", "委托书,Authority,one")
    assert list(read_catalogue(folder).catalogue.items) == ["0102"]
    assert find_item(folder, "0101") is None


def test_a_catalogue_that_says_nothing_of_itself_passes_for_a_sample(folder: Path) -> None:
    (folder / "about.csv").unlink()
    read = read_catalogue(folder)
    assert read.catalogue.sample
    assert [problem.key for problem in read.problems] == ["about.csv"]


def test_a_file_of_another_encoding_is_told_with_its_line(folder: Path) -> None:
    text = (folder / "themes.csv").read_text(encoding="utf-8")
    (folder / "themes.csv").write_bytes(text.encode("gb18030"))
    (problem, *_) = read_catalogue(folder).problems
    assert problem.key == "themes.csv:2"
    assert "CSV UTF-8" in problem.hint.zh


@pytest.mark.parametrize(
    ("file", "row", "most"),
    [
        ("cases.csv", "0102,c{0},one,情形{0},Case {0}", MAX_CASES),
        ("materials.csv", "0102,材料{0},Paper {0},1,0,", MAX_MATERIALS),
    ],
)
def test_an_item_has_no_more_rows_than_a_notice_holds(folder: Path, file: str, row: str, most: int) -> None:
    with (folder / file).open("a", encoding="utf-8") as out:
        out.writelines(row.format(number) + "\n" for number in range(most))
    assert read_catalogue(folder).problems == ()
    with (folder / file).open("a", encoding="utf-8") as out:
        out.writelines(row.format(number) + "\n" for number in range(most, most + 5))
    (problem,) = read_catalogue(folder).problems
    assert "too many rows of this item" in str(problem)


def test_no_file_is_read_without_end(folder: Path) -> None:
    with (folder / "themes.csv").open("ab") as out:
        out.truncate(9 << 20)
    assert "themes.csv: is too large; at most 8 MB" in map(str, read_catalogue(folder).problems)


def test_all_errors_are_told_at_once_in_chinese_and_english(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder, "items.csv", "查询", "")
    spoil(folder, "cases.csv", "also", "maybe")
    spoil(folder, "materials.csv", "1,0,new", "x,0,new")
    hall = tmp_path / "hall.toml"
    hall.write_text(
        f"""
        [hall]
        id = "yu"
        name = "示范大厅"
        timezone = "Asia/Shanghai"
        [node]
        id = "node-1"
        store = "{tmp_path}/hall.db"
        socket = "{tmp_path}/control.sock"
        [mqtt]
        brokers = ["mqtt://127.0.0.1:1883"]
        [guide]
        catalogue = "{folder}"
        [[service]]
        id = "tax"
        name = "税务"
        prefix = "A"
        [[window]]
        id = "1"
        name = "1 号窗口"
        services = ["*"]
        """,
        encoding="utf-8",
    )
    assert check(hall) == 2
    shown = capsys.readouterr().out
    for place in ("items.csv:3 name_zh", "cases.csv:4 choose", "materials.csv:3 originals"):
        assert place in shown
    assert 'items.csv:2 service = "property"' in shown  # which this hall does not have
    assert "缺少内容" in shown
    assert "is missing" in shown
    assert "4 problems" in shown


# --- the sample ---
def test_the_sample_is_whole() -> None:
    read = read_catalogue(SAMPLE, SERVICES)
    assert read.problems == ()
    assert len(read.catalogue.items) == 398
    levels = [item.level for item in read.catalogue.items.values()]
    assert levels.count("county") == 204  # and the others are handed down to the county
    assert read.catalogue.sample
    assert CONFIGURED == SAMPLE


def test_every_item_of_the_sample_tells_all_that_an_item_must_tell() -> None:
    for item in read_catalogue(SAMPLE).catalogue.items.values():
        assert all((item.name.zh, item.name.en, item.kind.zh, item.fee.zh, item.telephone, item.steps))
        assert item.promised_days <= item.legal_days
        assert item.fee == Words("不收费", "free of charge") or item.fee_basis.zh
        assert len(item.choices()) >= 2, item.number
        for case in item.choices():
            assert item.needed([case.id]), item.number
        assert {item.needed([case.id]) for case in item.choices()} != {item.materials}, item.number


def test_the_sample_is_what_its_tables_make(tmp_path: Path) -> None:
    assert make(tmp_path) == 398
    for file in TABLES:
        assert (tmp_path / file).read_bytes() == (SAMPLE / file).read_bytes(), "run `make items`"


def test_tables_that_do_not_fit_make_no_catalogue(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / "table", tmp_path / "table")
    path = tmp_path / "table" / "items.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("household identity", "househodl identity", 1))
    with pytest.raises(KeyError, match="househodl"):
        make(tmp_path, tmp_path / "table")


def test_the_papers_name_every_column_and_no_other() -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert {name: sorted(columns) for name, columns in _columns(readme).items()} == {
        name: sorted(column.name for column in columns) for name, columns in TABLES.items()
    }
    with (SAMPLE / "items.csv").open(encoding="utf-8-sig", newline="") as items:
        assert next(csv.reader(items)) == [column.name for column in TABLES["items.csv"]]


def _columns(readme: str) -> dict[str, list[str]]:
    """The second cell of every row, under the file of the first."""
    told: dict[str, list[str]] = {}
    file = ""
    for line in readme.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 3 and cells[2].startswith("`"):
            file = cells[1].strip("`") or file
            told.setdefault(file, []).extend(re.findall(r"`([a-z_]+)`", cells[2]))
    return told
