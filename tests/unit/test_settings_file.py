"""A configuration file that is no configuration: each fault has its own words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.checking.problems import Problem
from drivers.checking.tomlfile import SIZE_LIMIT, BadFile, read_toml
from edge.settings import ConfigError, load
from tests.unit.registry_kit import WHOLE, entry_points


def fault(path: Path) -> Problem:
    with pytest.raises(ConfigError) as caught:
        load(path, env={}, entry_points=entry_points())
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def fault_of(tmp_path: Path, content: str | bytes) -> Problem:
    path = tmp_path / "hall.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return fault(path)


def test_a_missing_file(tmp_path: Path) -> None:
    problem = fault(tmp_path / "absent.toml")
    assert problem.key == str(tmp_path / "absent.toml")
    assert "does not exist" in problem.reason.en
    assert "hall.example.toml" in problem.hint.en


def test_a_directory(tmp_path: Path) -> None:
    assert "is a directory" in fault(tmp_path).reason.en


def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert "not a regular file" in fault(tmp_path / "fifo").reason.en


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hall.toml"
    path.write_text(WHOLE)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root, who runs tests in containers, may read everything
    problem = fault(path)
    assert "may not be read" in problem.reason.en
    assert "chown" in problem.hint.en


@pytest.mark.parametrize("name", ["a\0b", "a" * 5000])
def test_a_name_that_no_file_can_have(name: str) -> None:
    assert "cannot be read" in fault(Path(name)).reason.en


def test_a_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read" in fault(tmp_path / "loop").reason.en


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"
    with path.open("wb") as file:
        file.truncate(10 << 20)
    assert "larger than 1 MiB" in fault(path).reason.en


def test_the_largest_file_that_is_allowed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"
    path.write_bytes(b"a = 1\n#".ljust(SIZE_LIMIT, b"-"))
    assert read_toml(path) == {"a": 1}


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    problem = fault_of(tmp_path, mark + b"a = 1")
    assert "byte-order mark" in problem.reason.en
    assert "without BOM" in problem.hint.en


def test_gbk_is_not_utf8_and_the_line_is_told(tmp_path: Path) -> None:
    problem = fault_of(tmp_path, b"a = 1\n" + 'name = "大厅"'.encode("gbk"))
    assert (problem.key, problem.value) == ("line 2", "byte 0xb4")
    assert "GBK" in problem.reason.zh


@pytest.mark.parametrize(
    ("text", "key", "reason", "hint"),
    [
        ("[hall]\nid 'x'", "line 2, column 4", "Expected '=' after a key", "key = value"),
        ("[hall]\nid = x", "line 2, column 6", "Invalid value", "quotes"),
        ('[hall]\nid = "x', "line 2, end of file", "Unterminated string", "close the quotes"),
        ('[hall]\nid = "x\nb = 1', "line 2, column 8", "Illegal character", "close the quotes"),
        ('[hall]\nid = "x" name = "y"', "line 2, column 10", "Expected newline", "one setting a line"),
        ("[hall]\n[hall]", "line 2, column 6", "Cannot declare", "each [table] once"),
        ("a = 1\na = 2", "line 2, end of file", "Cannot overwrite", "once"),
        ("a = {b = 1, b = 2}", "line 1, column 18", "Duplicate inline", "once"),
        ("a = [1, 2", "line 1, end of file", "Unclosed array", "]"),
        ("a = {b = 1", "line 1, end of file", "Unclosed inline table", "}"),
        ("[hall", "line 1, end of file", "Expected ']'", "[hall]"),
        ("[[hall]", "line 1, column 7", "Expected ']]'", "[[device]]"),
        ('a = "C:\\x"', "line 1, column", "", "single quotes"),
        ("a = \x07", "line 1, column 5", "Invalid value", ""),
        ("#\x00", "line 1, column 2", "invalid character", "control character"),
        ("= 1", "line 1, column 1", "Invalid statement", "key = value"),
    ],
)
def test_toml_that_is_not_right(tmp_path: Path, text: str, key: str, reason: str, hint: str) -> None:
    problem = fault_of(tmp_path, text)
    assert problem.key.startswith(key)
    assert reason in problem.reason.en
    assert hint in problem.hint.en
    assert problem.reason.zh != problem.reason.en


@pytest.mark.parametrize("text", ["id = “x”", "id ＝ 1", "［hall］", "services = [1，2]"])
def test_full_width_signs_of_an_input_method_are_named(tmp_path: Path, text: str) -> None:
    assert "full-width" in fault_of(tmp_path, text).hint.en


def test_the_line_is_shown_and_a_password_in_it_is_not(tmp_path: Path) -> None:
    assert fault_of(tmp_path, "a = 1\nid = x # here").value == "id = x # here"
    for line in (
        "password = hunter2",
        "mqtt = { token = hunter2 }",
        "url = mqtt://me:hunter2@h",
        'url = "mqtt://me:hunter2@h\n',
    ):
        problem = fault_of(tmp_path, line)
        assert "hunter2" not in str(problem)
        assert "***" in problem.value


def test_deep_nesting_is_refused_however_it_is_written(tmp_path: Path) -> None:
    for text in ("a = " + "[" * 50_000, "a = " + "[" * 20 + "]" * 20, ".".join("a" * 3_000) + " = 1"):
        assert "deeper than 16" in fault_of(tmp_path, text).reason.en


def test_an_integer_of_thousands_of_digits(tmp_path: Path) -> None:
    assert "digits" in fault_of(tmp_path, "a = " + "9" * 10_000).reason.en


@given(st.binary(max_size=200))
def test_any_bytes_give_tables_or_one_problem(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    try:
        assert isinstance(read_toml(path), dict)
    except BadFile as error:
        assert error.problem.reason.en
