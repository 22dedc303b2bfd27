"""The kiosk of the demonstration: `hall-kiosk` in a window, a client of the centre's node, for whoever sits
before it. His card and his code come by `hall-edge sim`.

The hall goes on without a kiosk that cannot be shown or is closed.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from edge.control import ControlServer
from edge.demo.guest import SOCKET, Guest
from edge.demo.hall import Hall
from edge.demo.processes import BIN, DemoError, Process
from edge.demo.room import now_s

KIOSK = """
[[kiosk]]
id = "kiosk-1"
"""
SETTINGS = """[kiosk]
id = "kiosk-1"
socket = {socket}
telephone = "12345"
person_key = {key}

[sound]
on = {sound}
"""
MINUTES = 5.0  # that the doors are open, if nobody says otherwise: to try it takes longer than to look on
FIRST_S = 3.0  # which it does not survive where something is missing: a display, or the extra `kiosk`
LAST_TICKET_S = (
    5.0  # before the doors close it does: who has touched it last still gets a slip, and is served
)


def has_display(env: Mapping[str, str] = os.environ) -> bool:
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def with_kiosk(text: str) -> str:
    """The configuration `text` with the kiosk, which is missed where it does not run."""
    return text + KIOSK


def settings_of(socket: Path, key: Path) -> str:
    """The kiosk's TOML. It speaks where there is a voice for it."""
    sound = bool(shutil.which("espeak-ng"))
    told = {"socket": str(socket), "key": str(key), "sound": sound}
    return SETTINGS.format_map({name: json.dumps(value) for name, value in told.items()})


async def show(hall: Hall, open_s: float, say: Callable[[str], None]) -> None:
    """Until shortly before the hall's doors close. `say`: for who looks on."""
    ends_s = now_s() + open_s - LAST_TICKET_S
    config = hall.folder / "kiosk.toml"
    secret = secrets.token_hex(32)
    key = hall.folder / "person.key"
    key.write_text(secret, encoding="utf-8")
    config.write_text(settings_of(hall.socket, key), encoding="utf-8")
    guest = Guest(hall.rig, hall.socket, secret, hall.services)
    server = ControlServer(hall.folder.parent / SOCKET, guest.handle)
    command = [str(BIN / "hall-kiosk"), "--windowed", "--config", str(config)]
    kiosk = Process("hall-kiosk", command, hall.folder / "kiosk.log")
    await server.start()
    try:
        begun_s = now_s()
        await kiosk.started(lambda: now_s() - begun_s > FIRST_S)
        while kiosk.alive and now_s() < ends_s:  # noqa: ASYNC110 a process sets no Event
            await asyncio.sleep(0.2)
        say("自助机已关闭 · the kiosk is closed")
    except (DemoError, OSError) as error:  # an older installation has no such command
        say(f"没有自助机，大厅照常 · no kiosk, the hall goes on: {error}")
    finally:
        await kiosk.stop()
        guest.leave()
        await server.stop()
