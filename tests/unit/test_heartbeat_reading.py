"""A terminal's document by pointers and maps: what is read of it, and what is said of the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from drivers.heartbeat.pointer import check, resolve
from drivers.heartbeat.reading import read
from drivers.heartbeat.settings import Field, HeartbeatSettings
from drivers.strictjson import loads
from tests.golden.heartbeat_pointers import DOCUMENT, POINTERS


# --- pointers ---
@pytest.mark.parametrize(("pointer", "value"), POINTERS)
def test_the_standards_pointers_lead_where_it_says(pointer: str, value: Any) -> None:
    check(pointer)
    assert resolve(DOCUMENT, pointer) == value


@pytest.mark.parametrize(
    "pointer", ["/bar", "/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/0/x", "/foo/²", "//"]
)
def test_a_pointer_to_nothing_is_told(pointer: str) -> None:
    with pytest.raises(KeyError):
        resolve(DOCUMENT, pointer)


@pytest.mark.parametrize("pointer", ["foo", "/a~2", "/~", "#/foo", "/" + "x" * 300])
def test_what_is_no_pointer_is_refused(pointer: str) -> None:
    with pytest.raises(ValueError, match="no JSON pointer"):
        check(pointer)


def test_settings_tell_everything_that_is_wrong_at_once() -> None:
    with pytest.raises(ValueError, match="path") as wrong:
        HeartbeatSettings(path="x", fields={"paper": "paper"}, values={"paper": {"0": "plenty"}})
    for word in ("path", "fields.paper", "values.paper", "plenty"):
        assert word in str(wrong.value)


# --- fields ---
def value_of(name: Field, text: str, **values: dict[str, str]) -> str:
    """What is read of the JSON `text`, or the condition and its detail."""
    settings = HeartbeatSettings(fields={name: "/at"}, values=values)  # type: ignore[arg-type]  # checked by it
    reading = read(loads(f'{{"at": {text}}}'), settings)
    if name in reading.values:
        return reading.values[name]
    ((code, detail),) = reading.wrong
    return f"{code}: {detail}"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ('"1234.50"', "1234.50"),
        ('"1234.5"', "1234.50"),
        ('"0"', "0.00"),
        ("1234", "1234.00"),
        ("1234.10", "1234.10"),
        ("0.1", "0.10"),
        ('"9999999999.99"', "9999999999.99"),
        ('"-1"', "field_unreadable: takings_today at /at: string -1"),
        ("-1", "field_unreadable: takings_today at /at: number -1"),
        ("1e3", "field_unreadable: takings_today at /at: number 1E+3"),
        ('"1,234.50"', "field_unreadable: takings_today at /at: string 1,234.50"),
        ('"12.345"', "field_unreadable: takings_today at /at: string 12.345"),
        ('"¥5"', "field_unreadable: takings_today at /at: string ¥5"),
        ('"１２"', "field_unreadable: takings_today at /at: string １２"),
        ("true", "field_unreadable: takings_today at /at: boolean True"),
        ("[1]", "field_unreadable: takings_today at /at: array"),
        ("{}", "field_unreadable: takings_today at /at: object"),
        ("null", "field_missing: takings_today at /at"),
    ],
)
def test_takings_are_a_decimal_amount_and_never_rounded_by_a_float(text: str, amount: str) -> None:
    assert value_of("takings_today", text) == amount


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ('"2024-05-06T15:08:09+08:00"', "2024-05-06T07:08:09Z"),
        ('"2024-05-06T07:08:09Z"', "2024-05-06T07:08:09Z"),
        ('"2024-05-06 15:08:09.5"', "2024-05-06T15:08:09"),
        ("1714979289", "2024-05-06T07:08:09Z"),
        ("0", "field_unreadable: last_citizen at /at: no time"),
        ("99999999999999", "field_unreadable: last_citizen at /at: no time"),
        ('"9999-12-31T23:59:59-12:00"', "field_unreadable: last_citizen at /at: no time"),
    ],
)
def test_the_last_citizen_is_a_time(text: str, moment: str) -> None:
    assert value_of("last_citizen", text) == moment


def test_a_name_in_the_place_of_the_time_is_not_even_told() -> None:
    assert value_of("last_citizen", '"张三"') == "field_unreadable: last_citizen at /at: no time"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('"0"', "full"),
        ("0", "full"),
        ("1", "low"),
        ("true", "jammed"),
        ("7", "field_unreadable: paper at /at: number 7"),
        ("1.0", "field_unreadable: paper at /at: number 1.0"),
        ('"low"', "field_unreadable: paper at /at: string low"),
        ('"' + "x" * 500 + '"', "field_unreadable: paper at /at: string xxxxxxxxxxxx"),
        ('"\\u001b[0m\\n\\ud800"', "field_unreadable: paper at /at: string ?[0m??"),
    ],
)
def test_a_value_becomes_a_word_by_the_map(text: str, word: str) -> None:
    assert value_of("paper", text, paper={"0": "full", "1": "low", "true": "jammed"}) == word


def test_without_a_map_the_terminal_says_the_words_itself() -> None:
    assert value_of("door", '"open"') == "open"
    assert value_of("door", '"ajar"') == "field_unreadable: door at /at: string ajar"


def test_one_field_that_is_wrong_leaves_the_others() -> None:
    settings = HeartbeatSettings(fields={"paper": "/paper", "door": "/door", "version": "/v/0"})
    reading = read({"paper": "out", "v": [Decimal("2.50")]}, settings)
    assert reading.values == {"paper": "out", "version": "2.50"}
    assert reading.wrong == [("field_missing", "door at /door"), ("paper_out", "")]
