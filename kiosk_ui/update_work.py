"""What a citizen waits for: how it is asked, asked again, given up, and what its answer means.

One touch, one ticket: while something is waited for nothing else is begun, a question whose answer got lost
is the same question when it is asked again, and a session asks for a service under one key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from kiosk_ui.actions import Screen
from kiosk_ui.messages import Answer, Ask, Effect, Read, Withdraw
from kiosk_ui.model import Model, Place, Said, Work

PROGRESS_S = 1.0  # of waiting, and progress shows (K12)
WAY_OUT_S = 10.0  # and it can be given up
GIVE_UP_S = 120.0  # and it is: nobody stands that long
MAX_AGAIN = 4  # tickets of the same person and service in a day, each once the one before is over
OVER = frozenset({"done", "no_show", "expired", "voided"})  # phases of a ticket that calls nobody any more
Step = tuple[Model, tuple[Effect, ...]]
Kind = Literal["ticket", "check_in", "card", "rating", "notice", "device", "trial"]


# --- begun ---
def take_ticket(model: Model, service: str, priority: str) -> Step:
    if not model.view.can_issue:
        return _sorry(model, "said.no_tickets"), ()
    return _ask(*_begin(model, "ticket", about=service, priority=priority))


def check_in(model: Model) -> Step:
    scanners = model.view.told.scanners if model.view.can_issue else ()
    if not scanners:
        return _sorry(model, "said.no_scanner"), ()
    model, work = _begin(model, "check_in", about=scanners[0])
    return model, (Read(work.id, "check_in", work.about, model.key("check-in", model.session.id)),)


def read_card(model: Model) -> Step:
    readers = model.view.told.card_readers if model.view.reachable else ()
    if not readers:
        return _sorry(model, "said.no_card_reader"), ()
    model, work = _begin(model, "card", about=readers[0])
    return model, (Read(work.id, "card", work.about, model.session.id),)


def send_rating(model: Model) -> Step:
    session = model.session
    if session.screen is not Screen.RATE or session.level is None:
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
    session = model.session
    match work.kind:
        case "ticket":
            args = {"service": work.about, "session": ticket_key(model, work), "can_show": True}
            ask = Ask(
                work.id, "ticket.take", args | {"priority": work.priority} if work.priority else args, again
            )
        case "rating":
            args = {"window": work.about, "level": session.level, "reasons": sorted(session.reasons)}
            ask = Ask(work.id, "rating.give", args | {"act": session.act}, again)
        case "notice":
            args = {"item": work.about, "cases": sorted(session.cases), "session": session.id}
            ask = Ask(work.id, "notice.print", args | {"language": session.language}, again)
        case "trial":
            ask = Ask(work.id, "device.test_print", {}, again)
        case _:
            ask = Ask(work.id, "device.restart", {"device": work.about}, again)
    return model, (ask,)


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
    return work.kind in ("card", "check_in")


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
        said = Said(
            "sorry", "" if answer.zh and answer.en else "said.trouble", answer.zh, answer.en, answer.code
        )
        return replace(_end(model), session=replace(_end(model).session, said=said)), ()
    return _done(model, work, answer)


def _done(model: Model, work: Work, answer: Answer) -> Step:
    match work.kind:
        case "ticket" | "check_in":
            return _ticket(model, work, answer)
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
    ended = _end(model)
    places = (Place(Screen.HOME), Place(Screen.TICKET))
    session = replace(ended.session, ticket=ticket, places=places, typed="", opened_s=model.now_s)
    return replace(ended, session=session, look=replace(ended.look, pressed="", focus="")), ()


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
    session = replace(session, level=None, reasons=frozenset(), act="", opened_s=model.now_s)
    return replace(model, session=session)


def _sorry(model: Model, key: str) -> Model:
    return replace(model, session=replace(model.session, said=Said("sorry", key)))
