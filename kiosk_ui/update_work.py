"""What a citizen waits for: how it is asked, asked again, given up, and what its answer means.

One touch, one ticket: while something is waited for nothing else is begun, a question whose answer got lost
is the same question when it is asked again, and a session asks for a service under one key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from edge.wire.kiosk import KioskTicket
from kiosk_ui.actions import Screen
from kiosk_ui.messages import Answer, AskReasons, Scanned, Withdraw
from kiosk_ui.model import OF_HALL, Model, Place, Said, Work
from kiosk_ui.update_online import done_online, found_by_code, given_up, refused_online
from kiosk_ui.update_places import further, shown, to, with_session
from kiosk_ui.update_waiting import (
    PROGRESS_S,
    Step,
    ask,
    ask_for,
    begin,
    end_work,
    good,
    read,
    sorry,
    waits_for_citizen,
    well,
)

WAY_OUT_S = 10.0  # and it can be given up
GIVE_UP_S = 120.0  # and it is: nobody stands that long
MAX_AGAIN = 4  # tickets of the same person and service in a day, each once the one before is over
OVER = frozenset({"done", "no_show", "expired", "voided"})  # phases of a ticket that calls nobody any more
GUIDE_COMING = Said("sorry", "guide.coming")
OUR_WORDS = {"unknown_code": "said.unknown_code", "no_number": "said.no_number"}  # of what a reading says


# --- begun ---
def take_ticket(model: Model, service: str, priority: str) -> Step:
    if not model.view.can_issue:
        return sorry(model, "said.no_tickets"), ()
    return ask(*begin(model, "ticket", about=service, priority=priority))


def check_in(model: Model, by: Literal["code", "card"]) -> Step:
    view = model.view
    if not view.can_issue:
        return sorry(model, "said.no_tickets"), ()
    if by == "code":
        return read(model, "check_in", view.told.scanners, "said.no_scanner")
    readers = view.told.card_readers if model.look.has_card_check_in else ()
    return read(model, "card_check_in", readers, "said.no_card_reader")


def read_card(model: Model) -> Step:
    readers = model.view.told.card_readers if model.view.reachable else ()
    return read(model, "card", readers, "said.no_card_reader")


def pick_booking(model: Model, place: int) -> Step:
    session = model.session
    if session.screen is not Screen.BOOKINGS or not 0 <= place < len(session.bookings):
        return model, ()
    return ask_for(model, "booking", session.bookings[place].ref)


def find_slip(model: Model, ticket: str) -> Step:
    """Whether its act can be rated; then it is."""
    if not ticket or not model.view.reachable:
        return model, ()
    return ask_for(model, "slip", ticket)


def send_rating(model: Model) -> Step:
    session = model.session
    if session.screen is not Screen.RATE or session.level is None or not (session.act or session.slip):
        return model, ()
    return ask_for(model, "rating", session.place.about)


def print_notice(model: Model, item: str) -> Step:
    if not model.view.can_print:
        return sorry(model, "said.no_printer"), ()
    return ask_for(model, "notice", item)


def restart_device(model: Model, device: str) -> Step:
    if model.session.screen is not Screen.TECHNICIAN:
        return model, ()
    return ask_for(model, "device", device)


def try_printer(model: Model) -> Step:
    if model.session.screen is not Screen.TECHNICIAN:
        return model, ()
    return ask_for(model, "trial")


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
    if work is None or (model.now_s - work.since_s < WAY_OUT_S and not waits_for_citizen(work)):
        return model, ()
    model, withdrawn = end_work(model), (Withdraw(work.id),)
    if waits_for_citizen(work):
        return sorry(model, "said.not_read"), withdrawn
    if work.kind in OF_HALL:
        return sorry(model, "said.not_known"), withdrawn
    after, more = given_up(model, work)
    return after, (*withdrawn, *more)


# --- answered ---
def answered(model: Model, work_id: str, answer: Answer) -> Step:
    """What came of a work; nothing where nobody waits for it any more."""
    work = model.session.work
    if work is None or work.id != work_id:
        return model, ()
    if answer.result == "unknown" and not waits_for_citizen(work) and not (answer.zh and _is_paper(work)):
        return ask(
            replace(model, session=replace(model.session, work=replace(work, tries=work.tries + 1))),
            work,
            again=True,
        )
    if answer.result != "done":
        return refused_online(refused(end_work(model), answer), work, answer.code)
    return _done(model, work, answer)


def _is_paper(work: Work) -> bool:
    """Of these services. Where the printer has not said whether it is done, who asks again may get two."""
    return work.kind in ("case_print", "visit_print", "receipt", "certificate")


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
        case "check_in" | "card_check_in" | "scan":
            return came(end_work(model), answer)
        case "position" | "slip":
            return _found(end_work(model), answer)
        case "card":
            if answer.personal is None:
                return sorry(end_work(model), "said.trouble"), ()
            ended = end_work(model)
            return replace(ended, session=replace(ended.session, personal=answer.personal)), ()
        case "rating":
            return good(model, "said.rated"), ()
        case "notice":
            return well(model, "said.notice_printed"), ()
        case "trial":
            return well(model, "said.trial_printed"), ()
        case "device":
            return well(model, "said.restarted"), ()
        case _:
            return done_online(end_work(model), work, answer.online)


def _ticket(model: Model, work: Work, answer: Answer) -> Step:
    ticket = answer.ticket
    if ticket is None:
        return sorry(end_work(model), "said.trouble"), ()
    if work.kind == "ticket" and ticket.phase in OVER and work.after < MAX_AGAIN:
        # The one that he had is over: now he wants another, and that is a new question.
        model, next_work = begin(model, "ticket", work.about, work.priority)
        next_work = replace(next_work, since_s=work.since_s, after=work.after + 1)
        return ask(replace(model, session=replace(model.session, work=next_work)), next_work)
    return _has_ticket(end_work(model), ticket), ()


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
        return sorry(model, "said.trouble"), ()
    if scanned.kind in ("case", "order"):  # which is of no hall
        return found_by_code(model, scanned)
    if scanned.hall != model.view.told.hall_id:
        return sorry(model, "said.other_hall"), ()
    return _of_item(model, scanned) if scanned.kind == "item" else _of_slip(model, scanned)


def _of_item(model: Model, scanned: Scanned) -> Step:
    if not model.look.has_guide:
        is_coming = model.view.told.catalogue != model.guide.folder  # as in a kiosk's first moment
        said = GUIDE_COMING if is_coming else Said("sorry", "guide.none")
        return replace(model, session=replace(model.session, said=said)), ()
    place = Place(Screen.ITEM, scanned.text)
    there = model if place == model.session.place else further(model, place)
    return shown(there, cases=frozenset(scanned.cases)), ()


def _of_slip(model: Model, scanned: Scanned) -> Step:
    """Who wants to rate shows his slip for that; who only shows it wants to know how long it takes."""
    if model.session.screen in (Screen.RATE_WINDOW, Screen.RATE_SLIP):
        return find_slip(model, scanned.text)
    return ask_for(model, "position", scanned.text)


def _found(model: Model, answer: Answer) -> Step:
    if (position := answer.position) is not None:
        if model.session.screen is Screen.POSITION:  # the same again, or another slip
            return shown(model, position=position), ()
        return shown(further(model, Place(Screen.POSITION)), position=position), ()
    if (slip := answer.ratable) is None:
        return sorry(model, "said.trouble"), ()
    rated = shown(further(model, Place(Screen.RATE, slip.window)), slip=slip, act="")
    return rated, () if model.view.reasons.levels else (AskReasons(),)
