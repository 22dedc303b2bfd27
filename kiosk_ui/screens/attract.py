"""While nobody is there: the hall's name, the time, the tickets just called, and that a touch begins."""

from __future__ import annotations

from kiosk_ui.actions import Wake
from kiosk_ui.i18n import tr
from kiosk_ui.layout import cut_bottom, cut_left
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.screens.frame import day, time
from kiosk_ui.screens.home import announced
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.called import called_strip, strip_height
from kiosk_ui.widgets.kit import LEADING, Kit
from kiosk_ui.widgets.stack import Mark, Para, Part, stack, stack_height

_SHIFT_MM = 0.75  # 2 to 3 pixels of a panel of full HD
_SHIFTS = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1))  # a round, a step at a time
_EDGE_MM = 12.0
_CLOCK_MM = 40.0  # its em: read from across the hall
_NAME_MM = 22.0
_WIDE_MM = 260.0  # what is below is no wider


def attract(kit: Kit) -> Node:
    """The whole picture is one control: the first touch only wakes it."""
    panel = kit.panel
    sheet = Rect(0, 0, panel.width_mm, panel.height_mm)
    across, down = _SHIFTS[kit.model.look.shift % len(_SHIFTS)]
    inner = sheet.inset(_EDGE_MM + 2 * _SHIFT_MM)
    inner = Rect(inner.x + across * _SHIFT_MM, inner.y + down * _SHIFT_MM, inner.w, inner.h)
    name = kit.tr("attract.name")
    style = Style(fill=Tone.BAND)
    inside = _inside(kit, inner)
    touch = Node(Role.BUTTON, name, sheet, action=Wake(), id="wake", style=style, children=inside)
    return Node(Role.PAGE, name, sheet, style=style, children=(touch,))


def _inside(kit: Kit, rect: Rect) -> tuple[Node, ...]:
    """From below: the invitation, the tickets just called, and in what is left the hall and its time."""
    nodes = []
    high = _invitation_height(kit)
    low, above = cut_bottom(_narrowed(rect), high, kit.gap * 2)
    nodes.append(_invitation(kit, low))
    if kit.model.view.told.called and above.h > rect.h * 0.6:
        strip, above = cut_bottom(above, strip_height(kit), kit.gap * 2)
        nodes.append(called_strip(kit, strip))
    room = Rect(rect.x, rect.y, rect.w, above.h)
    return (*stack(kit, room, _hall(kit, rect.w), gap=kit.gap, valign="middle"), *reversed(nodes))


def _hall(kit: Kit, width: float) -> list[Part]:
    hall = kit.plain(kit.model.view.told.hall) or kit.tr("hall")
    name = max(kit.lead, _fitting(kit, hall, width, _NAME_MM))
    parts: list[Part] = [
        Mark(Icon.HALL, kit.em * 5, Tone.ON_BAND, optional=True),
        Para(hall, size=name, bold=True, ink=Tone.ON_BAND, align="middle", role=Role.HEADING),
    ]
    if time(kit):
        parts.append(Para(time(kit), size=_CLOCK_MM, ink=Tone.ON_BAND, align="middle", optional=True))
        parts.append(Para(day(kit), size=kit.lead, ink=Tone.ON_BAND, align="middle", optional=True))
    for words in announced(kit):
        parts.append(Para(words, size=kit.lead, bold=True, ink=Tone.ON_BAND, align="middle", optional=True))
    return parts


def _fitting(kit: Kit, words: str, width: float, most: float) -> float:
    """The em at which the words fill 0.9 of the width, at most this one."""
    return min(most, most * width * 0.9 / kit.ruler.width(words, most, True))


def _narrowed(rect: Rect) -> Rect:
    width = min(rect.w, _WIDE_MM)
    return Rect(rect.x + (rect.w - width) / 2, rect.y, width, rect.h)


# --- the invitation ---
def _words(kit: Kit) -> list[Para]:
    """In every language of the hall: nobody has chosen one yet."""
    languages = kit.model.look.languages if kit.ruler.can_chinese else (kit.language,)
    return [
        Para(tr(each, "attract.touch"), size=kit.em if at else kit.title, bold=not at, ink=Tone.ACCENT)
        for at, each in enumerate(languages)
    ]


def _invitation_height(kit: Kit) -> float:
    return stack_height(kit, 1e6, _words(kit), 0.0) + 2 * kit.pad * 1.4


def _invitation(kit: Kit, rect: Rect) -> Node:
    words = _words(kit)
    side = kit.title * LEADING * 1.2
    wide = max(kit.ruler.width(each.text, each.size, each.bold) for each in words) + 0.5
    inner = rect.inset(kit.pad, kit.pad * 1.4)
    left = max(0.0, (inner.w - side - kit.gap * 1.5 - wide) / 2)
    icon, rest = cut_left(Rect(inner.x + left, inner.y, inner.w - left, inner.h), side, kit.gap * 1.5)
    hand = stack(kit, icon, (Mark(Icon.HAND, side),), gap=0, valign="middle")
    style = Style(fill=Tone.CARD, edge=Tone.LINE, radius=kit.radius * 2)
    children = (*hand, *stack(kit, rest, words, gap=0.0, valign="middle"))
    name = kit.tr("comma").join(each.text for each in words)
    return Node(Role.STATUS, name, rect, style=style, children=children)
