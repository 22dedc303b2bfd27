"""What is in use already, as /proc tells it: device nodes by programs, machines by connections from here."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Collection
from pathlib import Path

from edge.diag.evidence import Holder

PROC = Path("/proc")
_ESTABLISHED = "01"  # of proc_pid_net(5)
_MAPPED = "::ffff:"  # IPv4 at a socket of IPv6


def holders(paths: Collection[str], proc: Path = PROC) -> dict[str, Holder]:
    """The first program that holds each, but us. Of other users' programs only root sees the files.

    Pseudo-terminals are left out: the far end of one holds it too.
    """
    wanted = {path for path in map(os.path.realpath, paths) if not path.startswith("/dev/pts/")}
    found: dict[str, Holder] = {}
    for process in proc.glob("[0-9]*") if wanted else ():
        if int(process.name) == os.getpid():
            continue
        for path in _open_files(process) & wanted:
            found.setdefault(path, Holder(int(process.name), _name(process)))
    return found


def connected(proc: Path = PROC) -> set[tuple[str, int]]:
    """Addresses and ports of the network that programs of this machine have a connection to."""
    found = set()
    for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        with contextlib.suppress(OSError):  # a kernel without IPv6
            for line in (proc / "net" / name).read_text(encoding="ascii").splitlines()[1:]:
                _, _, remote, state, *_ = line.split()
                if state == _ESTABLISHED:
                    address, _, port = remote.partition(":")
                    found.add((_address(address, family), int(port, 16)))
    return found


def _address(digits: str, family: socket.AddressFamily) -> str:
    """From words of 32 bits, each as this machine keeps it."""
    words = (int(digits[at : at + 8], 16) for at in range(0, len(digits), 8))
    return socket.inet_ntop(family, b"".join(struct.pack("=I", word) for word in words)).removeprefix(_MAPPED)


def _open_files(process: Path) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):  # another user's, or it ended meanwhile
        for each in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                found.add(str(each.readlink()))
    return found


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "?"
