"""Accessibility: text size, contrast, and what can be made easier; each shows at once what it does."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_ui.actions import Contrast, SetContrast, SetElder, SetLow, SetSpeech, SetText, TextSize
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
    sizes, contrasts, helps = _choices(kit)
    nodes = (*_sections(kit, left, (sizes, contrasts)), *_sections(kit, right, (helps,)))
    return page(kit, name, around, (*head, *nodes))


Section = tuple[str, Sequence[Sequence[Button]]]  # a label, and rows of buttons


def _room(kit: Kit, body: Rect) -> float:
    """What the sections need below the title."""
    every = _choices(kit)
    if kit.panel.is_portrait:
        return _height(kit, body.w, every)
    width = (body.w - 2 * kit.gap) / 2
    return max(_height(kit, width, every[:2]), _height(kit, width, every[2:]))


def _choices(kit: Kit) -> tuple[Section, Section, Section]:
    session, look = kit.model.session, kit.model.look
    sizes = [
        Button(
            kit.tr(f"access.size.{size}"),
            SetText(size),
            f"text-{size}",
            on=kit.text == size,
            size=EMS_MM[max(kit.text, size)],  # each as large as what it brings
        )
        for size in SIZES
        if not session.elder or size >= ELDER_TEXT
    ]
    contrasts = [
        Button(
            kit.tr(f"access.contrast.{each}"),
            SetContrast(each),
            f"contrast-{each}",
            on=session.contrast is each,
        )
        for each in Contrast
    ]
    helps = [
        Button(kit.tr("access.elder"), SetElder(not session.elder), "elder", Icon.ELDER, on=session.elder),
        Button(kit.tr("access.low"), SetLow(not session.low), "low", Icon.WHEELCHAIR, on=session.low),
    ]
    if look.has_sound:
        helps.append(
            Button(
                kit.tr("access.speech"),
                SetSpeech(not session.speech),
                "speech",
                Icon.SOUND,
                on=session.speech,
            )
        )
    return (
        (kit.tr("access.size"), [sizes]),
        (kit.tr("access.contrast"), [contrasts]),
        (kit.tr("access.easier"), [[each] for each in helps]),
    )


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
