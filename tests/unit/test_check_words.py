"""From pydantic's errors to words: places, unions, hints, and values without their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Gt, Interval, Len, Lt, MultipleOf
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from drivers.checking.problems import Problem, did_you_mean, join
from drivers.checking.values import VALUE_LIMIT, mask, show
from drivers.checking.words import Text
from drivers.registry import check_settings


@dataclass(frozen=True, slots=True)
class Wide:
    kind: Literal["wide"]
    width: Annotated[int, Interval(ge=1, le=9)]


@dataclass(frozen=True, slots=True)
class Tall:
    kind: Literal["tall"]
    height: int


@dataclass(frozen=True, slots=True)
class Sundry:
    tagged: tuple[Annotated[Wide | Tall, Field(discriminator="kind")], ...] = ()
    either: Wide | Tall | None = None
    limit: int | None = None
    level: Literal[1, 2, 3] = 1
    numbers: dict[int, int] = field(default_factory=dict)
    pair: tuple[int, str] = (1, "a")
    above: Annotated[float, Gt(0), Lt(1)] = 0.5
    steps: Annotated[int, MultipleOf(5)] = 5
    word: Annotated[str, Field(min_length=2, max_length=4, description="short", examples=["abc"])] = "ab"
    few: Annotated[tuple[int, ...], Len(1, 2)] = (1,)


def told(**values: Any) -> Problem:
    settings, found = check_settings(Sundry, values)
    assert settings is None
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    "case",
    [
        ({"tagged": [{"kind": "wide", "width": 0}]}, "tagged[0].width", "too small", "from 1 up to 9"),
        (
            {"tagged": [{"kind": "tall", "hight": 1, "height": 2}]},
            "tagged[0].hight",
            "no such",
            "mean height?",
        ),
        ({"tagged": [{"kind": "round"}]}, "tagged[0]", "choices", ""),
        ({"tagged": [{"width": 1}]}, "tagged[0]", "of which kind", ""),
        ({"limit": "x"}, "limit", "wrong type", "a whole number"),
        ({"level": 4}, "level", "choices", "one of 1 | 2 | 3"),
        ({"numbers": {"x": 1}}, "numbers.x", "wrong type", "a whole number"),
        ({"pair": [1, 2]}, "pair[1]", "wrong type", "text in quotes"),
        ({"pair": [1]}, "pair[1]", "is missing", "text in quotes"),
        ({"above": 0}, "above", "too small", "a number above 0 below 1"),
        ({"above": 1}, "above", "too large", "a number above 0 below 1"),
        ({"steps": 7}, "steps", "multiple", "a whole number"),
        ({"word": "a"}, "word", "too short", "at least 2 long, at most 4 long, for example abc, default"),
        ({"word": "abcde"}, "word", "too long", "(short)"),
        ({"few": []}, "few", "too few", "at least 1 long"),
        ({"few": [1, 2, 3]}, "few", "too many", "at most 2 long"),
        ({"few": ["x"]}, "few[0]", "wrong type", "a whole number"),
    ],
)
def test_an_error_is_told_at_its_place(case: tuple[dict[str, Any], str, str, str]) -> None:
    values, key, reason, hint = case
    problem = told(**values)
    assert problem.key == f"settings.{key}"
    assert reason in problem.reason.en
    assert hint in problem.hint.en
    assert problem.reason.zh != problem.reason.en


def test_a_value_that_fits_no_member_of_a_union_is_told_by_its_parts() -> None:
    _, found = check_settings(Sundry, {"either": {"kind": "wide", "width": 10}})
    assert found[0].key == "settings.either.width"
    assert "up to 9" in found[0].hint.en
    assert len({problem.key for problem in found}) == len(found)


def test_near_words_are_offered_and_few_are_listed() -> None:
    assert did_you_mean("windw", ["window", "id"]).en == "did you mean window?"
    assert did_you_mean("zzz", ["b", "a"]) == Text("可以用的有：a, b", "known here: a, b")
    assert did_you_mean("zzz", []) == Text()
    assert did_you_mean("zzz", map(str, range(100))) == Text()


def test_keys_are_joined() -> None:
    assert join("device[3]", "url") == "device[3].url"
    assert join("device", "[3]") == "device[3]"
    assert (join("", "a"), join("a", ""), join("", "")) == ("a", "a", "")


@pytest.mark.parametrize(
    ("value", "key", "shown"),
    [
        (True, "cut", "true"),
        (3.5, "a", "3.5"),
        ("text", "a", '"text"'),
        ({"a": 1}, "a", "{… 1}"),
        ([1, 2], "a", "[… 2]"),
        ("hunter2", "mqtt.password", "***"),
        ("/etc/x", "mqtt.password_file", '"/etc/x"'),
        ("hunter2", "settings.api_key", "***"),
        ("x" * 200, "a", '"' + "x" * (VALUE_LIMIT - 2) + "…"),
    ],
)
def test_values_are_shown_as_in_toml(value: object, key: str, shown: str) -> None:
    assert show(value, key) == shown


_PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=12)


@given(
    user=_PLAIN | st.just(""),
    secret=st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1, max_size=12),
)
def test_no_url_shows_its_password(user: str, secret: str) -> None:
    marked = f"SECRET{secret}SECRET"
    assert "SECRET" not in mask(f"broker mqtt://{user}:{marked}@host:1883/x is away")


def test_a_url_without_a_password_is_shown_whole() -> None:
    for url in (
        "tcp://192.0.2.1:9100",
        "serial:///dev/ttyUSB0?baud=9600",
        "mqtts://[::1]:8883",
        "tcp://me@h",
    ):
        assert mask(url) == url


def test_a_text_in_two_languages_prints_both() -> None:
    assert str(Text("太大", "is too large")) == "太大 / is too large"
    assert str(Text.same("x")) == "x"
