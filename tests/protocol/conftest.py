from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the video of simulated cameras is kept for this run: made once, by whoever needs it first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # several processes of one run
    folder = shared / "clips"
    folder.mkdir(exist_ok=True)
    return folder
