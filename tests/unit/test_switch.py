"""Upgrades of the Debian package: taken back where a version does not become ready, or the power goes.

The script of the package, in a root of its own; `systemctl` is played, and starts what a version says.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

DEBIAN = Path(__file__).resolve().parents[2] / "debian"
SCRIPTS = [DEBIAN / "switch", DEBIAN / "build", *sorted((DEBIAN / "DEBIAN").glob("*[!l]"))]
# What changes something on the disk: before each of these the power may go.
STEPS = ("mv", "cp", "rm", "ln", "sync", "mkdir", "systemctl")
READY, NOT_READY = 0, 1
STEPS_LIMIT = 80  # an upgrade takes about 40

SYSTEMCTL = """
case "$1 $2" in
    "is-active hall-console") echo inactive; exit 3 ;;
    is-active*) echo active ;;
    "start hall-edge") cd "$DPKG_ROOT" && exec sh opt/hall-edge/current/starts var/lib/hall-edge/hall.db ;;
esac
"""
CUT = """#!/bin/sh
if [ -n "${{CUT_AT:-}}" ]; then
    echo x >>"$STEPS"
    [ "$(wc -l <"$STEPS")" -ne "$CUT_AT" ] || {{ kill -KILL $PPID; exit 1; }}
fi
{work}
"""


class Root:
    """A machine's root with a payload to come, and what runs there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "opt/hall-edge"
        self.payload = root / "usr/lib/hall-edge/payload"
        self.store = root / "var/lib/hall-edge/hall.db"
        self.store.parent.mkdir(parents=True)
        self._bin = root / "bin"
        self._bin.mkdir()
        for name in STEPS:
            works = {"systemctl": SYSTEMCTL, "sync": ""}
            work = works.get(name, f'exec {shutil.which(name)} "$@"')
            (self._bin / name).write_text(CUT.format(work=work))
            (self._bin / name).chmod(0o755)

    def bring(self, version: str, *, migrates_to: int, starts: int = READY, fits: int = 0) -> None:
        """A version as dpkg unpacks it: the files of the one before are gone."""
        shutil.rmtree(self.payload, ignore_errors=True)
        program = self.payload / ".venv/bin/hall-edge"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\nexit {fits}\n")
        program.chmod(0o755)
        (self.payload / "id").write_text(f"{version}\n")
        migrate = f"""python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
assert db.execute("PRAGMA user_version").fetchone()[0] <= {migrates_to}, "a newer store"
db.execute("PRAGMA user_version = {migrates_to}")' "$1" || exit 1
exit {starts}
"""
        (self.payload / "starts").write_text(migrate)

    def switch(self, verb: str, cut_at: int | None = None) -> int:
        steps = self.root / "steps"
        steps.unlink(missing_ok=True)
        env = {**os.environ, "PATH": f"{self._bin}:{os.environ['PATH']}", "DPKG_ROOT": str(self.root)}
        if cut_at is not None:
            env |= {"CUT_AT": str(cut_at), "STEPS": str(steps)}
        command = [str(DEBIAN / "switch"), verb]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)
        self.said = done.stderr
        return done.returncode

    def steps(self) -> int:
        """Of the upgrade that was to be cut."""
        return len((self.root / "steps").read_text().splitlines())

    @property
    def current(self) -> str:
        return (self.home / "current").readlink().name

    def schema(self) -> int:
        with closing(sqlite3.connect(self.store)) as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])

    def take_ticket(self) -> None:
        with closing(sqlite3.connect(self.store)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS ticket (number INTEGER PRIMARY KEY)")
            db.execute("INSERT INTO ticket DEFAULT VALUES")

    def tickets(self) -> int:
        with closing(sqlite3.connect(self.store)) as db:
            return int(db.execute("SELECT count(*) FROM ticket").fetchone()[0])


@pytest.fixture
def root(tmp_path: Path) -> Root:
    """At work with its first version, and a ticket taken."""
    made = Root(tmp_path)
    made.bring("1-a", migrates_to=1)
    assert made.switch("upgrade") == 0, made.said
    with closing(sqlite3.connect(made.store)) as db:
        db.execute("PRAGMA user_version = 1")
    made.take_ticket()
    assert made.current == "1-a"
    return made


def test_a_version_that_becomes_ready_runs_and_the_one_before_is_kept(root: Root) -> None:
    root.bring("2-b", migrates_to=2)
    assert root.switch("upgrade") == 0, root.said
    assert (root.current, root.schema(), root.tickets()) == ("2-b", 2, 1)
    assert (root.home / "1-a/starts").exists()
    root.bring("3-c", migrates_to=2)
    assert root.switch("upgrade") == 0, root.said
    assert {path.name for path in root.home.iterdir()} == {"2-b", "3-c", "current"}


def test_one_that_does_not_become_ready_is_taken_back_with_its_migration(root: Root) -> None:
    root.bring("2-b", migrates_to=2, starts=NOT_READY)
    assert root.switch("upgrade") == 1
    assert (root.current, root.schema(), root.tickets()) == ("1-a", 1, 1)
    assert "1-a" in root.said
    assert "journalctl" in root.said
    root.take_ticket()
    root.bring("3-c", migrates_to=2)
    assert root.switch("upgrade") == 0, root.said
    assert (root.current, root.schema(), root.tickets()) == ("3-c", 2, 2)


def test_one_that_refuses_the_configuration_is_not_even_started(root: Root) -> None:
    config = root.root / "etc/hall-edge/hall.toml"
    config.parent.mkdir(parents=True)
    config.touch()
    root.bring("2-b", migrates_to=2, fits=2)
    assert root.switch("upgrade") == 1
    assert (root.current, root.schema()) == ("1-a", 1)


def test_a_store_that_the_version_before_can_read_goes_on_as_it_is(root: Root) -> None:
    """What was taken between the copy and the power cut is not lost for a migration that there was not."""
    root.bring("2-b", migrates_to=1)
    root.switch("upgrade")
    root.take_ticket()
    (root.home / "upgrade-under-way").write_text("1-a\n")
    assert root.switch("settle") == 0
    assert (root.current, root.tickets()) == ("1-a", 2)


def test_no_room_for_a_copy_leaves_the_version_before_at_work(root: Root) -> None:
    root.store.write_bytes(b"no database at all, so it cannot be copied")
    root.bring("2-b", migrates_to=2)
    assert root.switch("upgrade") == 1
    assert root.current == "1-a"
    assert "腾出空间" in root.said


@pytest.mark.parametrize(
    ("starts", "every"),
    [
        (READY, 6),
        (NOT_READY, 13),
        pytest.param(READY, 1, marks=pytest.mark.thorough),
        pytest.param(NOT_READY, 1, marks=pytest.mark.thorough),
    ],
)
@pytest.mark.timeout(600)
def test_power_may_go_at_any_step(
    starts: int, every: int, root: Root, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After the boot one whole version runs, on a store that it can read, with all tickets; and the upgrade,
    done again, gets where it was to get."""
    cuts = 0
    for cut_at in range(1, STEPS_LIMIT, every):
        here = tmp_path_factory.mktemp("cut") / "root"
        shutil.copytree(root.root, here, symlinks=True)
        cut = Root.__new__(Root)
        cut.__dict__.update(
            {
                name: here / value.relative_to(root.root)
                for name, value in vars(root).items()
                if isinstance(value, Path)
            }
        )
        cut.bring("2-b", migrates_to=2, starts=starts)
        if cut.switch("upgrade", cut_at) != -signal.SIGKILL:
            if cut.steps() < cut_at:
                break
            continue  # only what was asked in a shell of its own has ended
        cuts += 1
        assert cut.switch("settle") == 0, cut.said
        assert not (cut.home / "upgrade-under-way").exists()
        assert (cut.home / cut.current / "id").read_text().strip() == cut.current
        assert cut.schema() == (2 if cut.current == "2-b" else 1), f"cut at {cut_at}"
        assert cut.tickets() == 1
        assert cut.switch("upgrade") == starts, cut.said
        assert (cut.current, cut.schema(), cut.tickets()) == (("1-a", 1, 1) if starts else ("2-b", 2, 1))
    assert cuts >= 20 // every


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_of_the_package_has_no_fault_that_shellcheck_knows(script: Path) -> None:
    found = subprocess.run(["shellcheck", script], capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout
