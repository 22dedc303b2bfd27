"""`python -m tests.kiosk.run_driven SOCKET`: `tests.kiosk.driven`, its imports as lean as `hall-kiosk`'s."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from kiosk_ui.lean import load_app

if __name__ == "__main__":
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    load_app()
    sys.exit(importlib.import_module("tests.kiosk.driven").run(Path(sys.argv[1])))
