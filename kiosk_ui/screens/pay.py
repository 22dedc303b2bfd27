"""What is to be paid and to whom, its payment by a code on the glass, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from edge.wire.services import KioskDeclaration, Share
from kiosk_ui.actions import Finish, Home
from kiosk_ui.actions_online import CancelPayment, Pay, PrintReceipt
from kiosk_ui.errand import Paying
from kiosk_ui.node import Code, Icon, Node, Role
from kiosk_ui.screens.coded import coded
from kiosk_ui.screens.dialogs import calm, sentence, sign, sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.words import money
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.amount import Amount
from kiosk_ui.widgets.banner import Banner, Tenor
from kiosk_ui.widgets.bar import Bar
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.flow import flow
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

_GAP_MM = 2.0
_SHARES: tuple[Share, ...] = ("national", "local")


def tax_sum(kit: Kit) -> Node:
    """The sum, the two shares, and below what they are made of: the first two always on the first page."""
    declared = kit.model.session.errand.declaration
    if declared is None:
        return sorry(kit, kit.tr("tax.none"))
    if not declared.total_fen:
        return _nothing(kit)
    around = frame(kit)
    words = kit.tr("tax_sum.title")
    head, rest = title(kit, around.body, words, kit.tr("tax_sum.note"), room=110.0)
    label = kit.tr("tax_sum.pay", sum=money(kit, declared.total_fen))
    agree = Button(label, Pay(), "pay", Icon.MONEY, kind=Kind.PRIMARY)
    sums, *buttons = flow(kit, rest, words, lambda kit: list(_sums(kit, declared)), gap=_GAP_MM, extra=agree)
    told = (replace(each, private=each is sums or each.id == "pay") for each in (sums, *buttons))
    return page(kit, words, around, (*head, *told))


def _nothing(kit: Kit) -> Node:
    words = kit.tr("tax_sum.nothing")
    parts: list[Part] = [sign(kit, Icon.CHECK, Tone.GOOD), sentence(kit, words)]
    return calm(
        kit, words, parts, [Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME, kind=Kind.PRIMARY)]
    )


def _sums(kit: Kit, declared: KioskDeclaration) -> Iterator[Part]:
    total = money(kit, declared.total_fen)
    yield Para(kit.tr("tax_sum.total"), ink=Tone.SOFT, align="middle")
    yield Para(total, size=kit.title * 1.2, bold=True, ink=Tone.ACCENT, align="middle", role=Role.HEADING)
    shares = {"national": declared.national_fen, "local": declared.local_fen}
    for share in _SHARES:
        yield Amount(kit.tr(f"tax_sum.{share}"), money(kit, shares[share]), bold=True)
    if not kit.model.view.can_print:
        yield Banner(kit.tr("tax_sum.no_printer"), Tenor.WARN)
    for share in _SHARES:
        lines = [each for each in declared.lines if each.share == share]
        if lines:
            yield Para(kit.tr(f"tax_sum.{share}.lines"), bold=True, ink=Tone.SOFT, role=Role.HEADING)
        for line in lines:
            yield Amount(kit.name(line) or kit.tr(f"tax_sum.{share}"), money(kit, line.amount_fen))


# --- paying ---
def pay(kit: Kit) -> Node:
    paying = kit.model.session.errand.paying
    if paying is None or paying.told is None:
        return sorry(kit, kit.tr("said.trouble"))
    cancel = Button(kit.tr("pay.cancel"), CancelPayment(), "cancel-payment", Icon.CLOSE)
    if not paying.is_shown:
        words = kit.tr("pay.ordering")
        parts: list[Part] = [sign(kit, Icon.CLOCK, Tone.ACCENT), sentence(kit, words)]
        parts.append(Para(kit.tr("work.wait"), ink=Tone.SOFT, align="middle"))
        return calm(kit, words, parts, [cancel])
    total = money(kit, paying.told.total_fen)
    words = kit.tr("pay.title")
    before: list[Part] = [
        Para(words, size=kit.lead, bold=True, align="middle", optional=True),
        Para(total, size=kit.title * 1.2, bold=True, ink=Tone.ACCENT, align="middle", role=Role.HEADING),
    ]
    name = kit.tr("comma").join((words, total, kit.tr("pay.how")))
    return coded(
        kit,
        name,
        Code(paying.told.qr),
        called=kit.tr("online.tax"),
        code_name=kit.tr("pay.code"),
        before=before,
        after=_below(kit, paying),
        buttons=[cancel],
    )


def _below(kit: Kit, paying: Paying) -> list[Part]:
    """How long there is time, how it is done, and that nothing is lost where nobody answers."""
    left = kit.tr("pay.left", minutes=paying.left_s // 60, seconds=f"{paying.left_s % 60:02d}")
    parts: list[Part] = [Para(left, size=kit.lead, bold=True, align="middle")]
    if paying.whole_s:
        parts.append(Bar(min(1.0, paying.left_s / paying.whole_s), name=left, optional=True))
    if not (kit.model.view.reachable and kit.model.view.told.online.up):
        parts.append(Para(kit.tr("pay.away"), ink=Tone.WARN, align="middle", optional=True))
    parts.append(Para(kit.tr("pay.how"), ink=Tone.SOFT, align="middle", optional=True))
    return parts


def paid(kit: Kit) -> Node:
    paying = kit.model.session.errand.paying
    if paying is None or paying.told is None:
        return sorry(kit, kit.tr("said.trouble"))
    told, words = paying.told, kit.tr("paid.title")
    receipt = told.receipt or ("printing" if paying.left_s else "not_printed")
    note = kit.tr(f"paid.{receipt}")
    total = money(kit, told.total_fen)
    done = Button(kit.tr("ticket.done"), Finish(), "done", Icon.CHECK, kind=Kind.PRIMARY)
    name = kit.tr("comma").join((words, total, note))
    sum_ = Para(total, size=kit.title * 1.2, bold=True, ink=Tone.ACCENT, align="middle", role=Role.HEADING)
    beyond: list[Part] = []
    if told.state != "paid":
        beyond.append(Para(kit.tr("paid.beyond"), ink=Tone.SOFT, align="middle"))
    if receipt == "not_printed" and told.order:
        before: list[Part] = [Fact(Icon.CHECK, words, Tone.GOOD, bold=True, align="middle"), sum_]
        after: list[Part] = [Para(note, align="middle"), *beyond]
        again = Button(kit.tr("paid.again"), PrintReceipt(0), "print", Icon.PRINTER)
        buttons = [again, done] if kit.model.view.can_print else [done]
        return coded(
            kit,
            name,
            Code(told.order),
            called=kit.tr("online.tax"),
            code_name=kit.tr("paid.code"),
            before=before,
            after=after,
            buttons=buttons,
        )
    icon = Icon.PRINTER if receipt == "printing" else Icon.CHECK
    parts: list[Part] = [sign(kit, Icon.CHECK, Tone.GOOD), sentence(kit, words), sum_]
    parts += [Fact(icon, note, Tone.INK, bold=True, align="middle"), *beyond]
    return calm(kit, name, parts, [done], instead=kit.tr("online.tax"))
