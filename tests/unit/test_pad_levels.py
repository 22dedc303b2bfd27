"""What rating pads may mean: every value is a level of 1 to 5 or a fault, and no model forces a rating."""

from __future__ import annotations

from typing import get_args

import pytest

from drivers.bus68.children import Roster
from drivers.bus68.codec import FUNC_RATING, KeyFrame
from drivers.bus68.keymap import UnknownKey
from drivers.bus68.settings import BusSettings, Child
from drivers.hid.board import Board
from drivers.hid.keys import code_of
from drivers.hid.settings import HidSettings
from drivers.hid.strokes import Stroke
from drivers.messages import LevelPressed
from drivers.profiles import BUILT_IN, Profiles
from drivers.registry import Registry
from edge.wire import Level

MODELS = sorted(path.stem for path in BUILT_IN.iterdir())
BUSES = [model for model in MODELS if Profiles().get(model).driver == "bus68"]
KEYBOARDS = [model for model in MODELS if Profiles().get(model).settings.get("use") == "pad"]
LEVELS = set(get_args(Level))
# Values that the pads of our models send, and what is printed on their keys.
KEYS = {"four": {0: 2, 1: 3, 2: 4, 3: 5}, "five": {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}}


def meaning(settings: BusSettings, value: int) -> int | None:
    """The level of a value, None where the pad is told to be at fault."""
    roster = Roster(settings)
    (child,) = settings.children
    try:
        pressed = roster.meaning(child, KeyFrame(child.address, FUNC_RATING, bytes([value])))
    except UnknownKey:
        return None
    assert isinstance(pressed, LevelPressed)
    assert pressed.raw == value
    return pressed.level


def bus(model: str, level_map: str) -> BusSettings:
    children = {"children": [{"id": "pad", "kind": "pad", "address": 0x81, "level_map": level_map}]}
    loaded = Registry(allow_sim=True).resolve("bus68", model, "sim://bus68", children)
    assert isinstance(loaded.settings, BusSettings)
    return loaded.settings


@pytest.mark.parametrize("model", BUSES)
@pytest.mark.parametrize("level_map", KEYS)
def test_every_value_of_a_bus_pad_is_a_level_or_a_fault(model: str, level_map: str) -> None:
    settings = bus(model, level_map)
    found = {value: meaning(settings, value) for value in range(256)}
    assert {value: level for value, level in found.items() if level is not None} == KEYS[level_map]


@pytest.mark.parametrize("model", BUSES)
def test_a_bus_model_has_no_map_that_is_not_known_here(model: str) -> None:
    assert set(bus(model, "four").level_maps) == set(KEYS)


def test_a_rating_of_no_or_two_values_is_none() -> None:
    settings = bus(BUSES[0], "five")
    (child,) = settings.children
    for data in (b"", b"\x00\x01"):
        with pytest.raises(UnknownKey):
            Roster(settings).meaning(child, KeyFrame(child.address, FUNC_RATING, data))


@pytest.mark.parametrize("model", KEYBOARDS)
def test_every_key_of_a_keyboard_pad_is_a_level_and_no_level_is_missing(model: str) -> None:
    settings = Registry().resolve("hid", model, "evdev:///dev/input/by-id/pad", {}).settings
    assert isinstance(settings, HidSettings)
    found = set()
    for name in settings.levels:
        pressed = Board(settings).take(Stroke(code_of(name), down=True), 0.0)
        assert isinstance(pressed, LevelPressed)
        found.add(pressed.level)
    assert found == LEVELS


def test_there_are_models_to_try() -> None:
    assert BUSES
    assert KEYBOARDS


# --- maps of a site's own ---
@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({"0": 5, "1": 5, "2": 1}, "'own': 2 values mean level 5"),
        ({"0": 5, "1": 4, "2": 3}, "'own': no key says dissatisfied"),
        ({"0": 1, "1": 2}, "'own': no key says satisfied"),
        ({}, "'own': no key says dissatisfied"),
        ({"0": 0, "1": 1}, "'own': '0' = 0 must be"),
        ({"0": 6, "1": 1}, "'own': '0' = 6 must be"),
    ],
)
def test_a_bus_map_that_would_force_a_rating_is_refused(levels: dict[str, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        BusSettings(level_maps={"own": levels})  # type: ignore[dict-item] # what a file may hold


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({"KEY_1": 5, "KEY_2": 4}, "no key says dissatisfied"),
        ({"KEY_1": 1}, "no key says satisfied"),
    ],
)
def test_a_keyboard_map_that_would_force_a_rating_is_refused(levels: dict[str, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        HidSettings("pad", levels=levels)  # type: ignore[arg-type] # as above


def test_two_rows_of_keys_may_mean_the_same() -> None:
    assert HidSettings("pad", levels={"KEY_1": 1, "KEY_KP1": 1, "KEY_5": 5, "KEY_KP5": 5})


def test_a_pad_with_three_keys_is_fair() -> None:
    child = Child("pad", "pad", 0x81, level_map="three")
    settings = BusSettings((child,), level_maps={"three": {"1": 5, "2": 3, "3": 2}})
    assert [meaning(settings, value) for value in (0, 1, 2, 3)] == [None, 5, 3, 2]
