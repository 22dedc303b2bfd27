"""How long `hallctl scan` takes for sixteen serial ports, and whether it names what is at each."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from pathlib import Path

from drivers.api import Link, Simulator
from drivers.bus68.sim import BusSim
from drivers.bx5k.sim import BoardSim
from drivers.newland.sim import NewlandSim
from drivers.printer.sim import PrinterSim
from drivers.sdt.sim import SdtSim
from drivers.transport.sim import serve_pty
from edge.diag.probing.machine import Wanted, scan
from tests.bench.model import Figure, Result, Series

BELOW_S = 60.0


class Nobody:
    """A cable with nothing at its end: the longest to look at, since everything is asked."""

    async def run(self, link: Link) -> None:
        while True:
            await link.read()


def peers() -> dict[str, Simulator]:
    """By name: what a scan should call it, "" for what answers no question."""
    made: dict[str, Simulator] = {}
    for n in range(4):
        made[f"printer-{n}"] = PrinterSim()
    for n in range(2):
        made |= {f"sdt-{n}": SdtSim(), f"bx5k-{n}": BoardSim(), f"newland-{n}": NewlandSim()}
    for n in range(4):
        made[f"-bus-{n}"] = BusSim(callers=range(1, 14), pads=range(0x81, 0x8E))
    return made | {f"-nobody-{n}": Nobody() for n in range(2)}


async def measure(folder: Path, times: int) -> Result:
    folder.mkdir()
    took, right, all_ = Series("sixteen ports"), 0, 0
    async with AsyncExitStack() as stack:
        for name, simulator in peers().items():
            await stack.enter_async_context(serve_pty(simulator, folder / name))
        ports = tuple(str(folder / name) for name in peers())
        for _ in range(times):
            began_s = time.monotonic()
            found = await scan(Wanted(ports=ports, cameras=False))
            took.values_s.append(time.monotonic() - began_s)
            right += sum(each.driver == Path(each.place).name.partition("-")[0] for each in found)
            all_ += len(found)
    return Result(
        "hallctl scan",
        (
            Figure("longest scan", "s", took.ms(1.0) / 1000, below=BELOW_S),
            Figure("ports named rightly", "%", 100 * right / all_, at_least=100.0),
        ),
        (took,),
        (
            "sixteen ptys: four printers, two each of readers, boards and scanners, four window buses and "
            "two cables without a device, which are asked everything",
        ),
    )
