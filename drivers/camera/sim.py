"""Simulated IP cameras behind one RTSP server, from the RFCs and independent of the driver.

Behind a null modem it is `sim://camera`, whatever host its URLs then name; over TCP see `sim_port`. Camera 17
has the streams `rtsp://host:port/cam-17/sub` and `…/main`; `…/sub?fault=cover&strength=mild` shows a fault to
one viewer (`sim_ills` lists them). At run time:

    sim.cameras[17].fall_ill("cover", strength="mild")
    sim.cameras[17].recover()
    sim.set_mode("night")
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from drivers.api import Link
from drivers.camera.sim_camera import PROFILES, Camera, Features, Profile
from drivers.camera.sim_dialog import Dialog
from drivers.camera.sim_features import read
from drivers.camera.sim_ills import STRENGTHS, Mode, Strength, ills
from drivers.camera.sim_library import Library
from drivers.camera.sim_rtsp import BadRequest, Requests, answer

MAX_CAMERAS = 9_999  # as many as a path can name
IDLE_S = 60.0  # for which a connection that plays nothing is kept


class CameraSim:
    """Cameras 1 to `count`. Close it when all that ran it has ended."""

    def __init__(self, features: Features, count: int = 1) -> None:
        self.features = features
        self.cameras = {number: Camera(number, features, self._tell) for number in range(1, count + 1)}
        self.library = Library(features.folder, aggregates=features.aggregates)
        self.is_offline = asyncio.Event()  # all of them are: there is nobody at the port
        self.is_online = asyncio.Event()
        self.is_online.set()

    # --- all cameras at once ---
    def fall_ill(self, *names: str, strength: Strength = "gross") -> None:
        """Raises ValueError for a fault that is none."""
        for camera in self.cameras.values():
            camera.fall_ill(*names, strength=strength)

    def recover(self, *names: str) -> None:
        for camera in self.cameras.values():
            camera.recover(*names)

    def set_mode(self, mode: Mode) -> None:
        for camera in self.cameras.values():
            camera.set_mode(mode)

    def _tell(self) -> None:
        """Whether anybody is left at the port."""
        is_offline = all("offline" in camera.ills for camera in self.cameras.values())
        (self.is_offline.set if is_offline else self.is_offline.clear)()
        (self.is_online.clear if is_offline else self.is_online.set)()

    # --- video ---
    async def prepare(
        self, profiles: Iterable[Profile] = PROFILES, faults: Iterable[str] = (), strength: Strength = "gross"
    ) -> None:
        """Make what every camera will show, as it is now and with each fault. Raises NoVideo."""
        looks = [{}, *(ills([name], STRENGTHS[strength]) for name in faults)]
        await self.library.make(
            camera.recipe(profile, camera.ills | look)
            for profile in profiles
            for look in looks
            for camera in self.cameras.values()
        )

    def close(self) -> None:
        self.library.close()

    # --- connections ---
    async def run(self, link: Link) -> None:
        """Raises LinkLost, and NoVideo where its pictures can be neither found nor made."""
        dialog, requests = Dialog(link, self.cameras, self.library), Requests()
        try:
            while (data := await self._read(link, dialog)) is not None:
                for one in requests.feed(data):
                    await dialog.hear(one)
        except BadRequest as error:
            await link.write(answer(error.status, None))
        finally:
            await dialog.end()

    @staticmethod
    async def _read(link: Link, dialog: Dialog) -> bytes | None:
        """None from a viewer who has nothing to say and nothing to see."""
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    return await link.read()
            except TimeoutError:
                if not dialog.is_playing:
                    return None


def simulator(params: Mapping[str, str]) -> CameraSim:
    """Of `sim://camera?ill=cover&strength=mild&codec=h265`; the options are those of `sim_features`.

    Raises BadSettings.
    """
    features, start = read(params)
    sim = CameraSim(features, start.cameras)
    sim.set_mode(start.mode)
    sim.fall_ill(*start.faults, strength=start.strength)
    return sim
