"""Every model of ours, tried against its family; a new file is covered by being there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivers.bus68.settings import BusSettings
from drivers.printer.settings import PrinterSettings
from drivers.profiles import BUILT_IN, Profiles
from drivers.registry import Registry

FILES = sorted(BUILT_IN.iterdir())
MODELS = [path.stem for path in FILES]
REGISTRY = Registry(allow_sim=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_model_is_a_file_that_can_be_named(path: Path) -> None:
    assert path.suffix == ".toml"
    assert Profiles().get(path.stem).driver in REGISTRY.families()


@pytest.mark.parametrize("model", MODELS)
def test_a_model_has_its_name_in_both_languages(model: str) -> None:
    title = Profiles().get(model).title
    assert re.search(r"[\u4e00-\u9fff]", title.zh)
    assert re.fullmatch(r"[\x20-\x7e]+", title.en)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_model_says_where_it_comes_from_or_what_it_is(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("model", MODELS)
def test_a_model_makes_settings_of_its_family(model: str) -> None:
    profile = Profiles().get(model)
    loaded = REGISTRY.resolve(profile.driver, model, f"sim://{profile.driver}", {})
    assert isinstance(loaded.settings, loaded.spec.settings)
    plain = {key: value for key, value in profile.settings.items() if isinstance(value, str | int | float)}
    assert {key: getattr(loaded.settings, key) for key in plain} == plain


# --- those that a hall counts on ---
def printer(model: str) -> PrinterSettings:
    settings = REGISTRY.resolve("printer", model, "usblp:///dev/usb/lp0", {}).settings
    assert isinstance(settings, PrinterSettings)
    return settings


def bus(model: str) -> BusSettings:
    settings = REGISTRY.resolve("bus68", model, "serial:///dev/ttyUSB0", {}).settings
    assert isinstance(settings, BusSettings)
    return settings


def test_the_printers_differ_where_their_manuals_do() -> None:
    plain, epson, citizen = map(printer, ("escpos-80mm", "epson-tm-t82", "citizen-ct-s310"))
    assert (plain.columns, epson.columns, citizen.columns) == (48, 48, 48)
    assert (plain.clear, epson.clear) == ("enq", "dc4")
    assert plain.status == epson.status != citizen.status
    near_end = {bit.mask for bit in citizen.status if (bit.source, bit.code) == ("rt4", "paper_near_end")}
    assert near_end == {0x04, 0x08}, "either alone tells it"


def test_a_bus_of_four_key_and_one_of_five_key_pads_and_two_maps_of_callers() -> None:
    four, five = bus("bus68-standard"), bus("bus68-five")
    assert (four.level_map, four.pad_model) == ("four", "A")
    assert (five.level_map, five.pad_model) == ("five", "B")
    for settings in (four, five):
        assert {"standard", "transfer"} <= set(settings.key_maps)
        assert settings.key_maps["standard"] != settings.key_maps["transfer"]
        assert len(settings.level_maps["four"]) == 4
        assert sorted(settings.level_maps["five"].values()) == [1, 2, 3, 4, 5]
