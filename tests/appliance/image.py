"""The disks of a hall's machine: Debian 12, one with the package of hall-edge installed, and one without.

    python -m tests.appliance.image        makes what is missing or out of date in .appliance/

A step is made again only where what it is made of has changed. For the tests that share a machine the package
is installed from outside, which spares them minutes; on the bare disk a booted machine installs it from a
stick, as a technician does (`test_package.py`). It needs root, for debootstrap and chroot.

What is mounted is mounted in a namespace of the process that needs it: the kernel takes it down with that
process, however it ends.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.appliance import packages
from tests.appliance.commands import SOURCES, BuildError, run

PLACE = SOURCES / ".appliance"
DISK, BARE, STICK, KERNEL, INITRD = (
    PLACE / name for name in ("disk.img", "bare.img", "stick.img", "vmlinuz", "initrd.img")
)
_ROOT, _INSTALLED, _STICK = PLACE / "root", PLACE / "installed", PLACE / "stick"
_GUEST = Path(__file__).parent / "guest"  # files of the guest, as they lie there

SUITE = "bookworm"
DEBIAN = (
    "linux-image-amd64",
    "systemd-sysv",
    "udev",
    "kmod",
    "dbus",
    "qemu-guest-agent",  # runs commands for the tests
)
# Other ways to the screen than the unit's: a Wayland compositor for one program, and an X server.
DESKTOPS = ("cage", "seatd", "xwayland", "xserver-xorg-core", "xserver-xorg-input-libinput", "xinit")
# Of the early boot: the disk and what lies on it. The rest is udev's, as on any machine.
EARLY_MODULES = ("virtio_pci", "virtio_blk", "ext4")
DISK_SIZE = "4G"  # half of it is used, and the file is sparse
STICK_SIZE = "1G"

BASE_LIMIT_S = 1200.0  # 160 s here; a slow mirror takes longer

# Of the guest's own. Nobody logs in at the console, where the tests listen.
PREPARE = """
id technician >&2 || useradd technician
systemctl mask getty@tty1.service console-getty.service serial-getty@ttyS0.service
systemctl enable systemd-networkd tell-udev tell-log
"""
# Not synced file by file: no power goes here.
INSTALL = f"""
dpkg --force-unsafe-io --install {packages.ON_STICK.format(packages.FIRST)}
usermod -aG hall-edge technician
"""


def main() -> None:
    """Raises BuildError."""
    PLACE.mkdir(exist_ok=True)
    _step("debian", _digest(SUITE, *_debian(), *EARLY_MODULES), _make_debian)
    _step("packages", _digest(*_contents(*packages.made_of())), _make_packages)
    _step("disks", fingerprint(), _make_disks)


def fingerprint() -> str:
    """Of all that the disks are made of."""
    guest = (path for path in sorted(_GUEST.rglob("*")) if path.is_file())
    return _digest(*_debian(), *_contents(Path(__file__), *guest, *packages.made_of()))


def is_current() -> bool:
    """Whether the disks are there, and of these sources."""
    return _stamp("disks").exists() and _stamp("disks").read_text() == fingerprint()


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


def _contents(*paths: Path) -> list[str]:
    return [f"{path.relative_to(SOURCES)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# --- the steps ---
def _make_debian() -> None:
    _remove(_ROOT)
    options = ["--variant=minbase", f"--include={','.join(_debian())}"]
    run(*_ALONE, "debootstrap", *options, SUITE, str(_ROOT), _mirror(), limit_s=BASE_LIMIT_S)
    early = _ROOT / "etc/initramfs-tools"
    (early / "modules").write_text("\n".join(EARLY_MODULES) + "\n")
    (early / "conf.d/appliance").write_text("MODULES=list\n")
    _inside(_ROOT, "update-initramfs -u")
    for made in (KERNEL, INITRD):
        shutil.copyfile(_ROOT / (_ROOT / made.name).readlink(), made)


def _debian() -> tuple[str, ...]:
    """With what the package of hall-edge wants beside it, which apt would fetch."""
    control = (SOURCES / "debian/DEBIAN/control").read_text(encoding="utf-8")
    wanted = ",".join(re.findall(r"^(?:Depends|Recommends): (.*)$", control, re.M))
    return *DEBIAN, *DESKTOPS, *dict.fromkeys(re.findall(r"(?:^|,)\s*([a-z0-9.+-]+)", wanted))


def _mirror() -> str:
    """Where this machine's apt takes the suite from. Raises BuildError."""
    wanted = ("Created-By: Packages", f"Codename: {SUITE}", "Component: main")
    found = run("apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted).split()
    if not found:
        raise BuildError(f"the apt of this machine knows no Debian {SUITE}")
    return found[0]


def _make_packages() -> None:
    _remove(_STICK)
    packages.make(_STICK)
    _make_disk(STICK, _STICK, STICK_SIZE)


def _make_disks() -> None:
    shutil.copytree(_GUEST, _ROOT, dirs_exist_ok=True)
    _inside(_ROOT, PREPARE)
    _make_disk(BARE, _ROOT, DISK_SIZE)
    _remove(_INSTALLED)
    run("cp", "-a", str(_ROOT), str(_INSTALLED))
    _inside(_INSTALLED, INSTALL)
    _make_disk(DISK, _INSTALLED, DISK_SIZE)
    _remove(_INSTALLED)


def _make_disk(disk: Path, of: Path, size: str) -> None:
    disk.unlink(missing_ok=True)
    run("/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", str(of), str(disk), size)


def _remove(tree: Path) -> None:
    if tree.exists():
        shutil.rmtree(tree)


_ALONE = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child")
_CHROOT = """
mount -t proc proc "$1/proc"
mkdir -p "$2"
mount --bind "$2" "$1/mnt"
export SYSTEMD_OFFLINE=1
exec chroot "$1" sh -euc "$3"
"""


def _inside(root: Path, script: str) -> None:
    """In a guest's root, with the stick at its place. Raises BuildError."""
    clean = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8")
    run(*_ALONE, *clean, "sh", "-euc", _CHROOT, "sh", str(root), str(_STICK), script)


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"appliance: {error}")
