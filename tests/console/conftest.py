"""What the tests of the console share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from edge.console.accounts import passwords
from edge.console.reports import aside
from edge.console.web import pulse
from tests.console.kit import Kept, kept


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A month of a centre and a township, made once: each test has a copy."""
    return kept(tmp_path_factory.mktemp("record"))


@pytest.fixture(scope="session", autouse=True)
def light_passwords() -> Iterator[None]:
    """Argon2id as light as it gets: hundreds of tests log in. `test_accounts_limits.py` takes it as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 8)
        patch.setattr(passwords, "TIME", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def patient_monitor() -> Iterator[None]:
    """How fast the record is weighed says how busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulse, "ASK_S", 60.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def reports_in_turn() -> Iterator[None]:
    """Who is last of all for the processor waits for as long as other tests have work for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aside, "NICE", os.getpriority(os.PRIO_PROCESS, 0))
        yield
