"""The kiosk's face: from a model to its page, and from a page to the picture on the glass."""

from __future__ import annotations

import pygame

from kiosk_ui.draw import Painter
from kiosk_ui.draw.painter import Scene
from kiosk_ui.fonts import NO_FONT, Fonts
from kiosk_ui.model import Model
from kiosk_ui.node import Node
from kiosk_ui.panel import Panel
from kiosk_ui.screens import page
from kiosk_ui.theme import THEMES


class PageFace:
    """Implements `kiosk_ui.app.Face`."""

    def __init__(self, panel: Panel) -> None:
        self.fonts = Fonts(panel)
        self._painter = Painter(panel, self.fonts)

    @property
    def troubles(self) -> dict[str, str]:
        return {} if self.fonts.can_chinese else {"no_font": NO_FONT[0]}

    def tree(self, model: Model) -> Node:
        return page(model, self.fonts)

    def paint(self, surface: pygame.Surface, model: Model, tree: Node) -> list[pygame.Rect]:
        theme = THEMES[model.session.contrast]
        return self._painter.paint(surface, Scene(tree, theme, model.look.pressed, model.look.focus))

    def forget(self) -> None:
        self._painter.forget()
