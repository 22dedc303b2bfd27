"""Something is waited for: how it begins, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from kiosk_ui.actions import Screen
from kiosk_ui.actions_online import Matter
from kiosk_ui.messages import Ask, Effect, Read
from kiosk_ui.model import Kind, Model, Place, Reads, Said, Work
from kiosk_ui.update_questions import question

_WHAT: Mapping[Reads, Literal["card", "card_check_in", "code"]] = {
    **{"check_in": "code", "scan": "code"},
    **{"card": "card", "card_check_in": "card_check_in"},
}
Step = tuple[Model, tuple[Effect, ...]]
PROGRESS_S = 1.0  # of waiting, and progress shows (K12)
READS = frozenset({"check_in", "card_check_in", "card", "scan", "person"})
CODES = frozenset({"check_in", "scan"})  # of these, what a scanner reads


def begin(
    model: Model, kind: Kind, about: str, priority: str = "", matter: Matter | None = None
) -> tuple[Model, Work]:
    id_ = model.key("work", model.begun)
    work = Work(kind, id_, model.now_s, about, priority, matter=matter)
    return replace(model, session=replace(model.session, work=work), begun=model.begun + 1), work


def ask(model: Model, work: Work, *, again: bool = False) -> Step:
    verb, args = question(model, work)
    return model, (Ask(work.id, verb, args, again),)


def ask_for(model: Model, kind: Kind, about: str = "") -> Step:
    return ask(*begin(model, kind, about))


def further_ask(model: Model, kind: Kind, about: str = "") -> Step:
    """What follows from what was just waited for: the wait goes on before his eyes."""
    return ask(*at_once(*begin(model, kind, about)))


def read(model: Model, kind: Reads, devices: tuple[str, ...], without: str) -> Step:
    """At the first of these devices. `without`: what is said where there is none."""
    if not devices:
        return sorry(model, without), ()
    if kind in CODES and model.scan.device:  # it is being read already
        return begin(model, kind, about="")[0], ()
    model, work = begin(model, kind, about=devices[0])
    what = _WHAT[kind]
    day = model.view.time[:10]
    return model, (Read(work.id, what, work.about, model.session.id, day, online=has_online(model)),)


def at_once(model: Model, work: Work) -> tuple[Model, Work]:
    """It shows from its first moment that it is waited for."""
    work = replace(work, since_s=model.now_s - PROGRESS_S, wait=1)
    return replace(model, session=replace(model.session, work=work)), work


def has_online(model: Model) -> bool:
    return bool(model.view.told.online.services)


def waits_for_citizen(work: Work) -> bool:
    """It waits for the citizen himself, who may change his mind at once."""
    return work.kind in READS


def end_work(model: Model) -> Model:
    """Nothing is waited for any more; the clock of the session begins anew."""
    return replace(model, session=replace(model.session, work=None, touched_s=model.now_s))


def well(model: Model, key: str) -> Model:
    """Done, and still on the page."""
    ended = end_work(model)
    return replace(ended, session=replace(ended.session, said=Said("good", key)))


def good(model: Model, key: str) -> Model:
    """Done, and home again with thanks."""
    session = replace(end_work(model).session, places=(Place(Screen.HOME),), said=Said("good", key))
    session = replace(session, level=None, reasons=frozenset(), act="", slip=None, opened_s=model.now_s)
    return replace(model, session=session)


def with_errand(model: Model, **changes: object) -> Model:
    errand = replace(model.session.errand, **changes)  # type: ignore[arg-type]  # as named
    return replace(model, session=replace(model.session, errand=errand))


def sorry(model: Model, key: str, note: str = "") -> Model:
    return replace(model, session=replace(model.session, said=Said("sorry", key, note=note)))
