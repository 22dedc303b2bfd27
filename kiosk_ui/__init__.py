"""The citizens' kiosk, a client of the daemon's control socket."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # a program's output is its own
