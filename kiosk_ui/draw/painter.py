"""Draws a tree, and of the next one only what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pygame

from kiosk_ui.draw import shapes
from kiosk_ui.fonts import Fonts
from kiosk_ui.node import Code, Node, Rect
from kiosk_ui.panel import Panel
from kiosk_ui.theme import Colour, Theme, Tone

_FOCUS_MM = 1.2  # how thick the ring is around what keys are at
_FOCUS_GAP_MM = 0.8
_SHADE_MM = 0.7  # how far below a raised card its shade lies
_BEYOND_MM = _FOCUS_MM + _FOCUS_GAP_MM + 0.2  # how far a node draws over its edge
_PRESSED = 0.16  # how much of its ink a pressed control takes on
_WHOLE = 0.6  # of the picture: if so much changes, all of it is drawn


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be seen: a tree in a theme, and where a finger and the keys are."""

    tree: Node
    theme: Theme
    pressed: str = ""
    focus: str = ""


class Painter:
    def __init__(self, panel: Panel, fonts: Fonts) -> None:
        self._panel = panel
        self._fonts = fonts
        self._last: Scene | None = None

    def forget(self) -> None:
        """Drop what may be a person's; the next picture is drawn as a whole."""
        self._last = None
        self._fonts.forget()
        shapes.forget()

    def paint(self, surface: pygame.Surface, scene: Scene) -> list[pygame.Rect]:
        """Draw what has changed since the last scene on this surface; what it was, in pixels."""
        dirty = self._dirty(surface, scene)
        for area in dirty:
            surface.set_clip(area)
            self._node(surface, scene, scene.tree, area, scene.theme[Tone.PAPER])
        surface.set_clip(None)
        self._last = scene
        return dirty

    # --- what changed ---
    def _dirty(self, surface: pygame.Surface, scene: Scene) -> list[pygame.Rect]:
        whole = surface.get_rect()
        last = self._last
        if last is None or last.theme is not scene.theme or last.tree.style != scene.tree.style:
            return [whole]
        areas = [self._px(rect, _BEYOND_MM) for rect in _differences(last, scene)]
        if not areas:
            return []
        area = areas[0].unionall(areas[1:]).clip(whole)
        return [whole if area.w * area.h > _WHOLE * whole.w * whole.h else area]

    # --- nodes ---
    def _node(
        self, surface: pygame.Surface, scene: Scene, node: Node, area: pygame.Rect, ground: Colour
    ) -> None:
        if not self._px(node.rect, _BEYOND_MM).colliderect(area):
            return
        theme = scene.theme
        box = self._px(node.rect)
        if node.action is not None and node.id and node.id == scene.focus:
            self._ring(surface, node, theme, ground)
        fill = theme[node.style.fill] if node.style.fill is not None else None
        if fill is not None and node.id and node.id == scene.pressed:
            fill = _mixed(fill, theme[Tone.INK], _PRESSED)
        if fill is not None:
            self._card(surface, node, box, fill, theme)
        if node.fraction is not None:
            self._progress(surface, node, box, theme)
        if isinstance(node.picture, Code):
            picture = shapes.code(node.picture.text, box.w, theme[Tone.CODE_DARK], theme[Tone.CODE_LIGHT])
            surface.blit(picture, box)
        elif node.picture is not None:
            surface.blit(shapes.icon(node.picture, box.w, theme[node.style.ink]), box)
        self._lines(surface, node, box, theme)
        for child in node.children:
            self._node(surface, scene, child, area, fill or ground)

    def _card(
        self, surface: pygame.Surface, node: Node, box: pygame.Rect, fill: Colour, theme: Theme
    ) -> None:
        radius = self._panel.px(node.style.radius)
        if node.style.raised:
            shapes.rounded(surface, box.move(0, self._panel.px(_SHADE_MM)), radius, theme[Tone.SHADE])
        if node.style.edge is not None:
            edge = max(1, self._panel.px(max(theme.edge_mm, node.style.edge_mm)))
            shapes.rounded(surface, box, radius, theme[node.style.edge])
            box, radius = box.inflate(-2 * edge, -2 * edge), max(0, radius - edge)
        shapes.rounded(surface, box, radius, fill)

    def _ring(self, surface: pygame.Surface, node: Node, theme: Theme, ground: Colour) -> None:
        radius = node.style.radius
        for beyond, colour in (
            (_FOCUS_MM + _FOCUS_GAP_MM, theme[Tone.FOCUS]),
            (_FOCUS_GAP_MM, ground),
        ):
            shapes.rounded(surface, self._px(node.rect, beyond), self._panel.px(radius + beyond), colour)

    def _progress(self, surface: pygame.Surface, node: Node, box: pygame.Rect, theme: Theme) -> None:
        radius = box.h // 2
        shapes.rounded(surface, box, radius, theme[Tone.LINE])
        done = box.copy()
        done.w = max(box.h, round(box.w * min(1.0, max(0.0, node.fraction or 0.0))))
        shapes.rounded(surface, done, radius, theme[Tone.ACCENT])

    def _lines(self, surface: pygame.Surface, node: Node, box: pygame.Rect, theme: Theme) -> None:
        style = node.style
        for at, line in enumerate(node.lines):
            if not line:
                continue
            picture = self._fonts.picture(line, style.size, style.bold, theme[style.ink])
            middle = node.rect.y + (at + 0.5) * style.size * style.leading
            spare = box.w - picture.get_width()
            x = box.x + {"start": 0, "middle": spare // 2, "end": spare}[style.align]
            surface.blit(picture, (x, self._panel.px(middle) - picture.get_height() // 2))

    def _px(self, rect: Rect, beyond_mm: float = 0.0) -> pygame.Rect:
        """Edges are rounded, not lengths, so that what meets in mm meets in pixels."""
        px = self._panel.px
        left, top = px(rect.x - beyond_mm), px(rect.y - beyond_mm)
        return pygame.Rect(left, top, px(rect.right + beyond_mm) - left, px(rect.bottom + beyond_mm) - top)


def _differences(last: Scene, scene: Scene) -> Iterator[Rect]:
    """Where the two are not the same."""
    old, new = set(_marked(last, last.tree)), set(_marked(scene, scene.tree))
    for rect, _ in old ^ new:
        yield rect


def _marked(scene: Scene, node: Node) -> Iterator[tuple[Rect, object]]:
    """Each node's place, and what is seen of it there, be it pressed or what the keys are at."""
    at = node.action is not None and bool(node.id)
    marks = at and node.id == scene.pressed, at and node.id == scene.focus
    yield node.rect, (node.style, node.lines, node.picture, node.fraction, marks)
    for child in node.children:
        yield from _marked(scene, child)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
