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
PLAYED = ("systemctl", "systemd-sysusers", "systemd-tmpfiles", "sync", "sleep")
STEPS = ("mv", "cp", "rm", "ln", "mkdir", *PLAYED)
READY, NOT_READY = 0, 1
STEPS_LIMIT = 160  # an upgrade takes 37, and more where it is taken back
UNITS = Path("usr/lib/systemd/system")

# Where the file `hub` is the console runs alone, else all but the console; where `stopped` is, nothing does.
# `read` holds what systemd has read last.
SYSTEMCTL = f"""
cd "$DPKG_ROOT"
case "$1 $2" in
    is-active*)
        case $* in *hall-console) here=$([ ! -e hub ] || echo y) ;; *) here=$([ -e hub ] || echo y) ;; esac
        if [ -e stopped ] || [ -z "$here" ]; then echo inactive; exit 3; else echo active; fi ;;
    show*) echo 0 ;;
    stop*) : >stopped ;;
    daemon-reload*) cat {UNITS}/hall-edge.service >read ;;
    "start hall-edge")
        sh opt/hall-edge/current/starts var/lib/hall-edge/hall.db || exit 1
        {shutil.which("rm")} -f stopped
        "$SWITCH" ready || true ;;
    "start hall-console") # which is started at once, and may fail then
        ! sh opt/hall-edge/current/starts var/lib/hall-edge/hall.db || {shutil.which("rm")} -f stopped ;;
esac
"""
CUT = """#!/bin/sh
if [ -n "${{CUT_AT:-}}" ]; then
    echo x >>"$STEPS"
    [ "$(wc -l <"$STEPS")" -ne "$CUT_AT" ] || {{ [ -z "$KILL" ] || kill -s "$KILL" $PPID; exit 1; }}
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
        (root / "run/systemd/system").mkdir(parents=True)  # systemd runs
        self._bin = root / "bin"
        self._bin.mkdir()
        for name in STEPS:
            work = "" if name in PLAYED else f'exec {shutil.which(name)} "$@"'
            work = SYSTEMCTL if name == "systemctl" else work
            (self._bin / name).write_text(CUT.format(work=work))
            (self._bin / name).chmod(0o755)

    def bring(self, version: str, *, migrates_to: int, starts: int = READY, fits: int = 0) -> None:
        """A version as dpkg unpacks it: the files of the one before are gone."""
        shutil.rmtree(self.payload, ignore_errors=True)
        program = self.payload / ".venv/bin/hall-edge"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho 'fits: {fits}'\nexit {fits}\n")
        program.chmod(0o755)
        (self.payload / "id").write_text(f"{version}\n")
        for name in ("hall-edge.service", f"only-of-{version}.service"):
            unit = self.payload / "system" / UNITS / name
            unit.parent.mkdir(parents=True, exist_ok=True)
            unit.write_text(f"{version}\n")
        migrate = f"""python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
assert db.execute("PRAGMA user_version").fetchone()[0] <= {migrates_to}, "a newer store"
db.execute("PRAGMA user_version = {migrates_to}")' "$1" || exit 1
exit {starts}
"""
        (self.payload / "starts").write_text(migrate)

    def copied(self, here: Path) -> Root:
        """All of it, at another place."""
        shutil.copytree(self.root, here, symlinks=True)
        copy = Root.__new__(Root)
        places = {name: path for name, path in vars(self).items() if isinstance(path, Path)}
        copy.__dict__.update({name: here / path.relative_to(self.root) for name, path in places.items()})
        return copy

    def switch(self, verb: str, cut_at: int | None = None, kill: str = "KILL") -> int:
        """Its exit status. At step `cut_at` what called it gets the signal `kill`, and the step fails."""
        steps = self.root / "steps"
        steps.unlink(missing_ok=True)
        env = {**os.environ, "PATH": f"{self._bin}:{os.environ['PATH']}", "DPKG_ROOT": str(self.root)}
        env["SWITCH"] = str(DEBIAN / "switch")
        if cut_at is not None:
            env |= {"CUT_AT": str(cut_at), "STEPS": str(steps), "KILL": kill}
        command = [str(DEBIAN / "switch"), verb]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=150, check=False)
        self.said = done.stderr
        return done.returncode

    def boot(self) -> None:
        """After a power cut: what is enabled starts, when what was under way has been taken back."""
        assert self.switch("settle") == 0, self.said
        env = os.environ | {"DPKG_ROOT": str(self.root), "SWITCH": str(DEBIAN / "switch"), "CUT_AT": ""}
        subprocess.run([self._bin / "systemctl", "start", "hall-edge"], env=env, check=True, timeout=150)

    def check_at_work(self) -> None:
        """One whole version runs, with its own units, on a store that it can read, and has all tickets."""
        assert not (self.home / "upgrade-under-way").exists()
        assert not (self.root / "stopped").exists()
        assert (self.home / self.current / "id").read_text().strip() == self.current == self.read
        assert self.schema() == (2 if self.current == "2-b" else 1)
        assert self.tickets() == 1

    def steps(self) -> int:
        """Of the upgrade that was to be cut."""
        return len((self.root / "steps").read_text().splitlines())

    @property
    def current(self) -> str:
        return (self.home / "current").readlink().name

    @property
    def read(self) -> str:
        """The version whose units systemd has read, of which alone there are any."""
        (own,) = self.root.joinpath(UNITS).glob("only-of-*")
        version = (self.root / "read").read_text().strip()
        assert version == (self.root / UNITS / "hall-edge.service").read_text().strip()
        assert own.stem == f"only-of-{version}"
        return version

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
    made.check_at_work()
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
    assert {path.name for path in root.home.iterdir()} == {"1-a", "current"}
    root.take_ticket()
    root.bring("3-c", migrates_to=2)
    assert root.switch("upgrade") == 0, root.said
    assert (root.current, root.schema(), root.tickets()) == ("3-c", 2, 2)


def test_a_hub_alone_is_taken_back_where_it_does_not_stay(root: Root) -> None:
    (root.root / "hub").touch()
    root.bring("2-b", migrates_to=2, starts=NOT_READY)
    assert root.switch("upgrade") == 1
    root.check_at_work()
    assert root.current == "1-a"
    root.bring("3-c", migrates_to=1)
    assert root.switch("upgrade") == 0, root.said
    assert (root.current, root.tickets()) == ("3-c", 1)


def test_one_that_finds_more_wrong_with_the_configuration_is_not_even_started(root: Root) -> None:
    """Such as a driver that it has not got, by which a device would be lost in the night."""
    config = root.root / "etc/hall-edge/hall.toml"
    config.parent.mkdir(parents=True)
    config.touch()
    root.bring("2-b", migrates_to=2, fits=2)
    assert root.switch("upgrade") == 1
    root.check_at_work()
    assert root.current == "1-a"
    assert "fits: 2" in root.said  # what is wrong stands there
    root.bring("3-c", migrates_to=2)
    assert root.switch("upgrade") == 0, root.said


def test_what_was_wrong_before_does_not_stop_an_upgrade(root: Root) -> None:
    config = root.root / "etc/hall-edge/hall.toml"
    config.parent.mkdir(parents=True)
    config.touch()
    (root.home / "1-a/.venv/bin/hall-edge").write_text("#!/bin/sh\necho 'fits: 2'\nexit 2\n")
    root.bring("2-b", migrates_to=2, fits=2)
    assert root.switch("upgrade") == 0, root.said
    root.check_at_work()
    assert root.current == "2-b"


def test_one_goes_back_by_hand_where_the_store_can_be_read(root: Root) -> None:
    assert root.switch("back") == 1
    assert "apt install --allow-downgrades" in root.said
    root.bring("2-b", migrates_to=1)
    assert root.switch("upgrade") == 0, root.said
    root.take_ticket()
    assert root.switch("back") == 0, root.said
    assert (root.current, root.read, root.tickets()) == ("1-a", "1-a", 2)
    assert root.switch("back") == 0, root.said  # and forward
    assert (root.current, root.read, root.tickets()) == ("2-b", "2-b", 2)
    root.bring("3-c", migrates_to=3)
    assert root.switch("upgrade") == 0, root.said
    root.take_ticket()
    assert root.switch("back") == 1
    assert (root.current, root.read, root.schema(), root.tickets()) == ("3-c", "3-c", 3, 3)


def test_what_is_kept_by_a_version_that_is_ready_is_never_taken_back(root: Root) -> None:
    """Also where whoever began the upgrade was killed before it knew of it."""
    under_way = root.home / "upgrade-under-way"
    under_way.write_text("1-a\nhall-edge\n")
    assert root.switch("ready") == 0
    assert under_way.exists()  # it was the version before that had started once more
    under_way.unlink()
    root.bring("2-b", migrates_to=2)
    assert root.switch("upgrade") == 0, root.said
    under_way.write_text("1-a\nhall-edge\n")
    assert root.switch("ready") == 0
    root.take_ticket()
    root.boot()
    assert (root.current, root.schema(), root.tickets()) == ("2-b", 2, 2)


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


POWER, KILLED, HUNG_UP, FAILS = "power", "killed", "hung up", "fails"
SIGNALS = {POWER: "KILL", KILLED: "KILL", HUNG_UP: "HUP", FAILS: ""}


@pytest.mark.parametrize(
    ("end", "starts", "every"),
    [
        (POWER, READY, 13),
        (POWER, NOT_READY, 29),
        (KILLED, READY, 13),
        (HUNG_UP, READY, 19),
        (FAILS, READY, 13),
        *(
            pytest.param(end, starts, 1, marks=pytest.mark.thorough)
            for end in (POWER, KILLED, HUNG_UP, FAILS)
            for starts in (READY, NOT_READY)
        ),
    ],
)
@pytest.mark.timeout(600)
def test_an_upgrade_may_end_at_any_step(
    end: str, starts: int, every: int, root: Root, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By the power, its process killed, the terminal closed, or a command that fails, as on a full disk:
    the hall is at work afterwards, and the upgrade, done again, gets where it was to get."""
    cuts = 0
    for cut_at in range(every, STEPS_LIMIT, every):
        cut = root.copied(tmp_path_factory.mktemp("cut") / "root")
        cut.bring("2-b", migrates_to=2, starts=starts)
        done = cut.switch("upgrade", cut_at, SIGNALS[end])
        if cut.steps() < cut_at:
            break
        cuts += 1
        if end == POWER:
            cut.boot()
        if end == KILLED and done == -signal.SIGKILL:  # nobody takes it back but the next try
            assert cut.tickets() == 1
        else:
            cut.check_at_work()
        assert cut.switch("upgrade") == starts, f"cut at {cut_at}: {cut.said}"
        cut.check_at_work()
        assert cut.current == ("1-a" if starts else "2-b")
    assert cuts >= 30 // every


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_of_the_package_has_no_fault_that_shellcheck_knows(script: Path) -> None:
    found = subprocess.run(["shellcheck", script], capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout
