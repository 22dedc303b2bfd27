"""Taxes: what is owed, which of it is declared now, and the values that it is reckoned from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.wire import MAX_FEN
from edge.wire.services import KioskObligation, KioskTaxField
from kiosk_ui.actions import Home, Open, Screen
from kiosk_ui.actions_online import Declare, SetValue, ToggleTax
from kiosk_ui.layout import cut_right
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.screens.dialogs import calm, sentence, sign, sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.words import money, on, who
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import TARGET_MM, Kit
from kiosk_ui.widgets.number_pad import NumberPad
from kiosk_ui.widgets.stack import Para, Part, mark, stack, stack_height

_TAX_EM = 17.0
_FIELD_EM = 17.0
_TICK_EM = 1.6
_LINE_GAP_MM = 1.0


def tax(kit: Kit) -> Node:
    errand = kit.model.session.errand
    if not errand.obligations:
        words = kit.tr("tax.none")
        parts: list[Part] = [sign(kit, Icon.CHECK, Tone.GOOD), sentence(kit, words)]
        home = Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME, kind=Kind.PRIMARY)
        return calm(kit, words, parts, [home])
    around = frame(kit)
    words = kit.tr("tax.title")
    head, rest = title(kit, around.body, words, who(kit), room=90.0)
    cards = [_Owed(each, each.id in errand.picked) for each in errand.obligations]
    on_ = Button(
        *(kit.tr("tax.next"), Open(Screen.TAX_CHECK), "next", Icon.RIGHT),
        kind=Kind.PRIMARY,
        enabled=bool(errand.to_declare()),
    )
    owed = deck(kit, rest, cards, width_em=_TAX_EM, extra=on_, is_list=True)
    return page(kit, words, around, (*head, *owed))


@dataclass(frozen=True, slots=True)
class _Owed:
    """A card that is picked and put back; what is paid already is told, and off."""

    owed: KioskObligation
    on: bool
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        room = width - 2 * kit.pad - kit.em * _TICK_EM - 3.0
        return max(TARGET_MM, stack_height(kit, room, self._parts(kit), _LINE_GAP_MM) + 2 * kit.pad)

    def node(self, kit: Kit, rect: Rect) -> Node:
        able = self.owed.state == "to_declare"
        inner = rect.inset(kit.pad)
        right, left = cut_right(inner, kit.em * _TICK_EM, 3.0)
        words = stack(kit, left, self._parts(kit), gap=_LINE_GAP_MM, valign="middle")
        said = kit.tr("comma").join((self._name(kit), *self._words(kit)))
        box = self._box(right) if able else ()
        made = card(
            kit,
            rect,
            said,
            (*words, *box),
            action=ToggleTax(self.owed.id),
            id_=f"tax-{self.owed.id}",
            enabled=able,
            fill=Tone.TINT if self.on else Tone.CARD,
            edge=Tone.ACCENT if self.on else Tone.LINE,
            speech=said,
        )
        return replace(made, role=Role.TOGGLE, on=self.on if able else None, private=True)

    def _box(self, rect: Rect) -> tuple[Node, ...]:
        """Empty, or with a tick."""
        side = rect.w
        place = Rect(rect.x, rect.y + (rect.h - side) / 2, side, side)
        style = Style(fill=Tone.CARD, edge=Tone.ACCENT, edge_mm=0.8, radius=2.0)
        tick = (mark(place.inset(side * 0.15), Icon.CHECK, Tone.ACCENT),) if self.on else ()
        return (Node(Role.IMAGE, "", place, style=style, children=tick),)

    def _name(self, kit: Kit) -> str:
        return kit.name(self.owed) or self.owed.id

    def _words(self, kit: Kit) -> list[str]:
        owed = self.owed
        due = kit.tr("tax.due", day=on(kit, owed.due))
        return [
            *filter(None, [kit.of_two(owed.period, owed.period_en)]),
            due if owed.state == "to_declare" else kit.tr(f"tax.{owed.state}"),
        ]

    def _parts(self, kit: Kit) -> tuple[Part, ...]:
        able = self.owed.state == "to_declare"
        ink, soft = (Tone.INK, Tone.SOFT) if able else (Tone.OFF, Tone.OFF)
        *period, state = self._words(kit)
        icon = Icon.CALENDAR if able else Icon.CHECK if self.owed.state == "paid" else Icon.CLOCK
        words: list[Part] = [Para(each, ink=soft) for each in period]
        words.append(Fact(icon, state, ink if able else soft))
        return (Para(self._name(kit), size=kit.lead, bold=True, ink=ink), *words)


# --- the values ---
def tax_check(kit: Kit) -> Node:
    errand = kit.model.session.errand
    declared = errand.to_declare()
    if not declared:
        return sorry(kit, kit.tr("tax.none"))
    around = frame(kit)
    words = kit.tr("tax_check.title")
    head, rest = title(kit, around.body, words, kit.tr("tax_check.note"), room=90.0)
    cards = [_field(kit, each, known) for each in declared for known in each.fields]
    reckon = Button(kit.tr("tax_check.next"), Declare(), "declare", Icon.RIGHT, kind=Kind.PRIMARY)
    values = deck(kit, rest, cards, width_em=_FIELD_EM, extra=reckon, is_list=True)
    return page(kit, words, around, (*head, *values))


def _field(kit: Kit, owed: KioskObligation, known: KioskTaxField) -> Entry:
    """What can be changed leads to where it is."""
    errand = kit.model.session.errand
    value = errand.value(owed.id, known)
    name, shown = kit.name(known) or known.id, told(kit, value, known.unit)
    if value != known.value:
        shown = kit.tr("tax_check.changed", value=shown)
    several = len(errand.to_declare()) > 1
    hint = kit.tr("tax_check.edit")

    def parts(kit: Kit) -> tuple[Part, ...]:
        ink = Tone.ACCENT if known.editable else Tone.INK
        of = (Para(kit.name(owed) or owed.id, ink=Tone.SOFT),) if several else ()
        named = Fact(Icon.HAND, name, Tone.INK) if known.editable else Para(name)
        return (*of, named, Para(shown, size=kit.lead * 1.1, bold=True, ink=ink))

    said = kit.tr("comma").join((name, shown, *([hint] if known.editable else [])))
    about = f"{owed.id}/{known.id}"
    action = Open(Screen.TAX_VALUE, about) if known.editable else None
    return Entry(said, parts, said, action, f"value-{owed.id}-{known.id}" if action else "", private=True)


def told(kit: Kit, value: int, unit: str) -> str:
    """A value with what it counts."""
    return money(kit, value) if unit == "fen" else f"{value:,}"


def _grouped(typed: str) -> str:
    """1234.5 as 1,234.5: digit by digit it is typed, and read by the thousand."""
    whole, point, part = typed.partition(".")
    return f"{int(whole):,}{point}{part}" if whole else typed


def tax_value(kit: Kit) -> Node:
    found = kit.model.session.errand.field_of(kit.model.session.place.about)
    if found is None:
        return sorry(kit, kit.tr("tax.none"))
    owed, known = found
    around = frame(kit)
    typed = kit.model.session.typed
    name = kit.name(known) or known.id
    now = told(kit, kit.model.session.errand.value(owed.id, known), known.unit)
    words = [
        Para(name, size=min(kit.title, kit.lead * 1.25), bold=True, role=Role.HEADING),
        Para(kit.tr("tax_value.now", value=now), ink=Tone.SOFT, optional=True),
    ]
    if known.highest < MAX_FEN:
        most = kit.tr("tax_value.most", value=told(kit, known.highest, known.unit))
        words.append(Para(most, ink=Tone.SOFT, optional=True))
    unit = kit.tr(f"tax_value.{known.unit}")
    said = kit.tr("search.typed", typed=typed) if typed else unit
    enter = Button(kit.tr("pin.enter"), SetValue(), "set", Icon.CHECK, kind=Kind.PRIMARY, enabled=bool(typed))
    pad = NumberPad(words, _grouped(typed), unit, said, enter, point=known.unit == "fen", private=True)
    return page(kit, kit.tr("tax_check.title"), around, pad.nodes(kit, around.body))
