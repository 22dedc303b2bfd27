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
    name = kit.tr("access.title")
    head, rest = title(kit, around.body, name, kit.tr("access.note"), room=_room(kit, around.body))
    if kit.panel.is_portrait:
        grown = next(
            each
            for each in kit.grown(rest.h / _height(kit, rest.w, _choices(kit)))
            if each is kit or _height(each, rest.w, _choices(each)) <= rest.h
        )
        return page(kit, name, around, (*head, *_sections(grown, rest, _choices(grown))))
    left, right = cut_left(rest, (rest.w - 2 * kit.gap) / 2, 2 * kit.gap)
    every = _choices(kit)
    nodes = (*_sections(kit, left, every[:2]), *_sections(kit, right, every[2:]))
    return page(kit, name, around, (*head, *nodes))


Section = tuple[str, Sequence[Sequence[Button]]]  # a label, and rows of buttons


def _room(kit: Kit, body: Rect) -> float:
    """What the sections need below the title."""
    every = _choices(kit)
    if kit.panel.is_portrait:
        return _height(kit, body.w, every)
    width = (body.w - 2 * kit.gap) / 2
    return max(_height(kit, width, every[:2]), _height(kit, width, every[2:]))


def _choices(kit: Kit) -> tuple[Section, ...]:
    session = kit.model.session
    helps = [
        Button(kit.tr("access.elder"), SetElder(not session.elder), "elder", Icon.ELDER, on=session.elder),
        Button(kit.tr("access.low"), SetLow(not session.low), "low", Icon.WHEELCHAIR, on=session.low),
    ]
    volumes: tuple[Section, ...] = ()
    if kit.model.look.volumes:
        speech = SetSpeech(not session.speech)
        helps.append(Button(kit.tr("access.speech"), speech, "speech", Icon.SOUND, on=session.speech))
        if session.speech:
            volumes = ((kit.tr("access.volume"), [_volumes(kit)]),)
    return (
        (kit.tr("access.size"), [_sizes(kit)]),
        (kit.tr("access.contrast"), [_contrasts(kit)]),
        (kit.tr("access.easier"), [[each] for each in helps]),
        *volumes,
    )


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


def _row_height(kit: Kit, width: float, row: Sequence[Button]) -> float:
    each = (width - kit.gap * (len(row) - 1)) / len(row)
    return max(button.height(kit, each) for button in row)


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
            cells = columns(line, len(row), kit.gap)
            nodes += [button.node(kit, cell) for button, cell in zip(row, cells, strict=True)]
        _, rest = cut_top(rest, between)
    return nodes
