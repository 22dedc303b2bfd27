"""Every benchmark at a tiny size: that it measures what it says, not how fast it is here."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from edge.demo.rig import LINE_S
from tests.bench import (
    append,
    at_the_desk,
    byte_to_publish,
    camera_worker,
    card,
    drain,
    guide,
    hall,
    idle,
    kiosk,
    kiosk_drawing,
    rules,
    stage,
)
from tests.bench.__main__ import FULL, QUICK, benchmarks, report
from tests.bench.model import Figure, Result, Series, rounds
from tests.bench.stage import hall_of
from tests.bench.table import show, summary


@pytest.fixture(autouse=True)
def no_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rests make figures comparable; here none is compared."""
    monkeypatch.setattr(stage, "SETTLE_S", 0.1)
    monkeypatch.setattr(idle, "QUIET_S", 0.1)
    monkeypatch.setattr(drain, "QUIET_ACTS", 2)


def figure(
    *, below: float | None = None, at_least: float | None = None, ratio_at_most: float | None = None
) -> Figure:
    return Figure(
        "delay", "ms", 10.0, 5.0, "bare", below=below, at_least=at_least, ratio_at_most=ratio_at_most
    )


def test_a_limit_is_met_or_not() -> None:
    assert figure().met is None
    assert figure(below=10.1).met is True
    assert figure(below=10.0).met is False
    assert figure(at_least=10.0).met is True
    assert figure(ratio_at_most=2.0).met is True
    assert figure(below=20.0, ratio_at_most=1.9).met is False, "each requirement counts"
    assert Figure("delay", "ms", 10.0, ratio_at_most=2.0).met is False, "no floor, no proof"


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    series = Series("delays", [number / 1000 for number in range(1, 101)])
    assert (series.p50, series.ms(0.95), series.p99) == pytest.approx((50.0, 95.0, 99.0))
    with pytest.raises(ValueError, match="no samples"):
        Series("nothing").ms(0.5)


def test_rounds_add_up() -> None:
    assert list(rounds(130, 60)) == [60, 60, 10]


def test_a_miss_is_in_the_summary_and_in_the_report() -> None:
    result = Result("delays", (figure(below=1.0),), (Series("delays", [0.01]),), ("in haste",))
    console = Console(file=io.StringIO(), width=120)
    show(console, result)
    summary(console, [result])
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "NOT MET: delay" in text
    assert "Every requirement is met" not in text
    written = json.loads(json.dumps(report([result], quick=True, took_s=1.0)))
    assert written["results"][0]["figures"][0]["met"] is False


def test_full_is_larger_than_quick_and_both_run_all() -> None:
    assert list(benchmarks(FULL)) == list(benchmarks(QUICK))
    assert FULL.presses >= 1_000
    assert FULL.idle_s >= 20.0


def test_each_window_gets_a_line_of_its_own(tmp_path: Path) -> None:
    text = hall_of(tmp_path, windows_a_line=1).read_text(encoding="utf-8")
    assert text.count("[[device]]\n") == 2 + 6
    assert all(text.count(f"${{HALL_TTY_LINE{window}}}") == 1 for window in range(1, 7))


@pytest.mark.alone
async def test_rules_are_measured_on_a_whole_day_and_a_full_hall() -> None:
    result = await rules.measure(days=1, estimates=2)
    assert [len(series.values_s) for series in result.series] == [1, 1, 2, 2]
    assert result.notes == ("52 windows; the waits with 300 waiting, 16 services, every window at work",)
    played, folded = result.series[0].p50, result.series[1].p50
    assert played > folded > 0, "who decides does more than who folds"


@pytest.mark.alone
async def test_a_change_of_the_kiosks_screen_costs_more_than_a_copy() -> None:
    result = await kiosk_drawing.measure(changes=40)
    warm, cold, wall, copy = result.series
    assert [len(series.values_s) for series in result.series] == [38, 2, 40, 40]
    assert min(cold.p50, warm.p50, wall.p50) > copy.p50 > 0
    resident = next(figure for figure in result.figures if "resident" in figure.name)
    assert resident.value > 20.0, "megabytes of a program that draws"


@pytest.mark.few
async def test_append(tmp_path: Path) -> None:
    result = await append.measure(tmp_path / "append", appends=6, crowds=1)
    assert [len(series.values_s) for series in result.series] == [6, 6]


@pytest.mark.few
async def test_byte_to_publish_sees_every_key_and_its_three_floors(tmp_path: Path) -> None:
    result = await byte_to_publish.measure(tmp_path / "publish", presses=12, size=6)
    assert [len(series.values_s) for series in result.series] == [12, 6, 12, 12]
    assert all(value_s > 0 for series in result.series for value_s in series.values_s)


@pytest.mark.few
@pytest.mark.thorough
async def test_the_kiosk_is_measured_with_its_floors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiosk, "QUIET_S", 0.1)
    async with stage.stage(tmp_path / "node") as at:
        result = await kiosk.measure(at, tickets=2, idle_s=0.5, changes=20)
    begun, direct, sent, slow, cut, paced, pressed, pages, whole, work = result.series
    assert all(value_s > 0 for series in result.series for value_s in series.values_s)
    for first, all_of_it, printed in zip(begun.values_s, sent.values_s, cut.values_s, strict=True):
        assert first <= all_of_it < printed, "a busy machine may see all of a slip at once"
    at_slow = next(figure for figure in result.figures if "9600" in figure.name)
    assert at_slow.floor and all(value_s * 1000 > at_slow.floor for value_s in slow.values_s)
    assert [len(series.values_s) for series in (direct, slow, paced, pressed, pages)] == [2] * 5
    assert len(whole.values_s) == len(work.values_s) >= 6, "home, services and ticket of each"
    assert {figure.name for figure in result.figures if figure.required} >= {"at rest: processor"}


@pytest.mark.few
async def test_strip_ticket_and_idle(tmp_path: Path) -> None:
    async with stage.stage(tmp_path / "node") as at:
        strip = await at_the_desk.strip(at, keys=2)
        cut, own, sent = (await at_the_desk.ticket(at, tickets=2)).series
        quiet = await idle.measure(at, idle_s=0.2)
    floor_ms = strip.figures[0].floor
    assert floor_ms is not None
    assert all(value_s * 1000 >= floor_ms for value_s in strip.series[0].values_s), "never below its floor"
    assert all(s < c for s, c in zip(sent.values_s, cut.values_s, strict=True)), "told to cut, then cut"
    assert all(value_s > LINE_S for value_s in own.values_s)
    assert quiet.figures[1].value > 10.0, "megabytes of a daemon that runs"


@pytest.mark.few
@pytest.mark.thorough
async def test_the_whole_hall_is_never_below_its_floor_and_tells_of_dead_terminals(tmp_path: Path) -> None:
    result = await hall.measure(tmp_path / "hall", calls=3)
    figures = {figure.name: figure for figure in result.figures}
    floor_ms = figures["call → strip, p50"].floor
    assert floor_ms is not None
    assert floor_ms == pytest.approx(1000 * hall.floor_s())
    values_s = [value_s for series in result.series[::2] for value_s in series.values_s]
    assert len(values_s) == 6
    assert all(value_s * 1000 >= floor_ms for value_s in values_s)
    assert all(figures[f"{family} dead → told"].value > 0 for family in ("heartbeat", "xfs4iot"))


@pytest.mark.few
async def test_a_card_is_never_faster_than_reader_and_line(tmp_path: Path) -> None:
    result = await card.measure(tmp_path / "card", cards=2)
    floor_ms = result.figures[1].floor
    assert floor_ms is not None
    assert floor_ms == pytest.approx(1000 * (0.08 + 0.08 + 0.9 + 1359 * 10 / 115_200))
    assert len(result.series[0].values_s) == 2
    assert all(value_s * 1000 >= floor_ms - 2 for value_s in result.series[0].values_s), "2 ms of timers"


@pytest.mark.alone
async def test_pictures_are_never_cheaper_than_the_decoder() -> None:
    result = await camera_worker.measure(jobs=40)
    figures = {figure.name: figure for figure in result.figures}
    for size in ("640×360", "1920×1080"):
        floor_ms = figures[f"{size}: the worker's part"].floor
        assert floor_ms is not None
        assert figures[f"{size}: the worker's part"].value > 0.8 * floor_ms, "ticks of 10 ms"
    assert [len(series.values_s) for series in result.series] == [40, 40, 146, 146]


@pytest.mark.few
async def test_a_drain_is_seen_whole_with_acts_meanwhile(tmp_path: Path) -> None:
    result = await drain.measure(tmp_path / "drain", 4_000, "mosquitto")
    assert result.figures[0].value > 0
    assert all(series.values_s for series in result.series)


@pytest.mark.few
async def test_the_guide_is_measured_with_its_floors() -> None:
    result = await guide.measure(keys=10)
    assert all(figure.floor for figure in result.figures)
    assert {series.name: len(series.values_s) for series in result.series}["a keystroke, zh"] == 10
