from __future__ import annotations

import pytest

from tests.diag import seeds


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> None:
    seeds.at_hand(tmp_path_factory.mktemp("recordings"))
