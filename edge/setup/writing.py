"""A new file, whole or not at all, and never in the place of another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

MODE = 0o644  # it holds no secret, and the service's user has to read it


def write_new(path: Path, text: str, accept: Callable[[Path], None]) -> None:
    """Beside it first, synced; `accept` reads it there and raises where it is not right; only then does it
    have its name. Whatever ends this earlier leaves `path` as it was. Raises FileExistsError where there is
    one, OSError, and what `accept` raises."""
    if path.exists() or path.is_symlink():
        raise FileExistsError(f"{path} exists")
    beside = path.with_name(f".{path.name}.new")
    try:
        _write(beside, text)
        accept(beside)
        os.link(beside, path)  # unlike a rename it fails where the name has been taken meanwhile
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _write(path: Path, text: str) -> None:
    """What a loss of power has left of an earlier try is written over."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), MODE)  # whatever the umask takes away
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
