"""The packages that the machine installs: hall-edge as `make deb` makes it, and a newer one.

The newer one is the same but for its name, its unit's, a migration, the libraries that it leaves out, and
that its daemon does not become ready while a file says so: it ends, or says nothing. So one package is the
upgrade that works and the one that does not.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.appliance.commands import SOURCES, run

FIRST, NEWER = "hall-edge", "hall-edge-newer"
ON_STICK = "/mnt/{}.deb"
NEWER_VERSION = "99.0"
NEWER_ID = f"{NEWER_VERSION}-newer"
# While one of these is there, the newer daemon has migrated its store and then ends, or says nothing.
ENDS, SAYS_NOTHING = "/run/newer-ends", "/run/newer-says-nothing"
_NOT_READY = f"""

def _ready(self: Notifier, ready=Notifier.ready) -> None:
    if os.path.exists("{ENDS}"):
        os._exit(1)
    if not os.path.exists("{SAYS_NOTHING}"):
        ready(self)


Notifier.ready = _ready
"""
# It is unpacked in half the time without what nothing there needs: no camera, no kiosk.
_UNUSED = (
    "av",
    "av.libs",
    "cv2",
    "numpy",
    "numpy.libs",
    "opencv_python_headless.libs",
    "pip",
    "pygame",
    "pygame_ce.libs",
)
NEWER_UNIT = "newer"  # its description
_MIGRATION = "CREATE TABLE newer (id INTEGER PRIMARY KEY) STRICT;\n"

_TREE = SOURCES / "build/deb"
_PAYLOAD = Path("usr/lib/hall-edge/payload")
_LIBRARIES = _PAYLOAD / ".venv/lib/python3.11/site-packages"
_CONTENTS = ("edge", "drivers", "kiosk_ui", "config", "docs", "systemd", "debian")
_FILES = ("pyproject.toml", "constraints.txt", "README.md", "CHANGELOG.md", "LICENSE")


def made_of() -> list[Path]:
    """The files of hall-edge as they are here, committed or not, without what git ignores; and this one."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    listed = run(*command, *_CONTENTS, *_FILES).split("\0")
    own = sorted(path for name in listed if name and (path := SOURCES / name).is_file())
    return [*own, Path(__file__)]


def make(folder: Path) -> None:
    """Both, by their names, in a new folder. Raises BuildError."""
    folder.mkdir()
    run("debian/build")
    (made,) = (SOURCES / "build").glob(f"hall-edge_{_version()}_*.deb")
    shutil.copyfile(made, folder / f"{FIRST}.deb")
    tree = folder.with_name("newer")
    shutil.rmtree(tree, ignore_errors=True)
    run("cp", "-al", str(_TREE), str(tree))
    _change(tree)
    # Packed fast: nobody carries it anywhere.
    run("dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", str(tree), str(folder / f"{NEWER}.deb"))
    shutil.rmtree(tree)


def _version() -> str:
    return str(re.findall(r'^__version__ = "(.*)"$', (SOURCES / "edge/__init__.py").read_text(), re.M)[0])


def _change(tree: Path) -> None:
    first = (tree / _PAYLOAD / "id").read_text().strip()
    _write(tree / _PAYLOAD / "id", f"{NEWER_ID}\n".encode())
    for script in (tree / _PAYLOAD / ".venv/bin").iterdir():
        if not script.is_symlink():
            _write(script, script.read_bytes().replace(first.encode(), NEWER_ID.encode()))
    control = tree / "DEBIAN/control"
    named = re.sub("^Version: .*$", f"Version: {NEWER_VERSION}", control.read_text(), flags=re.M)
    _write(control, named.encode())
    unit = tree / _PAYLOAD / "system/usr/lib/systemd/system/hall-edge.service"
    described = re.sub("^Description=.*$", f"Description={NEWER_UNIT}", unit.read_text(), flags=re.M)
    _write(unit, described.encode())
    for name in _UNUSED:
        shutil.rmtree(tree / _LIBRARIES / name)
    edge = tree / _LIBRARIES / "edge"
    _write(edge / "health.py", (edge / "health.py").read_bytes() + _NOT_READY.encode())
    migrations = sorted((edge / "migrations").glob("*.sql"))
    _write(edge / f"migrations/{int(migrations[-1].stem) + 1:03}.sql", _MIGRATION.encode())


def _write(path: Path, contents: bytes) -> None:
    """Its own file from now on: the tree shares its files with that of the first package."""
    mode = path.stat().st_mode if path.exists() else 0o644
    path.unlink(missing_ok=True)
    path.write_bytes(contents)
    path.chmod(mode)
