"""The kiosk's screen on the emulated machine: seen by QEMU's picture of it and read, touched and typed at.

Where something lies is asked of the kiosk as a technician far away does. Everything takes its time: a guest
whose every instruction is translated, and whose OpenGL is drawn by the processor, is twenty times slower
than a hall's machine, and a frame takes it a second or two.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from tests.appliance.figures import tell_so
from tests.appliance.hall import Hall
from tests.appliance.machine import SCREEN

KIOSK, UNIT = "kiosk-1", "hall-kiosk"
TABLET = "GLASS"  # QEMU's touch: it tells where one finger is
CONFIG = f"""
[kiosk]
id = "{KIOSK}"

[panel]
width_px = {SCREEN[0]}
height_px = {SCREEN[1]}
"""
SLOW_S = 240.0  # for what a hall's machine does within seconds; other test runs may share the processor
DOWN_S = 0.4  # that a finger stays down: longer than the kiosk's turn here
TRIES = 40  # looks on a way: one takes a second or more
SETTLE_S = 2.0  # for a page to stand still: what is touched sooner was meant for the one before
AXIS = 0x7FFF  # of QEMU's absolute axes, at their ends
DROP_INS = f"/etc/systemd/system/{UNIT}.service.d"

Page = dict[str, Any]
By = Literal["finger", "keys"]
# From wherever somebody has left it; of one who has a ticket no further touch is needed.
TO_SERVICES = {"attract": "wake", "home": "open-services", "ticket": "done"}


@dataclass(slots=True)
class Glass:
    hall: Hall

    async def plug(self) -> None:
        ask = self.hall.machine.qmp.ask
        await ask("device_add", driver="usb-tablet", id=TABLET, bus="usb.0", port="7", serial=TABLET)

    async def pull(self) -> None:
        await self.hall.machine.pull(TABLET)

    # --- touched ---
    async def go(self, way: Mapping[str, str], to: str, *, by: By = "finger") -> Page:
        """To the screen `to`: on each screen that `way` names, this control. Where a session has ended before
        a slow machine came so far, it is begun again."""
        for _ in range(TRIES):
            found = await self.look()
            if found is None:
                continue
            screen, page = found
            if screen == to:
                return page
            if screen in way:
                await self.settle()
                await (self._finger if by == "finger" else self._keys)(page, way[screen])
                await self.settle()
        raise AssertionError(f"no {to}; it shows {found}")

    async def _finger(self, page: Page, control: str) -> None:
        """On the middle of it."""
        places = zip("xy", middle_of(page, control), strict=True)
        at = [{"type": "abs", "data": {"axis": axis, "value": round(share * AXIS)}} for axis, share in places]
        for down in (True, False):
            button = {"type": "btn", "data": {"down": down, "button": "left"}}
            await self.hall.machine.qmp.ask("input-send-event", events=[*at, button])
            await self.hold()

    async def settle(self) -> None:
        await asyncio.sleep(SETTLE_S)

    async def hold(self) -> None:
        await asyncio.sleep(DOWN_S)

    async def _keys(self, page: Page, control: str) -> None:
        """On to it, from the first, and OK. The screen that waits for somebody is woken by any key."""
        ids = controls(page)
        steps = ids.index(control) + 1 if len(ids) > 1 else 0
        for key in (*["down"] * steps, "ret"):
            await self.hall.machine.press(key)
            await asyncio.sleep(DOWN_S)

    # --- seen ---
    async def look(self) -> tuple[str, Page] | None:
        """Which screen, and its page, as who is far away sees it; None while the kiosk does not answer."""
        reply = await self.hall.ask("kiosk.look", {"kiosk": KIOSK, "by": "test"})
        if reply is None or reply.result != "done":
            return None
        return reply.data["screen"], reply.data["page"]

    async def read(self) -> str:
        """What stands on the screen, by a program that knows nothing of the kiosk; without spaces."""
        picture = self.hall.machine.folder / "screen.png"
        await self.hall.machine.qmp.ask("screendump", filename=str(picture), format="png")
        return await asyncio.to_thread(_read, str(picture))

    async def shows(self, *words: str) -> str:
        """What stands there, once these words do."""
        text = ""
        end_s = time.monotonic() + SLOW_S
        while time.monotonic() < end_s:
            text = await self.read()
            if all(each in text for each in words):
                return text
        raise AssertionError(f"not within {SLOW_S:g} s: {words}; there is {text!r}")

    # --- the program ---
    async def start(self) -> None:
        await self.hall.machine.must("systemctl", "start", UNIT)
        await self.told(lambda device: device["state"] in ("online", "degraded"))

    async def stop(self) -> None:
        await self.hall.machine.must("systemctl", "stop", UNIT)

    async def tell_memory(self, way: str) -> None:
        """What the program takes there, as a line of the run's figures; most of its files are Mesa's."""
        status = await self.hall.machine.must(
            "sh", "-c", "cat $(dirname $(grep -lx hall-kiosk /proc/[0-9]*/comm | head -n 1))/status"
        )
        kb = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith("Rss")}
        own, files = (int(kb[each]) / 1024 for each in ("RssAnon", "RssFile"))
        tell_so(f"kiosk, {way}: resident", f"{own:.0f} MB of its own, {files:.0f} MB of files")

    async def told(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """How the kiosk stands among the devices, once it is so."""
        return await self.hall.until(KIOSK, holds, SLOW_S)


@asynccontextmanager
async def glass_of(hall: Hall, drop_in: str = "") -> AsyncIterator[Glass]:
    """The kiosk at work and touched, as its unit is shipped or with one of its drop-ins."""
    glass = Glass(hall)
    machine = hall.machine
    await machine.must("tee", "/etc/hall-edge/kiosk.toml", given=CONFIG)
    await machine.must("mkdir", "-p", DROP_INS)
    if drop_in:
        await machine.must("cp", f"/opt/hall-edge/systemd/{UNIT}.service.d/{drop_in}.conf", DROP_INS)
    await machine.must("systemctl", "daemon-reload")
    await glass.plug()
    try:
        await glass.start()
        yield glass
        await glass.tell_memory(drop_in or "kmsdrm")
    finally:
        await glass.stop()
        await glass.pull()
        await machine.must("rm", "-r", DROP_INS)
        await machine.must("systemctl", "daemon-reload")


def codes(device: dict[str, Any]) -> list[str]:
    return [each["code"] for each in device["conditions"]]


def controls(page: Page) -> list[str]:
    """Their ids, in their order."""
    return [node["id"] for node in _walk(page) if "action" in node]


def middle_of(page: Page, control: str) -> tuple[float, float]:
    """As shares of the page's width and height."""
    node = next(node for node in _walk(page) if node.get("id") == control)
    x, y, w, h = node["rect"]
    return (x + w / 2) / page["rect"][2], (y + h / 2) / page["rect"][3]


def _walk(page: Page) -> Iterator[Page]:
    yield page
    for child in page.get("children", ()):
        yield from _walk(child)


def _read(picture: str) -> str:
    command = ["tesseract", picture, "-", "-l", "chi_sim", "--psm", "11"]
    quiet = os.environ | {"OMP_THREAD_LIMIT": "1"}  # its threads wait for each other on a busy machine
    found = subprocess.run(command, capture_output=True, check=True, timeout=90, env=quiet)
    return "".join(found.stdout.decode().split())
