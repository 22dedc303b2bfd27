"""Whom a device node lets in: its owner, group and mode, and whether the service's user is among them."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from drivers.checking.words import Text

SERVICE_USER = "hall-edge"  # as systemd/sysusers.d has it
_GROUP = stat.S_IRGRP | stat.S_IWGRP
_OTHERS = stat.S_IROTH | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Rights:
    """`lets_in`: the user may read and write it."""

    path: str
    owner: str
    group: str
    mode: int
    user: str
    lets_in: bool

    def __str__(self) -> str:
        return f"{self.path}: {self.owner}:{self.group} {self.mode:04o}"

    @property
    def remedy(self) -> Text:
        """A group that may nothing helps nobody, and root's is given to no service."""
        restart = "systemctl restart hall-edge"
        if self.group != "root" and self.mode & _GROUP == _GROUP:
            order = f"usermod -aG {self.group} {self.user} && {restart}"
            return Text(f"执行 {order}", f"run {order}")
        order = f"udevadm trigger && {restart}"
        return Text(
            f"这个口没有开放给组：装好 hall-edge 的 udev 规则，再执行 {order}",
            f"the port is open to no group: install hall-edge's udev rules, then run {order}",
        )


def service_user() -> str:
    """Whose rights count: the service's where it is installed, else ours."""
    try:
        return pwd.getpwnam(SERVICE_USER).pw_name
    except KeyError:
        return us()


def us() -> str:
    return _name(os.geteuid())


def rights_of(path: str, user: str) -> Rights:
    """Raises OSError where there is no such file."""
    found = Path(path).stat()
    owner, mode = _name(found.st_uid), stat.S_IMODE(found.st_mode)
    # The first that fits decides: the owner, the group, all others.
    shift = 6 if owner == user else 3 if found.st_gid in _groups(user) else 0
    lets_in = user == "root" or (mode >> shift) & _OTHERS == _OTHERS
    return Rights(path, owner, _group(found.st_gid), mode, user, lets_in)


def _groups(user: str) -> list[int]:
    try:
        return os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
    except KeyError:  # a user without a name: in a container
        return os.getgroups()


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
