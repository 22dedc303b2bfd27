"""The kiosk's configuration: every error at once, in both languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kiosk_ui.pins import hash_pin, is_pin
from kiosk_ui.settings import BadSettings, KioskSettings, load
from tests.kiosk.pin_kit import HASHED, PIN, SALT

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "kiosk.example.toml"


def read(folder: Path, text: str, **env: str) -> KioskSettings:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, env)


def test_without_a_file_it_is_what_the_example_comments_out(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert read(tmp_path, text) == load(None, {})
    shown = re.sub(r"(?m)^#([a-z_]+ = )", r"\1", text)
    assert read(tmp_path, shown) == load(None, {})
    tables = tomllib.loads(shown)
    assert {name: set(table) for name, table in tables.items()} == {
        name: set(type(table).model_fields) for name, table in load(None, {})
    }


@pytest.mark.parametrize(
    ("sound", "volumes"),
    [("on = false", ()), ("on = true", (0, 1, 2)), ("on = true\nvolume = 100", (0, 1))],
)
def test_louder_is_offered_where_it_would_be_louder(
    tmp_path: Path, sound: str, volumes: tuple[int, ...]
) -> None:
    assert read(tmp_path, f"[sound]\n{sound}\n").look().volumes == volumes


def test_every_error_is_told_at_once_in_both_languages(tmp_path: Path) -> None:
    kiosk = '[kiosk]\nid = "Kiosk 1"\ncolour = 1\nlanguages = ["zh", "fr"]\npin = "1234"\n'
    panel = '[panel]\nwidth_px = "1080"\nbottom_mm = -1\n'
    with pytest.raises(BadSettings) as failed:
        read(tmp_path, kiosk + panel + "[screen]\n")
    keys = {problem.key for problem in failed.value.problems}
    assert keys == {
        *("kiosk.id", "kiosk.colour", "kiosk.languages[1]", "kiosk.pin"),
        *("panel.width_px", "panel.bottom_mm", "screen"),
    }
    assert all(problem.text().zh and problem.text().en for problem in failed.value.problems)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        with pytest.raises(BadSettings):
            load(path, {})
    with pytest.raises(BadSettings):
        read(tmp_path, "[kiosk\n")


def test_a_path_may_name_a_variable(tmp_path: Path) -> None:
    text = '[kiosk]\nsocket = "${RUNTIME_DIRECTORY}/control.sock"\n'
    assert read(tmp_path, text, RUNTIME_DIRECTORY="/run/x").kiosk.socket == Path("/run/x/control.sock")
    with pytest.raises(BadSettings, match="RUNTIME_DIRECTORY"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("${2ND}/s", "no variable 2ND"),
        ("${}/s", "no variable"),
        ("${A B}/s", "no variable A B"),
        ("$HOME/s", "a $ that names no variable"),
        ("", "no path"),
    ],
)
def test_a_name_that_is_none_is_told_as_in_the_halls_own(tmp_path: Path, path: str, said: str) -> None:
    with pytest.raises(BadSettings) as failed:
        read(tmp_path, f'[kiosk]\nsocket = "{path}"\n', HOME="/h", **{"2ND": "x", "A B": "y"})
    (problem,) = failed.value.problems
    assert problem.key == "kiosk.socket" and said in problem.text().en and problem.hint.zh


def test_a_key_that_is_none_is_told_before_anybody_lays_a_card_on(tmp_path: Path) -> None:
    key, text = tmp_path / "key", f'[kiosk]\nperson_key = "{tmp_path}/key"\n'
    with pytest.raises(BadSettings, match=r"kiosk\.person_key"):
        read(tmp_path, text)
    key.write_text("short\n")
    with pytest.raises(BadSettings, match="openssl rand"):
        read(tmp_path, text)
    key.write_text("k" * 32)
    assert read(tmp_path, text).look().has_card_check_in
    assert not load(None, {}).look().has_card_check_in


def test_a_pin_is_kept_as_a_hash_and_has_no_default(tmp_path: Path) -> None:
    hashed = hash_pin("246810", b"0123456789abcdef")
    assert "246810" not in hashed
    assert is_pin("246810", hashed)
    assert not is_pin("246811", hashed)
    assert not is_pin("", "")
    assert hash_pin(PIN, SALT) == HASHED
    assert not load(None, {}).look().has_technician
    assert read(tmp_path, f'[kiosk]\npin = "{hashed}"\n').look().has_technician
