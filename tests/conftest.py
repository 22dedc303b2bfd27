"""What holds for all tests."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

from tests.stores import both_stores, postgresql

__all__ = ["both_stores", "postgresql"]

# How fast examples are made and tried says how busy the machine is, and nothing of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection() -> None:
    gc.disable()  # what is collected stays


def pytest_collection_finish() -> None:
    """Nine thousand tests and what they import need not be looked through for rubbish, again and again."""
    gc.enable()
    gc.freeze()
