"""Faults as halls have them: how each is brought about through a family's simulator, and what it is called.

A fault is named rightly where the cause is the one that stands here, or one of those that nobody could tell
apart from afar: `also`, with the reason beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from drivers.api import Simulator
from drivers.camera.sim import simulator
from drivers.heartbeat.sim import FIELDS, PATH, VALUES
from drivers.hid.sim import HidSim
from drivers.messages import Announce, PrintSlip, ReadCode, ShowDigits, ShowText, SlipLine
from drivers.transport.sick import WELL, Ills
from edge.diag.evidence import Evidence
from edge.diag.judging.causes import Cause
from edge.diag.judging.rules import cause_of
from tests.diag.world import REGISTRY, Child, World, world
from tests.voice_kit import tone_set

Ail = Callable[[World], Awaitable[object]]

SETTLED_S = 20.0  # after a device is first there: greeted, and asked a few times
HURT_S = 100.0  # after it fell ill: three heartbeats of the slowest family, and a minute of silence
AREAS = [{"name": "calls", "id": 0, "x": 0, "y": 0, "width": 128, "height": 64, "columns": 16}]
BUS = (Child("caller", 1), Child("strip", 1), Child("strip", 2))
CHILDREN = {"bus68": BUS, "camera": (Child("camera", 1, "rtsp://10.0.0.1/cam-1/sub"),)}
OPTIONS = {"bus68": "callers=1&strips=1,2"}
SETTINGS: dict[str, dict[str, Any]] = {
    "bx5k": {"areas": AREAS},
    "heartbeat": {"path": PATH, "fields": FIELDS, "values": VALUES},
}
MODELS = {"bus68": "bus68-standard", "hid": "hid-pad-five", "printer": "escpos-80mm"}
SLIP = PrintSlip("job-1", (SlipLine("测试"),))


def at_hand(folder: Path) -> None:
    """What loudspeakers say and cameras show, made before: who makes it needs real time, and none passes."""
    tone_set(folder)
    SETTINGS["voice"] = {"clips": str(folder)}
    video = {"cameras": "1", "gop_s": "1", "seconds": "4", "scenes": "1", "folder": str(folder)}
    OPTIONS["camera"] = urlencode(video)
    asyncio.run(simulator(video).prepare(["sub"]))


@dataclass(frozen=True)
class Seed:
    """`from_the_start`: it is ill before it is first asked; else it was well, and `ail` is done to it."""

    family: str
    name: str
    cause: str
    ail: Ail | None = None
    ills: Ills = WELL
    from_the_start: bool = False
    options: str = ""
    peer: Callable[[], Simulator] | None = None
    device: str = ""
    children: tuple[Child, ...] = ()  # others than the family's
    settings: dict[str, Any] = field(default_factory=dict)
    hurt_s: float = HURT_S

    @property
    def id(self) -> str:
        return f"{self.family}-{self.name}"


def do(name: str, *args: Any) -> Ail:
    async def ail(at: World) -> None:
        getattr(at.sim, name)(*args)

    return ail


def to(name: str, value: Any) -> Ail:
    async def ail(at: World) -> None:
        owner = at.sim
        *path, last = name.split(".")
        for each in path:
            owner = getattr(owner, each)
        setattr(owner, last, value)

    return ail


def in_turn(*parts: Ail) -> Ail:
    async def ail(at: World) -> None:
        for part in parts:
            await part(at)

    return ail


async def _print(at: World) -> None:
    await at.order(SLIP)


async def read(at: World) -> None:
    await at.order(ReadCode(4.0), limit_s=5.0)


async def announce(at: World) -> None:
    await at.order(Announce(("1", "2", "3")))


async def _press_at_9(at: World) -> None:
    for _ in range(3):
        await at.sim.caller(9).press()


async def _scan_unasked(at: World) -> None:
    for _ in range(3):
        await at.sim.read_by_hand("HTTPS://EXAMPLE.CN/1234567890")
        await at.live(1.0)


async def _bus_keys_on_it(at: World) -> None:
    for _ in range(4):
        await at.sim.caller(1).press()
        await at.live(1.0)


async def show_all(at: World) -> None:
    """As the hall does with each change."""
    for strip in ("strip-1", "strip-2"):
        await at.order(ShowText("测试"), strip, 5.0)


async def _strip_without_power(at: World) -> None:
    await show_all(at)
    at.sim.strip(1).silent = True
    await show_all(at)


async def _digits(at: World) -> None:
    for digits in ("1", "2", "3", "4"):
        await at.order(ShowDigits(digits), "caller-1", 5.0)
        await at.live(0.5)


async def keys(at: World) -> None:
    for _ in range(6):
        await at.sim.caller(1).press()
        await at.live(0.5)


def _bus() -> Simulator:
    return REGISTRY.simulate("bus68", {"callers": "1", "strips": "1,2"})


def _camera(ill: str) -> Ail:
    async def ail(at: World) -> None:
        at.sim.cameras[1].fall_ill(ill)

    return ail


PRINTER = (
    Seed("printer", "out of paper", "paper_out", do("set_paper", "out")),
    Seed("printer", "cover open", "cover_open", do("open_cover")),
    Seed("printer", "cutter stuck", "cutter_fault", in_turn(do("jam_cutter"), _print)),
    Seed("printer", "broken", "unrecoverable_error", do("fault", "broken", True)),
    Seed("printer", "head too hot", "head_hot", do("fault", "hot", True)),
    Seed("printer", "never had power", "never_heard", ills=Ills(mute=True), from_the_start=True),
    Seed("printer", "power lost", "went_silent", do("power", False)),
    Seed("printer", "takes nothing", "line_stalled", ills=Ills(stuck=True)),
    Seed("printer", "RX and TX shorted", "echo", ills=Ills(mute=True, echo=True), from_the_start=True),
    Seed("printer", "answers late", "late", ills=Ills(late_s=1.5)),
    Seed("printer", "noise on the cable", "bad_line", ills=Ills(noise=0.6)),
    Seed("printer", "answers cut", "bad_line", ills=Ills(cut=0.4)),
    Seed("printer", "loose plug", "loose", options="fault=unplug&unplug_after=120"),
    Seed("printer", "callers at its port", "other_device", _bus_keys_on_it, peer=_bus, from_the_start=True),
    Seed("printer", "two at one line", "answers_twice", ills=Ills(twin_s=0.05)),
)  # fmt: skip
BUS68 = (
    Seed("bus68", "strip without power", "one_is_silent", _strip_without_power, device="strip-1"),
    Seed("bus68", "strip at a wrong address", "one_is_silent", show_all, options="callers=1&strips=7,2",
         device="strip-1", from_the_start=True),
    Seed("bus68", "caller at a wrong address", "wrong_address", _press_at_9, options="callers=9&strips=1,2",
         device="caller-1", from_the_start=True),
    Seed("bus68", "stranger on the line", "unknown_address", _press_at_9, options="callers=1,9&strips=1,2",
         device="bus68"),
    Seed("bus68", "adapter hears itself", "hears_itself", _digits,
         options="callers=1&strips=1,2&echo=1&line=9600", device="bus68"),
    Seed("bus68", "wires broken", "dead_bus", show_all, ills=Ills(mute=True), device="strip-1",
         from_the_start=True),
    Seed("bus68", "noise on the wires", "bad_line", keys,
         options="callers=1&strips=1,2&noise=0.08", device="bus68"),
    Seed("bus68", "bytes lost on the wires", "bad_line", keys,
         options="callers=1&strips=1,2&loss=0.08", device="bus68"),
    Seed("bus68", "wrong speed", "wrong_speed", keys,
         options="callers=1&strips=1,2&fault=speed&speed=4", device="bus68", from_the_start=True),
    Seed("bus68", "nobody has pressed", "not_heard", device="caller-1"),
)  # fmt: skip


BX5K = (
    Seed("bx5k", "power lost", "went_silent", do("power", False)),
    Seed("bx5k", "never had power", "never_heard", ills=Ills(mute=True), from_the_start=True),
    Seed("bx5k", "dark", "dark", to("dark", True)),
    Seed(
        "bx5k",
        "clock runs wrong",
        "clock_drift",
        options="areas=calls:0&drift=0.5&stopped_clock=1",
        hurt_s=600.0,
    ),
    Seed("bx5k", "busy", "busy", to("busy", 10_000)),
    Seed("bx5k", "two with one number", "answers_twice", ills=Ills(twin_s=0.05)),
    Seed("bx5k", "answers damaged", "bad_line", ills=Ills(bad_check=0.5)),
)
SDT = (
    Seed("sdt", "not authorised", "unauthorised", to("trouble.unauthorised", True)),
    Seed("sdt", "self-test", "self_test", to("trouble.self_test", True)),
    Seed("sdt", "never had power", "never_heard", ills=Ills(mute=True), from_the_start=True),
    Seed("sdt", "cable pulled at the reader", "went_silent", ills=Ills(mute=True)),
    Seed("sdt", "answers damaged", "bad_line", ills=Ills(bad_check=0.5)),
    Seed("sdt", "answers late", "late", ills=Ills(late_s=3.0)),
)
NEWLAND = (
    Seed("newland", "power lost", "went_silent", ills=Ills(mute=True)),
    Seed("newland", "refuses to scan", "refused", in_turn(to("trouble.refuses", True), read)),
    Seed("newland", "answers late", "late", ills=Ills(late_s=2.5)),
    Seed("newland", "answers cut", "bad_line", ills=Ills(cut=0.5)),
    Seed("newland", "wrong speed", "wrong_speed", _scan_unasked, options="fault=speed&speed=8",
         from_the_start=True),
)  # fmt: skip


async def _stick(at: World) -> None:
    await at.sim.down(30)


async def _strange_key(at: World) -> None:
    await at.sim.press(199)


async def _type_on(at: World) -> None:
    sim: HidSim = at.sim
    for _ in range(60):
        await sim.press(2)
        await at.live(1.0)


HID = (
    Seed("hid", "key stuck", "key_stuck", _stick),
    Seed("hid", "unknown key", "unknown_key", _strange_key),
    Seed("hid", "pulled now and then", "loose", _type_on, options="fault=unplug&unplug_after=700"),
)


VOICE = (
    Seed("voice", "card held by another", "play_failed", in_turn(to("busy", True), announce)),
    Seed("voice", "card hangs", "player_stuck", in_turn(to("stuck", True), announce)),
)
HEARTBEAT = (
    Seed("heartbeat", "fault", "fault", do("set_health", 2)),
    Seed("heartbeat", "out of service", "out_of_service", do("set_health", 9)),
    Seed("heartbeat", "out of paper", "paper_out", do("set_paper", 2)),
    Seed("heartbeat", "door open", "door_open", do("set_door", True)),
    Seed("heartbeat", "no JSON", "not_json", do("fall_ill", "not_json")),
    Seed("heartbeat", "hangs", "silent", ills=Ills(mute=True)),
)
XFS4IOT = (
    Seed("xfs4iot", "paper out", "paper_out", do("set_paper", "out")),
    Seed("xfs4iot", "paper jammed", "paper_jammed", do("jam")),
    Seed("xfs4iot", "card stuck", "card_stuck", do("stick_card")),
    Seed("xfs4iot", "out of service", "out_of_service", do("out_of_service")),
    Seed("xfs4iot", "door open", "door_open", do("set_door", "open")),
    Seed("xfs4iot", "service hangs", "service_silent", do("hang", "Printer")),
)
CAMERA = tuple(
    Seed("camera", name, cause, _camera(ill), device="camera-1", hurt_s=300.0)
    for name, ill, cause in (
        ("refuses the login", "auth", "auth_failed"),
        ("has no such stream", "missing", "not_found"),
        ("takes requests and hangs", "hang", "no_answer"),
        ("has no session left", "session_limit", "session_limit"),
    )
)
SEEDS = (*PRINTER, *BUS68, *BX5K, *SDT, *NEWLAND, *HID, *VOICE, *HEARTBEAT, *XFS4IOT, *CAMERA)


async def judged(seed: Seed, chance: int = 1) -> tuple[Evidence, Cause]:
    """What is seen of the device after it fell ill, and what that is called. `chance`: another makes other
    damage of the same kind."""
    async with world(
        seed.family,
        model=MODELS.get(seed.family, ""),
        settings=SETTINGS.get(seed.family, {}) | seed.settings,
        children=seed.children or CHILDREN.get(seed.family, ()),
        options=seed.options or OPTIONS.get(seed.family, ""),
        peer=seed.peer() if seed.peer else None,
        ills=seed.ills if seed.from_the_start else WELL,
        seed=chance,
    ) as at:
        if not seed.from_the_start:
            await at.live(SETTLED_S)
            at.sick.ills = seed.ills
        if seed.ail:
            await seed.ail(at)
        await at.live(seed.hurt_s)
        seen = await at.evidence(seed.device)
        return seen, cause_of(seen)
