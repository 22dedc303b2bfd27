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


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Video of simulated cameras, made once for all tests of a run."""
    return tmp_path_factory.mktemp("clips")
