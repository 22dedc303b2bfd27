"""What the daemon is asked for what a citizen waits for: pure, so that the same wait asks the same again."""

from __future__ import annotations

from typing import Any

from kiosk_ui.model import Model, Work

READ_WITHIN_S = 30.0  # that a citizen gets to find a card
MAX_PAID, MAX_PAID_EN = 48, 64  # characters of what is paid, as a receipt's list has it
Question = tuple[str, dict[str, Any]]


def question(model: Model, work: Work) -> Question:
    """Verb and arguments."""
    return (
        _of_hall(model, work) or _of_cases(model, work) or _of_visits(model, work) or _of_taxes(model, work)
    )


def ticket_key(model: Model, work: Work) -> str:
    """By it the daemon knows one ticket: of the person where a card told, else of who stands there."""
    session = model.session
    return model.key("ticket", session.personal.person or session.id, work.about, work.after)


def _of_hall(model: Model, work: Work) -> Question | None:
    session = model.session
    match work.kind:
        case "ticket":
            args = {"service": work.about, "session": ticket_key(model, work), "can_show": True}
            return "ticket.take", args | {"priority": work.priority} if work.priority else args
        case "booking":
            key = model.key("booking", work.about)
            return "appointment.check_in", {"ref": work.about, "session": key, "can_show": True}
        case "position":
            return "ticket.find", {"ticket": work.about}
        case "slip":
            return "rating.find", {"ticket": work.about}
        case "rating":
            given = {"level": session.level, "reasons": sorted(session.reasons)}
            if session.slip:
                return "rating.give", given | {"ticket": session.slip.ticket}
            return "rating.give", given | {"window": work.about, "act": session.act}
        case "notice":
            args = {"item": work.about, "cases": sorted(session.cases), "session": session.id}
            return "notice.print", args | {"language": session.language}
        case "trial":
            return "device.test_print", {}
        case "device":
            return "device.restart", {"device": work.about}
        case _:
            return None


def _of_cases(model: Model, work: Work) -> Question | None:
    session = model.session
    person = {"person": session.errand.person}
    match work.kind:
        case "person":
            args = {"device": work.about, "session": session.id, "within_s": READ_WITHIN_S}
            return "person.identify", args
        case "case":
            return "case.find", {"number": work.about}
        case "cases":
            return "case.list", person
        case "case_print":
            found = {"number": session.errand.number} if session.errand.number else person
            case = {"case": work.about, "session": session.id}
            return "case.print", found | case
        case _:
            return None


def _of_visits(model: Model, work: Work) -> Question | None:
    errand = model.session.errand
    wish, person = errand.wish, {"person": errand.person}
    match work.kind:
        case "visits":
            return "booking.list", person
        case "days":
            return "slot.days", {"service": wish.service}
        case "slots":
            return "slot.find", {"service": wish.service, "day": work.about}
        case "book":
            ref = wish.ref or model.key("visit", work.id)
            when = {"service": wish.service, "day": wish.day, "time": wish.time}
            return "booking.make", person | {"ref": ref} | when
        case "cancel":
            return "booking.cancel", person | {"ref": work.about}
        case "visit_print":
            return "booking.print", person | {"ref": work.about, "session": model.session.id}
        case _:
            return None


def _of_taxes(model: Model, work: Work) -> Question:
    session = model.session
    errand, person = session.errand, {"person": session.errand.person}
    match work.kind:
        case "obligations":
            return "tax.obligations", person
        case "declare":
            values: dict[str, dict[str, int]] = {each.id: {} for each in errand.to_declare()}
            for changed in errand.changed:
                if changed.obligation in values:
                    values[changed.obligation][changed.field] = changed.value
            declared = [{"id": id_, "values": own} for id_, own in values.items()]
            return "tax.declare", person | {"key": model.key("declare", work.id), "obligations": declared}
        case "pay":
            return "payment.begin", _payment(model)
        case "abandon":
            return "payment.abandon", {"key": work.about}
        case "receipts":
            return "receipt.list", person
        case "order":
            return "receipt.find", {"order": work.about}
        case "receipt":
            return "receipt.print", {"key": work.about, "session": session.id}
        case "certificates":
            return "certificate.list", person
        case _:
            return "certificate.print", person | {"certificate": work.about, "session": session.id}


def _payment(model: Model) -> dict[str, Any]:
    errand = model.session.errand
    assert errand.declaration is not None and errand.paying is not None
    told, owed = errand.declaration, errand.to_declare()
    if len(owed) == 1:
        name, name_en = owed[0].name, owed[0].name_en
    else:
        first = told.lines[0]
        name = f"{first.name}等{len(owed)}项"
        name_en = f"{first.name_en} and {len(owed) - 1} more" if first.name_en else ""
    return {
        "key": errand.paying.key,
        "declaration": told.key,
        "total_fen": told.total_fen,
        "national_fen": told.national_fen,
        "local_fen": told.local_fen,
        "name": name[:MAX_PAID],
        "name_en": name_en[:MAX_PAID_EN],
        "kiosk": model.look.kiosk,
    }
