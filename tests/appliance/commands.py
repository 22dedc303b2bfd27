"""Commands of this machine by which the guest's disks are made."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2]
STEP_LIMIT_S = 600.0  # of a command; the slowest but one, making the package, takes 90 s
SAID = 3000  # characters of a failed command's words: its last lines say why


class BuildError(Exception):
    """A disk cannot be made. `str()` is what failed."""


def run(*command: str, limit_s: float = STEP_LIMIT_S) -> str:
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
