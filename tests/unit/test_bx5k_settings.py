"""A board's settings and timetables, as a hall's configuration writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from drivers.bx5k.settings import AreaSettings, BoardSettings
from drivers.bx5k.text import content, wire_area
from drivers.bx5k.timetable import Timetable
from drivers.checking.problems import BadDevice
from drivers.messages import ShowText
from drivers.registry import Registry

ZONE = ZoneInfo("Asia/Shanghai")
AREA: dict[str, Any] = {"name": "calls", "id": 0, "x": 8, "y": 0, "width": 128, "height": 32, "columns": 16}


def resolve(model: str = "onbon-bx-5mk1", **settings: Any) -> BoardSettings:
    loaded = Registry().resolve("bx5k", model, "tcp://192.0.2.1:5005", settings)
    assert isinstance(loaded.settings, BoardSettings)
    return loaded.settings


@pytest.mark.parametrize(("model", "device"), [("onbon-bx-5k1", 0x51), ("onbon-bx-5mk1", 0x54)])
def test_a_model_gives_its_device_type(model: str, device: int) -> None:
    settings = resolve(model, areas=[AREA], brightness=[{"at": "07:00", "level": 12}])
    assert settings.device_type == device
    assert settings.area("calls") == AreaSettings("calls", 0, 8, 0, 128, 32, 16)
    assert settings.area("kitchen") is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"areas": [AREA, AREA]}, "2 areas are named 'calls'"),
        ({"areas": [AREA, AREA | {"name": "b"}]}, "2 areas are numbered '0'"),
        ({"areas": [AREA | {"font": "1"}]}, "must be three digits"),
        ({"areas": [AREA | {"x": 4}], "units": "cells"}, "multiples of 8"),
        ({"brightness": [{"at": "7:00", "level": 1}]}, "must be a time of day"),
        ({"brightness": [{"at": "24:00", "level": 1}]}, "must be a time of day"),
        ({"power": [{"at": "07:00", "on": True}] * 2}, "twice"),
        ({"brightness": [{"at": "07:00", "level": 16}]}, "15"),
        ({"timezone": "Asia/Atlantis"}, "not known"),
        ({"timezone": "../etc"}, "not known"),
        ({"colors": {"red": 1}}, "colors lacks green, yellow"),
    ],
)
def test_what_is_wrong_is_told(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(BadDevice) as caught:
        resolve(**settings)
    assert said in str(caught.value)


# --- timetables ---
def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


TIMES = Timetable([("20:00", 4), ("07:00", 12)], ZONE)


@pytest.mark.parametrize(
    ("when", "value", "next_s"),
    [
        ("2024-05-15 06:59:59", 4, 1),
        ("2024-05-15 07:00:00", 12, 13 * 3600),
        ("2024-05-15 19:59:00", 12, 60),
        ("2024-05-15 20:00:00", 4, 11 * 3600),
        ("2024-02-29 23:00:00", 4, 8 * 3600),
    ],
)
def test_a_step_holds_until_the_next(when: str, value: int, next_s: float) -> None:
    period = TIMES.at(at(when))
    assert period
    assert (period.value, TIMES.next_s(at(when))) == (value, next_s)


def test_the_same_step_of_the_next_day_is_another_period() -> None:
    assert TIMES.at(at("2024-05-15 21:00")) == TIMES.at(at("2024-05-16 06:00"))
    assert TIMES.at(at("2024-05-15 21:00")) != TIMES.at(at("2024-05-16 21:00"))


def test_an_empty_timetable_says_nothing() -> None:
    empty: Timetable[int] = Timetable([], ZONE)
    assert (empty.at(0.0), empty.next_s(0.0)) == (None, None)


# --- areas and texts ---
def test_places_in_pixels_and_in_cells() -> None:
    area = AreaSettings("a", 0, 16, 5, 128, 32, 16, align="center", valign="center", stay_s=2.5)
    pixels, cells = BoardSettings(areas=(area,)), BoardSettings(areas=(area,), units="cells")
    assert (wire_area(b"", area, pixels).x, wire_area(b"", area, pixels).width) == (0x8010, 0x8080)
    assert (wire_area(b"", area, cells).x, wire_area(b"", area, cells).width) == (2, 16)
    assert (wire_area(b"", area, cells).align, wire_area(b"", area, cells).stay) == (0b1010, 5)


def test_a_text_as_the_controller_reads_it() -> None:
    area = AreaSettings("a", 0, 0, 0, 64, 32, 8, font="002")
    made = content([ShowText("A012号窗口", "green"), ShowText("B")], area, BoardSettings(areas=(area,)))
    assert made.parts == ("\\FO002\\C2A012号窗\\n\\C2口\\n\\C1B".encode("gbk"),)


def test_a_moving_text_is_one_line() -> None:
    area = AreaSettings("a", 0, 0, 0, 64, 16, 8, effect="left", single_line=True)
    made = content(
        [ShowText("今日下班 17:00"), ShowText("请排队", "yellow")], area, BoardSettings(areas=(area,))
    )
    assert made.parts == ("\\C1今日下班 17:00  \\C3请排队  ".encode("gbk"),)
    assert wire_area(b"", area, BoardSettings()).single_line == 1


def test_no_lines_are_no_parts() -> None:
    area = AreaSettings("a", 0, 0, 0, 64, 16, 8)
    assert content([], area, BoardSettings()).parts == ()
