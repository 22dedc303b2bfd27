"""Which tests want the machine to themselves: real processes whose people and lines keep real time."""

from __future__ import annotations

import pytest

ALONE = {
    "test_bench.py",
    "test_daemon_disk_full.py",
    "test_daemon_kill.py",
    "test_demo.py",
    "test_node_idle.py",
    "test_node_lines.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.name in ALONE:
            item.add_marker(pytest.mark.alone)
