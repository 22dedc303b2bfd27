"""Millimetres and pixels, and what is within reach."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.panel import REACH_MM, Inches, Panel, preset


@pytest.mark.parametrize(("inches", "ppi"), [("21.5", 102), ("27", 82), ("32", 69)])
@pytest.mark.parametrize("portrait", [True, False])
def test_k2_pixels_come_from_the_panels_size(inches: Inches, ppi: int, portrait: bool) -> None:
    panel = preset(inches, portrait=portrait)
    assert round(panel.px_per_mm * 25.4) == ppi
    assert panel.is_portrait is portrait
    assert panel.px(panel.width_mm) == panel.width_px
    assert panel.px(panel.height_mm) == panel.height_px


@given(bottom_mm=st.floats(0, 1500), diagonal_in=st.floats(10, 60))
def test_what_is_within_reach_is_within_reach(bottom_mm: float, diagonal_in: float) -> None:
    panel = Panel(1080, 1920, diagonal_in, bottom_mm)
    first, last = panel.reach()
    if first < last:  # a panel that hangs out of reach has nothing within it
        low, high = REACH_MM
        assert low - 1e-6 <= panel.floor_mm(last) < panel.floor_mm(first) <= high + 1e-6
        assert 0 <= first < last <= panel.height_mm + 1e-6


def test_a_point_is_as_high_as_it_hangs() -> None:
    panel = preset("27")
    assert panel.floor_mm(panel.height_mm) == panel.bottom_mm
    assert panel.floor_mm(0) == pytest.approx(750 + 598, abs=1)
