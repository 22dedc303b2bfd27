"""`tests.bench.kiosk_changes`, its imports as lean as `hall-kiosk`'s."""

from __future__ import annotations

import importlib
import os

from kiosk_ui.lean import load_app

if __name__ == "__main__":
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    load_app()
    importlib.import_module("tests.bench.kiosk_changes").main()
