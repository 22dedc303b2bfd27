"""K15: what the soak of a kiosk measures, and how it judges; `make soak-kiosk` is the whole of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time

import pytest

from tests.soak_kiosk.__main__ import misses
from tests.soak_kiosk.day import Plan, Sample, Soak
from tests.soak_kiosk.hasty import HastyLoop

PROGRAM = """
from kiosk_ui.lean import load_app
load_app()
import json
from dataclasses import asdict
from tests.soak_kiosk.day import Plan, soak
print(json.dumps(asdict(soak({plan!r}))))
"""


def seen(plan: Plan) -> Soak:
    """In a process of its own."""
    program = PROGRAM.format(plan=plan)
    out = subprocess.run([sys.executable, "-c", program], check=True, timeout=900, stdout=subprocess.PIPE)
    told = json.loads(out.stdout)
    hours, pages = ([Sample(**each) for each in told.pop(name)] for name in ("hours", "pages"))
    return Soak(hours, pages, **told)


def test_an_hour_of_citizens_is_over_in_seconds_and_leaves_nothing_open() -> None:
    found = seen(Plan(hours=1, pages=20, warm_pages=20))
    assert found.citizens >= 5 and found.touches >= 20 and found.asked > 3600
    assert found.pictures > found.touches
    assert (len(found.hours), len(found.pages)) == (1, 2)
    assert all(each.resident_mb > 20 for each in (*found.hours, *found.pages))
    assert not [miss for miss in misses(found) if "became more" in miss]


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_k15_a_day_and_ten_thousand_pages_grow_no_more_than_they_may() -> None:
    assert misses(seen(Plan())) == []


# --- how it judges ---
def soak(*hours: tuple[float, int, int], by_pages_mb: float = 0.0) -> Soak:
    told = [Sample(str(at), *each) for at, each in enumerate(hours)]
    mb, handles, threads = hours[-1]
    pages = [Sample(name, mb + grown, handles, threads) for name, grown in (("", 0.0), ("", by_pages_mb))]
    return Soak(told, pages)


def test_what_stays_as_it_is_misses_nothing() -> None:
    assert misses(soak((70, 15, 2), (70.9, 15, 2), (71.8, 14, 2), by_pages_mb=4.9)) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (soak((70, 15, 2), (71.2, 15, 2)), "grown by 1.20 MB an hour"),
        (soak((70, 15, 2), (71.5, 15, 2), (71, 15, 2)), "grown by 1.50 MB an hour"),
        (soak((70, 15, 2), by_pages_mb=5.1), "grown by 5.10 MB in the pages"),
        (soak((70, 15, 2), (70, 20, 2)), "15 handles became more"),
        (soak((70, 15, 2), (70, 15, 4)), "2 threads became more"),
    ],
)
def test_each_miss_is_said(found: Soak, said: str) -> None:
    assert misses(found) == [said]


# --- the clock ---
def test_on_a_hasty_clock_a_day_is_slept_at_once_and_in_order() -> None:
    loop, woken = HastyLoop(), list[str]()

    async def sleep(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append(name)

    async def all_of_them() -> float:
        began_s = loop.time()
        await asyncio.gather(sleep("day", 86_400), sleep("minute", 60), sleep("hour", 3600))
        return loop.time() - began_s

    began_s = time.monotonic()
    passed_s = loop.run_until_complete(all_of_them())
    loop.close()
    assert woken == ["minute", "hour", "day"]
    assert 86_400 <= passed_s < 86_500 and time.monotonic() - began_s < 60


def test_while_others_are_at_work_its_clock_is_like_any_other() -> None:
    loop = HastyLoop()
    loop.waits_for_others = lambda: True
    began_s = time.monotonic()
    loop.run_until_complete(asyncio.sleep(0.05))
    loop.close()
    assert time.monotonic() - began_s >= 0.05
