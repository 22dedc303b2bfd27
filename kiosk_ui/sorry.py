"""What is left where the program itself failed: a page for who stands there, and the place for the log."""

from __future__ import annotations

import traceback
from pathlib import Path

from kiosk_ui.node import Node, Rect, Role, Style
from kiosk_ui.panel import Panel
from kiosk_ui.theme import Tone

SORRY = ("请稍候", "One moment, please")


def sorry(panel: Panel) -> Node:
    """Needs nothing that may have failed."""
    whole = Rect(0.0, 0.0, panel.width_mm, panel.height_mm)
    text = Node(
        Role.TEXT,
        SORRY[0],
        Rect(0.0, panel.height_mm / 3, panel.width_mm, 40.0),
        style=Style(size=8.0, align="middle"),
        lines=SORRY,
    )
    return Node(Role.PAGE, SORRY[0], whole, style=Style(fill=Tone.PAPER), children=(text,))


def place_of(error: BaseException) -> str:
    """ "KeyError at kiosk_ui/screens/home.py:31, …": the innermost three places."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = (f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {', '.join(places)}"[:256]
