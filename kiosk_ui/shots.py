"""Pictures of every page as PNG files, to look at and to compare: `hall-kiosk --screenshots DIR`.

No display, no node and no hall is needed: what they show is a sample.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pygame

from kiosk_ui.actions import Contrast, Language, TextSize
from kiosk_ui.draw import Painter
from kiosk_ui.draw.painter import Scene
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Model
from kiosk_ui.panel import Panel
from kiosk_ui.samples import everything
from kiosk_ui.screens import page
from kiosk_ui.theme import THEMES


def screenshots(
    folder: Path,
    panel: Panel,
    *,
    language: Language = "zh",
    text: TextSize = 1,
    contrast: Contrast = Contrast.NORMAL,
    low: bool = False,
) -> list[Path]:
    """A file a page, in `folder`, which is made if need be; the names tell what they show."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = Fonts(panel)
    manner = f"{language}-text{text}-{contrast}{'-low' if low else ''}"
    written = []
    for name, model in everything(panel).items():
        session = replace(model.session, language=language, text=text, contrast=contrast, low=low)
        file = folder / f"{name}-{manner}.png"
        pygame.image.save(picture(replace(model, session=session), fonts), str(file))
        written.append(file)
    return written


def picture(model: Model, fonts: Fonts) -> pygame.Surface:
    """The page as the panel would show it."""
    panel = model.look.panel
    surface = pygame.Surface((panel.width_px, panel.height_px))
    scene = Scene(page(model, fonts), THEMES[model.session.contrast], model.look.pressed, model.look.focus)
    Painter(panel, fonts).paint(surface, scene)
    return surface
