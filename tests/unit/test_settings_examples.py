"""The configurations that come with the software, read with the drivers that come with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from drivers.registry import GROUP, Registry, settings_schema
from edge.settings import Settings, load
from edge.settings.tables import ChildTable, Document

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / "config" / "hall.example.toml").read_text(encoding="utf-8")
ENV = {
    "HALL_BROKER": "mqtt://127.0.0.1:1883",
    "HALL_TTY_PRINTER": "/dev/pts/1",
    "HALL_TTY_ENTRANCE": "/dev/pts/2",
    "HALL_TTY_WINDOWS": "/dev/pts/3",
    "HALL_TTY_PAD6": "/dev/pts/4",
    "HALL_TTY_BOARD": "/dev/pts/5",
    "HALL_TTY_READER": "/dev/pts/6",
    "HALL_TTY_SCANNER": "/dev/pts/7",
    "HALL_PORT_TERMINAL1": "5846",
    "HALL_PORT_TERMINAL2": "8080",
    "HALL_PORT_CAMERAS": "5554",
    "STATE_DIRECTORY": "/var/lib/hall-edge",
    "RUNTIME_DIRECTORY": "/run/hall-edge",
    "CREDENTIALS_DIRECTORY": "/run/credentials/hall-edge",
}


def ours() -> Iterable[EntryPoint]:
    """The families as the project declares them, be it installed or not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    points = project["project"]["entry-points"][GROUP]
    return [EntryPoint(name, value, GROUP) for name, value in points.items()]


REGISTRY = Registry(entry_points=ours)


def problems(settings: Settings) -> list[str]:
    return [str(problem) for device in settings.devices for problem in device.all_problems()]


def demo() -> Settings:
    return load(ROOT / "config" / "demo.toml", env=ENV, entry_points=ours)


def example(tmp_path: Path, text: str = EXAMPLE) -> Settings:
    path = tmp_path / "hall.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, env=ENV, entry_points=ours)


def uncommented() -> str:
    """The example with its defaults written out: "#key = …", while prose begins with "# "."""
    return re.sub(r"(?m)^#(?=[a-z_]+ = )", "", EXAMPLE)


# --- the demo ---
def test_the_demo_has_nothing_wrong() -> None:
    assert problems(demo()) == []


def test_the_demos_hall_is_whole() -> None:
    settings = demo()
    hall = settings.rules_hall()
    assert 4 <= len(hall.services) <= 6
    assert list(hall.windows) == ["1", "2", "3", "4", "5", "6"]
    for window in hall.windows:
        assert (settings.caller_of(window), settings.pad_of(window), settings.strip_of(window)) == (
            f"caller-{window}",
            f"pad-{window}",
            f"strip-{window}",
        )
    callable_here = {service for window in hall.windows.values() for service in window.services}
    assert callable_here == set(hall.services)
    assert [settings.service_of("buttons", n) for n in range(1, len(hall.services) + 1)] == list(
        hall.services
    )
    assert hall.printer == "printer"


def test_the_demos_devices_are_at_ptys_and_ports() -> None:
    """Nothing is simulated within the daemon. `allow_sim` is for what stands in for a USB keyboard."""
    urls = {device.id: device.loaded.url for device in demo().devices if device.loaded}
    schemes = {device: url.partition(":")[0] for device, url in urls.items()}
    assert set(schemes.values()) == {"serial", "tcp", "input", "lan"}
    assert [device for device, scheme in schemes.items() if scheme == "input"] == ["pad-6"]


def test_a_missing_variable_keeps_one_device_out() -> None:
    env = {name: value for name, value in ENV.items() if name != "HALL_TTY_ENTRANCE"}
    settings = load(ROOT / "config" / "demo.toml", env=env, entry_points=ours)
    assert [device.id for device in settings.devices if device.problems] == ["entrance"]
    assert "HALL_TTY_ENTRANCE" in problems(settings)[0]


# --- the example ---
def test_the_example_has_nothing_wrong(tmp_path: Path) -> None:
    assert problems(example(tmp_path)) == []


def test_what_the_example_comments_out_is_the_default(tmp_path: Path) -> None:
    assert uncommented() != EXAMPLE
    assert example(tmp_path, uncommented()).config_hash == example(tmp_path).config_hash


def entries(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = raw.get(name, [])
    return found if isinstance(found, list) else [found]


def test_the_example_shows_every_setting_of_the_node() -> None:
    raw = tomllib.loads(uncommented())
    for name in Document.model_fields:
        table = Document.model_json_schema()["$defs"][f"{name.title()}Table"]
        shown = {key for entry in entries(raw, name) for key in entry}
        left_to_children = {"services", "priorities"} if name == "device" else set()
        assert set(table["properties"]) - shown == left_to_children, name
    children = {key for device in raw["device"] for child in entries(device, "child") for key in child}
    assert set(ChildTable.model_fields) <= children


def settings_of(family: str) -> Iterator[str]:
    """Every setting of a family and of what stands in it, by name."""
    schema = settings_schema(REGISTRY.driver(family).spec.settings)
    target = schema["$ref"].removeprefix("#/$defs/")
    yield from schema["$defs"][target]["properties"]
    if children := schema["$defs"][target]["properties"].get("children"):
        yield from schema["$defs"][children["items"]["$ref"].removeprefix("#/$defs/")]["properties"]


@pytest.mark.parametrize("family", [point.name for point in ours()])
def test_the_example_explains_every_setting_of_our_drivers(family: str) -> None:
    (device,) = [text for text in EXAMPLE.split("[[device]]") if f'\ndriver = "{family}"' in text]
    explained = set(re.findall(r"(?m)^#? ?([a-z_]+) = ", device)) | {
        "children"
    }  # written as [[device.child]]
    assert set(settings_of(family)) - explained == set()


def test_every_explanation_is_in_both_languages() -> None:
    """A run of comment lines before a setting holds Chinese and English."""
    for block in re.findall(r"(?m)((?:^# .*\n)+)^#?[a-z_]+ = ", EXAMPLE):
        assert re.search(r"[\u4e00-\u9fff]", block), block
        assert re.search(r"[a-z]{3,}", block), block
