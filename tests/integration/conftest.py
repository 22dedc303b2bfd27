from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.brokers import BrokerProcess, running


@pytest.fixture(params=["mosquitto", pytest.param("nats", marks=pytest.mark.thorough)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrokerProcess]:
    """An empty broker of each kind, one test after the other."""
    with running(request.param, tmp_path) as process:
        yield process
