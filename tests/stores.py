"""Records on both databases: a test names a path, and has a record there, of SQLite or of PostgreSQL.

`both_stores` runs a test on each. PostgreSQL is a cluster of this test run's own, made when it is first asked
for, in a folder of /tmp and on a socket there; it syncs nothing, and is ended by process id.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from edge.ids import new_id

_START_TIMEOUT_S = 60.0  # eight test runs may share two cores
_LIGHT = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40", "autovacuum=off")


class Cluster:
    """PostgreSQL does not run as root: it is then run as nobody."""

    def __init__(self) -> None:
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self._folder = Path(tempfile.mkdtemp(prefix="hall-pg-"))
        self._as: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(self._folder, **self._as)
        self._free: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        data = self._folder / "data"
        if not data.exists():
            self._run("initdb", "-D", str(data), "-U", "hall", "-A", "trust", "--no-sync", "-E", "UTF8",
                      "--locale", "C.UTF-8")  # fmt: skip
        settings = [part for each in _LIGHT for part in ("-c", each)]
        command = [str(self._bin / "postgres"), "-D", str(data), "-h", "", "-k", str(self._folder), *settings]
        with (self._folder / "log").open("ab") as log:
            out: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            process = subprocess.Popen(command, **out, **self._as)
        self._process = process
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                self.do("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline or process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """At once, with all who use it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def take(self) -> str:
        """An empty database, of those that were given back: its address. A new one takes a checkpoint."""
        if not self._free:
            name = f"record_{new_id()}"
            self.do(f"CREATE DATABASE {name}")
            self._free.append(f"postgresql://hall@/{name}?host={self._folder}")
        return self._free.pop()

    def give_back(self, url: str) -> None:
        name = urlsplit(url).path.strip("/")
        self.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        self.do("DROP SCHEMA public CASCADE; CREATE SCHEMA public", name)
        self._free.append(url)

    def do(self, sql: str, database: str = "postgres") -> None:
        with psycopg.connect(host=str(self._folder), user="hall", dbname=database, autocommit=True) as db:
            db.execute(sql.encode())

    def _run(self, program: str, *args: str) -> None:
        command = [str(self._bin / program), *args]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, **self._as)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Not started yet: `start` makes it."""
    found = Cluster()
    try:
        yield found
    finally:
        found.remove()


_make: Callable[[], str] | None = None
_made: dict[Path, str] = {}


def store_url(path: Path) -> str:
    """The address of the record that `path` names."""
    if _make is None:
        return f"sqlite:///{path}"
    if path not in _made:
        _made[path] = _make()
    return _made[path]


def outside(path: Path, sql: str, timeout_s: float = 20.0) -> list[tuple[Any, ...]]:
    """A query by the database's own driver, with none of our code between; a write is committed. Raises
    OSError where SQLite's file stays locked for longer."""
    url = store_url(path)
    if url.startswith("sqlite"):
        try:
            with contextlib.closing(sqlite3.connect(path, timeout_s)) as conn, conn:
                return conn.execute(sql).fetchall()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise OSError(str(error)) from error
            raise
    with psycopg.connect(url) as db:
        asked = db.execute(sql.encode())
        return asked.fetchall() if asked.description else []


@contextlib.contextmanager
def on_postgresql(cluster: Cluster) -> Iterator[None]:
    global _make  # noqa: PLW0603 a test names its records by paths, wherever it is
    _make = cluster.take
    try:
        yield
    finally:
        _make = None
        for url in _made.values():
            cluster.give_back(url)
        _made.clear()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    with cluster() as found:
        found.start()
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def both_stores(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite"
        return
    with on_postgresql(request.getfixturevalue("postgresql")):
        yield "postgresql"


# For tests that take long: PostgreSQL by `make test-thorough`.
sqlite_first = pytest.mark.parametrize(
    "both_stores", ["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)], indirect=True
)
# And where several consoles share a record, which is what PostgreSQL is there for.
postgresql_first = pytest.mark.parametrize(
    "both_stores", ["postgresql", pytest.param("sqlite", marks=pytest.mark.thorough)], indirect=True
)
only_sqlite = pytest.mark.parametrize("both_stores", ["sqlite"], indirect=True)
