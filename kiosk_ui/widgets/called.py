"""The tickets just called, newest first."""

from __future__ import annotations

from kiosk_ui.layout import columns, cut_left
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import LEADING, Kit
from kiosk_ui.widgets.stack import Mark, Para, stack


def strip_height(kit: Kit) -> float:
    return kit.em * LEADING * 2 + 2 * kit.pad


def called_strip(kit: Kit, rect: Rect) -> Node:
    """As many as fit side by side: the number, and below it the window."""
    called = kit.model.view.told.called
    inner = rect.inset(kit.pad)
    side = kit.em * 1.8
    icon, rest = cut_left(inner, side, kit.pad)
    bell = stack(kit, icon, (Mark(Icon.BELL, side),), gap=0, valign="middle")
    words = [(each.ticket, kit.window(each.window)) for each in called]
    width = max(kit.ruler.width(word, kit.em, True) for pair in words for word in pair) + 4
    count = max(1, min(len(words), int(rest.w // width)))
    nodes: list[Node] = []
    for place, (ticket, window) in zip(columns(rest, count, 2.0), words, strict=False):
        parts = (Para(ticket, bold=True, ink=Tone.ACCENT), Para(window, ink=Tone.SOFT))
        nodes += stack(kit, place, parts, gap=0, valign="middle")
    name = kit.tr("called", tickets=kit.tr("comma").join(f"{a} {b}" for a, b in words[:count]))
    edge = Tone.LINE
    style = Style(fill=Tone.CARD, edge=edge, radius=kit.radius)
    return Node(Role.STATUS, name, rect, style=style, children=(*bell, *nodes))
