"""What runs within the namespaces of test_camera_discovery: `cameras`, or the search of a hall's machine."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

from drivers.camera.accounts import Accounts
from drivers.camera.auth import Credentials
from drivers.camera.discovery import Camera, discover, interfaces
from drivers.camera.onvif import OnvifCamera
from drivers.camera.onvif_sim import OnvifSim
from drivers.camera.onvif_sim_state import Trouble

LASTS_S = 60.0  # of the cameras, where nobody ends them
CAMERAS = {
    "both": OnvifSim(host="10.77.1.2", hears_on=("10.77.1.2", "10.77.2.2")),
    "first": OnvifSim(host="10.77.1.3", hears_on=("10.77.1.2",)),
    "second": OnvifSim(host="10.77.2.3", hears_on=("10.77.2.2",), trouble=Trouble(foreign="10.77.1.99")),
}


async def play() -> None:
    async with AsyncExitStack() as stack:
        for camera in CAMERAS.values():
            await stack.enter_async_context(camera)
        say({name: camera.endpoint for name, camera in CAMERAS.items()})
        await asyncio.sleep(LASTS_S)


async def search(where: str) -> None:
    on = [each for each in interfaces() if where in ("everywhere", each.name)]
    found = await discover(on, listen_s=1.5)
    cameras = {each.match.endpoint: await describe(each) for each in found.cameras}
    say({"interfaces": sorted(map(str, found.interfaces)), "cameras": cameras})


async def describe(camera: Camera) -> dict[str, Any]:
    best = camera.best
    assert best.device is not None
    asked = OnvifCamera(
        best.device, Credentials("hall", "Bad-Camera-9"), Accounts(2100.0), mono_s=time.monotonic
    )
    device = (await asked.look()).device
    return {
        "seen": [[each.interface, each.host] for each in camera.sightings],
        "host": best.device.host,
        "wrong": best.wrong,
        "model": device.model if device else "",
    }


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(play() if sys.argv[1] == "cameras" else search(sys.argv[1]))
