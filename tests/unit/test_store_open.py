"""Opening: a new database, migrations, the lock, versions."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge.store import (
    Limits,
    Store,
    StoreDamaged,
    StoreError,
    StoreInUse,
    StoreRefused,
    StoreTooNew,
    database,
)
from tests.store_kit import draft, outside, seqs, told


async def open_and_close(path: Path) -> str:
    store = await Store.open(path)
    await store.close()
    return store.epoch


async def test_each_new_database_has_an_epoch_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    one, two = await open_and_close(tmp_path / "1.db"), await open_and_close(tmp_path / "2.db")
    assert one != two
    assert len(bytes.fromhex(one)) == 16
    assert await open_and_close(tmp_path / "1.db") == one


async def test_the_promised_pragmas_hold(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    db = store._journal.db
    asked = {
        name: database.scalar(db, f"PRAGMA {name}")
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "application_id")
    }
    assert asked == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "application_id": int.from_bytes(b"HALE", "big"),
    }
    await store.close()
    assert outside(store.path, "PRAGMA user_version") == [(6,)]


async def test_a_second_store_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    with pytest.raises(StoreInUse, match="has this database open"):
        await Store.open(tmp_path / "hall.db")
    await store.append([draft()])
    await store.close()
    assert await open_and_close(tmp_path / "hall.db") == store.epoch


async def test_an_opening_that_was_given_up_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, prepare = threading.Event(), threading.Event(), Store._prepare
    others = threading.enumerate()

    def slow(store: Store) -> None:
        begun.set()
        assert may_end.wait(60)
        prepare(store)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_prepare", slow)
        opening = asyncio.create_task(Store.open(tmp_path / "hall.db"))
        assert await asyncio.to_thread(begun.wait, 60)
        opening.cancel()
        await asyncio.wait({opening})
    there = (each for each in threading.enumerate() if each not in others)
    (thread,) = (each for each in there if each.name.startswith("store-read"))
    may_end.set()
    await asyncio.to_thread(thread.join)
    await open_and_close(tmp_path / "hall.db")  # nor locked


def test_another_process_is_refused_with_the_holder_named(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom edge.store import Store\n"
        "async def main():\n    await Store.open(Path(sys.argv[1]))\n    print('open', flush=True)\n"
        "    await asyncio.sleep(60)\nasyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "hall.db")], stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "open\n"
            with pytest.raises(StoreInUse, match=f"process {other.pid} "):
                asyncio.run(open_and_close(tmp_path / "hall.db"))
        finally:
            other.kill()
    asyncio.run(open_and_close(tmp_path / "hall.db"))  # the lock went with its process


async def test_a_later_versions_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    await open_and_close(path)
    outside(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match="version 99, this program knows 6") as refused:
        await Store.open(path)
    assert "later" in refused.value.remedy
    assert path.read_bytes() == before


async def test_migrations_run_in_order_and_each_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that fails in its middle leaves the schema of those before; corrected, it goes on."""
    scripts = tmp_path / "migrations"
    shutil.copytree(database._MIGRATIONS, scripts)
    ours = len(list(scripts.glob("*.sql")))
    new, newer = (scripts / f"{ours + n:03}.sql" for n in (1, 2))
    monkeypatch.setattr(database, "_MIGRATIONS", scripts)
    path = tmp_path / "hall.db"
    store = await Store.open(path)
    await store.append([draft()])
    await store.close()

    new.write_text("CREATE TABLE extra (a); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(StoreError):
        await Store.open(path)
    assert outside(path, "PRAGMA user_version") == [(ours,)]
    assert outside(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'") == [(0,)]

    new.write_text("CREATE TABLE extra (a);")
    newer.write_text("ALTER TABLE extra ADD COLUMN b; -- ends without a line")
    again = await Store.open(path)
    assert (again.epoch, seqs(await told(again))) == (store.epoch, [1])
    await again.close()
    assert outside(path, "PRAGMA user_version") == [(ours + 2,)]
    assert outside(path, "SELECT a, b FROM extra") == []


async def test_a_gap_in_the_migrations_numbers_is_the_programs_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "002.sql").write_text("SELECT 1;")
    monkeypatch.setattr(database, "_MIGRATIONS", tmp_path)
    with pytest.raises(RuntimeError, match="numbered"):
        await Store.open(tmp_path / "hall.db")


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    """What a crash at the very first open leaves behind."""
    (tmp_path / "hall.db").touch()
    assert await open_and_close(tmp_path / "hall.db")


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="directory is missing") as refused:
        await Store.open(tmp_path / "nowhere" / "hall.db")
    assert not isinstance(refused.value, StoreDamaged)


async def test_a_path_with_signs_of_a_uri(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=ro#50%.db"
    await open_and_close(path)
    assert path.exists()


async def test_a_check_that_takes_too_long_is_cut_short_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "hall.db"
    await open_and_close(path)
    outside(
        path,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) INSERT INTO event"
        " SELECT i, 1, hex(randomblob(16)), 'device.changed', 0, 0.0, hex(randomblob(400)) FROM n",
    )
    store = await Store.open(path, Limits(check_s=0.001))
    assert store.last_seq == 60000
    assert "cut short" in caplog.text
    await store.close()


def test_numpy_does_not_come_with_the_store() -> None:
    """12.5 MB of a daemon that may have 45."""
    code = "import edge.store, sys; assert 'sqlite_utils' in sys.modules; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    pytest.importorskip("numpy")
    subprocess.run([sys.executable, "-c", "import edge.store, numpy; numpy.zeros(3)"], check=True)
