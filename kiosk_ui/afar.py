"""The page for who looks at a kiosk from afar: what is there and where, and nothing that is a person's.

What a card said is masked on the glass already; it does not leave the kiosk at all. Neither does what a page
marks as private, as what somebody is typing is.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from edge.wire import MAX_REQUEST
from kiosk_ui.model import Session
from kiosk_ui.node import Node

MAX_PAGE = MAX_REQUEST - 1024  # bytes: the request around it has names and ids
HIDDEN = "***"


def page_from_afar(tree: Node, session: Session) -> dict[str, Any]:
    """In mm from the picture's upper left corner. A page that is too large to be sent is told without what is
    drawn in its controls, and says so: `cut`."""
    own = tuple(filter(None, (session.personal.name, session.personal.number, session.personal.person)))
    told = _told(tree, own, inside=True)
    if len(json.dumps(told, ensure_ascii=False).encode()) > MAX_PAGE:
        told = _told(tree, own, inside=False) | {"cut": True}
    return told


def _told(node: Node, own: tuple[str, ...], *, inside: bool) -> dict[str, Any]:
    """`inside`: with what is drawn in a control."""
    rect = node.rect
    told: dict[str, Any] = {
        "role": str(node.role),
        "name": HIDDEN if node.private else _without(node.name, own),
        "rect": [round(side) for side in (rect.x, rect.y, rect.w, rect.h)],
    }
    if node.action is not None:
        told |= {"id": node.id, "action": _action(node, own), "enabled": node.enabled}
    if node.on is not None:
        told["on"] = node.on
    children = node.children if not node.private and (inside or node.action is None) else ()
    if said := [_told(child, own, inside=inside) for child in children if _says(child)]:
        told["children"] = said
    return told


def _says(node: Node) -> bool:
    """What has no words and can do nothing is a picture, and no part of what is told."""
    return bool(node.name) or node.action is not None or any(map(_says, node.children))


def _without(text: str, own: tuple[str, ...]) -> str:
    for each in own:
        text = text.replace(each, HIDDEN)
    return text


def _action(node: Node, own: tuple[str, ...]) -> dict[str, Any]:
    action = node.action
    if node.private or action is None:
        return {"do": type(action).__name__}
    parts = {part.name: getattr(action, part.name) for part in fields(action)}
    told = {name: _without(value, own) if isinstance(value, str) else value for name, value in parts.items()}
    return {"do": type(action).__name__} | told
