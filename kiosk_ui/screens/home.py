"""Home: what can be done here, each a large tile; the tickets just called; what is not as usual today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kiosk_ui.actions import Open, Screen
from kiosk_ui.layout import columns, cut_bottom, cut_left, cut_top, grid
from kiosk_ui.model import Model
from kiosk_ui.node import Icon, Node, Rect
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.online import away
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.banner import Banner, Tenor
from kiosk_ui.widgets.called import called_strip, strip_height
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.kit import LEADING, TARGET_MM, Kit
from kiosk_ui.widgets.stack import Mark, Para, Part, stack, stack_height

_FIRST_SHARE = 0.34  # of the tiles' room that the first one takes
_FIRST_OF_MANY = 0.28  # where there are more than four others
_TILE_GAP_MM = 2.5
_TIGHT_MM = 1.0  # above and below what a low tile says


@dataclass(frozen=True, slots=True)
class _Tile:
    screen: Screen
    icon: Icon


_FIRST = _Tile(Screen.SERVICES, Icon.TICKET)
_OTHERS = (
    _Tile(Screen.CHECK_IN, Icon.CALENDAR),
    _Tile(Screen.GUIDE, Icon.BOOK),
    _Tile(Screen.QUEUE, Icon.LIST),
    _Tile(Screen.RATE_WINDOW, Icon.STAR),
)
_ONLINE = _Tile(Screen.ONLINE, Icon.MOON)  # beside the others while the hall is open, and before them else
_FEW = 4  # others, which leave the first one room


def home(kit: Kit, built: Iterable[Screen]) -> Node:
    """`built`: the screens that there are, and that a tile may lead to."""
    around = frame(kit)
    told = sum(banner.height(kit, around.body.w) + kit.gap for banner in _banners(kit))
    room = _least(kit) + told
    scans = kit.model.look.scans and bool(kit.model.view.told.scanners)
    note = kit.tr("home.note.scan" if scans else "home.note")
    heading, rest = title(kit, around.body, kit.tr("home.title"), note, room=room)
    nodes, rest = _told(kit, rest)
    first, *others = [
        tile for tile in _in_order(kit.model) if tile.screen in built and _is_there(kit.model, tile)
    ]
    return page(kit, kit.tr("home.name"), around, (*heading, *_tiles(kit, rest, first, others), *nodes))


def _in_order(model: Model) -> tuple[_Tile, ...]:
    """First what most come for: a ticket, or what there is while nothing is open."""
    is_open = any(each.open for each in model.view.told.services)
    return (_FIRST, _ONLINE, *_OTHERS) if is_open else (_ONLINE, _FIRST, *_OTHERS)


def _is_there(model: Model, tile: _Tile) -> bool:
    if tile.screen is Screen.ONLINE:
        return bool(model.view.told.online.services)
    return tile.screen is not Screen.GUIDE or model.look.has_guide


def _is_on(model: Model, tile: _Tile) -> bool:
    if tile.screen is Screen.ONLINE:
        return model.view.told.online.up
    return tile.screen is not Screen.SERVICES or model.view.can_issue


def _told(kit: Kit, rest: Rect) -> tuple[list[Node], Rect]:
    """What is below the tiles, as far as it leaves them room, and that room."""
    nodes: list[Node] = []
    for banner in _banners(kit):
        height = banner.height(kit, rest.w)
        if rest.h - height - kit.gap >= _least(kit):
            place, rest = cut_top(rest, height, kit.gap)
            nodes.append(banner.node(kit, place))
    height = strip_height(kit)
    if kit.model.view.told.called and rest.h - height - kit.gap >= _least(kit) * 1.25:
        place, rest = cut_bottom(rest, height, kit.gap)
        nodes.append(called_strip(kit, place))
    return nodes, rest


def _least(kit: Kit) -> float:
    """The room that the tiles need: on a tall panel three rows of them, on a wide one two; and one more."""
    rows = (3 if kit.panel.is_portrait else 2) + bool(kit.model.view.told.online.services)
    return rows * max(TARGET_MM, kit.lead * LEADING + 2 * kit.pad) + (rows - 1) * kit.gap


def _banners(kit: Kit) -> Iterator[Banner]:
    view = kit.model.view
    if view.told.full:
        yield Banner(kit.tr("home.full"), Tenor.SORRY)
    elif view.told.printer:
        yield Banner(kit.tr("home.no_paper"), Tenor.WARN)
    if view.told.notice and kit.plain(view.told.notice):
        yield Banner(kit.plain(view.told.notice), Tenor.INFO)
    for each in announced(kit):
        yield Banner(each, Tenor.INFO)


def announced(kit: Kit) -> list[str]:
    """What is told of hours that are longer than usual."""
    told = kit.model.view.told.online.announcements
    words = (kit.plain(each.en or each.zh if kit.language == "en" else each.zh) for each in told)
    return [*filter(None, words)]


def _tiles(kit: Kit, rest: Rect, large: _Tile, others: list[_Tile]) -> list[Node]:
    """The first is as wide as the page on a tall panel, and as high as the page on a wide one."""
    if kit.panel.is_portrait:
        share = _FIRST_SHARE if len(others) <= _FEW else _FIRST_OF_MANY
        first, below = cut_top(rest, (rest.h - kit.gap) * share, kit.gap)
    else:
        first, below = cut_left(rest, (rest.w - kit.gap) * _FIRST_SHARE, kit.gap)
    across = 1 if len(others) <= 1 else 2
    down = -(-len(others) // across)
    cells = grid(below, across, down, kit.gap) if others else []
    if len(others) % across:
        cells[-across:] = columns(_spanned(cells[-across:]), 1, kit.gap)
    placed = [*zip(cells, others, strict=False)]
    told = _all_told(kit, placed)
    return [_first(kit, first, large), *(_tile(kit, cell, tile, told) for cell, tile in placed)]


def _spanned(cells: list[Rect]) -> Rect:
    return Rect(cells[0].x, cells[0].y, cells[-1].right - cells[0].x, cells[0].h)


def _first(kit: Kit, rect: Rect, tile: _Tile) -> Node:
    enabled = _is_on(kit.model, tile)
    ink = Tone.ON_ACCENT if enabled else Tone.OFF
    name = kit.tr(f"home.{tile.screen}")
    note = _note(kit, tile)
    words: tuple[Part, ...] = (
        Para(name, size=_largest(kit, name, rect), bold=True, ink=ink),
        Para(note, ink=ink, optional=True),
    )
    inner = rect.inset(kit.pad * 1.6, kit.pad)
    side = min(kit.em * 6.0, inner.h * 0.55)
    if kit.panel.is_portrait:
        left, right = cut_left(inner, side, kit.pad * 1.6)
        mark = Mark(tile.icon, side, ink).node(kit, Rect(left.x, left.y + (left.h - side) / 2, side, side))
        children = (mark, *stack(kit, right, words, gap=1, valign="middle"))
    else:
        parts: tuple[Part, ...] = (Mark(tile.icon, side, ink, align="start", optional=True), *words)
        children = stack(kit, inner, parts, gap=3, valign="middle")
    return card(
        kit,
        rect,
        name,
        children,
        action=Open(tile.screen),
        id_=f"open-{tile.screen}",
        enabled=enabled,
        fill=Tone.ACCENT,
        edge=None,
        speech=f"{name}. {note}",
    )


def _largest(kit: Kit, name: str, rect: Rect) -> float:
    """The first tile's em: half as large again as a title, if that stays in one line."""
    size = kit.title * 1.5
    return size if kit.ruler.width(name, size, True) <= rect.w * 0.5 else kit.title


def _all_told(kit: Kit, placed: Sequence[tuple[Rect, _Tile]]) -> float:
    """How high the fullest of the tiles is inside, if there is room for every one's note; 0 if not."""
    fullest = 0.0
    for cell, tile in placed:
        inner = _inside(kit, cell)
        fullest = max(fullest, stack_height(kit, inner.w, _parts(kit, inner, tile), _TILE_GAP_MM))
        if fullest > inner.h:
            return 0.0
    return fullest


def _inside(kit: Kit, rect: Rect) -> Rect:
    return rect.inset(kit.pad * 1.2, kit.pad)


def _parts(kit: Kit, inner: Rect, tile: _Tile) -> tuple[Part, ...]:
    """An icon, what it is called, and a note."""
    name = kit.tr(f"home.{tile.screen}")
    side = min(kit.em * 4.0, inner.h * 0.42)
    able = _is_on(kit.model, tile)
    ink, soft = (Tone.INK, Tone.SOFT) if able else (Tone.OFF, Tone.OFF)
    mark = (
        Mark(tile.icon, side, disc=Tone.TINT, align="start")
        if able
        else Mark(tile.icon, side, ink, disc=Tone.CARD, align="start")
    )
    name_ = Para(name, size=min(kit.title, kit.lead * 1.25), bold=True, ink=ink)
    return mark, name_, Para(_note(kit, tile), ink=soft)


def _tile(kit: Kit, rect: Rect, tile: _Tile, told: float) -> Node:
    """With its note where all have theirs, so that what is alike looks alike."""
    name, note = kit.tr(f"home.{tile.screen}"), _note(kit, tile)
    able = _is_on(kit.model, tile)
    inner = _inside(kit, rect)
    parts = _parts(kit, inner, tile)
    if told:
        place = inner.inset(0, (inner.h - told) / 2)
        children = stack(kit, place, parts, gap=_TILE_GAP_MM)
    elif not able and stack_height(kit, inner.w, parts[1:], 0.0) <= inner.h:  # why not
        children = stack(kit, inner, parts[1:], gap=0.0, valign="middle")
    elif stack_height(kit, inner.w, parts[:2], _TILE_GAP_MM) <= inner.h:
        children = stack(kit, inner, parts[:2], gap=_TILE_GAP_MM, valign="middle")
    else:
        ink = Tone.INK if able else Tone.OFF
        tight = rect.inset(kit.pad * 1.2, _TIGHT_MM)
        children = _beside(kit, tight, tile.icon, Para(name, size=kit.lead, bold=True, ink=ink))
    return card(
        *(kit, rect, name, children),
        action=Open(tile.screen),
        id_=f"open-{tile.screen}",
        enabled=able,
        speech=f"{name}. {note}",
    )


def _note(kit: Kit, tile: _Tile) -> str:
    """What there is, or why not."""
    if not _is_on(kit.model, tile):
        return away(kit) if tile.screen is Screen.ONLINE else kit.tr("home.full")
    by_card = tile.screen is Screen.CHECK_IN and kit.model.look.has_card_check_in
    return kit.tr(f"home.{tile.screen}.note.card" if by_card else f"home.{tile.screen}.note")


def _beside(kit: Kit, inner: Rect, icon: Icon, label: Para) -> tuple[Node, ...]:
    """Where there is little height."""
    side = min(kit.em * 1.8, inner.h)
    left, right = cut_left(inner, side, 3.0)
    small = Mark(icon, side, Tone.OFF if label.ink is Tone.OFF else Tone.ACCENT, align="start")
    shown = stack(kit, left, (small,), gap=0, valign="middle")
    return (*shown, *stack(kit, right, (label,), gap=0, valign="middle"))
