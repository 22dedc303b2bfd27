"""A bus with its devices as the peer of the driver: `sim://bus68?callers=1,2&pads=0x81&strips=1,2`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from drivers.api import BadSettings, Link, LinkLost
from drivers.bus68.sim_devices import ButtonsSim, CallerSim, PadSim, StripSim
from drivers.bus68.sim_line import Line, Violation

_Device = TypeVar("_Device", CallerSim, PadSim, StripSim, ButtonsSim)


class BusSim:
    """One pair of wires and all who are on it. It goes on living while no link is there."""

    def __init__(
        self,
        *,
        callers: Iterable[int] = (),
        pads: Iterable[int] = (),
        strips: Iterable[int] = (),
        buttons: Iterable[int] = (),
        pad_model: str = "A",
        line: Line | None = None,
    ) -> None:
        self.line = line or Line()
        self.callers = [CallerSim(self.line, address) for address in callers]
        self.pads = [PadSim(self.line, address, pad_model) for address in pads]
        self.strips = [StripSim(self.line, address) for address in strips]
        self.panels = [ButtonsSim(self.line, address) for address in buttons]

    @property
    def violations(self) -> list[Violation]:
        """Where the host spoke within 80 ms of an acknowledgement."""
        return self.line.violations

    def caller(self, address: int) -> CallerSim:
        return _at(self.callers, address)

    def pad(self, address: int) -> PadSim:
        return _at(self.pads, address)

    def strip(self, address: int) -> StripSim:
        return _at(self.strips, address)

    def buttons(self, address: int) -> ButtonsSim:
        return _at(self.panels, address)

    async def run(self, link: Link) -> None:
        """Until the link is lost; may be run again with another link, as a cable is put back."""
        self.line.host = link
        try:
            while True:
                await self.line.from_host(await link.read())
        except LinkLost:
            pass
        finally:
            self.line.host = None
            await self.line.settle()


def simulator(params: Mapping[str, str]) -> BusSim:
    """The simulator that a URL's options describe. Raises BadSettings.

    `callers pads strips buttons`: addresses, of which the same one twice is two devices. `pad_model` A or B.
    `line`: baud, 0 where bytes take no time. `echo=1`: the adapter hears itself. `noise`, `loss`: chances of
    each byte, with `seed`. `silent`: devices without power, such as `strip:5,pad:0x81`.
    """
    left = dict(params)
    line = Line(
        baud=_take(left, "line", int, 0),
        echo=_take(left, "echo", int, 0) == 1,
        noise=_take(left, "noise", float, 0.0),
        loss=_take(left, "loss", float, 0.0),
        seed=_take(left, "seed", int, 1),
    )
    bus = BusSim(
        callers=_take(left, "callers", _addresses, ()),
        pads=_take(left, "pads", _addresses, ()),
        strips=_take(left, "strips", _addresses, ()),
        buttons=_take(left, "buttons", _addresses, ()),
        pad_model=_take(left, "pad_model", _pad_model, "A"),
        line=line,
    )
    finders: dict[str, Callable[[int], CallerSim | PadSim | StripSim | ButtonsSim]] = {
        "caller": bus.caller,
        "pad": bus.pad,
        "strip": bus.strip,
        "buttons": bus.buttons,
    }
    silent: tuple[tuple[str, int], ...] = _take(left, "silent", _devices, ())
    for kind, address in silent:
        if kind not in finders:
            raise BadSettings(f"silent={kind}", remedy=f"It is one of {', '.join(finders)}.")
        finders[kind](address).silent = True
    if left:
        raise BadSettings(
            f"a bus has no {', '.join(left)}", remedy="See drivers/bus68/sim.py for its options."
        )
    return bus


_Value = TypeVar("_Value")


def _take(left: dict[str, str], key: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
    text = left.pop(key, None)
    try:
        return default if text is None else parse(text)
    except ValueError as error:
        raise BadSettings(
            f"{key}={text}: {error}", remedy="See drivers/bus68/sim.py for its options."
        ) from None


def _addresses(text: str) -> tuple[int, ...]:
    found = tuple(int(part, 0) for part in text.split(",") if part)
    if any(not 0 <= address < 256 for address in found):
        raise ValueError("an address is 0 to 255")
    return found


def _devices(text: str) -> tuple[tuple[str, int], ...]:
    pairs = [part.partition(":") for part in text.split(",") if part]
    return tuple((kind, int(address, 0)) for kind, _, address in pairs)


def _pad_model(text: str) -> str:
    if text not in {"A", "B"}:
        raise ValueError("a pad's model is A or B")
    return text


def _at(devices: list[_Device], address: int) -> _Device:
    for device in devices:
        if device.address == address:
            return device
    raise BadSettings(
        f"no such device at address 0x{address:02X}", remedy="Add it to the simulator's options."
    )
