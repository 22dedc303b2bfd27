"""What the tests of the console share."""

from __future__ import annotations

import pytest

from tests.console.kit import Kept, kept


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A month of a centre and a township, made once: each test has a copy."""
    return kept(tmp_path_factory.mktemp("record"))
