"""Reports on time: on the first, once, tried again where they fail, and by the command that people have."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import edge.console.reports.timely
from edge.console.record import Record
from edge.console.reports import apart
from edge.console.reports.apart import Apart, CannotMake
from edge.console.reports.period import Period
from edge.console.reports.timely import Command, Timely, due, is_published, run
from tests.report_kit import CHINA, keep, wall
from tests.unit.test_reports_month import a_dozen
from tests.voice_kit import until
from tests.warped import warped

OCTOBER = Period.parse("month", "2026-10")


def texts(moment: str) -> list[str]:
    return [period.text for period in due(datetime.fromisoformat(moment).replace(tzinfo=CHINA))]


def test_what_is_due_when() -> None:
    assert texts("2026-11-01 01:59") == []
    assert texts("2026-11-01 02:00") == ["2026-10", "2026Q3", "2025"]
    assert texts("2026-11-30 23:00") == ["2026-10", "2026Q3", "2025"]
    assert texts("2027-01-01 02:00") == ["2026-12", "2026Q4", "2026"]
    assert (OCTOBER.due.isoformat(), Period.parse("quarter", "2026Q4").due.isoformat()) == (
        "2026-11-05",
        "2027-01-05",
    )


@pytest.fixture
def store(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/r.db"
    Record(url).close()
    return url


def at_two(store: str, statuses: list[int], clock: Callable[[], float]) -> tuple[Timely, list[str]]:
    """One that makes nothing, and says what it was asked for."""
    asked: list[str] = []

    async def make(period: Period) -> int:
        asked.append(period.text)
        return statuses.pop(0) if statuses else 1

    return Timely(store, CHINA, make, clock), asked


async def test_one_that_failed_is_tried_again_and_one_without_data_the_next_day(
    store: str, caplog: pytest.LogCaptureFixture
) -> None:
    now = [wall("2026-11-01 02:00")]
    timely, asked = at_two(store, [2, 1, 1], lambda: now[0])
    await timely.look()
    assert asked == ["2026-10", "2026Q3", "2025"]
    assert "the report of 2026-10 was not made (status 2, due on 2026-11-05)" in caplog.text
    now[0] += 3600
    await timely.look()
    assert asked[3:] == ["2026-10"]
    now[0] = wall("2026-11-06 00:30")
    await timely.look()
    assert asked[4:] == ["2026-10", "2026Q3", "2025"]


async def test_late_is_said(store: str, caplog: pytest.LogCaptureFixture) -> None:
    timely, _ = at_two(store, [2], lambda: wall("2026-11-06 09:00"))
    await timely.look()
    assert "was due on 2026-11-05" in caplog.text


async def test_before_its_hour_nothing_is_made(store: str) -> None:
    timely, asked = at_two(store, [], lambda: wall("2026-11-01 01:00"))
    await timely.look()
    assert asked == []


async def test_a_record_that_cannot_be_read_is_no_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    timely, asked = at_two(f"sqlite:///{tmp_path}/no.db", [], lambda: wall("2026-11-02 09:00"))
    await timely.look()
    assert asked == []
    assert "the report of 2026-10: unable to open" in caplog.text


@pytest.mark.few
async def test_the_real_command_publishes_and_it_is_not_made_again(tmp_path: Path) -> None:
    """Of a month long gone: the command goes by the clock of this machine."""
    url = keep(tmp_path / "r.db", a_dozen("2024-10-08"))
    command, month = Command(url, tmp_path / "out", None), Period.parse("month", "2024-10")
    assert await command(month) == 0
    assert is_published(url, month)
    assert (tmp_path / "out/2024-10/v1/report.xlsx").exists()
    timely = Timely(url, CHINA, command, lambda: wall("2024-11-01 03:00"))
    await timely.look()  # the quarter and the year before have nothing
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["2024-10"]
    assert [path.name for path in (tmp_path / "out/2024-10").iterdir()] == ["v1"]


async def test_what_has_ended_before_it_is_looked_at_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    start = asyncio.create_subprocess_exec

    async def ended(*argv: str, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*argv, **options)
        await process.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", ended)
    assert await run(["sh", "-c", "echo no room; exit 2"], "a report") == 2
    assert "a report: no room" in caplog.text
    with pytest.raises(CannotMake, match="No module"):
        monkeypatch.setattr(apart, "PROGRAM", "import no_such_module")
        await Apart("sqlite:////none").report("month", "2026-09", "", 0.0)


async def test_what_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge.console.reports.timely, "LIMIT_S", 0.2)
    with pytest.raises(OSError, match="more than"):
        await run([sys.executable, "-c", "import time; time.sleep(60)"], "a report")


async def test_a_hub_that_stops_takes_its_report_with_it(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    code = f"import os, time; open({str(started)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(run([sys.executable, "-c", code], "a report"))
    await until(lambda: started.exists() and started.read_text() != "")
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert not Path(f"/proc/{started.read_text()}").exists()


@warped
async def test_a_fault_of_our_own_does_not_end_the_hub(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """And it looks again each hour."""
    asked: list[str] = []

    async def make(period: Period) -> int:
        asked.append(period.text)
        raise ZeroDivisionError

    Record(f"sqlite:///{tmp_path}/r.db").close()
    timely = Timely(f"sqlite:///{tmp_path}/r.db", CHINA, make, lambda: wall("2026-11-01 03:00"))
    running = asyncio.create_task(timely.run())
    await asyncio.sleep(2.5 * 3600)
    assert not running.done()
    running.cancel()
    assert asked == ["2026-10"] * 3
    assert "a fault of our own" in caplog.text
