"""`python -m tests.bench_cameras [--quick] [--out FILE] [PART …]`: what looking at 146 cameras costs.

Prints tables, writes JSON, and exits with 1 where a requirement is not met. Simulated cameras, driver and the
naive loop run in processes of their own; only the driver's and its workers' processor time and memory count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console

from drivers.camera.sim_recipe import default_folder
from tests.bench.__main__ import report
from tests.bench.model import Result
from tests.bench.table import show, summary
from tests.bench_cameras.ends import far_end
from tests.bench_cameras.hanging import KINDS
from tests.bench_cameras.parts import FULL, PARTS, QUICK, Size


async def run(size: Size, names: list[str], folder: Path, console: Console) -> list[Result]:
    """Those of `names`, or all; `folder` keeps the cameras' video."""
    results: list[Result] = []
    console.print("[dim]cameras …[/dim]")
    cameras = size.cameras + len(KINDS)
    async with far_end(cameras, folder, scenes=size.scenes, gop_s=size.gop_s, seconds=size.loop_s) as port:
        for name, part in PARTS.items():
            if names and name not in names:
                continue
            console.print(f"[dim]{name} …[/dim]")
            results.append(await part(size, port))
            show(console, results[-1])
    return results


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_cameras", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples: 4 minutes")
    parser.add_argument("--out", type=Path, default=Path("bench-cameras.json"), help="where the figures go")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(PARTS)}; all without any")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each worker would compile its sources anew
    console, began_s = Console(), time.monotonic()
    size = QUICK if arguments.quick else FULL
    results = asyncio.run(run(size, arguments.names, default_folder(), console))
    took_s = time.monotonic() - began_s
    summary(console, results)
    text = json.dumps(report(results, quick=arguments.quick, took_s=took_s), ensure_ascii=False, indent=1)
    arguments.out.write_text(text + "\n", encoding="utf-8")
    console.print(f"{took_s:.0f} s; {arguments.out}")
    return int(any(figure.met is False for result in results for figure in result.figures))


if __name__ == "__main__":
    sys.exit(main())
