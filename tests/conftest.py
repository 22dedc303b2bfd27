"""What holds for all tests."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

from tests.stores import both_stores, postgresql

__all__ = ["both_stores", "postgresql"]

# How fast examples are made and tried says how busy the machine is, and nothing of what is tested.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Where a test says no number of its own: `make test` is run at each change, and each time tries others.
settings.register_profile("quick", _UNHURRIED, max_examples=50)
settings.register_profile("thorough", _UNHURRIED, max_examples=500)
settings.load_profile("quick")


def pytest_collection() -> None:
    gc.disable()  # what is collected stays


def pytest_collection_finish() -> None:
    """Nine thousand tests and what they import need not be looked through for rubbish, again and again."""
    gc.enable()
    gc.freeze()
