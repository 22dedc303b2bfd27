"""Cards: what belongs together, on a ground of its own; some of them are touched."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_ui.actions import Action
from kiosk_ui.node import Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Part, VAlign, stack, stack_height


def card(
    kit: Kit,
    rect: Rect,
    name: str,
    children: Sequence[Node],
    *,
    action: Action | None = None,
    id_: str = "",
    enabled: bool = True,
    fill: Tone = Tone.CARD,
    edge: Tone | None = Tone.LINE,
    role: Role = Role.ITEM,
    speech: str = "",
) -> Node:
    """With an action it is a button, whatever is in it."""
    if not enabled:
        fill = Tone.OFF_FILL
    if edge is None and kit.is_contrasty:
        edge = Tone.LINE
    style = Style(fill=fill, edge=edge, radius=kit.radius, raised=fill is Tone.CARD)
    if action is not None:
        role = Role.BUTTON
    return Node(
        role,
        name,
        rect,
        action=action,
        id=id_,
        enabled=enabled,
        style=style,
        children=tuple(children),
        speech=speech,
    )


def stacked_card(
    kit: Kit,
    rect: Rect,
    name: str,
    parts: Sequence[Part],
    *,
    gap: float = 0.0,
    valign: VAlign = "middle",
    pad: float | None = None,
    fill: Tone = Tone.CARD,
    edge: Tone | None = Tone.LINE,
    role: Role = Role.ITEM,
    speech: str = "",
) -> Node:
    """A card that shows parts below each other and is not touched."""
    inner = rect.inset(kit.pad if pad is None else pad)
    children = stack(kit, inner, parts, gap=gap, valign=valign)
    return card(kit, rect, name, children, fill=fill, edge=edge, role=role, speech=speech)


def card_height(kit: Kit, width: float, parts: Sequence[Part], gap: float = 0.0) -> float:
    return stack_height(kit, width - 2 * kit.pad, parts, gap) + 2 * kit.pad
