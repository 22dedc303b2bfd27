"""What a citizen waits for: how it is asked, asked again, given up, and what its answer means.

One touch, one ticket: while something is waited for nothing else is begun, a question whose answer got lost
is the same question when it is asked again, and a session asks for a service under one key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from edge.wire.kiosk import KioskTicket
from kiosk_ui.actions import Screen
from kiosk_ui.messages import Answer, Ask, AskReasons, Effect, Read, Scanned, Withdraw
from kiosk_ui.model import Kind, Model, Place, Said, Work
from kiosk_ui.update_places import further, shown, to, with_session

PROGRESS_S = 1.0  # of waiting, and progress shows (K12)
WAY_OUT_S = 10.0  # and it can be given up
GIVE_UP_S = 120.0  # and it is: nobody stands that long
MAX_AGAIN = 4  # tickets of the same person and service in a day, each once the one before is over
OVER = frozenset({"done", "no_show", "expired", "voided"})  # phases of a ticket that calls nobody any more
Step = tuple[Model, tuple[Effect, ...]]
OUR_WORDS = {"unknown_code": "said.unknown_code", "no_number": "said.no_number"}  # of what a reading says


# --- begun ---
def take_ticket(model: Model, service: str, priority: str) -> Step:
    if not model.view.can_issue:
        return _sorry(model, "said.no_tickets"), ()
    return _ask(*_begin(model, "ticket", about=service, priority=priority))


def check_in(model: Model, by: Literal["code", "card"]) -> Step:
    view = model.view
    if not view.can_issue:
        return _sorry(model, "said.no_tickets"), ()
    if by == "code":
        return _read(model, "check_in", "code", view.told.scanners, "said.no_scanner")
    readers = view.told.card_readers if model.look.has_card_check_in else ()
    return _read(model, "card_check_in", "card_check_in", readers, "said.no_card_reader")


def read_card(model: Model) -> Step:
    readers = model.view.told.card_readers if model.view.reachable else ()
    return _read(model, "card", "card", readers, "said.no_card_reader")


def _read(
    model: Model,
    kind: Literal["check_in", "card_check_in", "card"],
    what: Literal["code", "card_check_in", "card"],
    devices: tuple[str, ...],
    without: str,
) -> Step:
    """At the first of these devices. `without`: what is said where there is none."""
    if not devices:
        return _sorry(model, without), ()
    if what == "code" and model.scan.device:  # it is being read already
        return _begin(model, kind, about="")[0], ()
    model, work = _begin(model, kind, about=devices[0])
    return model, (Read(work.id, what, work.about, model.session.id, model.view.time[:10]),)


def pick_booking(model: Model, place: int) -> Step:
    session = model.session
    if session.screen is not Screen.BOOKINGS or not 0 <= place < len(session.bookings):
        return model, ()
    return _ask(*_begin(model, "booking", about=session.bookings[place].ref))


def find_slip(model: Model, ticket: str) -> Step:
    """Whether its act can be rated; then it is."""
    if not ticket or not model.view.reachable:
        return model, ()
    return _ask(*_begin(model, "slip", about=ticket))


def send_rating(model: Model) -> Step:
    session = model.session
    if session.screen is not Screen.RATE or session.level is None or not (session.act or session.slip):
        return model, ()
    return _ask(*_begin(model, "rating", about=session.place.about))


def print_notice(model: Model, item: str) -> Step:
    if not model.view.can_print:
        return _sorry(model, "said.no_printer"), ()
    return _ask(*_begin(model, "notice", about=item))


def restart_device(model: Model, device: str) -> Step:
    if model.session.screen is not Screen.TECHNICIAN:
        return model, ()
    return _ask(*_begin(model, "device", about=device))


def try_printer(model: Model) -> Step:
    if model.session.screen is not Screen.TECHNICIAN:
        return model, ()
    return _ask(*_begin(model, "trial", about=""))


def _begin(model: Model, kind: Kind, about: str, priority: str = "") -> tuple[Model, Work]:
    work = Work(kind, model.key("work", model.begun), model.now_s, about, priority)
    return replace(model, session=replace(model.session, work=work), begun=model.begun + 1), work


def _ask(model: Model, work: Work, *, again: bool = False) -> Step:
    verb, args = _question(model, work)
    return model, (Ask(work.id, verb, args, again),)


def _question(model: Model, work: Work) -> tuple[str, dict[str, Any]]:
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
        case _:
            return "device.restart", {"device": work.about}


def ticket_key(model: Model, work: Work) -> str:
    """By it the daemon knows one ticket: of the person where a card told, else of who stands there."""
    session = model.session
    return model.key("ticket", session.personal.person or session.id, work.about, work.after)


# --- waited for ---
def grow_old(model: Model) -> Step:
    """What is waited for has become a second older."""
    session, work = model.session, model.session.work
    if work is None:
        return model, ()
    waited_s = model.now_s - work.since_s
    if waited_s >= GIVE_UP_S:
        return give_up(model)
    wait: Literal[0, 1, 2] = 2 if waited_s >= WAY_OUT_S else 1 if waited_s >= PROGRESS_S else 0
    return replace(model, session=replace(session, work=replace(work, wait=wait))), ()


def give_up(model: Model) -> Step:
    """No longer wait. Whether a ticket was taken is then not known: who asks once more asks for the same."""
    work = model.session.work
    if work is None or (model.now_s - work.since_s < WAY_OUT_S and not _reads(work)):
        return model, ()
    key = "said.not_read" if _reads(work) else "said.not_known"
    return _sorry(_end(model), key), (Withdraw(work.id),)


def _reads(work: Work) -> bool:
    """It waits for the citizen himself, who may change his mind at once."""
    return work.kind in ("card", "check_in", "card_check_in")


# --- answered ---
def answered(model: Model, work_id: str, answer: Answer) -> Step:
    """What came of a work; nothing where nobody waits for it any more."""
    work = model.session.work
    if work is None or work.id != work_id:
        return model, ()
    if answer.result == "unknown" and not _reads(work):
        return _ask(
            replace(model, session=replace(model.session, work=replace(work, tries=work.tries + 1))),
            work,
            again=True,
        )
    if answer.result != "done":
        return refused(_end(model), answer), ()
    return _done(model, work, answer)


def refused(model: Model, answer: Answer) -> Model:
    """Said in the daemon's words, else in ours."""
    if answer.zh and answer.en:
        return with_session(model, said=Said("sorry", "", answer.zh, answer.en, answer.code))
    key = OUR_WORDS.get(answer.code, "said.trouble")
    return with_session(model, said=Said("sorry", key, code=answer.code))


def _done(model: Model, work: Work, answer: Answer) -> Step:
    match work.kind:
        case "ticket" | "booking":
            return _ticket(model, work, answer)
        case "check_in" | "card_check_in":
            return came(_end(model), answer)
        case "position" | "slip":
            return _found(_end(model), answer)
        case "card":
            if answer.personal is None:
                return _sorry(_end(model), "said.trouble"), ()
            ended = _end(model)
            return replace(ended, session=replace(ended.session, personal=answer.personal)), ()
        case "rating":
            return _good(model, "said.rated"), ()
        case "notice":
            return _well(model, "said.notice_printed"), ()
        case "trial":
            return _well(model, "said.trial_printed"), ()
        case _:
            return _well(model, "said.restarted"), ()


def _ticket(model: Model, work: Work, answer: Answer) -> Step:
    ticket = answer.ticket
    if ticket is None:
        return _sorry(_end(model), "said.trouble"), ()
    if work.kind == "ticket" and ticket.phase in OVER and work.after < MAX_AGAIN:
        # The one that he had is over: now he wants another, and that is a new question.
        model, next_work = _begin(model, "ticket", work.about, work.priority)
        next_work = replace(next_work, since_s=work.since_s, after=work.after + 1)
        return _ask(replace(model, session=replace(model.session, work=next_work)), next_work)
    return _has_ticket(_end(model), ticket), ()


def _has_ticket(model: Model, ticket: KioskTicket) -> Model:
    return shown(to(model, (Place(Screen.HOME), Place(Screen.TICKET))), ticket=ticket)


# --- what was scanned, or a card told ---
def came(model: Model, answer: Answer) -> Step:
    """Of a reading at the scanner, or of a card that checks in: a ticket, a page of the guide, a place in the
    queue, or whose appointments there are."""
    if answer.ticket is not None:
        return _has_ticket(model, answer.ticket), ()
    if answer.appointments is not None:
        return shown(further(model, Place(Screen.BOOKINGS)), bookings=answer.appointments), ()
    scanned = answer.scanned
    if scanned is None:
        return _sorry(model, "said.trouble"), ()
    if scanned.hall != model.view.told.hall_id:
        return _sorry(model, "said.other_hall"), ()
    return _of_item(model, scanned) if scanned.kind == "item" else _of_slip(model, scanned)


def _of_item(model: Model, scanned: Scanned) -> Step:
    if not model.look.has_guide:
        return _sorry(model, "guide.none"), ()
    place = Place(Screen.ITEM, scanned.text)
    there = model if place == model.session.place else further(model, place)
    return shown(there, cases=frozenset(scanned.cases)), ()


def _of_slip(model: Model, scanned: Scanned) -> Step:
    """Who wants to rate shows his slip for that; who only shows it wants to know how long it takes."""
    if model.session.screen in (Screen.RATE_WINDOW, Screen.RATE_SLIP):
        return find_slip(model, scanned.text)
    return _ask(*_begin(model, "position", about=scanned.text))


def _found(model: Model, answer: Answer) -> Step:
    if (position := answer.position) is not None:
        if model.session.screen is Screen.POSITION:  # the same again, or another slip
            return shown(model, position=position), ()
        return shown(further(model, Place(Screen.POSITION)), position=position), ()
    if (slip := answer.ratable) is None:
        return _sorry(model, "said.trouble"), ()
    rated = shown(further(model, Place(Screen.RATE, slip.window)), slip=slip, act="")
    return rated, () if model.view.reasons.levels else (AskReasons(),)


def _end(model: Model) -> Model:
    """Nothing is waited for any more; the clock of the session begins anew."""
    return replace(model, session=replace(model.session, work=None, touched_s=model.now_s))


def _well(model: Model, key: str) -> Model:
    """Done, and still on the page."""
    ended = _end(model)
    return replace(ended, session=replace(ended.session, said=Said("good", key)))


def _good(model: Model, key: str) -> Model:
    """Done, and home again with thanks."""
    session = replace(_end(model).session, places=(Place(Screen.HOME),), said=Said("good", key))
    session = replace(session, level=None, reasons=frozenset(), act="", slip=None, opened_s=model.now_s)
    return replace(model, session=session)


def _sorry(model: Model, key: str) -> Model:
    return replace(model, session=replace(model.session, said=Said("sorry", key)))
