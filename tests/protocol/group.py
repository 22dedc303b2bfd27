"""The group of WS-Discovery on the loopback: every process of the tests hears who looks for cameras there."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(*, alone: bool) -> Iterator[None]:
    """Many at once hold it whose cameras only answer; alone, who looks for all that there are."""
    with (Path(tempfile.gettempdir()) / "hall-edge-tests.multicast").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
