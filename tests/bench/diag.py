"""`hallctl diag`: how rightly it names faults, how long a whole hall takes, and what it costs a call."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

from drivers.conformance import run_warped
from edge.demo.full import full_config
from edge.demo.processes import BIN
from edge.demo.run import CONFIG
from tests.bench.hall import calls_of, take
from tests.bench.model import Figure, Result, Series
from tests.bench.stage import Stage, stage
from tests.diag import seeds
from tests.diag.seeds import judged
from tests.diag.seeds_further import EVERY

RIGHT_AT_LEAST = 95.0
ALL_BELOW_S = 10.0
DELAY_BELOW_MS = 50.0
CHANCES = (1, 2, 3)  # the tests know the first alone
PAUSE_S = 1.0  # between two runs: who runs it again and again leaves the hall that long


async def measure(folder: Path, calls: int) -> Result:
    """`calls` at windows with nobody looking, and as many while `diag all` runs again and again."""
    folder.mkdir(parents=True)
    right, wrong = await asyncio.to_thread(named, folder / "recordings")
    config = folder / "full.toml"
    config.write_text(full_config(CONFIG.read_text(encoding="utf-8"), cameras=0), encoding="utf-8")
    took = Series("hallctl diag all")
    async with stage(folder / "node", config) as at:
        at.rig.printer.line_s = 0.0
        await take(at, 3 * calls)
        alone = await calls_of(at, "call → strip, nobody diagnoses", calls)
        async with _again_and_again(at, took):
            beside = await calls_of(at, "call → strip, beside diag all", calls)
    total = right + sum(wrong.values())
    return Result(
        "hallctl diag",
        (
            Figure("faults named rightly", "%", 100 * right / total, at_least=RIGHT_AT_LEAST),
            Figure("diag all, 52 windows, longest", "s", took.ms(1.0) / 1000, below=ALL_BELOW_S),
            Figure("a call's delay beside it, p50", "ms", beside.p50 - alone.p50, below=DELAY_BELOW_MS),
            Figure("a call's delay beside it, p95", "ms", beside.ms(0.95) - alone.ms(0.95)),
        ),
        (took, alone, beside),
        (
            f"{len(EVERY)} seeded faults of {len({seed.family for seed in EVERY})} families, each by "
            f"{len(CHANCES)} chances; taken for another: "
            + ("none" if not wrong else "; ".join(f"{what} ×{count}" for what, count in wrong.items())),
        ),
    )


def named(folder: Path) -> tuple[int, Counter[str]]:
    """How many seeded faults are named rightly, and the others as "fault: its cause → what it was called"."""
    seeds.at_hand(folder)
    right, wrong = 0, Counter[str]()
    for seed, chance in product(EVERY, CHANCES):
        logging.disable(logging.CRITICAL)  # what a sick device has logged is no figure
        try:
            _, cause = run_warped(judged(seed, chance))
        finally:
            logging.disable(logging.NOTSET)
        if cause.code == seed.cause:
            right += 1
        else:
            wrong[f"{seed.id}: {seed.cause} → {cause.code}"] += 1
    return right, wrong


@contextlib.asynccontextmanager
async def _again_and_again(at: Stage, took: Series) -> AsyncIterator[None]:
    """The command as a technician starts it, in a process of its own."""

    async def run() -> None:
        while True:
            began_s = time.monotonic()
            command = ("diag", "all", "--json", "--socket", str(at.folder / "control.sock"))
            process = await asyncio.create_subprocess_exec(
                str(BIN / "hallctl"), *command, stdout=asyncio.subprocess.PIPE
            )
            told, _ = await process.communicate()
            took.values_s.append(time.monotonic() - began_s)
            if len(json.loads(told)["devices"]) < len(at.rig.settings.devices):
                raise RuntimeError("diag all has left devices out")
            await asyncio.sleep(PAUSE_S)

    running = asyncio.create_task(run())
    try:
        yield
    finally:
        if running.done():
            running.result()
        while not took.values_s:  # noqa: ASYNC110 the first is under way
            await asyncio.sleep(0.1)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
