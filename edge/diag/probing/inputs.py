"""Keyboards in the widest sense: rating pads, callers, ticket buttons and wedge scanners at USB; and which of
them somebody presses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.api import DriverError
from drivers.checking.words import Text
from drivers.hid.codec import DOWN, EV_KEY, HidCodec, InputEvent
from drivers.hid.keys import name_of
from drivers.transport.evdev import open_beside
from drivers.transport.ports import Node
from edge.diag.probing.found import Finding
from edge.diag.probing.ports import lasting_name

_NAMES = Path("/sys/class/input")
_NAME_LIMIT = 64

Pressed = Callable[[str, str], None]  # the device's place, the key's name


def typing(nodes: Sequence[Node]) -> list[Finding]:
    """Devices with keys. What each is for nobody can ask it: a key test tells which is which."""
    found = []
    for node in nodes:
        place, name = lasting_name(node, nodes), _name(node.path)
        found.append(Finding("input", place, "found", f"evdev://{place}", "hid", evidence=Text.same(name)))
    return found


async def key_test(places: Sequence[str], for_s: float, pressed: Pressed) -> None:
    """Tell each key as it goes down, and keep nothing. The daemon holds those of its own: they are silent
    here. One that cannot be opened says nothing either."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(for_s):
            await asyncio.gather(*(_listen(place, pressed) for place in places))
            await asyncio.sleep(for_s)  # where all of them are gone already


async def _listen(place: str, pressed: Pressed) -> None:
    codec = HidCodec()
    with contextlib.suppress(DriverError):
        link = open_beside(f"evdev://{place}", place)
        try:
            while True:
                for each in codec.feed(await link.read()):
                    if isinstance(each, InputEvent) and (each.type, each.value) == (EV_KEY, DOWN):
                        pressed(place, name_of(each.code))
        finally:
            await link.close()


def _name(path: str) -> str:
    try:
        told = (_NAMES / Path(path).name / "device" / "name").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return told.strip()[:_NAME_LIMIT]
