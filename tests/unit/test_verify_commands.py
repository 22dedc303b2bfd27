"""`hallctl verify` and `hall-console verify`, as people run them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.console.cli import app as hall_console
from edge.console.record import Record
from edge.diag.cli import app as hallctl
from edge.store import Store
from edge.wire import RatingGiven
from tests.chain_kit import chained
from tests.integration.node import batch, event
from tests.store_kit import day, draft, outside

RATED = RatingGiven(act="2025-03-03/A012", ticket="A012", window="3", staff="1001", level=1, raw=1)


async def made(path: Path) -> None:
    store = await Store.open(path)
    await store.append([draft(day(3)), draft(), draft(RATED), draft()])
    await store.close()


@pytest.fixture
def node(tmp_path: Path) -> Path:
    asyncio.run(made(tmp_path / "hall.db"))
    return tmp_path / "hall.db"


def at_node(path: Path, lang: str) -> Result:
    return CliRunner().invoke(hallctl, ["verify", "--store", str(path), "--lang", lang])


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    path = tmp_path / "hub.db"
    with Record(f"sqlite:///{path}") as record:
        for hall, epoch in (("h1", "a" * 32), ("h1", "b" * 32), ("h2", "c" * 32)):
            record.apply([(hall, "n1", batch(chained(epoch, 9, telemetry=4)))])
    return path


def at_hub(path: Path, *more: str) -> Result:
    return CliRunner().invoke(hall_console, ["verify", "--store", f"sqlite:///{path}", *more])


def test_a_node_whose_records_fit(node: Path) -> None:
    (link,) = outside(node, "SELECT json_extract(text, '$.link') FROM event WHERE seq = 4")[0]
    result = at_node(node, "zh")
    assert (result.exit_code, "4 件逐条相接" in result.stdout, link in result.stdout) == (0, True, True)
    assert "4 acts, each follows" in at_node(node, "en").stdout


def test_a_rating_that_was_altered_is_named(node: Path) -> None:
    outside(node, """UPDATE event SET text = replace(text, '"level":1', '"level":5') WHERE seq = 3""")
    result = at_node(node, "zh")
    assert result.exit_code == 1
    assert "第一处对不上的：2025-03-03 seq 3 rating.given A012：内容与链值不符" in result.stdout
    result = at_node(node, "en")
    assert result.exit_code == 1
    assert "the first that does not fit: 2025-03-03 seq 3 rating.given A012: its content" in result.stdout


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    result = at_node(tmp_path / "none.db", "en")
    assert (result.exit_code, "there is no such file" in result.stderr) == (2, True)
    said = at_node(tmp_path / "none.db", "zh").stderr
    assert said == f"{tmp_path}/none.db：没有这个文件\n处理：用 --store 指明节点的数据库\n"


def test_it_is_verified_beside_the_daemon_that_has_it_open(node: Path) -> None:
    async def beside() -> int:
        store = await Store.open(node)
        await store.append([draft()])
        result = await asyncio.to_thread(at_node, node, "en")
        await store.append([draft()])
        await store.close()
        return result.exit_code

    assert asyncio.run(beside()) == 0
    assert "6 acts" in at_node(node, "en").stdout


def test_a_record_that_fits_in_all_its_chains(hub: Path) -> None:
    result = at_hub(hub)
    assert result.exit_code == 0
    assert [line.split("：")[0] for line in result.stdout.splitlines() if line[0] == "✓"] == [
        "✓ h1/n1 aaaaaaaa",
        "✓ h1/n1 bbbbbbbb",
        "✓ h2/n1 cccccccc",
    ]
    assert "up to seq 9, 7 acts" in result.stdout
    assert "h1/n1" not in at_hub(hub, "--hall", "h2").stdout


def test_it_is_verified_beside_the_hub_that_records(tmp_path: Path) -> None:
    path, events = tmp_path / "hub.db", chained("a" * 32, 400, telemetry=9)
    with Record(f"sqlite:///{path}") as record, ThreadPoolExecutor(1) as thread:
        record.apply([("h1", "n1", batch(events[:2]))])
        batches = [batch(events[n : n + 2]) for n in range(2, 400, 2)]
        recording = thread.submit(lambda: [record.apply([("h1", "n1", each)]) for each in batches])
        looks = 0
        while not recording.done():
            result = at_hub(path)
            assert result.exit_code == 0, result.stdout
            looks += 1
        recording.result()
    assert looks > 1
    assert "up to seq 400" in at_hub(path).stdout


def test_to_look_changes_nothing(hub: Path, node: Path, tmp_path: Path) -> None:
    """A copy that is evidence stays as it is, also one without a log of changes beside it."""
    for path, look in ((hub, at_hub), (node, lambda copy: at_node(copy, "zh"))):
        copy = tmp_path / "the copy #1.db"
        outside(path, f"VACUUM INTO '{copy}'")
        before = copy.read_bytes()
        assert look(copy).exit_code == 0
        assert copy.read_bytes() == before
        copy.unlink()


def test_one_chain_that_does_not_fit_is_enough(hub: Path) -> None:
    outside(hub, f"DELETE FROM event WHERE seq = 5 AND epoch = '{'b' * 32}'")
    result = at_hub(hub)
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line[0] == "✗"]
    assert "h1/n1 bbbbbbbb" in line
    assert "seq 5：从这里起缺少记录" in line
    assert "records are missing from here on" in line
    assert at_hub(hub, "--hall", "h2").exit_code == 0


def test_what_did_not_fit_when_it_came_is_said_to_be_known(tmp_path: Path) -> None:
    path, events = tmp_path / "hub.db", chained("a" * 32, 9)
    events[4]["staff"] = "1002"
    with Record(f"sqlite:///{path}") as record:
        record.apply([("h1", "n1", batch(events))])
    result = at_hub(path)
    assert (result.exit_code, "did not fit when it came" in result.stdout) == (1, True)


def test_what_is_from_before_the_chain_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with Record(f"sqlite:///{path}") as record:
        record.apply([("h1", "n1", batch([event("a" * 32, seq) for seq in range(1, 4)]))])
        record.apply([("h1", "n2", batch(chained("b" * 32, 9, after=4)))])
    result = at_hub(path)
    assert result.exit_code == 0
    assert "3 acts more are from before" in result.stdout
    assert "4 acts more are from before" in result.stdout


def test_a_record_without_that_hall_and_one_that_is_none(hub: Path, tmp_path: Path) -> None:
    assert at_hub(hub, "--hall", "h9").exit_code == 2
    assert at_hub(tmp_path / "none.db").exit_code == 2
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text").write_text("no database at all, but as long as a header of one would have to be" * 9)
    assert at_hub(tmp_path / "text").exit_code == 2
