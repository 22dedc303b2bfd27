"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.stores import both_stores, postgresql

__all__ = ["both_stores", "postgresql"]

# How fast examples are made and tried says how busy the machine is, and nothing of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
