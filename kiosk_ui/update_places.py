"""From one screen to another: what is forgotten on the way, and what is kept."""

from __future__ import annotations

from dataclasses import replace

from kiosk_ui.actions import Screen
from kiosk_ui.errand import kept
from kiosk_ui.model import MAX_DEPTH, Model, Place

OF_THE_GUIDE = frozenset({Screen.GUIDE, Screen.SEARCH, Screen.ITEM, Screen.NOTICE})


def with_session(model: Model, **changes: object) -> Model:
    return replace(model, session=replace(model.session, **changes))  # type: ignore[arg-type]  # as named


def to(model: Model, places: tuple[Place, ...]) -> Model:
    """At the last of these places. What was typed, picked or found on the way is no longer wanted: but for a
    search, and what belongs to a screen that is still there."""
    session, screens = model.session, {each.screen for each in places}
    in_guide = {session.screen, places[-1].screen} <= OF_THE_GUIDE
    rates = Screen.RATE in screens
    return with_session(
        model,
        places=places,
        technical=replace(session.technical, dots=()) if session.technical else None,
        typed=session.typed if in_guide and Screen.SEARCH in screens else "",
        level=None,
        reasons=frozenset(),
        act=session.act if rates else "",
        slip=session.slip if rates else None,
        cases=session.cases if Screen.ITEM in screens else frozenset(),
        bookings=session.bookings if Screen.BOOKINGS in screens else (),
        position=session.position if Screen.POSITION in screens else None,
        errand=kept(session.errand, screens),
    )


def further(model: Model, place: Place) -> Model:
    """There, and from there back to where one is now; the way back is not endless."""
    places = model.session.places
    behind = places if len(places) < MAX_DEPTH else (places[0], *places[2:])
    return to(model, (*behind, place))


def arrive(model: Model, place: Place) -> Model:
    """There: one that has been there before goes back to it, and does not go round in rings."""
    places = model.session.places
    before = next((at for at, each in enumerate(places) if each.screen is place.screen), None)
    return further(model, place) if before is None else to(model, (*places[:before], place))


def shown(model: Model, **changes: object) -> Model:
    """A page has come by itself: nothing is under a finger or at the keys any more."""
    look = replace(model.look, pressed="", focus="")
    return with_session(replace(model, look=look), opened_s=model.now_s, **changes)
