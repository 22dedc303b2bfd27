"""K19: a touch device that is gone, or silent for hours."""

from __future__ import annotations

from kiosk_ui.watch import REOPEN_EVERY_S, TouchWatch

ILI = ("ILITEK ILITEK-TP", "Virtual Keyboard")


def test_k19_a_device_that_is_gone_is_told_and_opened_afresh_now_and_then() -> None:
    watch = TouchWatch("ilitek", 3600.0, 0.0)
    assert not watch.look(ILI, 10.0, hall_open=True) and watch.trouble == ""
    opened = [now_s for now_s in range(10, 200) if watch.look(ILI[1:], float(now_s), hall_open=True)]
    assert "no touch device" in watch.trouble and "Virtual Keyboard" in watch.trouble
    assert opened == [30, 60, 90, 120, 150, 180]
    assert REOPEN_EVERY_S == 30.0
    assert not watch.look(ILI, 200.0, hall_open=True) and watch.trouble == ""


def test_k19_a_device_that_is_silent_while_the_hall_is_open_is_opened_afresh_and_told() -> None:
    watch = TouchWatch("", 3600.0, 0.0)
    opened = [hour for hour in range(1, 5) if watch.look(ILI, 3600.0 * hour, hall_open=True)]
    assert opened == [1, 2, 3, 4]
    assert "no touch for" in watch.trouble
    watch.touched()
    assert watch.trouble == ""
    assert not watch.look(ILI, 3600.0 * 4 + 1, hall_open=True)


def test_k19_a_night_is_no_silence() -> None:
    watch = TouchWatch("", 3600.0, 0.0)
    assert not any(watch.look(ILI, 3600.0 * hour, hall_open=False) for hour in range(1, 14))
    assert watch.trouble == ""


def test_k19_it_may_be_switched_off() -> None:
    watch = TouchWatch("", 0.0, 0.0)
    assert not watch.look(ILI, 1e6, hall_open=True)
