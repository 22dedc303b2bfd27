"""Settings of a bus, and the models that come with it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from drivers.bus68.keymap import KeyMap
from drivers.bus68.settings import BusSettings, Child
from tests.protocol.doubles_bus68 import MODELS, model, settings

ALL = [
    Child("caller-1", "caller", 1),
    Child("pad-1", "pad", 0x81),
    Child("strip-1", "strip", 1),
    Child("panel", "buttons", 9),
]


def from_toml(values: dict[str, Any]) -> BusSettings:
    """As a configuration is read: strict, through JSON."""
    adapter = TypeAdapter(tuple[BusSettings])
    return adapter.validate_json(to_json([values]))[0]


@pytest.mark.parametrize("name", sorted(path.stem for path in MODELS.glob("bus68-*.toml")))
def test_every_model_is_whole(name: str) -> None:
    values = model(name)
    children = [{"id": child.id, "kind": child.kind, "address": child.address} for child in ALL]
    read = from_toml({**values, "children": children})
    assert read.children == tuple(ALL)
    for key_map in read.key_maps:
        assert KeyMap(key_map, read.key_maps[key_map])


def test_a_child_may_name_its_own_maps() -> None:
    read = settings(
        [Child("caller-1", "caller", 1, key_map="transfer"), Child("pad-1", "pad", 1, pad_model="B")]
    )
    assert [read.key_map_of(child) for child in read.children[:1]] == ["transfer"]
    assert read.pad_model_of(read.children[1]) == "B"
    assert read.level_map_of(read.children[1]) == "four"


def test_the_models_differ_in_their_pads() -> None:
    read = settings(ALL, "bus68-five")
    assert (read.pad_model_of(ALL[1]), read.level_map_of(ALL[1])) == ("B", "five")
    assert read.level_maps["five"] == {"0": 1, "1": 2, "2": 3, "3": 4, "4": 5}
    assert read.level_maps["four"] == {"0": 2, "1": 3, "2": 4, "3": 5}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Child("a", "caller", 5), Child("b", "caller", 5)),
        (Child("a", "caller", 5), Child("b", "buttons", 5)),
        (Child("a", "pad", 5), Child("b", "pad", 0x85)),
        (Child("a", "strip", 5), Child("b", "strip", 5)),
    ],
)
def test_two_that_would_answer_at_once_are_refused(first: Child, second: Child) -> None:
    with pytest.raises(ValueError, match=r"a and b would both answer at address .*set another address"):
        settings([first, second])


def test_one_window_may_use_one_address_for_all_its_devices() -> None:
    assert settings([Child("a", "caller", 5), Child("b", "pad", 5), Child("c", "strip", 5)])


@pytest.mark.parametrize(
    ("child", "told"),
    [
        (
            Child("a", "caller", 5, key_map="other"),
            r"a: no key map 'other'; there are: standard, transfer, panel",
        ),
        (Child("a", "caller", 5, key_map="panel"), r"a: key map 'panel' is not one for caller"),
        (Child("a", "buttons", 5, key_map="standard"), r"a: key map 'standard' is not one for buttons"),
        (Child("a", "pad", 5, level_map="six"), r"a: no level map 'six'; there are: four, five"),
    ],
)
def test_a_map_that_does_not_fit_is_named(child: Child, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        settings([child])


def test_a_caller_cannot_live_where_pads_do() -> None:
    with pytest.raises(ValueError, match="address 131 of a caller must be 1 to 127"):
        Child("a", "caller", 0x83)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(
        ValueError, match=r"named 'a'.*both answer.*key map 'bad'.*level map 'odd'.*colors lacks red"
    ):
        settings(
            [Child("a", "strip", 5), Child("a", "strip", 5)],
            key_maps={"bad": {"xx": "call"}},
            level_maps={"odd": {"300": 1}},
            colors={"green": 1, "yellow": 2},
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer_timeout_s": -1},
        {"retries": 3},
        {"baud": 50},
        {"children": [{"id": "a", "kind": "strip", "address": 256}]},
        {"children": [{"id": "a", "kind": "lamp", "address": 1}]},
        {"level_maps": {"four": {"0": 6}}},
    ],
)
def test_bounds_hold(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        from_toml(wrong)
