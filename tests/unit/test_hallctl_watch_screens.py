"""Every page of `hallctl watch` as it stands on a terminal, in both languages, wide and narrow.

Compared with `tests/golden/watch`; `python -m tests.unit.test_hallctl_watch_screens` writes that anew, to be
looked at before it is kept.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from edge.diag.watching.app import PAGES
from edge.diag.words import Lang
from edge.wire import Condition, DeviceStatus
from tests.unit.test_hallctl import status_data
from tests.unit.test_hallctl_listening import KEY, SPOILT, piece
from tests.unit.test_hallctl_watch import FakeNode, until, watching

GOLDEN = Path(__file__).resolve().parents[1] / "golden/watch"
SIZES = ((100, 30), (60, 26))
CELL = 12.2  # pixels of a column in Textual's drawing
TEXT = re.compile(
    r'<text [^>]*?x="([\d.]+)"[^>]*?clip-path="url\(#[^)]*-line-(\d+)\)"[^>]*>(.*?)</text>', re.DOTALL
)
NOW = 1_700_000_000.0


@contextmanager
def at_a_fixed_time() -> Iterator[None]:
    """In UTC, for what a person sees; the loop's own clock goes on."""
    clock = SimpleNamespace(
        time=lambda: NOW, monotonic=time.monotonic, strftime=time.strftime, localtime=time.localtime
    )
    with (
        patch.dict(os.environ, {"TZ": "UTC"}),
        patch("edge.diag.watching.app.time", clock),
        patch("tests.unit.test_hallctl.time", clock),
    ):
        time.tzset()
        yield
    time.tzset()


def hall() -> FakeNode:
    """A printer that works, a bus whose cable is out, and a line with a spoilt frame on it."""
    node = FakeNode()
    lost = Condition(code="link_lost", severity="error", since=NOW - 95, detail="no such port")
    bus = DeviceStatus(device="bus-1", state="backoff", since=NOW - 95, restarts=4, conditions=(lost,))
    data = status_data()
    node.status = {**data, "devices": [data["devices"][0], bus.model_dump(), *data["devices"][2:]]}
    told = [piece(1, "10 04 01", out=True, said="status?"), piece(2, "12", said="status 12")]
    node.pieces["bus-1"] = [piece(1, KEY), piece(2, SPOILT), piece(3, "a0 90 05 a1 00 00 a4", out=True)]
    node.pieces["printer"] = told
    return node


def screen_of(pilot: Pilot[None]) -> str:
    """What stands on it, cell by cell."""
    rows = [""] * pilot.app.size.height
    for x, line, text in TEXT.findall(pilot.app.export_screenshot()):
        column = round(float(x) / CELL)
        row = rows[int(line)]
        rows[int(line)] = row + " " * (column - cell_len(row)) + html.unescape(text).replace("\xa0", " ")
    return "\n".join(row.rstrip() for row in rows) + "\n"


@asynccontextmanager
async def shown(lang: Lang, size: tuple[int, int]) -> AsyncIterator[tuple[Pilot[None], FakeNode]]:
    with at_a_fixed_time():
        node = hall()
        async with watching(node, lang, size) as pilot:
            yield pilot, node


def golden(lang: Lang, size: tuple[int, int], page: str) -> Path:
    return GOLDEN / f"{page}-{lang}-{size[0]}x{size[1]}.txt"


async def turned_to(pilot: Pilot[None], page: str) -> None:
    await pilot.press(str(PAGES.index(page) + 1))
    if page == "devices":
        await pilot.press("n")  # to what is not well


@pytest.mark.parametrize(
    ("lang", "size"),
    [
        (Lang.ZH, SIZES[0]),
        (Lang.EN, SIZES[1]),
        pytest.param(Lang.EN, SIZES[0], marks=pytest.mark.thorough),
        pytest.param(Lang.ZH, SIZES[1], marks=pytest.mark.thorough),
    ],
)
async def test_every_page(lang: Lang, size: tuple[int, int]) -> None:
    async with shown(lang, size) as (pilot, _):
        for page in PAGES:
            await turned_to(pilot, page)
            wanted = golden(lang, size, page).read_text()
            await until(pilot, wanted.__eq__, screen_of)


async def write() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for lang in Lang:
        for size in SIZES:
            async with shown(lang, size) as (pilot, _):
                for page in PAGES:
                    await turned_to(pilot, page)
                    await pilot.pause(1.0)
                    golden(lang, size, page).write_text(screen_of(pilot))


if __name__ == "__main__":
    asyncio.run(write())
