"""What every page must hold, read off its tree: how large, how far apart, how legible, how high."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kiosk_ui.fonts import CAP_HEIGHT_EM
from kiosk_ui.layout import Ruler
from kiosk_ui.node import Node, Rect, Role, controls, walk
from kiosk_ui.panel import REACH_MM, Panel
from kiosk_ui.theme import THEMES, Theme, Tone, contrast
from kiosk_ui.widgets.kit import Kit

TARGET_MM = 12.7
MAIN_TARGET_MM = 20.0
GAP_MM = 2.54
# Of capitals in mm, for each text size.
CAPS_MM = ((3.5, 4.2), (4.8, 5.6), (6.4, 7.1), (8.5, 9.0))
BODY_CONTRAST = 7.0
LEAST_CONTRAST = 4.5
_SLACK_MM = 0.02


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a page."""

    rule: str
    where: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}"


def faults(tree: Node, kit: Kit) -> list[str]:
    """Everything that is wrong with a page, one sentence each."""
    found: list[Fault] = [
        *targets(tree),
        *gaps(tree),
        *nesting(tree),
        *overlaps(tree),
        *cuts(tree, kit.ruler, kit.panel),
        *broken_words(tree),
        *contrasts(tree, kit.theme),
        *sizes(tree, kit),
        *ids(tree),
    ]
    if kit.model.session.low:
        found += heights(tree, kit.panel)
    return [str(fault) for fault in found]


# --- K1 ---
def targets(tree: Node) -> Iterator[Fault]:
    for node in controls(tree):
        least = TARGET_MM if node.role is Role.KEY else MAIN_TARGET_MM
        if min(node.rect.w, node.rect.h) < least - _SLACK_MM:
            yield Fault("K1 target", _told(node))


def gaps(tree: Node) -> Iterator[Fault]:
    """Between controls; what lies whole within another one is none of its own, and is refused."""
    every = controls(tree)
    for at, one in enumerate(every):
        for other in every[at + 1 :]:
            if distance(one.rect, other.rect) < GAP_MM - _SLACK_MM:
                yield Fault("K1 gap", f"{_told(one)} and {_told(other)}")


def distance(one: Rect, other: Rect) -> float:
    """Across the emptier direction; 0 where they meet."""
    across = max(other.x - one.right, one.x - other.right, 0.0)
    down = max(other.y - one.bottom, one.y - other.bottom, 0.0)
    return max(across, down)


# --- nothing is cut, nothing overlaps ---
def nesting(tree: Node) -> Iterator[Fault]:
    for node in walk(tree):
        for child in node.children:
            if not _within(child.rect, node.rect):
                yield Fault("cut", f"{_told(child)} is not within {_told(node)}")


def overlaps(tree: Node) -> Iterator[Fault]:
    """Siblings, and so all that is not drawn one within the other."""
    for node in walk(tree):
        for at, one in enumerate(node.children):
            for other in node.children[at + 1 :]:
                if _meet(one.rect, other.rect):
                    yield Fault("overlap", f"{_told(one)} and {_told(other)} in {node.name!r}")


def cuts(tree: Node, ruler: Ruler, panel: Panel) -> Iterator[Fault]:
    """Text that is wider or higher than its place, or not all of what it is to say."""
    pixel = panel.mm(1)
    for node in walk(tree):
        if not node.lines:
            continue
        style = node.style
        wide = max(ruler.width(line, style.size, style.bold) for line in node.lines)
        high = len(node.lines) * style.size * style.leading
        if wide > node.rect.w + pixel or high > node.rect.h + _SLACK_MM:
            yield Fault("cut text", f"{_told(node)} needs {wide:.1f} x {high:.1f}")
        if "".join("".join(node.lines).split()) != "".join(node.name.split()):
            yield Fault("text is not its name", _told(node))


def broken_words(tree: Node) -> Iterator[Fault]:
    """A line ends within a word of letters."""
    for node in walk(tree):
        end = 0
        for line, after in pairwise(node.lines):
            end = node.name.find(line, end) + len(line)
            if line[-1:].isascii() and line[-1:].isalpha() and node.name[end:].startswith(after[:1]):
                yield Fault("broken word", _told(node))


# --- K3, K4 ---
def sizes(tree: Node, kit: Kit) -> Iterator[Fault]:
    """No text is smaller than the size that was chosen."""
    low, high = CAPS_MM[kit.text]
    body = kit.panel.mm(kit.panel.px(kit.em)) * CAP_HEIGHT_EM
    half = kit.panel.mm(0.5)  # glyphs are of whole pixels
    if not low - half <= body <= high + half:
        yield Fault("K3 body", f"capitals are {body:.2f} mm, not {low} to {high}")
    for node in walk(tree):
        if node.lines and node.style.size < kit.em - _SLACK_MM:
            yield Fault("K3 small text", _told(node))


def contrasts(tree: Node, theme: Theme) -> Iterator[Fault]:
    yield from _contrasts(tree, theme, Tone.PAPER)


def _contrasts(node: Node, theme: Theme, ground: Tone) -> Iterator[Fault]:
    ground = node.style.fill or ground
    if node.lines or (node.picture is not None and isinstance(node.picture, str)):
        ratio = contrast(theme[node.style.ink], theme[ground])
        least = BODY_CONTRAST if node.lines else LEAST_CONTRAST
        if ratio < least:
            yield Fault("K4 contrast", f"{_told(node)}: {node.style.ink} on {ground} is {ratio:.2f}")
    for child in node.children:
        yield from _contrasts(child, theme, ground)


def tones(theme: Theme) -> dict[str, float]:
    """The contrasts of the theme's edges where they alone show a control."""
    return {
        "focus on paper": contrast(theme[Tone.FOCUS], theme[Tone.PAPER]),
        "focus on card": contrast(theme[Tone.FOCUS], theme[Tone.CARD]),
        "accent on tint": contrast(theme[Tone.ACCENT], theme[Tone.TINT]),
    }


# --- K6 ---
def heights(tree: Node, panel: Panel) -> Iterator[Fault]:
    low, high = REACH_MM
    for node in controls(tree):
        above, below = panel.floor_mm(node.rect.y), panel.floor_mm(node.rect.bottom)
        if above > high + _SLACK_MM or below < low - _SLACK_MM:
            yield Fault("K6 reach", f"{_told(node)} is {below:.0f} to {above:.0f} mm above the floor")


def ids(tree: Node) -> Iterator[Fault]:
    every = Counter(node.id for node in controls(tree))
    for id_, count in every.items():
        if not id_ or count > 1:
            yield Fault("ids", f"{id_!r} is there {count} times")
    for node in controls(tree):
        if not node.name:
            yield Fault("a control without a name", node.id)


def _within(inner: Rect, outer: Rect) -> bool:
    return (
        inner.x >= outer.x - _SLACK_MM
        and inner.y >= outer.y - _SLACK_MM
        and inner.right <= outer.right + _SLACK_MM
        and inner.bottom <= outer.bottom + _SLACK_MM
    )


def _meet(one: Rect, other: Rect) -> bool:
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return across > _SLACK_MM and down > _SLACK_MM


def _told(node: Node) -> str:
    rect = node.rect
    return f"{node.role} {node.id or node.name!r} at {rect.x:.1f},{rect.y:.1f} {rect.w:.1f} x {rect.h:.1f}"


__all__ = ["THEMES", "faults", "tones"]
