"""`hallctl backup` and `restore`, as technicians run them."""

from __future__ import annotations

import asyncio
import io
import json
import resource
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.diag.cli import app
from edge.store import Store
from tests.store_kit import draft, outside

ENDS = ("", "-lock", "-wal", "-shm")  # of what SQLite and the lock have beside a database


async def made(path: Path, count: int = 5) -> None:
    store = await Store.open(path)
    await store.append([draft() for _ in range(count)])
    await store.close()


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A folder with a database and a configuration, its secrets beside it."""
    folder = tmp_path / "node"
    (folder / "etc" / "items").mkdir(parents=True)
    asyncio.run(made(folder / "hall.db"))
    (folder / "etc" / "hall.toml").write_text("[hall]\n")
    (folder / "etc" / "items" / "items.csv").write_text("id\n")
    (folder / "etc" / "mqtt").write_text("open-sesame\n")
    return folder


def run(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments), "--lang", "en"])
    assert done.exit_code == code, done.output
    return done.output


def backup(node: Path, file: Path, *more: str, code: int = 0) -> str:
    return run("backup", file, "--store", node / "hall.db", "--config", node / "etc" / "hall.toml", *more,
               code=code)  # fmt: skip


def names(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def test_a_backup_has_no_secret_unless_asked_for(node: Path, tmp_path: Path) -> None:
    file, whole = tmp_path / "b.tgz", tmp_path / "whole.tgz"
    assert "up to seq 5" in backup(node, file)
    assert names(file) == ["manifest.json", "hall.db", "config/hall.toml", "config/items/items.csv"]
    backup(node, whole, "--with-secrets")
    assert "secrets/mqtt" in names(whole)
    assert {each.stat().st_mode & 0o777 for each in (file, whole)} == {0o600}
    assert "already" in backup(node, file, code=2)


def test_it_is_put_back_with_its_configuration_and_what_was_there_is_kept(node: Path, tmp_path: Path) -> None:
    file, etc = tmp_path / "b.tgz", tmp_path / "etc"
    backup(node, file, "--with-secrets")
    asyncio.run(made(node / "hall.db", 3))
    etc.mkdir()
    (etc / "hall.toml").write_text("[hall] # another\n")
    told = run("restore", file, "--store", node / "hall.db", "--config", etc)
    assert "new epoch" in told
    (kept,) = node.glob("hall.db.before-*")
    assert outside(kept, "SELECT count(*) FROM event") == [(8,)]
    assert outside(node / "hall.db", "SELECT count(*) FROM event") == [(5,)]
    assert (etc / "hall.toml").read_text() == "[hall]\n"
    assert (etc / "hall.toml.before-restore").read_text() == "[hall] # another\n"
    assert (etc / "mqtt").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in node.iterdir() if path.name.startswith(".")) == []


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with tarfile.open(file) as tar:
        held = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
    change(held)
    with tarfile.open(file, "w:gz") as tar:
        for name, data in held.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def later(held: dict[str, bytes]) -> None:
    held["manifest.json"] = json.dumps(json.loads(held["manifest.json"]) | {"format": 9}).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda held: held.update({"hall.db": held["hall.db"][:-1] + b"x"}), "not what the list says"),
        (lambda held: held.update({"hall.db": b""}), "not what the list says"),
        (lambda held: held.pop("config/hall.toml"), "lacks config/hall.toml"),
        (lambda held: held.update({"../../evil": b"x"}), "does not belong"),
        (later, "later version"),
    ],
)
def test_a_backup_that_is_not_what_was_made_changes_nothing(
    node: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    file, before = tmp_path / "b.tgz", (node / "hall.db").read_bytes()
    backup(node, file)
    rewritten(file, change)
    assert said in run("restore", file, "--store", node / "hall.db", code=2)
    assert (node / "hall.db").read_bytes() == before
    others = {path.name for path in node.iterdir()} - {"etc", *(f"hall.db{end}" for end in ENDS)}
    assert not others


@pytest.mark.parametrize("cut", [0, 40, 2000])
def test_a_file_cut_short_changes_nothing(node: Path, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "b.tgz"
    backup(node, file)
    file.write_bytes(file.read_bytes()[:cut])
    assert "no whole backup" in run("restore", file, "--store", node / "hall.db", code=2)
    assert not list(node.glob("hall.db.before-*"))


def test_a_full_disk_leaves_no_half_file(node: Path, tmp_path: Path) -> None:
    """By a limit on a file's length, as a disk that takes no more."""
    target = tmp_path / "out" / "b.tgz"
    target.parent.mkdir()
    command = [
        str(Path(sys.executable).parent / "hallctl"), "backup", str(target), "--store", str(node / "hall.db"),
        "--config", str(node / "etc" / "hall.toml"), "--lang", "en",
    ]  # fmt: skip

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = subprocess.run(
        command, check=False, capture_output=True, text=True, preexec_fn=limited, timeout=60
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "room on the disk" in done.stderr
    assert list(target.parent.iterdir()) == []
