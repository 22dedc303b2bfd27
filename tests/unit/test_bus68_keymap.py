"""Key maps as data."""

from __future__ import annotations

import pytest

from drivers.bus68.keymap import KeyMap, Meaning, UnknownKey
from drivers.messages import ButtonPressed, KeyAction, KeyPressed
from tests.protocol.doubles_bus68 import model


def caller_map(name: str) -> KeyMap:
    return KeyMap(name, model()["key_maps"][name])


@pytest.mark.parametrize(
    ("data", "meaning"),
    [
        ("0A", KeyPressed(KeyAction.START)),
        ("0B", KeyPressed(KeyAction.EVALUATE)),
        ("0C", KeyPressed(KeyAction.CALL)),
        ("00 02 03 0C", KeyPressed(KeyAction.CALL, "023")),
        ("0D", KeyPressed(KeyAction.RECALL)),
        ("0E", KeyPressed(KeyAction.CANCEL)),
        ("05 0F", KeyPressed(KeyAction.SKIP)),
        ("00 0F", KeyPressed(KeyAction.PAUSE)),
        ("02 0F", KeyPressed(KeyAction.RESUME)),
        ("04 0F", KeyPressed(KeyAction.LOGOUT)),
        ("07 0F", KeyPressed(KeyAction.HOLD)),
        ("01 00 07 0F", KeyPressed(KeyAction.LOGIN, "107")),
        ("05 05 0F", KeyPressed(KeyAction.LOGIN, "55")),
    ],
)
def test_the_standard_caller(data: str, meaning: Meaning) -> None:
    assert caller_map("standard").meaning(bytes.fromhex(data)) == meaning


def test_a_caller_with_more_keys() -> None:
    keys = caller_map("transfer")
    assert keys.meaning(b"\x12") == KeyPressed(KeyAction.PAUSE)
    assert keys.meaning(b"\x13") == KeyPressed(KeyAction.TRANSFER)
    assert keys.meaning(b"\x11") is None


def test_a_panel_sends_the_number_of_its_button() -> None:
    panel = caller_map("panel")
    assert panel.meaning(b"\x07\x0c") == ButtonPressed(7)
    assert panel.meaning(b"\x01\x02\x0c") == ButtonPressed(12)
    with pytest.raises(UnknownKey):
        panel.meaning(b"\x0c")


def test_a_panel_with_a_key_for_each_button() -> None:
    panel = KeyMap("keys", {"0A": "button 1", "0B": "button 2"})
    assert panel.meaning(b"\x0b") == ButtonPressed(2)
    assert (panel.has_buttons, panel.has_actions) == (True, False)


@pytest.mark.parametrize("data", ["", "05", "14", "08 0F", "0F", "0C 0C", "0C 05", "FF", "0A 01 0C"])
def test_what_the_map_does_not_know_is_named(data: str) -> None:
    with pytest.raises(UnknownKey, match=data or "no bytes"):
        caller_map("standard").meaning(bytes.fromhex(data))


def test_every_wrong_entry_is_told() -> None:
    with pytest.raises(
        ValueError, match=r"'9' is not a key.*'0C' = 'cal' is none of call, .*'09' is not"
    ) as told:
        KeyMap("mine", {"9": "call", "0C": "cal", "09": "call", "0A": "start"})
    assert "0A" not in str(told.value)


def test_keys_are_read_in_either_case() -> None:
    assert KeyMap("small", {"0c": "call"}).meaning(b"\x0c") == KeyPressed(KeyAction.CALL)
