"""When a finger counts."""

from __future__ import annotations

from kiosk_ui.app import App, _place
from kiosk_ui.hand import TRANSITION_S


def stands_still(app: App) -> bool:
    """The page of the model is there, and came long enough ago: the loop makes it a turn after its model."""
    return app._place == _place(app.model) and app.clock() - app._page_s >= TRANSITION_S
