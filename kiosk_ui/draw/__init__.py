"""From a tree to the screen: the only part of the kiosk, with its fonts, that knows pygame's surfaces."""

from kiosk_ui.draw.painter import Painter

__all__ = ["Painter"]
