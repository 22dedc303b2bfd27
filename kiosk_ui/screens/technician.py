"""The technician's page: how the kiosk, its node and the devices are, and what can be tried. It has four
faces: the overview, the devices, the last errors, and the touch test. Nothing on it is a person's."""

from __future__ import annotations

from collections.abc import Iterator

from edge.wire.kiosk import KioskDevice
from kiosk_ui.actions import Finish, Open, Quit, RestartDevice, SayAgain, Screen, TryPrinter
from kiosk_ui.layout import columns, cut_bottom, rows
from kiosk_ui.model import Technical
from kiosk_ui.node import CANVAS, Icon, Node, Rect, Role, Style
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.banner import Banner
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.flow import flow
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part, stack

DEVICES, ERRORS, TOUCH = "devices", "errors", "touch"  # `about`; "" is the overview
_DEVICE_EM = 17.0
_FACT_GAP_MM = 2.5
_DOT_MM = 4.0
_WELL = frozenset({"online"})


def technician(kit: Kit) -> Node:
    technical = kit.model.session.technical or Technical()
    match kit.model.session.place.about:
        case "devices":
            return _devices(kit, technical)
        case "errors":
            return _errors(kit, technical)
        case "touch":
            return _touch(kit, technical)
        case _:
            return _overview(kit, technical)


# --- how it is, and what can be done ---
def _overview(kit: Kit, technical: Technical) -> Node:
    around = frame(kit)
    name = kit.tr("technician.title")
    head, rest = title(kit, around.body, name)
    buttons = _buttons(kit)
    across = _across(kit, rest.w, buttons)
    down = -(-len(buttons) // across)
    cell = (rest.w - kit.gap * (across - 1)) / across
    each = max(button.height(kit, cell) for button in buttons)
    below, above = cut_bottom(rest, down * (each + kit.gap) - kit.gap, kit.gap)
    cells = [
        place
        for at, row in enumerate(rows(below, down, kit.gap))
        for place in columns(row, min(across, len(buttons) - at * across), kit.gap)
    ]
    placed = [button.node(kit, place) for button, place in zip(buttons, cells, strict=True)]
    told = flow(kit, above, name, lambda kit: list(_facts(kit, technical)), gap=_FACT_GAP_MM)
    return page(kit, name, around, (*head, *told, *placed))


def _buttons(kit: Kit) -> list[Button]:
    def to(about: str, icon: Icon) -> Button:
        return Button(kit.tr(f"technician.{about}"), Open(Screen.TECHNICIAN, about), f"to-{about}", icon)

    buttons = [to(DEVICES, Icon.LIST), to(ERRORS, Icon.WARN), to(TOUCH, Icon.HAND)]
    buttons.append(Button(kit.tr("technician.print"), TryPrinter(), "try-printer", Icon.PRINTER))
    if kit.model.look.volumes:
        buttons.append(Button(kit.tr("technician.speech"), SayAgain(), "try-speech", Icon.SOUND))
    buttons.append(Button(kit.tr("technician.restart"), Quit(), "restart", Icon.CLOSE))
    buttons.append(Button(kit.tr("technician.leave"), Finish(), "leave", Icon.CHECK, kind=Kind.PRIMARY))
    return buttons


def _across(kit: Kit, width: float, buttons: list[Button]) -> int:
    """As many side by side as leave each its words in one line, but at least two."""
    widest = max(button.width(kit) for button in buttons)
    most = max(2, min(len(buttons), int((width + kit.gap) // (widest + kit.gap))))
    return -(-len(buttons) // -(-len(buttons) // most))  # rows of about the same length


def _facts(kit: Kit, technical: Technical) -> Iterator[Part]:
    view, own, panel = kit.model.view, technical.own, kit.panel
    hours, minutes = divmod(own.up_min, 60)
    yield Fact(Icon.INFO, kit.tr("technician.program", version=own.version, hours=hours, minutes=minutes))
    if view.reachable:
        since = view.found.replace("T", " ")
        yield Fact(Icon.HALL, kit.tr("technician.node", since=since), Tone.INK)
    else:
        yield Fact(Icon.WARN, kit.tr("technician.no_node"), Tone.BAD, bold=True)
    printer = kit.plain(view.told.printer)
    yield _part(kit, Icon.PRINTER, "technician.printer", printer, well=view.can_print)
    for icon, key, able in (
        (Icon.CARD, "technician.reader", view.told.card_readers),
        (Icon.SCAN, "technician.scanner", view.told.scanners),
    ):
        yield _part(kit, icon, key, ", ".join(able) if able else "", well=view.reachable and bool(able))
    size = {"width": panel.width_px, "height": panel.height_px, "inches": f"{panel.diagonal_in:g}"}
    yield Fact(Icon.WINDOW, kit.tr("technician.panel", **size))
    yield Fact(Icon.CLOCK, kit.tr("technician.memory", mb=own.memory_mb))
    for trouble in own.troubles:
        yield Fact(Icon.WARN, trouble, Tone.BAD, bold=True)
    if own.errors:
        yield Fact(Icon.WARN, kit.tr("technician.last_error", error=kit.plain(own.errors[0])))


def _part(kit: Kit, icon: Icon, key: str, detail: str, *, well: bool) -> Fact:
    state = kit.tr("technician.works" if well else "technician.works_not")
    words = kit.tr(key, state=f"{state} ({detail})" if detail else state)
    return Fact(icon if well else Icon.WARN, words, Tone.INK if well else Tone.BAD, bold=not well)


# --- the devices ---
def _devices(kit: Kit, technical: Technical) -> Node:
    around = frame(kit)
    name = kit.tr("technician.devices")
    told = technical.devices
    if told is None:
        head, rest = title(kit, around.body, name)
        asking = stack(kit, rest, (Banner(kit.tr("technician.asking")),), gap=0)
        return page(kit, name, around, (*head, *asking))
    more = kit.tr("technician.more", count=told.more) if told.more else kit.tr("technician.devices.note")
    head, rest = title(kit, around.body, name, more, room=110.0)
    cards = [_device(kit, device) for device in told.devices]
    return page(kit, name, around, (*head, *deck(kit, rest, cards, width_em=_DEVICE_EM)))


def _device(kit: Kit, device: KioskDevice) -> Entry:
    """Its name, how it stands, and what is wrong; a touch opens it afresh."""
    well = device.state in _WELL
    state = kit.tr(f"technician.state.{device.state}") if device.state in STATES else device.state
    ink = Tone.GOOD if well else Tone.BAD
    wrong = (each.en if kit.language == "en" else kit.plain(each.zh) for each in device.conditions)
    parts: tuple[Para | Fact, ...] = (
        Para(device.id, bold=True),
        Fact(Icon.CHECK if well else Icon.WARN, state, ink, bold=True),
        *(Para(words, optional=True) for words in wrong if words),
    )
    said = kit.tr("comma").join(part.text for part in parts)
    return Entry(device.id, lambda _: parts, said, RestartDevice(device.id), f"device-{device.id}")


STATES = frozenset(
    {"stopped", "connecting", "handshake", "online", "degraded", "backoff", "misconfigured", "faulted"}
)


# --- its own errors ---
def _errors(kit: Kit, technical: Technical) -> Node:
    around = frame(kit)
    name = kit.tr("technician.errors")
    head, rest = title(kit, around.body, name)
    errors = [kit.plain(error) for error in technical.own.errors]
    parts: list[Part] = [Para(error) for error in errors if error]
    if not parts:
        none = stack(kit, rest, (Banner(kit.tr("technician.no_errors")),), gap=0)
        return page(kit, name, around, (*head, *none))
    return page(kit, name, around, (*head, *flow(kit, rest, name, lambda _: parts, gap=_FACT_GAP_MM)))


# --- where it is touched ---
def _touch(kit: Kit, technical: Technical) -> Node:
    """A finger leaves its way; several at once do."""
    around = frame(kit)
    name = kit.tr("technician.touch")
    head, rest = title(kit, around.body, name, kit.tr("technician.touch.note"), room=60.0)
    style = Style(fill=Tone.CARD, edge=Tone.LINE, radius=kit.radius)
    dots = tuple(_dot(rest, x, y) for x, y in technical.dots)
    canvas = Node(Role.IMAGE, name, rest, style=style, children=dots, id=CANVAS)
    return page(kit, name, around, (*head, canvas))


def _dot(canvas: Rect, x: float, y: float) -> Node:
    inner = canvas.inset(_DOT_MM / 2)
    x, y = min(max(x, inner.x), inner.right), min(max(y, inner.y), inner.bottom)
    place = Rect(x - _DOT_MM / 2, y - _DOT_MM / 2, _DOT_MM, _DOT_MM)
    return Node(Role.IMAGE, "", place, style=Style(fill=Tone.ACCENT, radius=_DOT_MM / 2))
