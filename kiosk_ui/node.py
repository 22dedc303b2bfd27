"""A page as a tree of nodes in millimetres.

One tree serves drawing, touches, keys, speech, the tests of the layout and whoever looks from afar. A node
with an `action` is a control; what lies in it is part of its picture and has no action of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from kiosk_ui.actions import Action
from kiosk_ui.theme import Tone

Align = Literal["start", "middle", "end"]
HEADER = "header"  # ids of what is no control, and yet is found
CANVAS = "canvas"  # where a finger draws, to try the screen


class Role(StrEnum):
    PAGE = "page"
    HEADING = "heading"
    TEXT = "text"
    BUTTON = "button"
    TOGGLE = "toggle"
    IMAGE = "image"
    STATUS = "status"  # what changes by itself: a warning, a wait
    LIST = "list"
    ITEM = "item"
    PROGRESS = "progress"
    KEY = "key"  # of a keyboard on the screen


@dataclass(frozen=True, slots=True)
class Rect:
    """In mm from the picture's upper left corner."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    def has(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, x: float, y: float | None = None) -> Rect:
        y = x if y is None else y
        return Rect(self.x + x, self.y + y, self.w - 2 * x, self.h - 2 * y)


@dataclass(frozen=True, slots=True)
class Style:
    """How a node looks. `size` is the em of its text in mm; `leading` the distance of its lines in ems."""

    ink: Tone = Tone.INK
    fill: Tone | None = None
    edge: Tone | None = None
    radius: float = 0.0
    edge_mm: float = 0.0  # where it is to be thicker than the theme's edges are
    raised: bool = False
    size: float = 0.0
    bold: bool = False
    align: Align = "start"
    leading: float = 1.4


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with this text."""

    text: str


class Icon(StrEnum):
    ACCESS = "access"
    BACK = "back"
    BELL = "bell"
    BOOK = "book"
    CALENDAR = "calendar"
    CARD = "card"
    CHECK = "check"
    CLOCK = "clock"
    CLOSE = "close"
    CONTRAST = "contrast"
    DOWN = "down"
    ELDER = "elder"
    GLOBE = "globe"
    HALL = "hall"
    HAND = "hand"
    HOME = "home"
    INFO = "info"
    KEYPAD = "keypad"
    LEFT = "left"
    LIST = "list"
    MONEY = "money"
    MOON = "moon"
    PEOPLE = "people"
    PHONE = "phone"
    PRINTER = "printer"
    RIGHT = "right"
    SCAN = "scan"
    SEARCH = "search"
    SOUND = "sound"
    STAMP = "stamp"
    STAR = "star"
    TEXT = "text"
    TICKET = "ticket"
    WARN = "warn"
    WHEELCHAIR = "wheelchair"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Node:
    """`name` is what it is called, `lines` what is written of it, `speech` what is said if not its name.

    `on` tells the state of a toggle, `fraction` how far a progress has come. A control's `id` is its own.
    What a `private` node says is for who stands there: it is not told to who looks from afar.
    """

    role: Role
    name: str
    rect: Rect
    speech: str = ""
    action: Action | None = None
    enabled: bool = True
    style: Style = Style()
    children: tuple[Node, ...] = ()
    id: str = ""
    lines: tuple[str, ...] = ()
    picture: Icon | Code | None = None
    on: bool | None = None
    fraction: float | None = None
    private: bool = False


def walk(node: Node) -> Iterator[Node]:
    """The node and all within it, in the order in which they are read."""
    yield node
    for child in node.children:
        yield from walk(child)


def controls(tree: Node) -> list[Node]:
    """What keys can be at, in the order in which it is read. What is off is there too: speech says why."""
    return [node for node in walk(tree) if node.action is not None]


def find(tree: Node, id_: str) -> Node | None:
    """The control with this id."""
    return next((node for node in controls(tree) if node.id == id_), None)


def named(tree: Node, id_: str) -> Node | None:
    """The node with this id, be it a control or not."""
    return next((node for node in walk(tree) if node.id == id_), None)


def control_at(tree: Node, x_mm: float, y_mm: float) -> Node | None:
    """The control at this point. Where one lies over another, it is the upper one, which is drawn later."""
    return next((node for node in reversed(controls(tree)) if node.rect.has(x_mm, y_mm)), None)


def hit(tree: Node, x_mm: float, y_mm: float) -> Action | None:
    """What a touch of this point asks for; None where nothing is, or is off."""
    node = control_at(tree, x_mm, y_mm)
    return node.action if node is not None and node.enabled else None
