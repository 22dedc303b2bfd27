"""What every page has around it: the hall's name, date and time above, the dock of common controls below.

All common controls are in the dock, because the upper edge of a tall panel is out of reach from a wheelchair.
In low mode the whole page keeps to what is within reach, and the room above only tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kiosk_ui.actions import Back, Finish, Home, Language, Open, SayAgain, Screen, SetLanguage
from kiosk_ui.layout import columns, cut_bottom, cut_left, cut_right, cut_top
from kiosk_ui.node import HEADER, Icon, Node, Rect, Role, Style
from kiosk_ui.places_online import ONLINE
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Mark, Para, mark, stack, text

_PAD_MM = 4.0  # above and below what is in the header and the dock
_DOCK_GAP_MM = 4.0
_STRIP_MM = 1.0  # above and below what a mark says
_SHIFT_MM = 0.6  # against burn-in, at 21.5 to 32 inches 2 to 3 pixels a step
_SHIFTS = ((0, 0), (1, 0), (1, 1), (0, 1))


@dataclass(frozen=True, slots=True)
class Frame:
    """`body` is the room between header and dock, without the margins."""

    nodes: tuple[Node, ...]
    body: Rect
    marks: tuple[Node, ...] = ()  # below the header: what is to be known of all that the page says


def frame(kit: Kit) -> Frame:
    panel = kit.panel
    sheet = Rect(0, 0, panel.width_mm, panel.height_mm)
    first, last = panel.reach() if kit.model.session.low else (0.0, sheet.h)
    dock_nodes, dock_height = _dock(kit, last)
    sandbox = Para(kit.tr("sandbox"), bold=True, ink=Tone.WARN, align="middle")
    strip = sandbox.height(kit, sheet.w) + 2 * _STRIP_MM if _is_made_up(kit) else 0.0
    head = max(_header_height(kit) + strip, first)
    header = _header(kit, Rect(0, 0, sheet.w, head - strip))
    body = Rect(kit.margin, head, sheet.w - 2 * kit.margin, last - dock_height - head)
    marks = (_strip(kit, Rect(0, head - strip, sheet.w, strip), sandbox),) if strip else ()
    return Frame((header, *dock_nodes), body.inset(0, kit.gap), marks)


def _is_made_up(kit: Kit) -> bool:
    """Whether the page is of services that answer made-up data."""
    return kit.model.view.told.online.sandbox and kit.model.session.screen in ONLINE


def _strip(kit: Kit, rect: Rect, words: Para) -> Node:
    style = Style(fill=Tone.WARN_TINT)
    return Node(Role.STATUS, words.text, rect, style=style, children=_shown(kit, rect, words), id="sandbox")


def page(kit: Kit, name: str, around: Frame, nodes: Iterable[Node], *, speech: str = "") -> Node:
    """The whole tree: header, what the page is about, dock; in this order it is read."""
    panel = kit.panel
    header, *dock = around.nodes
    sheet = Rect(0, 0, panel.width_mm, panel.height_mm)
    return Node(
        Role.PAGE,
        name,
        sheet,
        style=Style(fill=Tone.PAPER),
        children=(header, *around.marks, *nodes, *dock),
        speech=speech,
    )


def title(
    kit: Kit, body: Rect, words: str, note: str = "", *, room: float = 0.0
) -> tuple[tuple[Node, ...], Rect]:
    """The heading of a page, and what is left below. A note that leaves less than `room` is left out."""
    heading = Para(words, size=kit.title, bold=True, role=Role.HEADING)
    parts: list[Para] = [heading]
    if note:
        below = Para(note, ink=Tone.SOFT)
        if body.h - heading.height(kit, body.w) - below.height(kit, body.w) - kit.gap >= room:
            parts.append(below)
    height = sum(part.height(kit, body.w) for part in parts)
    top, rest = cut_top(body, height, kit.gap)
    return stack(kit, top, parts, gap=0), rest


# --- the header ---
def _header_height(kit: Kit) -> float:
    name, when = _hall(kit), _when(kit)
    room = kit.panel.width_mm - 2 * kit.margin - kit.em * 2.0 - 4
    if _in_one_row(kit, name, when):
        return name.height(kit, room) + 2 * _PAD_MM + 2
    return name.height(kit, room) + when.height(kit, room) + 2 * _PAD_MM


def _in_one_row(kit: Kit, name: Para, when: Para) -> bool:
    room = kit.panel.width_mm - 2 * kit.margin - kit.em * 2.0 - 4 - 2 * kit.gap
    width = kit.ruler.width(name.text, name.size, True) + kit.ruler.width(when.text, kit.em, False)
    return width <= room


def _hall(kit: Kit) -> Para:
    name = kit.plain(kit.model.view.told.hall) or kit.tr("hall")
    return Para(name, size=kit.lead, bold=True, ink=Tone.ON_BAND)


def _when(kit: Kit) -> Para:
    return Para(f"{day(kit)}  {time(kit)}".strip(), ink=Tone.ON_BAND)


def day(kit: Kit) -> str:
    """ "11月29日 星期日", or nothing while nobody has told the time."""
    told = kit.model.view.time.partition("T")[0]
    if not told:
        return ""
    on = date.fromisoformat(told)
    weekday = kit.tr(f"weekday.{on.isoweekday()}")
    return kit.tr("day", month=kit.tr(f"month.{on.month}"), day=on.day, weekday=weekday)


def time(kit: Kit) -> str:
    """ "09:05" """
    return kit.model.view.time.partition("T")[2][:5]


def _header(kit: Kit, rect: Rect) -> Node:
    line = Node(Role.IMAGE, "", Rect(0, rect.bottom - 0.4, rect.w, 0.4), style=Style(fill=Tone.LINE))
    inner = rect.inset(kit.margin, _PAD_MM)
    name, when = _hall(kit), _when(kit)
    if rect.h > 1.9 * _header_height(kit):
        parts = (Mark(Icon.HALL, kit.em * 3, Tone.ON_BAND, optional=True), name, when)
        centred = [each if isinstance(each, Mark) else _centred(each) for each in parts]
        children: tuple[Node, ...] = stack(kit, inner, centred, gap=1.5, valign="middle")
    else:
        side = kit.em * 2.0
        left, right = cut_left(inner, side, 4)
        emblem = mark(Rect(left.x, left.y + (left.h - side) / 2, side, side), Icon.HALL, Tone.ON_BAND)
        if _in_one_row(kit, name, when):
            end, start = cut_right(right, kit.ruler.width(when.text, kit.em, False) + 0.5, kit.gap)
            words = (text(kit, start, name, valign="middle"), *_shown(kit, end, when))
        else:
            words = stack(kit, right, (name, when), gap=0, valign="middle")
        children = (emblem, *words)
    return Node(
        Role.STATUS,
        kit.tr("header"),
        rect,
        style=Style(fill=Tone.BAND),
        children=(*children, line),
        id=HEADER,
    )


def _centred(para: Para) -> Para:
    return Para(para.text, size=para.size, bold=para.bold, ink=para.ink, align="middle")


def _shown(kit: Kit, rect: Rect, para: Para) -> tuple[Node, ...]:
    return stack(kit, rect, (para,), gap=0, valign="middle")


# --- the dock ---
def _dock(kit: Kit, last: float) -> tuple[tuple[Node, ...], float]:
    """Its nodes, and how high it is; `last` is where it ends."""
    panel = kit.panel
    width = panel.width_mm - 2 * kit.margin
    left, right = _ways(kit), _manners(kit)
    lines = _dock_rows(kit, width, left, right)
    heights = [max(button.height(kit, 1e6) for button in line) for line in lines]
    beside = width - _spread(kit, lines[0]) if len(lines) == 1 else 0.0
    help_ = Para(_help(kit), ink=Tone.SOFT, align="middle")
    help_width = kit.ruler.width(help_.text, kit.em, False) + 4 * kit.gap if help_.text else 0.0
    in_row = 0 < help_width <= beside
    below = 0.0 if in_row or not help_.text else help_.height(kit, width) + 1.5
    height = sum(heights) + _DOCK_GAP_MM * (len(lines) - 1) + below + 2 * _PAD_MM
    ground = Rect(0, last - height, panel.width_mm, panel.height_mm - last + height)
    inner = Rect(kit.margin, ground.y + _PAD_MM, width, height - 2 * _PAD_MM)
    nodes: list[Node] = [Node(Role.IMAGE, "", Rect(0, ground.y, ground.w, 0.4), style=Style(fill=Tone.LINE))]
    if below:
        line, inner = cut_bottom(inner, below)
        nodes.append(text(kit, Rect(line.x, line.y + 1.5, line.w, line.h - 1.5), help_))
    if len(lines) == 1:
        nodes += _ends(kit, inner, left, right, help_ if in_row else None)
    else:
        for row, one in zip(lines, heights, strict=True):
            top, inner = cut_top(inner, one, _DOCK_GAP_MM)
            nodes += [
                each.node(kit, cell)
                for each, cell in zip(row, columns(top, len(row), _DOCK_GAP_MM), strict=True)
            ]
    style = Style(fill=Tone.CARD)
    return (Node(Role.LIST, kit.tr("dock"), ground, style=style, children=tuple(nodes), id="dock"),), height


def _dock_rows(
    kit: Kit, width: float, left: Sequence[Button], right: Sequence[Button]
) -> list[Sequence[Button]]:
    """All in one row, or the ways in one and the manners in another."""
    every = (*left, *right)
    if _spread(kit, every) <= width or not left:
        return [every]
    return [left, right]


def _spread(kit: Kit, buttons: Sequence[Button]) -> float:
    return sum(button.width(kit) for button in buttons) + _DOCK_GAP_MM * (len(buttons) - 1)


def _ends(
    kit: Kit, rect: Rect, left: Sequence[Button], right: Sequence[Button], middle: Para | None
) -> list[Node]:
    nodes, rest = [], rect
    for button in left:
        place, rest = cut_left(rest, button.width(kit), _DOCK_GAP_MM)
        nodes.append(button.node(kit, place))
    ends = []
    for button in reversed(right):
        place, rest = cut_right(rest, button.width(kit), _DOCK_GAP_MM)
        ends.append(button.node(kit, place))
    if middle is not None:
        nodes.append(text(kit, rest, middle, valign="middle"))
    return [*nodes, *reversed(ends)]


def _ways(kit: Kit) -> list[Button]:
    session = kit.model.session
    ways: list[Button] = []
    if session.screen is Screen.PAY:  # who pays either pays or cancels, and is told what came of it
        return ways
    if len(session.places) > 1 and session.screen not in (Screen.HOME, Screen.ATTRACT):
        ways.append(Button(kit.tr("back"), Back(), "back", Icon.BACK))
    if session.screen is Screen.OUT_OF_SERVICE:
        return ways
    if session.screen is not Screen.HOME:
        ways.append(Button(kit.tr("home"), Home(), "home", Icon.HOME))
    else:
        ways.append(Button(kit.tr("finish"), Finish(), "finish", Icon.CLOSE))
    return ways


def _manners(kit: Kit) -> list[Button]:
    session = kit.model.session
    manners = []
    if session.speech:
        manners.append(Button(kit.tr("say_again"), SayAgain(), "say-again", Icon.SOUND))
    other: Language = "en" if session.language == "zh" else "zh"
    if kit.ruler.can_chinese and other in kit.model.look.languages:
        manners.append(Button(kit.tr("other_language"), SetLanguage(other), "language", Icon.GLOBE))
    if session.screen is not Screen.ACCESS:
        manners.append(Button(kit.tr("access"), Open(Screen.ACCESS), "access", Icon.ACCESS))
    return manners


def _help(kit: Kit) -> str:
    telephone = kit.plain(kit.model.look.telephone)
    return kit.tr("help.telephone", telephone=telephone) if telephone else kit.tr("help.desk")
