"""Runs in the guest: a touch screen that feels ten fingers, which QEMU has none of. The kernel's uinput makes
it a device like any other: udev finds it, and whoever reads it cannot tell.

    python touch_screen.py FIFO

reads lines from the FIFO: `down FINGER X Y` and `up FINGER`, places from 0 to MOST; `sync` reports what is
above it as of one moment, as a screen does 100 times a second. It is pulled out when the program is ended.
Multi-touch protocol, type B: Documentation/input/multi-touch-protocol.rst of the kernel.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from evdev import AbsInfo, UInput
from evdev import ecodes as e

NAME = "ten fingers"
FINGERS = 10
MOST = 32767
BUS, VENDOR, PRODUCT = 0x03, 0x0EEF, 0xC000  # USB; eGalax, whose touch screens are in many kiosks


def axis(most: int) -> AbsInfo:
    return AbsInfo(value=0, min=0, max=most, fuzz=0, flat=0, resolution=0)


def screen() -> UInput:
    places = [(code, axis(MOST)) for code in (e.ABS_X, e.ABS_Y, e.ABS_MT_POSITION_X, e.ABS_MT_POSITION_Y)]
    fingers = [(e.ABS_MT_SLOT, axis(FINGERS - 1)), (e.ABS_MT_TRACKING_ID, axis(65535))]
    # An axis comes with its range, which the library's types leave out.
    events: Any = {e.EV_KEY: [e.BTN_TOUCH], e.EV_ABS: [*places, *fingers]}
    props = [e.INPUT_PROP_DIRECT]
    return UInput(events, NAME, VENDOR, PRODUCT, bustype=BUS, input_props=props)


def main(fifo: Path) -> None:
    down: set[int] = set()
    tracking = 0
    reading = os.open(fifo, os.O_RDWR)  # so it has no end when a writer goes
    with screen() as touch, os.fdopen(reading, encoding="ascii") as lines:
        for line in lines:
            match line.split():
                case ["down", finger, x, y]:
                    tracking += 1
                    down.add(int(finger))
                    touch.write(e.EV_ABS, e.ABS_MT_SLOT, int(finger))
                    touch.write(e.EV_ABS, e.ABS_MT_TRACKING_ID, tracking)
                    touch.write(e.EV_ABS, e.ABS_MT_POSITION_X, int(x))
                    touch.write(e.EV_ABS, e.ABS_MT_POSITION_Y, int(y))
                case ["up", finger]:
                    down.discard(int(finger))
                    touch.write(e.EV_ABS, e.ABS_MT_SLOT, int(finger))
                    touch.write(e.EV_ABS, e.ABS_MT_TRACKING_ID, -1)
                case ["sync"]:
                    touch.write(e.EV_KEY, e.BTN_TOUCH, int(bool(down)))
                    touch.syn()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
