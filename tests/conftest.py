"""What holds for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.stores import both_stores, postgresql

__all__ = ["both_stores", "postgresql"]

# How fast examples are made and tried says how busy the machine is, and nothing of what is tested.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Where a test says no number of its own: `make test` is run at each change, and each time tries others.
settings.register_profile("quick", _UNHURRIED, max_examples=30)
settings.register_profile("thorough", _UNHURRIED, max_examples=500)
settings.load_profile("quick")


def pytest_collection() -> None:
    gc.disable()  # what is collected stays


def pytest_collection_finish() -> None:
    """Nine thousand tests and what they import need not be looked through for rubbish, again and again."""
    gc.enable()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def as_urgent_as_before() -> Iterator[None]:
    """A command that steps back for the hall's work does so for as long as its process lives. Tried within
    ours, it would have all later tests, and whatever they start, wait for those of the other processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "nice", lambda by: by)
        yield


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the video of simulated cameras is kept for this run: made once, by whoever needs it first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # several processes of one run
    folder = shared / "clips"
    folder.mkdir(exist_ok=True)
    return folder
