"""How far a case is: found by the code or the number on its receipt, or by the card of whose it is; then one
page with where it stands, what is missing, and where to go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from edge.wire.services import KioskCase, KioskCaseStep
from kiosk_ui.actions import Open, Screen
from kiosk_ui.actions_online import ByCard, FindCase, PickCase, PrintCase, ScanPaper
from kiosk_ui.errand import CASE_DIGITS
from kiosk_ui.layout import columns
from kiosk_ui.node import Icon, Node, Rect, Role
from kiosk_ui.screens.dialogs import sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.online import DOOR_EM
from kiosk_ui.screens.words import on, who
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.banner import Banner, Tenor
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.cards import card_height, stacked_card
from kiosk_ui.widgets.deck import below, deck
from kiosk_ui.widgets.door import Door
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.flow import flow
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.number_pad import NumberPad
from kiosk_ui.widgets.stack import Para, Part
from kiosk_ui.widgets.steps import StepMark

_CASE_EM = 16.0
_GAP_MM = 3.0
_PARTS = (0, 4, 8, 12)  # where a number is parted, to be read
_TENORS = {
    "done": (Tenor.GOOD, Icon.CHECK),
    "to_supplement": (Tenor.WARN, Icon.WARN),
    "refused": (Tenor.SORRY, Icon.INFO),
    "withdrawn": (Tenor.INFO, Icon.INFO),
}
_GOING_ON = (Tenor.INFO, Icon.CLOCK)


def cases(kit: Kit) -> Node:
    """The three ways to find one."""
    around = frame(kit)
    name, told, up = kit.tr("online.cases"), kit.model.view.told, kit.model.view.told.online.up
    head, rest = title(kit, around.body, name, kit.tr("cases.note"), room=90.0)
    scan = Door(
        *(Icon.SCAN, kit.tr("cases.scan"), kit.tr("cases.scan.note"), ScanPaper(), "scan"),
        enabled=up and bool(told.scanners),
    )
    number = Door(
        *(
            Icon.KEYPAD,
            kit.tr("cases.number"),
            kit.tr("cases.number.note"),
            Open(Screen.CASE_NUMBER),
            "number",
        ),
        enabled=up,
    )
    card = Door(
        *(Icon.CARD, kit.tr("cases.card"), kit.tr("cases.card.note"), ByCard("cases"), "card"),
        enabled=up and bool(told.card_readers),
    )
    doors = deck(kit, rest, (scan, number, card), width_em=DOOR_EM, is_list=True)
    return page(kit, name, around, (*head, *doors))


def case_number(kit: Kit) -> Node:
    around = frame(kit)
    typed = kit.model.session.typed
    words = (
        Para(kit.tr("case_number.title"), size=min(kit.title, kit.lead * 1.25), bold=True, role=Role.HEADING),
        Para(kit.tr("case_number.note"), ink=Tone.SOFT, optional=True),
    )
    ready = len(typed) == CASE_DIGITS
    find = Button(
        kit.tr("case_number.find"), FindCase(), "find", Icon.SEARCH, kind=Kind.PRIMARY, enabled=ready
    )
    shown = " ".join(typed[at : at + 4] for at in _PARTS if typed[at:])
    said = kit.tr("search.typed", typed=" ".join(typed)) if typed else kit.tr("case_number.field")
    pad = NumberPad(words, shown, kit.tr("case_number.field"), said, find)
    return page(kit, kit.tr("case_number.title"), around, pad.nodes(kit, around.body))


def case_list(kit: Kit) -> Node:
    found = kit.model.session.errand.cases
    if not found:
        return sorry(kit, kit.tr("said.no_cases"))
    around = frame(kit)
    words = kit.tr("case_list.title")
    head, rest = title(kit, around.body, words, who(kit), room=80.0)
    cards = [_entry(kit, place, each) for place, each in enumerate(found)]
    return page(kit, words, around, (*head, *deck(kit, rest, cards, width_em=_CASE_EM, is_list=True)))


def _entry(kit: Kit, place: int, case: KioskCase) -> Entry:
    name, state = _name(kit, case), kit.tr(f"case.state.{case.state}")
    _, icon = _TENORS.get(case.state, _GOING_ON)

    def parts(kit: Kit) -> tuple[Part, ...]:
        return Para(name, size=kit.lead, bold=True, ink=Tone.ACCENT), Fact(icon, state)

    said = kit.tr("comma").join((name, state))
    return Entry(said, parts, said, PickCase(place), f"case-{place}", private=True)


# --- one ---
def case(kit: Kit) -> Node:
    found = _shown(kit)
    if found is None:
        return sorry(kit, kit.tr("said.no_cases"))
    around = frame(kit)
    head, rest = title(kit, around.body, kit.tr("online.cases"), who(kit), room=90.0)
    paper = None
    if kit.model.view.can_print:
        paper = Button(kit.tr("case.print"), PrintCase(), "print", Icon.PRINTER, kind=Kind.PRIMARY)
    told = _beside(kit, rest, found, paper) or _below(kit, rest, found, paper)
    return page(kit, kit.tr("online.cases"), around, (*head, *told))


def _below(kit: Kit, rect: Rect, found: KioskCase, paper: Button | None) -> tuple[Node, ...]:
    """The steps below what there is to say, in pages where they are many."""

    def parts(kit: Kit) -> list[Part]:
        return [*_facts(kit, found), *_way(kit, found)]

    told, *buttons = flow(kit, rect, _name(kit, found), parts, gap=_GAP_MM, extra=paper)
    return (replace(told, private=True), *buttons)


def _beside(kit: Kit, rect: Rect, found: KioskCase, paper: Button | None) -> tuple[Node, ...]:
    """The steps beside it, where the page is wider than high and has room for both; nothing where not."""
    if rect.w < rect.h * 1.3 or not found.steps:
        return ()
    buttons, rest = below(kit, rect, 1, paper)
    left, right = columns(rest, 2, kit.gap)
    for grown in kit.grown(1.35):
        both = [*_facts(grown, found)], [*_way(grown, found)]
        if all(card_height(grown, left.w, parts, _GAP_MM) <= rest.h for parts in both):
            name, steps = _name(kit, found), kit.tr("case.steps")
            cards = (
                stacked_card(grown, left, name, both[0], gap=_GAP_MM, valign="top"),
                stacked_card(grown, right, steps, both[1], gap=_GAP_MM, valign="top"),
            )
            return (*(replace(each, private=True) for each in cards), *buttons)
    return ()


def _shown(kit: Kit) -> KioskCase | None:
    about, found = kit.model.session.place.about, kit.model.session.errand.cases
    return found[int(about)] if about.isdecimal() and int(about) < len(found) else None


def _name(kit: Kit, case: KioskCase) -> str:
    return kit.name(case) or case.number


def _facts(kit: Kit, case: KioskCase) -> Iterator[Part]:
    tenor, _ = _TENORS.get(case.state, _GOING_ON)
    yield Para(_name(kit, case), size=kit.lead * 1.2, bold=True, role=Role.HEADING)
    yield Banner(kit.tr(f"case.state.{case.state}"), tenor)
    if case.due and case.state not in ("done", "refused", "withdrawn"):
        yield Fact(Icon.CALENDAR, kit.tr("case.due", day=on(kit, case.due)), Tone.INK, bold=True)
    if window := kit.window(case.window):
        yield Fact(Icon.WINDOW, kit.tr("case.window", window=window), Tone.INK, bold=True)
    papers = zip_longest(case.missing, case.missing_en, fillvalue="")
    if missing := [words for zh, en in papers if (words := kit.of_two(zh, en))]:
        yield Para(kit.tr("case.missing"), size=kit.lead, bold=True, role=Role.HEADING)
        for paper in missing:
            yield Fact(Icon.LIST, paper, Tone.INK)
    yield Fact(Icon.INFO, kit.tr("case.number", number=case.number))


def _way(kit: Kit, case: KioskCase) -> Iterator[Part]:
    if case.steps:
        yield Para(kit.tr("case.steps"), size=kit.lead, bold=True, role=Role.HEADING)
    for place, step in enumerate(case.steps, 1):
        yield StepMark(step.state, _step_name(kit, step, place), _step(kit, step), place == len(case.steps))


def _step_name(kit: Kit, step: KioskCaseStep, place: int) -> str:
    return kit.name(step) or kit.tr("case.step", place=place)


def _step(kit: Kit, step: KioskCaseStep) -> str:
    state = kit.tr(f"case.step.{step.state}")
    return kit.tr("comma").join((state, on(kit, step.on))) if step.on else state
