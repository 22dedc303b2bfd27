"""One item: what it is and costs, which case is at hand, and all that has to be brought for it."""

from __future__ import annotations

from collections.abc import Iterator

from edge.catalogue import Case, Item, Material
from kiosk_ui.actions import Open, PrintNotice, Screen, ToggleCase
from kiosk_ui.layout import cut_top
from kiosk_ui.node import Icon, Node, Role
from kiosk_ui.screens.dialogs import sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.guide import words
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.banner import Banner, Tenor
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.flow import flow
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

WHICH = "?"  # behind the number, `about` of the page that asks which case is at hand
_CASE_EM = 12.0
_PAPER_EM = 16.0
_FACT_GAP_MM = 3.0


def item(kit: Kit) -> Node:
    found = kit.model.guide.item(kit.model.session.place.about)
    if found is None:
        return sorry(kit, kit.tr("guide.gone"))
    around = frame(kit)
    name = words(kit, found.name)
    head, rest = title(kit, around.body, name)
    further = found.number + (WHICH if len(found.cases) > 1 else "")
    papers = Button(
        kit.tr("item.papers"), Open(Screen.NOTICE, further), "papers", Icon.LIST, kind=Kind.PRIMARY
    )
    told = flow(kit, rest, name, lambda kit: list(_facts(kit, found)), gap=_FACT_GAP_MM, extra=papers)
    return page(kit, name, around, (*head, *told))


def _facts(kit: Kit, found: Item) -> Iterator[Part]:
    if kit.model.guide.catalogue.sample:
        yield Banner(kit.tr("guide.sample"), Tenor.WARN)
    kind = kit.tr("comma").join((words(kit, found.kind), kit.tr(f"item.level.{found.level}")))
    yield Fact(Icon.INFO, kit.tr("item.number", number=found.number, kind=kind))
    yield Fact(Icon.HALL, words(kit, found.unit.name), Tone.INK)
    yield Fact(Icon.CLOCK, kit.tr("item.legal", limit=_limit(kit, found.legal_days)), Tone.INK)
    promised = kit.tr("item.promised", limit=_limit(kit, found.promised_days))
    yield Fact(Icon.CHECK, promised, Tone.INK, bold=True)
    yield Fact(Icon.CARD, kit.tr("item.fee", fee=words(kit, found.fee)), Tone.INK)
    if found.fee_basis.zh:
        yield Fact(Icon.BOOK, kit.tr("item.basis", basis=words(kit, found.fee_basis)))
    yield Fact(Icon.PHONE, kit.tr("item.telephone", telephone=found.telephone), Tone.INK)
    yield Para(kit.tr("item.steps"), size=kit.lead, bold=True, role=Role.HEADING)
    for place, step in enumerate(found.steps, 1):
        yield Para(f"{place}. {words(kit, step)}")


def _limit(kit: Kit, days: int) -> str:
    return kit.tr("item.days", days=days) if days else kit.tr("item.at_once")


def notice(kit: Kit) -> Node:
    """What has to be brought. With WHICH behind the number: which case is at hand."""
    number, which, _ = kit.model.session.place.about.partition(WHICH)
    found = kit.model.guide.item(number)
    if found is None:
        return sorry(kit, kit.tr("guide.gone"))
    return _cases(kit, found) if which else _papers(kit, found)


# --- the case at hand ---
def _cases(kit: Kit, found: Item) -> Node:
    around = frame(kit)
    head, rest = title(kit, around.body, kit.tr("case.title"), words(kit, found.name), room=90.0)
    buttons = [_case(kit, found, case) for case in found.cases]
    on = Button(kit.tr("case.next"), Open(Screen.NOTICE, found.number), "next", Icon.LIST, kind=Kind.PRIMARY)
    return page(
        kit,
        kit.tr("case.title"),
        around,
        (*head, *deck(kit, rest, buttons, width_em=_CASE_EM, extra=on, is_list=True)),
    )


def _case(kit: Kit, found: Item, case: Case) -> Button:
    at_hand = case in found.at_hand(kit.model.session.cases)
    instead = () if case.also else tuple(each.id for each in found.choices() if each != case)
    name = words(kit, case.name)
    label = kit.tr("case.also", case=name) if case.also else name
    return Button(label, ToggleCase(case.id, instead), f"case-{case.id}", on=at_hand, leads=True)


# --- all that has to be brought ---
def _papers(kit: Kit, found: Item) -> Node:
    around = frame(kit)
    session = kit.model.session
    needed = found.needed(session.cases)
    many = "papers.title" if len(needed) > 1 else "papers.one" if needed else "papers.none"
    heading = kit.tr(many, count=len(needed))
    chosen = kit.tr("comma").join(words(kit, case.name) for case in found.at_hand(session.cases))
    name = words(kit, found.name)
    note = kit.tr("papers.case", item=name, case=chosen) if chosen else name
    head, rest = title(kit, around.body, heading, note, room=90.0)
    nodes: list[Node] = [*head]
    button = None
    if kit.model.view.can_print:
        label = kit.tr("papers.print")
        button = Button(label, PrintNotice(found.number), "print", Icon.PRINTER, kind=Kind.PRIMARY)
    else:  # what needs paper is hidden, with the reason (K18)
        banner = Banner(kit.tr("papers.no_printer"), Tenor.WARN)
        top, rest = cut_top(rest, banner.height(kit, rest.w), kit.gap)
        nodes.append(banner.node(kit, top))
    papers = [_paper(kit, material) for material in needed]
    return page(
        kit,
        heading,
        around,
        (*nodes, *deck(kit, rest, papers, width_em=_PAPER_EM, extra=button, is_list=True)),
    )


def _paper(kit: Kit, material: Material) -> Entry:
    """What it is, and how many of it."""
    name, counts = words(kit, material.name), _counts(kit, material)

    def parts(_kit: Kit) -> tuple[Part, ...]:
        return Para(name, bold=True), Fact(Icon.LIST, counts)

    return Entry(name, parts, kit.tr("comma").join((name, counts)))


def _counts(kit: Kit, material: Material) -> str:
    counts = {"papers.originals": material.originals, "papers.copies": material.copies}
    return kit.tr("comma").join(kit.tr(key, count=count) for key, count in counts.items() if count)
