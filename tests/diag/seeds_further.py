"""Further faults, each written from what the protocols' documents say and before its rule was looked at."""

from __future__ import annotations

from drivers.api import Simulator
from drivers.heartbeat.sim import FIELDS
from drivers.messages import ShowLines, ShowText
from drivers.transport.sick import Ills
from tests.diag.seeds import SEEDS, Ail, Seed, announce, do, in_turn, read, show_all, to
from tests.diag.world import REGISTRY, Child, World

NO_FONT = 0x0C  # of BX-5K's replies
DYNAMIC_AREA = (0xA3, 0x06)


def _scanner() -> Simulator:
    return REGISTRY.simulate("newland", {})


async def _codes_on_it(at: World) -> None:
    for _ in range(4):
        await at.sim.read_by_hand("6901234567892")
        await at.live(1.0)


async def _codes(at: World) -> None:
    at.sim.trouble.no_end = True
    at.sim.shows = "6901234567892"
    await read(at)


async def _blocked(at: World) -> None:
    """It comes back after each recovery."""
    for _ in range(100):
        at.sim.fault("mechanical", True)
        await at.live(1.0)


async def _open_then_off(at: World) -> None:
    at.sim.open_cover()
    await at.live(30.0)
    at.sim.power(False)


async def _drop(at: World) -> None:
    await at.sim.drop()


async def _rate_9(at: World) -> None:
    for _ in range(3):
        await at.sim.pad(0x81).rate(9)
        await at.live(1.0)


async def _call(at: World) -> None:
    await at.order(ShowLines("calls", (ShowText("请A001到1号窗口"),)))


def _mute(after: Ail) -> Ail:
    async def ail(at: World) -> None:
        at.sick.ills = Ills(mute=True)
        await after(at)

    return ail


FURTHER = (
    Seed("printer", "mechanics blocked", "mechanical_error", _blocked, hurt_s=0.5),
    Seed("printer", "power lost while its cover was open", "went_silent", _open_then_off),
    Seed("printer", "a scanner at its port", "other_device", _codes_on_it, peer=_scanner,
         from_the_start=True),
    Seed("printer", "converter hangs", "went_silent", options="fault=hang&hang_after=60"),
    Seed("bus68", "two strips at one address", "address_shared", show_all, device="strip-1",
         options="callers=1&strips=1,1,2&line=9600", from_the_start=True),
    Seed("bus68", "adapter dies at noon", "bus_died", in_turn(show_all, _mute(show_all)), device="strip-1"),
    Seed("bus68", "a key that no map has", "unknown_key", _rate_9, device="pad-129",
         options="callers=1&pads=0x81&strips=1&pad_model=B",
         children=(Child("caller", 1), Child("pad", 0x81))),
    # At a speed that is not its own a board hears noise and says nothing, as one without power.
    Seed("bx5k", "wrong speed", "never_heard", options="areas=calls:0&fault=speed&speed=6",
         from_the_start=True),
    Seed("bx5k", "no font for the text", "no_font", in_turn(to("errors", {DYNAMIC_AREA: NO_FONT}), _call)),
    Seed("sdt", "a wire with a bad contact", "bad_line", options="fault=flip&flip=0.02"),
    Seed("newland", "codes without their end", "cut_short", _codes),
    Seed("hid", "more keys than are read", "events_lost", _drop),
    Seed("voice", "card missing", "link_lost", in_turn(to("missing", True), announce)),
    Seed("heartbeat", "fields that are not there", "field_missing",
         settings={"fields": {**FIELDS, "health": "/status/health"}}, from_the_start=True),
    Seed("xfs4iot", "a part is broken", "hardware_error", do("set_device", "Printer", "hardwareError")),
)  # fmt: skip
EVERY = (*SEEDS, *FURTHER)
