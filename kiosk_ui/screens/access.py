"""Accessibility: text size, contrast, and what can be made easier; each shows at once what it does."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_ui.actions import (
    Contrast,
    SetContrast,
    SetElder,
    SetLow,
    SetSpeech,
    SetText,
    SetVolume,
    TextSize,
)
from kiosk_ui.layout import columns, cut_left, cut_top
from kiosk_ui.node import Icon, Node, Rect, Role
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.kit import ELDER_TEXT, EMS_MM, Kit
from kiosk_ui.widgets.stack import Para, text

SIZES: tuple[TextSize, ...] = (0, 1, 2, 3)
_CLOSE_MM = 1.0  # between a label and its buttons


def access(kit: Kit) -> Node:
    around = frame(kit)
    name, body = kit.tr("access.title"), around.body
    width = body.w if kit.panel.is_portrait else (body.w - 2 * kit.gap) / 2
    every = _choices(kit, width)
    sides = [every] if kit.panel.is_portrait else [every[:2], every[2:]]
    room = max(_height(kit, width, side) for side in sides)
    head, rest = title(kit, body, name, kit.tr("access.note"), room=room)
    if not kit.panel.is_portrait:
        left, right = cut_left(rest, width, 2 * kit.gap)
        return page(
            kit, name, around, (*head, *_sections(kit, left, sides[0]), *_sections(kit, right, sides[1]))
        )
    grown = next(
        each
        for each in kit.grown(rest.h / room)
        if each is kit or _height(each, width, _choices(each, width)) <= rest.h
    )
    return page(kit, name, around, (*head, *_sections(grown, rest, _choices(grown, width))))


Section = tuple[str, Sequence[Sequence[Button]]]  # a label, and rows of buttons


def _choices(kit: Kit, width: float) -> tuple[Section, ...]:
    session = kit.model.session
    helps = [
        Button(kit.tr("access.elder"), SetElder(not session.elder), "elder", Icon.ELDER, on=session.elder),
        Button(kit.tr("access.low"), SetLow(not session.low), "low", Icon.WHEELCHAIR, on=session.low),
    ]
    if kit.model.look.volumes:
        speech = SetSpeech(not session.speech)
        helps.append(Button(kit.tr("access.speech"), speech, "speech", Icon.SOUND, on=session.speech))
    across = 1 if kit.panel.is_portrait else 2
    sections = {
        "access.size": [_sizes(kit)],
        "access.contrast": [_contrasts(kit)],
        "access.easier": [helps[at : at + across] for at in range(0, len(helps), across)],
    }
    if kit.model.look.volumes and session.speech:
        sections["access.volume"] = [_volumes(kit)]
    return tuple((kit.tr(label), _fitting(kit, width, rows)) for label, rows in sections.items())


def _sizes(kit: Kit) -> list[Button]:
    return [
        Button(
            kit.tr(f"access.size.{size}"),
            SetText(size),
            f"text-{size}",
            on=kit.text == size,
            size=EMS_MM[max(kit.text, size)],  # each as large as what it brings
        )
        for size in SIZES
        if not kit.model.session.elder or size >= ELDER_TEXT
    ]


def _contrasts(kit: Kit) -> list[Button]:
    return [
        Button(
            kit.tr(f"access.contrast.{each}"),
            SetContrast(each),
            f"contrast-{each}",
            on=kit.model.session.contrast is each,
        )
        for each in Contrast
    ]


def _volumes(kit: Kit) -> list[Button]:
    return [
        Button(
            kit.tr(f"access.volume.{volume}"),
            SetVolume(volume),
            f"volume-{volume}",
            on=kit.model.session.volume == volume,
            speech=kit.tr(f"access.volume.said.{volume}"),
        )
        for volume in kit.model.look.volumes
    ]


def _fitting(kit: Kit, width: float, rows: Sequence[Sequence[Button]]) -> Sequence[Sequence[Button]]:
    """The rows, and one that is too long for its words in as many as it takes."""
    fitting: list[Sequence[Button]] = []
    for row in rows:
        least = sum(button.least(kit) for button in row) + kit.gap * (len(row) - 1)
        halves = [row] if least <= width or len(row) == 1 else [row[: len(row) // 2], row[len(row) // 2 :]]
        fitting += halves if len(halves) == 1 else _fitting(kit, width, halves)
    return fitting


def _cells(kit: Kit, line: Rect, row: Sequence[Button]) -> list[Rect]:
    """Of equal width; where that would break a word, as wide as each one's words ask for."""
    equal = columns(line, len(row), kit.gap)
    least = [button.least(kit) for button in row]
    if max(least) <= equal[0].w:
        return equal
    more = (line.w - kit.gap * (len(row) - 1)) / sum(least)
    cells, rest = [], line
    for width in least:
        cell, rest = cut_left(rest, width * more, kit.gap)
        cells.append(cell)
    return cells


def _row_height(kit: Kit, width: float, row: Sequence[Button]) -> float:
    cells = _cells(kit, Rect(0.0, 0.0, width, 0.0), row)
    return max(button.height(kit, cell.w) for button, cell in zip(row, cells, strict=True))


def _height(kit: Kit, width: float, sections: Sequence[Section]) -> float:
    height = 0.0
    for label, rows in sections:
        height += Para(label).height(kit, width) + _CLOSE_MM
        height += sum(_row_height(kit, width, row) + kit.gap for row in rows)
    return height


def _sections(kit: Kit, rect: Rect, sections: Sequence[Section]) -> list[Node]:
    """Below each other. Room that is left goes to the buttons first, and then between the sections."""
    spare = max(0.0, rect.h - _height(kit, rect.w, sections))
    count = sum(len(rows) for _, rows in sections)
    taller = min(spare / count * 0.7, kit.em * 3.0)
    between = min((spare - taller * count) / len(sections), kit.em * 3.0)
    nodes: list[Node] = []
    rest = rect
    for label, rows in sections:
        words = Para(label, bold=True, role=Role.HEADING)
        top, rest = cut_top(rest, words.height(kit, rect.w), _CLOSE_MM)
        nodes.append(text(kit, top, words))
        for row in rows:
            line, rest = cut_top(rest, _row_height(kit, rect.w, row) + taller, kit.gap)
            cells = _cells(kit, line, row)
            nodes += [button.node(kit, cell) for button, cell in zip(row, cells, strict=True)]
        _, rest = cut_top(rest, between)
    return nodes
