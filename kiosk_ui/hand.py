"""What fingers, a mouse and keys do to a page. One thing counts at a time: the first finger, on one control,
on a page that stands still."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from kiosk_ui.actions import Action, Back, EnterPin, Erase, Louder, Open, SayAgain, Screen, Softer, Type
from kiosk_ui.messages import Act, Dotted, Message, Press
from kiosk_ui.node import CANVAS, HEADER, Node, control_at, controls, find, named

TRANSITION_S = 0.25  # after a page has come: a finger that goes down now was meant for the one before
STUCK_S = 10.0  # a finger that stays so long is a drop of water, or leans: it counts no more
BURST_KEYS = 4  # within BURST_S: no hand does that, but a scanner that is set up as a keyboard
BURST_S = 0.1
QUIET_S = 0.5  # after the last key of a burst, keys count again
KNOCKS = 5  # touches of the header, or the erase key where nothing can be erased, and a PIN is asked for
KNOCKS_WITHIN_S = 3.0

KeyName = Literal["next", "previous", "press", "back", "again", "erase", "softer", "louder"]


@dataclass(frozen=True, slots=True)
class Finger:
    """The mouse is one too. `id` is the finger's own while it is down."""

    does: Literal["down", "move", "up"]
    id: int
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class Key:
    """Of a keypad: what it means, or the digit on it."""

    name: KeyName | Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]


@dataclass(frozen=True, slots=True)
class Closed:
    """Somebody closed the window."""


Felt = Finger | Key


@dataclass(frozen=True, slots=True)
class _Held:
    """The finger that counts, and what it went down on: nothing where it came too early."""

    finger: int
    control: str
    page_s: float
    since_s: float
    early: bool


class Hand:
    """`numeric`: the keypad has digits, and moves by 2, 4, 6, 8 and presses by 5 where none can be typed."""

    def __init__(self, *, numeric: bool = False) -> None:
        self._numeric = numeric
        self._held: _Held | None = None
        self._keys_s: deque[float] = deque(maxlen=BURST_KEYS)
        self._knocks_s: deque[float] = deque(maxlen=KNOCKS)
        self._quiet_until_s = 0.0

    def forget(self) -> None:
        """What a finger is on, or keys were about to do, is another session's."""
        self._held = None
        self._knocks_s.clear()

    def feel(self, felt: Felt, tree: Node, focus: str, page_s: float, now_s: float) -> list[Message]:
        """What follows for the model. `page_s`: when this page came."""
        if isinstance(felt, Key):
            return self._key(felt, tree, focus, now_s)
        if felt.does != "up" and (canvas := named(tree, CANVAS)) and canvas.rect.has(felt.x_mm, felt.y_mm):
            return [Dotted(felt.x_mm, felt.y_mm)]
        held = self._held
        if held is not None and now_s - held.since_s > STUCK_S:
            held = self._held = None
        match felt.does:
            case "down" if held is None:
                return self._down(felt, tree, page_s, now_s)
            case "up" if held is not None and held.finger == felt.id:
                return self._up(felt, held, tree, page_s, now_s)
            case "move" if held is not None and held.finger == felt.id and held.control:
                on = _id_at(tree, felt) == held.control
                return [Press(pressed=held.control if on else "")]
            case _:
                return []

    # --- fingers ---
    def _down(self, felt: Finger, tree: Node, page_s: float, now_s: float) -> list[Message]:
        early = now_s - page_s < TRANSITION_S
        control = "" if early else _id_at(tree, felt)
        self._held = _Held(felt.id, control, page_s, now_s, early)
        return [] if early else [Press(pressed=control, focus="")]

    def _up(self, felt: Finger, held: _Held, tree: Node, page_s: float, now_s: float) -> list[Message]:
        """An action, where it goes up from the control that it went down on; else a sign of life."""
        self._held = None
        if held.early or held.page_s != page_s:
            return [Press(pressed="")]
        node = control_at(tree, felt.x_mm, felt.y_mm)
        header = named(tree, HEADER)
        if not held.control and header is not None and header.rect.has(felt.x_mm, felt.y_mm):
            return [Press(pressed=""), Act(self._knock(now_s))]
        same = node is not None and node.id == held.control and node.enabled
        return [Press(pressed=""), Act(node.action if same and node else None)]

    def _knock(self, now_s: float) -> Action | None:
        """The way in for technicians, which no page shows."""
        self._knocks_s.append(now_s)
        if len(self._knocks_s) < KNOCKS or now_s - self._knocks_s[0] > KNOCKS_WITHIN_S:
            return None
        self._knocks_s.clear()
        return Open(Screen.PIN)

    # --- keys ---
    def _key(self, key: Key, tree: Node, focus: str, now_s: float) -> list[Message]:
        if self._is_scanner(now_s):
            return []
        if key.name.isdigit() and (typed := _typing(tree, key.name)) is not None:
            return [Press(focus=_after_typing(tree, typed)), Act(typed.action)]
        match self._meant(key):
            case "next":
                return [Press(focus=_beside(tree, focus, +1)), Act()]
            case "previous":
                return [Press(focus=_beside(tree, focus, -1)), Act()]
            case "press":
                node = find(tree, focus) if focus else None
                if node is None:
                    return [Press(focus=_beside(tree, "", +1)), Act()]
                return [Act(node.action if node.enabled else None)]
            case "back":
                return [Act(_one_of(tree, Back))]
            case "erase":
                return [Act(_one_of(tree, Erase) or self._knock(now_s))]
            case "again":
                return [Act(SayAgain())]
            case "softer":
                return [Act(Softer())]
            case "louder":
                return [Act(Louder())]
            case _:
                return [Act()]

    def _meant(self, key: Key) -> KeyName | None:
        """What a digit means where it cannot be typed."""
        digits: dict[str, KeyName] = {
            **{"2": "next", "6": "next", "8": "previous", "4": "previous"},
            **{"5": "press", "0": "again", "7": "softer", "9": "louder"},
        }
        if not key.name.isdigit():
            return key.name  # type: ignore[return-value]  # the digits are out of the way
        return digits.get(key.name) if self._numeric else None

    def _is_scanner(self, now_s: float) -> bool:
        self._keys_s.append(now_s)
        burst = len(self._keys_s) == BURST_KEYS and now_s - self._keys_s[0] <= BURST_S
        if burst or now_s < self._quiet_until_s:
            self._quiet_until_s = now_s + QUIET_S
        return now_s < self._quiet_until_s


def _id_at(tree: Node, felt: Finger) -> str:
    node = control_at(tree, felt.x_mm, felt.y_mm)
    return node.id if node is not None else ""


def _beside(tree: Node, focus: str, step: int) -> str:
    """The control after or before this one, round and round; what is off is there too, and says why."""
    ids = [node.id for node in controls(tree)]
    if not ids:
        return ""
    if focus not in ids:
        return ids[0 if step > 0 else -1]
    return ids[(ids.index(focus) + step) % len(ids)]


def _typing(tree: Node, digit: str) -> Node | None:
    return next(
        (
            node
            for node in controls(tree)
            if isinstance(node.action, Type) and node.action.text == digit and node.enabled
        ),
        None,
    )


def _after_typing(tree: Node, typed: Node) -> str:
    """The keys are at what was typed, which is then said; not so where it is a secret."""
    if isinstance(typed.action, Type) and typed.action.secret:
        return next((node.id for node in controls(tree) if isinstance(node.action, EnterPin)), "")
    return typed.id


def _one_of(tree: Node, kind: type[Back | Erase]) -> Back | Erase | None:
    """The page's own, so that a key can do nothing that a finger cannot."""
    actions = (node.action for node in controls(tree) if node.enabled)
    return next((action for action in actions if isinstance(action, kind)), None)
