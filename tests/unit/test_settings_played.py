"""`[played]`: where it may stand, and which clock a hall has by it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.clock import PlayedClock, SystemClock
from edge.settings import ConfigError, Settings, load
from tests.unit.registry_kit import WHOLE, entry_points, write

BEGINS = 'begins = "2026-11-30T08:20"'


def settings(folder: Path, played: str = "", *, allow_sim: bool = True) -> Settings:
    path = write(folder / "hall.toml", WHOLE + (f"[played]\n{played}\n" if played else ""))
    return load(path, allow_sim=allow_sim, env={}, entry_points=entry_points())


def refused(folder: Path, played: str, *, allow_sim: bool = True) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(folder, played, allow_sim=allow_sim)
    (problem,) = caught.value.problems
    assert problem.reason.zh
    assert problem.hint.zh
    return str(problem)


def test_without_the_table_the_hall_has_the_machines_clock(tmp_path: Path) -> None:
    machine = SystemClock()
    assert settings(tmp_path).clock_of(machine) is machine
    assert settings(tmp_path, "speed = 1.0", allow_sim=False).clock_of(machine) is machine


def test_it_begins_at_the_halls_own_local_time(tmp_path: Path) -> None:
    clock = settings(tmp_path, f"{BEGINS}\nspeed = 60").clock_of(SystemClock())
    assert isinstance(clock, PlayedClock)
    local = datetime.fromtimestamp(clock.now().wall_s, ZoneInfo("Asia/Shanghai"))
    assert local.isoformat().startswith("2026-11-30T08:2")


def test_a_hall_in_service_refuses_it_in_plain_words(tmp_path: Path) -> None:
    said = refused(tmp_path, BEGINS, allow_sim=False)
    assert said.startswith('played.begins = "2026-11-30T08:20": is not for a hall in service')
    assert "--allow-sim" in said


@pytest.mark.parametrize(
    ("played", "word"),
    [
        ('begins = "08:20"', "2026-11-30T08:20"),
        ('begins = "2026-11-30"', "2026-11-30T08:20"),
        ('begins = "2026-11-31T08:20"', "2026-11-30T08:20"),
        ('begins = "2026-11-30T08:20+08:00"', "2026-11-30T08:20"),
        (f"{BEGINS}\nspeed = 0.5", "speed"),
        (f"{BEGINS}\nspeed = 121", "speed"),
        ("speed = 60", "begin"),
    ],
)
def test_what_is_no_moment_or_no_speed_is_told(tmp_path: Path, played: str, word: str) -> None:
    assert word in refused(tmp_path, played)
