"""Damaged databases: refused with words for the technician, and nothing in them changed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.store import Store, StoreDamaged, StoreRefused
from tests.store_kit import act, draft, outside, telemetry

PAGE = 4096


async def a_database(directory: Path) -> Path:
    path = directory / "hall.db"
    store = await Store.open(path)
    for n in range(20):
        await store.append([draft(act(n)), *(draft(telemetry(n)) for _ in range(20))])
    await store.close()
    return path


def content(path: Path) -> dict[str, bytes]:
    """Of the database and its WAL; the -shm is no content but an index that SQLite makes afresh."""
    return {
        p.name: p.read_bytes()
        for p in sorted(path.parent.iterdir())
        if p.is_file() and not p.name.endswith(("-shm", "-lock")) and p.stat().st_size
    }


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(3 * PAGE)


def cut_within_a_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // PAGE * PAGE - 1000)


def no_magic(path: Path) -> None:
    overwrite(path, 0, b"Hello, I am text")


def zeros_in_the_middle(path: Path) -> None:
    overwrite(path, 4 * PAGE, bytes(8 * PAGE))


def noise(path: Path) -> None:
    chance = random.Random(7)
    for page in range(1, path.stat().st_size // PAGE):
        overwrite(path, page * PAGE, chance.randbytes(64))


def a_text_file(path: Path) -> None:
    path.write_text("[hall]\nname = 'x'\n" * 50)


def emptied_with_a_wal(path: Path) -> None:
    path.write_bytes(b"")
    path.with_name(path.name + "-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(5000))


def gone_with_a_wal(path: Path) -> None:
    path.rename(path.with_name("moved.db"))
    path.with_name(path.name + "-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(5000))


def another_programs(path: Path) -> None:
    path.unlink()
    outside(path, "CREATE TABLE recipe (name)")


def no_node(path: Path) -> None:
    outside(path, "DELETE FROM node")


def a_missing_event(path: Path) -> None:
    outside(path, "DELETE FROM event WHERE seq = 200")


def a_cursor_beyond_the_end(path: Path) -> None:
    outside(path, "UPDATE node SET acked_seq = 100000")


def a_missing_table(path: Path) -> None:
    outside(path, "DROP TABLE node")


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        cut_within_a_page,
        no_magic,
        zeros_in_the_middle,
        noise,
        a_text_file,
        emptied_with_a_wal,
        gone_with_a_wal,
        another_programs,
        no_node,
        a_missing_event,
        a_cursor_beyond_the_end,
        a_missing_table,
    ],
    ids=lambda damage: damage.__name__,
)
async def test_damage_is_refused_and_nothing_is_changed(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = await a_database(tmp_path)
    damage(path)
    before = content(path)
    for _ in range(2):  # a service manager tries again
        with pytest.raises(StoreDamaged) as refused:
            await Store.open(path)
        assert refused.value.path == path
        assert "hall.db-wal" in refused.value.remedy
        assert content(path) == before


async def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hall.db").mkdir()
    with pytest.raises(StoreRefused):
        await Store.open(tmp_path / "hall.db")


async def test_after_the_damage_is_mended_it_opens(tmp_path: Path) -> None:
    path = await a_database(tmp_path)
    shutil.copy(path, tmp_path / "copy")
    cut(path)
    with pytest.raises(StoreDamaged):
        await Store.open(path)
    shutil.copy(tmp_path / "copy", path)
    store = await Store.open(path)
    assert store.last_seq == 420
    await store.close()


async def test_damage_met_while_running_stops_the_writer_for_good(tmp_path: Path) -> None:
    """The next start refuses; until then nothing is called kept."""
    store = await Store.open(await a_database(tmp_path))
    store._journal.db.execute("PRAGMA writable_schema = RESET")  # forget the cached schema
    wide = sqlite3.connect(store.path, isolation_level=None)
    root = wide.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'event'").fetchone()[0]
    wide.close()
    for page in range(root - 1, store.path.stat().st_size // PAGE):
        overwrite(store.path, page * PAGE, b"\xff" * PAGE)
    store._journal.db.execute("PRAGMA shrink_memory")
    for _ in range(2):
        with pytest.raises(StoreDamaged):
            await store.append([draft()])
    assert store.last_seq == 420
    await store.close()
    with pytest.raises(StoreDamaged):
        await Store.open(store.path)
