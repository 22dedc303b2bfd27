"""The service guide: how soon its 398 items are there, and what a keystroke of a search costs."""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edge.catalogue import SAMPLE, find_item
from edge.catalogue.columns import TABLES
from kiosk_ui.catalogue import Guide
from kiosk_ui.catalogue_loading import GuideLoader, load
from tests.bench.model import Figure, Result, Series

KEY_BELOW_MS = 50.0
LOADED_BELOW_MS = 3000.0  # start to usable, all in all
TYPED = ("s", "sp", "spj", "dj", "xk", "zgzyjsxkz", "1", "10", "1001", "qqqqqq")
PATIENCE_S = 60.0


async def measure(keys: int) -> Result:
    read, bare, one = Series("all items read"), Series("the same files, as csv only"), Series("one item read")
    for _ in range(5):
        read.values_s.append(_timed(partial(load, str(SAMPLE))))
        bare.values_s.append(_timed(_bare))
        one.values_s.append(_timed(partial(find_item, SAMPLE, "1001")))
    began_s = time.perf_counter()
    guide = await _whole()
    whole_ms = (time.perf_counter() - began_s) * 1000
    zh, en, floor = Series("a keystroke, zh"), Series("a keystroke, en"), Series("every name looked at once")
    for turn in range(keys):
        typed = TYPED[turn % len(TYPED)]
        zh.values_s.append(_timed(partial(guide.search, typed, "zh")))
        en.values_s.append(_timed(partial(guide.search, typed, "en")))
        floor.values_s.append(_timed(partial(_looked, guide, typed)))
    once = "every name looked at once"
    figures = (
        Figure("all items read, p50", "ms", read.p50, bare.p50, "csv alone", below=LOADED_BELOW_MS),
        Figure("items with their initials", "ms", whole_ms, read.p50, "read alone", below=LOADED_BELOW_MS),
        Figure("one item, for a printed notice, p50", "ms", one.p50, bare.p50, "csv alone"),
        Figure("a keystroke in Chinese, p99", "ms", zh.p99, floor.p99, once, below=KEY_BELOW_MS),
        Figure("a keystroke in English, p99", "ms", en.p99, floor.p99, once, below=KEY_BELOW_MS),
    )
    notes = (
        f"{len(guide.catalogue.items)} items, {keys} keystrokes in each language, from one letter to nine",
        "initials are told by a process of its own, whose dictionaries are loaded and then gone",
    )
    return Result("The service guide", figures, (read, bare, one, zh, en, floor), notes)


async def _whole() -> Guide:
    """As a kiosk loads it, until its items are found by initials."""
    told: asyncio.Queue[Guide] = asyncio.Queue()
    loader = GuideLoader(lambda message: told.put_nowait(message.guide))
    loader.want(str(SAMPLE))
    guide = Guide()
    async with asyncio.timeout(PATIENCE_S):
        while not guide.initials:
            guide = await told.get()
    await loader.close()
    return guide


def _bare() -> int:
    """The floor: the files through the csv module, and nothing made of them."""
    rows = 0
    for file in TABLES:
        with Path(SAMPLE, file).open(encoding="utf-8-sig", newline="") as lines:
            rows += sum(1 for _ in csv.reader(lines))
    return rows


def _looked(guide: Guide, typed: str) -> int:
    return sum(typed in item.name.zh for item in guide.catalogue.items.values())


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
