"""The simulator at the far end of a configured device's line, by the protocol family that it speaks."""

from __future__ import annotations

import asyncio

from drivers.api import Simulator
from drivers.bus68.settings import BusSettings
from drivers.bus68.sim import BusSim
from drivers.bus68.sim_line import Line
from drivers.bx5k.settings import BoardSettings
from drivers.bx5k.sim import BoardSim
from drivers.camera.settings import CameraSettings
from drivers.camera.sim import CameraSim
from drivers.camera.sim import simulator as cameras_of
from drivers.camera.sim_ills import ills
from drivers.camera.sim_recipe import NoVideo
from drivers.heartbeat.settings import HeartbeatSettings
from drivers.heartbeat.sim import HeartbeatSim
from drivers.hid.settings import HidSettings
from drivers.hid.sim import HidSim
from drivers.newland.settings import NewlandSettings
from drivers.newland.sim import NewlandSim
from drivers.sdt.settings import SdtSettings
from drivers.sdt.sim import SdtSim
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.sim import TerminalSim
from edge.demo.processes import DemoError
from edge.settings import DeviceConfig

BUS_BAUD = 9600
# Made at the first start, in some seconds, and kept: two places, each for so long, then again from the start.
VIDEO = {"scenes": "2", "seconds": "22"}
KEY_1 = 2  # linux/input-event-codes.h; KEY_2 to KEY_9 follow
KEY_OF_RATING = {3: 5, 2: 4, 1: 2, 0: 1}  # value of a four-key pad → key of one with five


class RatingKeys:
    """A rating pad that is a keyboard with five keys. Nobody can invite at it: it is always ready."""

    def __init__(self, keyboard: HidSim) -> None:
        self._keyboard = keyboard
        self.invited = asyncio.Event()
        self.invited.set()

    async def rate(self, value: int) -> None:
        """`value` as the four-key pads at the other windows send it."""
        await self._keyboard.press(KEY_1 - 1 + KEY_OF_RATING[value])


def ill_of(text: str, cameras: int) -> tuple[int, str]:
    """`5=cover`: a camera's number, and what it has. Raises ValueError, with what there is."""
    number, _, fault = text.partition("=")
    if not number.isdecimal() or not 1 <= int(number) <= cameras:
        raise ValueError(f"{text}: write it as 5=cover; the cameras are 1 to {cameras}")
    ills([fault])
    return int(number), fault


async def prepare(cameras: CameraSim) -> None:
    """The small streams, which are looked at first. Raises DemoError where there is no video to be had."""
    try:
        await cameras.prepare(["sub"])
    except NoVideo as error:
        raise DemoError(f"no video for the cameras: {error}") from error


def peer_of(device: DeviceConfig, port: int | None) -> Simulator:
    """`port`: of its URL, where it is a machine on the network. Raises DemoError for a family without one."""
    assert device.loaded is not None  # checked by who has read the configuration
    match device.loaded.settings:
        case BusSettings() as bus:
            return _bus(bus)
        case BoardSettings() as board:
            names = {area.name: area.id for area in board.areas}
            return BoardSim(names=names, address=board.address, device=board.device_type)
        case SdtSettings():
            return SdtSim()
        case HidSettings():
            return HidSim()
        case NewlandSettings():
            return NewlandSim()
        case TerminalSettings():
            return TerminalSim(host="127.0.0.1", port=port or 0)
        case HeartbeatSettings() as terminal:
            return HeartbeatSim(terminal.protocol)
        case CameraSettings() as cameras:
            return cameras_of({"cameras": str(len(cameras.children)), **VIDEO})
    raise DemoError(f"{device.id}: the demonstration has no simulator of {device.loaded.spec.family}")


def _bus(settings: BusSettings) -> BusSim:
    at: dict[str, list[int]] = {"caller": [], "pad": [], "strip": [], "buttons": []}
    for child in settings.children:
        at[child.kind].append(child.address)
    return BusSim(
        callers=at["caller"],
        pads=at["pad"],
        strips=at["strip"],
        buttons=at["buttons"],
        line=Line(baud=BUS_BAUD),  # bytes take their time, and two that talk at once garble each other
    )
