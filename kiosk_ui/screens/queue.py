"""Queue and windows: who is being served where, and how many wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from edge.wire.kiosk import KioskWindow
from kiosk_ui.layout import cut_right
from kiosk_ui.node import Icon, Node, Rect, Role
from kiosk_ui.screens.dialogs import sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import LEADING, TARGET_MM, Kit
from kiosk_ui.widgets.stack import Para, Part, stack, stack_height

_CARD_EM = 17.0
_ICONS = {
    "queue.free": Icon.CHECK,
    "queue.called": Icon.BELL,
    "queue.serving": Icon.PEOPLE,
    "queue.rating": Icon.STAR,
    "queue.closed": Icon.CLOSE,
}


def queue(kit: Kit) -> Node:
    windows = kit.model.view.told.windows
    if not windows:
        return sorry(kit, kit.tr("queue.none"))
    around = frame(kit)
    waiting = sum(each.ahead for each in kit.model.view.told.services)
    head, rest = title(
        kit, around.body, kit.tr("queue.title"), kit.tr("queue.note", people=waiting), room=90.0
    )
    cards = [_Window(each) for each in windows]
    return page(kit, kit.tr("queue.title"), around, (*head, *deck(kit, rest, cards, width_em=_CARD_EM)))


@dataclass(frozen=True, slots=True)
class _Window:
    """Its name and what goes on there, beside it the ticket."""

    window: KioskWindow
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        left = self._left_width(kit, width - 2 * kit.pad)
        parts = stack_height(kit, left, self._parts(kit), 1.0)
        return max(TARGET_MM, parts + 2 * kit.pad, kit.lead * 1.4 * LEADING + 2 * kit.pad)

    def node(self, kit: Kit, rect: Rect) -> Node:
        inner = rect.inset(kit.pad)
        right, left = cut_right(inner, inner.w - self._left_width(kit, inner.w) - 2, 2)
        words = stack(kit, left, self._parts(kit), gap=1.0, valign="middle")
        window = self.window
        shown = bool(window.ticket)
        number: tuple[Part, ...] = (
            Para(window.ticket, size=kit.lead * 1.4, bold=True, ink=Tone.ACCENT, align="end"),
        )
        big = stack(kit, right, number, gap=0, valign="middle") if shown else ()
        name = kit.window(window.name) or window.id
        fill = Tone.CARD if window.state == "open" else Tone.OFF_FILL
        if window.phase == "called":
            fill = Tone.TINT
        said = (name, kit.tr(self._state), *([window.ticket] if shown else []), *self._waiting(kit))
        return card(
            kit, rect, name, (*words, *big), fill=fill, role=Role.ITEM, speech=kit.tr("comma").join(said)
        )

    @property
    def _state(self) -> str:
        if self.window.state != "open":
            return f"queue.{self.window.state}"
        return f"queue.{self.window.phase or 'free'}"

    def _left_width(self, kit: Kit, width: float) -> float:
        if not self.window.ticket:
            return width - 2
        return width - kit.ruler.width(self.window.ticket, kit.lead * 1.4, True) - 3

    def _waiting(self, kit: Kit) -> list[str]:
        waiting = self.window.waiting
        return [kit.tr("queue.waiting", people=waiting)] if waiting and self.window.state == "open" else []

    def _parts(self, kit: Kit) -> tuple[Part, ...]:
        off = self.window.state != "open"
        name = kit.window(self.window.name) or self.window.id
        state = kit.tr(self._state)
        words = kit.tr("comma").join((state, *self._waiting(kit)))
        icon = _ICONS.get(self._state, Icon.CLOCK)
        return (
            Para(name, size=kit.lead, bold=True, ink=Tone.OFF if off else Tone.INK),
            Fact(icon, words, Tone.OFF if off else Tone.SOFT),
        )
