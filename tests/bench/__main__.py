"""`python -m tests.bench [--quick] [--out FILE] [NAME …]`: every figure beside its floor, as tables and JSON.

The exit status is 0 also where a requirement is missed: a benchmark on a busy machine is no test. The summary
names every miss.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.bench import (
    append,
    at_the_desk,
    byte_to_publish,
    camera_worker,
    card,
    console_crowd,
    console_live,
    diag,
    drain,
    guide,
    hall,
    hallctl,
    idle,
    kiosk,
    kiosk_drawing,
    online,
    pages,
    record_pages,
    rules,
    scan,
    takeover,
    yearly_report,
)
from tests.bench.model import Result
from tests.bench.record_of_a_year import ACTS
from tests.bench.stage import Stage, stage
from tests.bench.table import show, summary

Benchmark = Callable[[Path], Coroutine[Any, Any, Result]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: the whole of FULL takes 10 minutes at most, of QUICK 90 s."""

    appends: int
    presses: int  # byte → PUBLISH
    keys: int  # key → strip
    tickets: int
    cards: int
    calls: int
    days: int  # played again
    backlog: int
    pictures: int
    pages: int  # of a kiosk
    paints: int  # of each page of the console
    acts: int  # of the year that is reported
    halls: int  # each of which has it, where pages ask
    scans: int  # of sixteen ports
    diagnosed: int  # calls with and without a diagnosis beside them
    kills: int  # of a leading console: of each database, and of each machine
    idle_s: float


FULL = Size(
    appends=600,
    presses=1_000,
    keys=120,
    tickets=40,
    cards=20,
    calls=208,
    days=10,
    backlog=100_000,
    pictures=1_000,
    pages=10_000,
    paints=20,
    acts=ACTS,
    halls=2,
    scans=3,
    diagnosed=104,
    kills=5,
    idle_s=20.0,
)
QUICK = Size(
    appends=100,
    presses=90,
    keys=10,
    tickets=5,
    cards=3,
    calls=4,
    days=3,
    backlog=20_000,
    pictures=100,
    pages=500,
    paints=3,
    acts=10_000,
    halls=3,
    scans=1,
    diagnosed=26,
    kills=1,
    idle_s=8.0,
)


def benchmarks(size: Size) -> dict[str, Benchmark]:
    """By name, in the order of their running."""
    return {
        "append": lambda folder: append.measure(folder, size.appends),
        "publish": lambda folder: byte_to_publish.measure(folder, size.presses),
        "strip": _staged(lambda at: at_the_desk.strip(at, size.keys)),
        "ticket": _staged(lambda at: at_the_desk.ticket(at, size.tickets)),
        "hall": lambda folder: hall.measure(folder, size.calls),
        "card": lambda folder: card.measure(folder, size.cards),
        "rules": lambda _: rules.measure(size.days, 20 * size.days),
        "drain-nats": lambda folder: drain.measure(folder, size.backlog, "nats"),
        "drain-mosquitto": lambda folder: drain.measure(folder, size.backlog, "mosquitto"),
        "camera-worker": lambda _: camera_worker.measure(size.pictures),
        "kiosk-drawing": lambda _: kiosk_drawing.measure(size.pages),
        "report": lambda folder: yearly_report.measure(folder, size.acts),
        "record-pages": lambda folder: record_pages.measure(folder, size.acts, size.halls),
        "pages": lambda folder: pages.measure(folder, size.paints),
        "console-live": lambda folder: console_live.measure(folder, 50 * int(size.idle_s)),
        "console-crowd": lambda folder: console_crowd.measure(folder, size.idle_s),
        "diag": lambda folder: diag.measure(folder / "diag", size.diagnosed),
        "hallctl": _staged(lambda at: hallctl.measure(at, size.tickets)),
        "scan": lambda folder: scan.measure(folder, size.scans),
        "takeover": lambda folder: takeover.measure(folder, size.kills),
        "kiosk": _staged(lambda at: kiosk.measure(at, size.tickets, size.idle_s, size.pages)),
        "online": lambda folder: online.measure(folder, max(3, size.tickets // 4)),
        "guide": lambda _: guide.measure(20 * size.tickets),
        "idle": _staged(lambda at: idle.measure(at, size.idle_s)),
    }


def _staged(work: Callable[[Stage], Awaitable[Result]]) -> Benchmark:
    """On a stage of its own, with printer, panel and six windows on one line."""

    async def benchmark(folder: Path) -> Result:
        async with stage(folder) as at:
            return await work(at)

    return benchmark


async def run(size: Size, names: list[str], folder: Path, console: Console) -> list[Result]:
    """Those of `names`, or all."""
    results: list[Result] = []
    for name, benchmark in benchmarks(size).items():
        if names and name not in names:
            continue
        console.print(f"[dim]{name} …[/dim]")
        results.append(await benchmark(folder / name))
        show(console, results[-1])
    return results


def report(results: list[Result], *, quick: bool, took_s: float) -> dict[str, object]:
    machine = {
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load1": os.getloadavg()[0],
    }
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "quick": quick,
        "took_s": round(took_s, 1),
        "machine": machine,
        "results": [result.as_json() for result in results],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples: at most 90 s")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="where the figures go")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(benchmarks(QUICK))}; all without any")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(benchmarks(QUICK)):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    # With this variable each start of the daemon would compile its sources anew, which is memory and time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    console, began_s = Console(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hall-bench-") as folder:
        size = QUICK if arguments.quick else FULL
        results = asyncio.run(run(size, arguments.names, Path(folder), console))
    took_s = time.monotonic() - began_s
    summary(console, results)
    text = json.dumps(report(results, quick=arguments.quick, took_s=took_s), ensure_ascii=False, indent=1)
    arguments.out.write_text(text + "\n", encoding="utf-8")
    console.print(f"{took_s:.0f} s; {arguments.out}")


if __name__ == "__main__":
    main()
