"""`hall-console report`: what it says and refuses, and that what was published stays as it was."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.console.cli import app
from edge.console.reports.command import Done, Wish, produce
from edge.console.reports.period import Kind
from edge.console.reports.sheets import Report
from tests.report_kit import Node, keep, wall
from tests.stores import outside
from tests.unit.test_reports_month import a_dozen

pytestmark = pytest.mark.usefixtures("both_stores")

NOVEMBER, DECEMBER = wall("2026-11-01 02:00"), wall("2026-12-01 02:00")


def asked(wish: Wish, period: str = "2026-10", kind: Kind = "month", now: float = NOVEMBER) -> Done:
    return produce(kind, period, wish, lambda: now)


def act(node: Node, day: str, ticket: str) -> None:
    node.day(day)
    node.take(ticket)
    node.call(ticket, "1", 60)
    node.serve(ticket, "1", 60, level=5)


def versions(path: Path) -> list[tuple[object, ...]]:
    return outside(path, "SELECT kind, period, version, digest FROM report ORDER BY kind, period, version")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "r.db"


def test_a_report_is_published_once_and_again_only_where_it_says_something_else(
    record: Path, tmp_path: Path
) -> None:
    node = a_dozen()
    wish = Wish(keep(record, node), tmp_path / "out", publish=True)
    first = asked(wish)
    assert (first.status, "published: 2026-10 v1" in first.lines[-1]) == (0, True)
    again = asked(wish, now=NOVEMBER + 3600)
    assert (again.status, "unchanged: 2026-10 v1" in again.lines[-1]) == (0, True)

    act(node, "2026-10-09", "A001")
    keep(record, node)
    later = asked(wish)
    assert "published: 2026-10 v2" in later.lines[-1]
    kept = versions(record)
    assert [row[:3] for row in kept] == [("month", "2026-10", 1), ("month", "2026-10", 2)]
    for number, row in enumerate(kept, 1):
        written = (tmp_path / f"out/2026-10/v{number}/report.json").read_bytes()
        assert hashlib.sha256(written).hexdigest() == row[3]


def test_what_comes_late_is_a_correction_in_the_next_month(record: Path, tmp_path: Path) -> None:
    node = a_dozen()
    wish = Wish(keep(record, node), tmp_path / "out", publish=True)
    asked(wish)
    act(node, "2026-10-30", "A001")  # the node was cut off when October was published
    act(node, "2026-11-02", "A001")
    keep(record, node)
    done = asked(wish, "2026-11", now=DECEMBER)
    assert any("2 corrections to 2026-10" in line for line in done.lines)
    report = Report.from_json((tmp_path / "out/2026-11/v1/report.json").read_text())
    assert [row[4:] for row in report.sheet("corrections").rows] == [
        ("1", "办件量", "Acts", 5, 6),
        ("1", "评价数", "Ratings", 4, 5),
    ]
    october = Report.from_json((tmp_path / "out/2026-10/v1/report.json").read_text())
    totals = october.sheet("halls").totals
    assert totals is not None
    assert totals[3] == 8  # as it was published


def test_a_published_version_is_written_again_as_it_was(record: Path, tmp_path: Path) -> None:
    node = a_dozen()
    store = keep(record, node)
    asked(Wish(store, tmp_path / "out", publish=True))
    act(node, "2026-10-09", "A001")
    keep(record, node)
    assert asked(Wish(store, tmp_path / "again", version=1)).status == 0
    before = (tmp_path / "out/2026-10/v1/report.json").read_bytes()
    assert (tmp_path / "again/report.json").read_bytes() == before
    missing = asked(Wish(store, tmp_path / "again", version=7))
    assert (missing.status, missing.lines) == (1, ("2026-10 没有第 7 版 · there is no version 7 of 2026-10",))


def test_what_is_not_over_or_not_of_all_halls_is_not_published(record: Path, tmp_path: Path) -> None:
    store = keep(record, a_dozen())
    running = asked(Wish(store, tmp_path / "out", publish=True), now=wall("2026-10-20 09:00"))
    assert (running.status, "is not over" in running.lines[0]) == (1, True)
    one = asked(Wish(store, tmp_path / "out", hall="county", publish=True))
    assert (one.status, "without --hall" in one.lines[0] or "leave out --hall" in one.lines[0]) == (2, True)
    assert versions(record) == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kind", "period", "expected"),
    [
        ("month", "2026-09", (1, "2026-09 没有任何记录 · the record has nothing of 2026-09")),
        ("month", "2026-12", (1, "2026-12 还没有开始，今天是 2026-11-01")),
        ("month", "October", (2, "写成 2026-10")),
        ("quarter", "2026Q5", (2, "write 2026Q4")),
        ("year", "26", (2, "write 2026")),
    ],
)
def test_a_refusal_says_why_and_writes_nothing(
    record: Path, tmp_path: Path, kind: Kind, period: str, expected: tuple[int, str]
) -> None:
    done = asked(Wish(keep(record, a_dozen()), tmp_path / "out"), period, kind)
    status, words = expected
    assert (done.status, words in done.lines[0]) == (status, True), done.lines
    assert not (tmp_path / "out").exists()


def test_a_hall_that_the_record_does_not_know_is_refused(record: Path, tmp_path: Path) -> None:
    done = asked(Wish(keep(record, a_dozen()), tmp_path / "out", hall="nowhere"))
    assert (done.status, done.lines[0].endswith("the record has nothing of 2026-10 nowhere")) == (1, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('timezone = "Mars"', "timezone"),
        ("[honours]\nwindows = 0", "honours.windows"),
        ("[honours]\ngood=0\nparticipation=0\nvolume=0\ntimeliness=0", "all are 0"),
        ('[[hall]]\nid="a"\n[[hall]]\nid="a"', "two halls have the same id"),
        ("hauls = 1", "hauls"),
        ("not toml", "settings.toml"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_their_key(
    record: Path, tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    done = asked(Wish(keep(record, a_dozen()), tmp_path / "out", settings=path))
    assert (done.status, words in done.lines[0]) == (2, True), done.lines


def test_from_the_command_line(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    store = keep(record, a_dozen("2024-10-08"))  # long gone: the command goes by the clock of this machine
    arguments = ["report", "month", "2024-10", "--store", store, "--out", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "2024-10 月报 · Monthly report 2024-10" in result.output
    assert (out / "report.xlsx").exists()
    nothing = CliRunner().invoke(
        app, [*arguments[:3], "--store", f"sqlite:///{tmp_path}/no.db", "--out", str(out)]
    )
    assert (nothing.exit_code, "no report: the record" in nothing.output) == (2, True)
