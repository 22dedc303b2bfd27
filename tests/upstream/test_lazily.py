"""A node without these services loads nothing of them."""

from __future__ import annotations

import subprocess
import sys

LOOKS = """
import sys
from edge.daemon import load_modules
load_modules()
print(*sorted(name for name in sys.modules if name.partition(".")[0] in ("aiohttp", "yarl", "multidict")
              or name.startswith("edge.upstream.") and name != "edge.upstream.part"))
"""


def test_what_every_node_loads_does_not_know_who_asks_them() -> None:
    said = subprocess.run([sys.executable, "-c", LOOKS], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []
