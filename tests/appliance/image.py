"""The disk of a hall's machine: Debian 12, and hall-edge on it by the very lines of docs/setup.md.

    python -m tests.appliance.image        makes what is missing or out of date in .appliance/

A step is made again only where what it is made of has changed. Debian's packages come from where the apt of
this machine takes them, Python's from where its pip does; into the guest both go as files, and nothing says
there where they were found. It needs root, for debootstrap and chroot.

What is mounted is mounted in a namespace of the process that needs it: the kernel takes it down with that
process, however it ends.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2]
PLACE = SOURCES / ".appliance"
DISK, KERNEL, INITRD = (PLACE / name for name in ("disk.img", "vmlinuz", "initrd.img"))
_ROOT, _WHEELS = PLACE / "root", PLACE / "wheels"
_GUEST = Path(__file__).parent / "guest"  # files of the guest, as they lie there

SUITE = "bookworm"
PACKAGES = (
    "linux-image-amd64",
    "systemd-sysv",
    "udev",
    "kmod",
    "dbus",
    "qemu-guest-agent",  # runs commands for the tests
    "python3-venv",  # what docs/setup.md asks of a hall's machine, with make
    "make",
)
# Other ways to the screen than the unit's: a Wayland compositor for one program, and an X server.
DESKTOPS = ("cage", "seatd", "xwayland", "xserver-xorg-core", "xserver-xorg-input-libinput", "xinit")
# Of the early boot: the disk and what lies on it. The rest is udev's, as on any machine.
EARLY_MODULES = ("virtio_pci", "virtio_blk", "ext4")
BUILD_TOOLS = ("hatchling", "editables")  # with which pip makes an editable hall-edge
HALL_EDGE = ("edge", "drivers", "kiosk_ui", "config", "systemd", ".ci")
HALL_EDGE_FILES = ("pyproject.toml", "constraints.txt", "Makefile", "README.md", "LICENSE")
DISK_SIZE = "4G"  # half of it is used, and the file is sparse

BASE_LIMIT_S = 1200.0  # 160 s here; a slow mirror takes longer
STEP_LIMIT_S = 600.0  # of any other command; the slowest, making the wheels, takes 60 s
SAID = 3000  # characters of a failed command's words: its last lines say why

# Of the guest's own, around the lines of docs/setup.md. Nobody logs in at the console, where tests listen.
BEFORE = "useradd technician"
AFTER = """
systemctl disable hall-edge hall-kiosk
systemctl mask getty@tty1.service console-getty.service serial-getty@ttyS0.service
systemctl enable systemd-networkd tell-udev tell-log
"""


class BuildError(Exception):
    """The image cannot be made. `str()` is what failed."""


def main() -> None:
    """Raises BuildError."""
    PLACE.mkdir(exist_ok=True)
    pins = _contents(SOURCES / "pyproject.toml", SOURCES / "constraints.txt")
    _step("debian", _digest(SUITE, *_packages(), *EARLY_MODULES), _make_debian)
    _step("wheels", _digest(*BUILD_TOOLS, *pins), _make_wheels)
    _step("disk", fingerprint(), _make_disk)


def fingerprint() -> str:
    """Of all that the disk is made of."""
    recipe = (Path(__file__), *(path for path in sorted(_GUEST.rglob("*")) if path.is_file()))
    return _digest(*_contents(*recipe, *_hall_edge()))


def is_current() -> bool:
    """Whether the disk is there, and of these sources."""
    return _stamp("disk").exists() and _stamp("disk").read_text() == fingerprint()


def _step(name: str, made_of: str, make: Callable[[], None]) -> None:
    stamp = _stamp(name)
    if stamp.exists() and stamp.read_text() == made_of:
        return
    sys.stderr.write(f"appliance: making {name}\n")
    stamp.unlink(missing_ok=True)  # half made is not made
    make()
    stamp.write_text(made_of)


def _stamp(name: str) -> Path:
    return PLACE / f"{name}.made-of"


# --- what it is made of ---
def _hall_edge() -> list[Path]:
    """The files of hall-edge as they are here, committed or not, without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    listed = _run(*command, *HALL_EDGE, *HALL_EDGE_FILES).split("\0")
    return sorted(path for name in listed if name and (path := SOURCES / name).is_file())


def _contents(*paths: Path) -> list[str]:
    return [f"{path.relative_to(SOURCES)} {_digest_of(path)}" for path in paths]


def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# --- the steps ---
def _make_debian() -> None:
    _remove(_ROOT)
    options = ["--variant=minbase", f"--include={','.join(_packages())}"]
    _run(*_ALONE, "debootstrap", *options, SUITE, str(_ROOT), _mirror(), limit_s=BASE_LIMIT_S)
    early = _ROOT / "etc/initramfs-tools"
    (early / "modules").write_text("\n".join(EARLY_MODULES) + "\n")
    (early / "conf.d/appliance").write_text("MODULES=list\n")
    _inside("update-initramfs -u")


def _packages() -> tuple[str, ...]:
    """What docs/setup.md asks of a machine with a kiosk among them."""
    return *PACKAGES, *DESKTOPS, *re.findall(r"\S+", _told(_OF_A_KIOSK)[2])


def _mirror() -> str:
    """Where this machine's apt takes the suite from. Raises BuildError."""
    wanted = ("Created-By: Packages", f"Codename: {SUITE}", "Component: main")
    found = _run("apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted).split()
    if not found:
        raise BuildError(f"the apt of this machine knows no Debian {SUITE}")
    return found[0]


def _make_wheels() -> None:
    _remove(_WHEELS)
    _run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-qw",
        str(_WHEELS),
        "-c",
        "constraints.txt",
        ".[dev]",
        *BUILD_TOOLS,
    )
    for own in _WHEELS.glob("hall_edge-*.whl"):
        own.unlink()  # the guest makes it of the sources


def _make_disk() -> None:
    home = _ROOT / "opt/hall-edge"
    _remove(home)
    for path in _hall_edge():
        copy = home / path.relative_to(SOURCES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    shutil.copytree(_GUEST, _ROOT, dirs_exist_ok=True)
    for link in ("hall-edge", "hallctl"):
        (_ROOT / "usr/local/bin" / link).unlink(missing_ok=True)  # of the disk before
    _inside(f"id technician >&2 || {BEFORE}\n{_from_the_paper()}\n{AFTER}")
    for made in (KERNEL, INITRD):
        shutil.copyfile(_ROOT / (_ROOT / made.name).readlink(), made)
    DISK.unlink(missing_ok=True)
    _run("/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", str(_ROOT), str(DISK), DISK_SIZE)


_OF_A_NODE = r"^Or from the sources:\n+```sh\ngit clone \S+ /opt/hall-edge && (.*?)^```"
_OF_A_KIOSK = r"^With a kiosk on the same machine.*?```sh\n(.*?) && apt-get install ([^\n]+)(.*?)^```"


def _from_the_paper() -> str:
    """How hall-edge is installed, as a technician reads it. The sources and Debian's packages are in place
    already, and nothing can be started yet."""
    kiosk = _told(_OF_A_KIOSK)
    lines = _told(_OF_A_NODE)[1] + kiosk[1] + kiosk[3]
    lines = re.sub(
        r"^hall-edge init (\S+)", r"cp config/hall.example.toml \1", lines, flags=re.M
    )  # nobody answers
    return lines.replace("systemctl enable --now", "systemctl enable")


def _told(lines: str) -> re.Match[str]:
    """Raises BuildError."""
    found = re.search(lines, (SOURCES / "docs" / "setup.md").read_text(encoding="utf-8"), re.M | re.S)
    if not found:
        raise BuildError(f"docs/setup.md does not say how to install it: no {lines}")
    return found


def _remove(tree: Path) -> None:
    if tree.exists():
        shutil.rmtree(tree)


# --- commands ---
_ALONE = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child")
_CHROOT = """
mount -t proc proc "$1/proc"
mkdir -p "$1/run/wheels" "$2"
mount --bind "$2" "$1/run/wheels"
export PIP_NO_INDEX=1 PIP_FIND_LINKS=/run/wheels PIP_ROOT_USER_ACTION=ignore SYSTEMD_OFFLINE=1
exec chroot "$1" sh -euc "$3"
"""


def _inside(script: str) -> None:
    """In the guest's root, with the wheels in reach, and no index. Raises BuildError."""
    clean = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8")
    _run(*_ALONE, *clean, "sh", "-euc", _CHROOT, "sh", str(_ROOT), str(_WHEELS), script)


def _run(*command: str, limit_s: float = STEP_LIMIT_S) -> str:
    """What it wrote. Raises BuildError with its last words."""
    try:
        done = subprocess.run(
            command,
            cwd=SOURCES,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{command[0]} did not end within {limit_s:g} s") from error
    except subprocess.CalledProcessError as error:
        raise BuildError(f"{' '.join(command)[:SAID]}\n{(error.stdout + error.stderr)[-SAID:]}") from error
    return done.stdout


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"appliance: {error}")
