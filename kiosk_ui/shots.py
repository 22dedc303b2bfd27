"""Pictures of every page as PNG files, to look at and to compare: `hall-kiosk --screenshots DIR`.

No display, no node and no hall is needed: what they show is a sample.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pygame

from kiosk_ui.actions import Screen
from kiosk_ui.draw import Painter
from kiosk_ui.draw.painter import Scene
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Model, Session
from kiosk_ui.panel import Panel
from kiosk_ui.samples import everything
from kiosk_ui.screens import page
from kiosk_ui.theme import THEMES


def screenshots(folder: Path, panel: Panel, like: Session) -> list[Path]:
    """A file a page, in `folder`, which is made if need be: in this session's language, size and colours, low
    or elderly as it is; the names tell so."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = Fonts(panel)
    modes = "".join(f"-{mode}" for mode in ("low", "elder") if getattr(like, mode))
    written = []
    for name, model in everything(panel).items():
        file = folder / f"{name}-{like.language}-text{like.text}-{like.contrast}{modes}.png"
        pygame.image.save(picture(worn(model, like), fonts), str(file))
        written.append(file)
    return written


def worn(model: Model, like: Session) -> Model:
    """The same page as this session would show it. Nobody is there yet on the attract loop, low or old."""
    alone = model.session.screen is Screen.ATTRACT
    session = replace(
        model.session,
        language=like.language,
        text=like.text,
        contrast=like.contrast,
        low=like.low and not alone,
        elder=like.elder and not alone,
    )
    return replace(model, session=session)


def picture(model: Model, fonts: Fonts) -> pygame.Surface:
    """The page as the panel would show it."""
    panel = model.look.panel
    surface = pygame.Surface((panel.width_px, panel.height_px))
    scene = Scene(page(model, fonts), THEMES[model.session.contrast], model.look.pressed, model.look.focus)
    Painter(panel, fonts).paint(surface, scene)
    return surface
