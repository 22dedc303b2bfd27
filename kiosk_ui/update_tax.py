"""Taxes: what is declared, the sum that is agreed to, and its payment, until it is paid or nothing is taken.

The daemon keeps the payment; here is only what shows of it. While its code can be paid the session does not
end, and the code ends by itself. Whoever leaves it has it closed: `left_behind` sees to that, whichever way
he goes.
"""

from __future__ import annotations

import re
from dataclasses import replace

from edge.wire.services import (
    KioskCertificates,
    KioskDeclaration,
    KioskObligations,
    KioskPayment,
    KioskPrinted,
    KioskReceipts,
)
from kiosk_ui.actions import Screen
from kiosk_ui.actions_online import (
    CancelPayment,
    Declare,
    OfTaxes,
    Pay,
    PrintCertificate,
    PrintReceipt,
    SetValue,
    ToggleTax,
)
from kiosk_ui.errand import CASE_DIGITS, Paying, obligation_of
from kiosk_ui.messages import Answer, Ask, Chime, Effect, OfServices
from kiosk_ui.model import Model, Place, Said, Work
from kiosk_ui.update_places import arrive, further, shown, to, with_session
from kiosk_ui.update_waiting import Step, ask_for, further_ask, sorry, well, with_errand

POLL_EVERY_S = 1.0  # how a payment stands is asked
ORDER_S = 60.0  # until an order has its code, and a receipt is printed: longer nobody stands and waits
CHIME_AT_S = 30  # left to pay
_YUAN = re.compile(r"\d{1,10}(\.\d{0,2})?")
_COUNT = re.compile(r"\d{1,9}")
_CASE = re.compile(rf"\d{{1,{CASE_DIGITS}}}")


def act_tax(model: Model, action: OfTaxes) -> Step:
    errand, screen = model.session.errand, model.session.screen
    match action, screen:
        case ToggleTax(id_), Screen.TAX:
            found = obligation_of(errand, id_)
            if found is None or found.state != "to_declare":
                return model, ()
            return with_errand(model, picked=errand.picked ^ {id_}, changed=(), declaration=None), ()
        case SetValue(), Screen.TAX_VALUE:
            return _set_value(model), ()
        case Declare(), Screen.TAX_CHECK if errand.to_declare():
            return ask_for(model, "declare")
        case Pay(), Screen.TAX_SUM if errand.declaration and errand.declaration.total_fen:
            key = model.key("payment", model.begun)
            return ask_for(with_errand(model, paying=Paying(key, polled_s=model.now_s)), "pay")
        case CancelPayment(), Screen.PAY if errand.paying:
            return ask_for(model, "abandon", errand.paying.key)
        case PrintReceipt(place), Screen.RECEIPT_LIST if 0 <= place < len(errand.receipts):
            return _print(model, "receipt", errand.receipts[place].key)
        case PrintReceipt(), Screen.PAID if errand.paying:
            return _print(model, "receipt", errand.paying.key)
        case PrintCertificate(place), Screen.CERTIFICATES if 0 <= place < len(errand.certificates):
            return _print(model, "certificate", errand.certificates[place].id)
        case _:
            return model, ()


def _print(model: Model, kind: str, about: str) -> Step:
    if not model.view.can_print:
        return sorry(model, "said.no_printer"), ()
    return ask_for(model, "receipt" if kind == "receipt" else "certificate", about)


# --- typing ---
def takes(model: Model, typed: str) -> bool:
    """Whether the page that shows can have this typed: a number as it is wanted there, or its beginning."""
    session = model.session
    if session.screen is Screen.CASE_NUMBER:
        return bool(_CASE.fullmatch(typed))
    if session.screen is Screen.TAX_VALUE and (found := session.errand.field_of(session.place.about)):
        return bool((_YUAN if found[1].unit == "fen" else _COUNT).fullmatch(typed))
    return True


def value_of(typed: str, unit: str) -> int:
    """In fen, or as it is."""
    if unit != "fen":
        return int(typed)
    yuan, _, part = typed.partition(".")
    return int(yuan) * 100 + int(part.ljust(2, "0"))


def _set_value(model: Model) -> Model:
    session = model.session
    found = session.errand.field_of(session.place.about)
    if found is None or not session.typed:
        return to(model, session.places[:-1])
    obligation, known = found
    value = value_of(session.typed, known.unit)
    if value > known.highest:
        return with_session(model, typed="", said=Said("sorry", "said.too_high"))
    changed = session.errand.with_value(obligation.id, known, value)
    return to(with_session(model, errand=changed), session.places[:-1])


# --- answered ---
def done_tax(model: Model, work: Work, told: OfServices | None) -> Step:
    match work.kind, told:
        case "obligations", KioskObligations():
            return _obligations(model, told), ()
        case "declare", KioskDeclaration():
            return with_errand(shown(arrive(model, Place(Screen.TAX_SUM))), declaration=told), ()
        case (("pay" | "abandon"), KioskPayment()):
            return _stands(model, told, ended=work.kind == "abandon"), ()
        case (("receipts" | "order"), KioskReceipts()):
            there = shown(arrive(model, Place(Screen.RECEIPT_LIST)))
            return with_errand(there, receipts=told.receipts), ()
        case "certificates", KioskCertificates():
            there = shown(arrive(model, Place(Screen.CERTIFICATES)))
            return with_errand(there, certificates=told.certificates), ()
        case (("receipt" | "certificate"), KioskPrinted(printed=True)):
            return well(model, "said.paper_printed"), ()
        case (("receipt" | "certificate"), KioskPrinted()):
            return sorry(model, "said.not_printed"), ()
        case _:
            return sorry(refused_tax(model, work, "")[0], "said.trouble"), ()


def _obligations(model: Model, told: KioskObligations) -> Model:
    """What is the only one to declare is picked already."""
    open_ones = [each.id for each in told.obligations if each.state == "to_declare"]
    picked = frozenset(open_ones if len(open_ones) == 1 else ())
    there = shown(arrive(model, Place(Screen.TAX)))
    return with_errand(there, obligations=told.obligations, picked=picked, changed=(), declaration=None)


def refused_tax(model: Model, work: Work, code: str) -> Step:
    """A payment that could not begin is none, or is closed; what was told of it is told again."""
    if work.kind == "pay":
        model = with_errand(model, paying=None)
        if code == "amount_changed":
            return ask_for(model, "declare")
        if code == "already_paid":
            return further_ask(arrive(model, Place(Screen.TAX)), "obligations")
    if work.kind == "abandon":
        return to(model, _before_paying(model)), ()
    return model, ()


# --- the payment ---
def _stands(model: Model, told: KioskPayment, *, ended: bool = False) -> Model:
    """How it stands, and the page that goes with it. `ended`: it was to be closed."""
    paying = model.session.errand.paying
    if paying is None or paying.key != told.key:
        return model
    before, in_time = paying.told, paying.left_s > 0
    paying = replace(paying, told=told)
    if before is None or (before.state, before.qr) != (told.state, told.qr):
        left_s = told.expires_in_s if told.state == "shown" else ORDER_S
        paying = replace(paying, until_s=model.now_s + left_s, whole_s=left_s).ticked(model.now_s)
    model = with_errand(model, paying=paying)
    match told.state:
        case "created" | "shown" if ended:
            return _no_longer(model, Said("sorry", "said.closing", note="note.pay"))
        case "created" | "shown":
            return model if _has(model, Screen.PAY) else shown(further(model, Place(Screen.PAY)))
        case _ if told.is_paid:
            places = Place(Screen.HOME), Place(Screen.ONLINE), Place(Screen.PAID)
            return model if _has(model, Screen.PAID) else shown(to(model, places))
        case "expired":
            key = "said.pay_cancelled" if ended and in_time else "said.pay_expired"
            return _no_longer(model, Said("sorry", key))
        case _:
            return _no_longer(model, Said("sorry", "said.refund"))


def _has(model: Model, screen: Screen) -> bool:
    return any(place.screen is screen for place in model.session.places)


def _no_longer(model: Model, said: Said) -> Model:
    paying = model.session.errand.paying
    model = with_errand(model, settled=paying.key if paying else "")
    return with_session(shown(to(model, _before_paying(model))), said=said)


def _before_paying(model: Model) -> tuple[Place, ...]:
    """From where it was begun: what is owed is to be looked at anew."""
    places = model.session.places
    before = [place for place in places if place.screen not in (Screen.PAY, Screen.PAID)]
    return tuple(before) or (Place(Screen.HOME),)


def paying_on(model: Model) -> Step:
    """Time has passed: the countdown, the next question how it stands, and its end."""
    session = model.session
    paying = session.errand.paying
    if paying is None or paying.told is None:
        return model, ()
    ticked = paying.ticked(model.now_s)
    model = with_errand(model, paying=ticked)
    if ticked.is_open and ticked.left_s == 0 and session.work is None:
        return ask_for(model, "abandon", ticked.key)
    soon = ticked.is_shown and ticked.left_s <= CHIME_AT_S < paying.left_s
    model, effects = _poll(model, ticked)
    return model, (*effects, Chime()) if soon else effects


def _poll(model: Model, paying: Paying) -> Step:
    if paying.poll or model.now_s - paying.polled_s < POLL_EVERY_S or not _goes_on(paying):
        return model, ()
    id_ = model.key("poll", model.begun)
    model = replace(model, begun=model.begun + 1)
    asked = replace(paying, poll=id_, polled_s=model.now_s)
    return with_errand(model, paying=asked), (Ask(id_, "payment.state", {"key": paying.key}),)


def _goes_on(paying: Paying) -> bool:
    """It is not known yet how it ends."""
    told = paying.told
    return paying.is_open or (told is not None and told.is_paid and told.receipt in ("", "printing"))


def is_poll(model: Model, work: str) -> bool:
    paying = model.session.errand.paying
    return paying is not None and bool(paying.poll) and paying.poll == work


def polled(model: Model, answer: Answer) -> Model:
    """Nothing is concluded where there is no answer. While it is being closed, that answer is waited for."""
    paying = model.session.errand.paying
    assert paying is not None
    model = with_errand(model, paying=replace(paying, poll=""))
    if not isinstance(answer.online, KioskPayment):
        return model
    if model.session.work is not None and answer.online.state in ("created", "shown"):
        return model
    return _stands(model, answer.online)


def is_busy(model: Model) -> bool:
    """Somebody pays, or his receipt is being printed: the session does not end (K8). That ends by itself."""
    paying = model.session.errand.paying
    return paying is not None and paying.left_s > 0 and _goes_on(paying)


def left_behind(before: Model, after: Model) -> tuple[Effect, ...]:
    """What the daemon is told of what nobody wants any more, whichever way he went: a payment that might
    still be paid, and who he was."""
    had, has = before.session.errand, after.session.errand
    told: list[Effect] = []
    key = has.paying.key if has.paying else ""
    if had.paying is not None and had.paying.is_open and had.paying.key not in (key, has.settled):
        told.append(Ask(after.key("left", had.paying.key), "payment.abandon", {"key": had.paying.key}))
    if had.person and had.person != has.person:
        told.append(Ask(after.key("left", had.person), "person.forget", {"person": had.person}))
    return tuple(told)
