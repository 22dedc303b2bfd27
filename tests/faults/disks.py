"""A disk of a given size, so that it can be full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str, otherwise: str) -> Iterator[Path]:
    """`folder`, made here, on a tmpfs of `size` (as mount(8) has it). Skips the test where we may not mount
    one; `otherwise` says what stands for it then."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"no right to mount a tmpfs; {otherwise}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
