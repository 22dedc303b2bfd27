"""A process of its own that shows page after page and tells as JSON what each cost:
`python -m tests.bench.run_kiosk_changes PANEL CHANGES`.

It walks at random over every page there is. Every fortieth page ends a session: all text is forgotten, and
the next ones are drawn from nothing, in another size, colour and language. Its imports are as lean as those
of `hall-kiosk`.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import psutil
import pygame

from edge import heap
from kiosk_ui.actions import Contrast, Language, TextSize
from kiosk_ui.face import PageFace
from kiosk_ui.model import Model
from kiosk_ui.panel import Inches, preset
from kiosk_ui.samples import everything

SESSION = 40  # pages of one; a citizen sees five to fifteen
COLD = 2  # the first page after all was forgotten, and the second
COPIES = 1_000
WARM_UP = 320  # pages, until every size of every page has been there
SIZES: tuple[TextSize, ...] = (0, 1, 2, 3)
LANGUAGES: tuple[Language, ...] = ("zh", "en")
LOW = 0.25  # of sessions, that are of somebody in a wheelchair
SEED = 7


@dataclass(slots=True)
class Costs:
    """In seconds of the processor: pages drawn with their text at hand, drawn from nothing, and copied.
    `wall_s`: of all pages, by the clock on the wall, which other programs make longer. `resident_mb`: at the
    most, before a session's end; `grown_mb`: after the last one, since that before the first page."""

    warm_s: list[float] = field(default_factory=list)
    cold_s: list[float] = field(default_factory=list)
    copy_s: list[float] = field(default_factory=list)
    wall_s: list[float] = field(default_factory=list)
    grown_mb: float = 0.0
    resident_mb: float = 0.0
    text_mb: float = 0.0


def measure(inches: Inches, changes: int) -> Costs:
    heap.spare()
    panel = preset(inches)
    pygame.display.init()
    screen = pygame.display.set_mode((panel.width_px, panel.height_px))
    face, costs, models = PageFace(panel), Costs(), list(everything(panel).values())
    before, chance = 0.0, random.Random(SEED)
    worn = _worn(chance, 0)
    for at in range(WARM_UP + changes):
        if at == WARM_UP:
            before = _resident_mb()
        began_s = time.monotonic()
        took_s = _shown(chance.choice(models), worn, face, screen)
        if at >= WARM_UP:
            (costs.cold_s if at % SESSION < COLD else costs.warm_s).append(took_s)
            costs.wall_s.append(time.monotonic() - began_s)
        costs.text_mb = max(costs.text_mb, face.fonts.pictures_bytes / 2**20)
        if at % SESSION == SESSION - 1:
            costs.resident_mb = max(costs.resident_mb, _resident_mb())
            face.forget()
            heap.give_back()
            worn = _worn(chance, at // SESSION + 1)
    face.forget()
    heap.give_back()
    costs.grown_mb = _resident_mb() - before
    ready = screen.copy()
    costs.copy_s = [_copied(ready, screen) for _ in range(min(changes, COPIES))]
    return costs


def _worn(chance: random.Random, session: int) -> dict[str, Any]:
    """How a session looks: every size in turn, the rest by chance."""
    return {
        "text": SIZES[session % len(SIZES)],
        "contrast": chance.choice(tuple(Contrast)),
        "language": chance.choice(LANGUAGES),
        "low": chance.random() < LOW,
    }


def _shown(model: Model, worn: dict[str, Any], face: PageFace, screen: pygame.Surface) -> float:
    model = replace(model, session=replace(model.session, **worn))
    began_s = time.process_time()
    pygame.display.update(face.paint(screen, model, face.tree(model)))
    return time.process_time() - began_s


def _copied(ready: pygame.Surface, screen: pygame.Surface) -> float:
    """The floor: a picture of the whole page that is there already."""
    began_s = time.process_time()
    screen.blit(ready, (0, 0))
    pygame.display.update()
    return time.process_time() - began_s


def _resident_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


def main() -> None:
    inches: Inches = sys.argv[1]  # type: ignore[assignment]
    told = measure(inches, int(sys.argv[2]))
    sys.stdout.write(json.dumps(asdict(told)))
