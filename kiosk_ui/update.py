"""What follows from what: the kiosk as a pure function. No clock, no chance, no screen and no daemon."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from edge.wire.kiosk import KioskView
from kiosk_ui.actions import Action, Finish, GiveUp, Language, Screen
from kiosk_ui.messages import (
    Act,
    Answer,
    Answered,
    Chime,
    Dotted,
    Effect,
    Failed,
    Inspected,
    LoadGuide,
    Lost,
    Message,
    PinChecked,
    Press,
    Silence,
    Speaking,
    Tick,
    Told,
    ToldDevices,
    ToldGuide,
    ToldReasons,
    Wipe,
    Withdraw,
)
from kiosk_ui.model import Model, Place, Session, View
from kiosk_ui.places_online import ONLINE
from kiosk_ui.update_scan import STANDING, follow, going_on, noted, waited_for
from kiosk_ui.update_tax import is_busy, is_poll, left_behind, paying_on, polled
from kiosk_ui.update_technician import checked, look_again, seen
from kiosk_ui.update_waiting import PROGRESS_S
from kiosk_ui.update_way import act
from kiosk_ui.update_work import answered, grow_old

BROWSE_S = 60.0  # without a sign of life, and the session ends (K8)
FORM_S = 120.0
WARNING_S = 30.0  # of these, the last ones are counted down aloud and in sight
SLOW = 2.0  # times as long for who sees, hears or moves with effort
SHIFT_EVERY_S = 300.0  # against burn-in (K16)
FORMS = frozenset(
    {Screen.CHECK_IN, Screen.BOOKINGS, Screen.RATE_SLIP, Screen.RATE, Screen.SEARCH, Screen.NOTICE}
    | {Screen.PIN, Screen.TECHNICIAN}
    | ONLINE
)
Step = tuple[Model, tuple[Effect, ...]]


def update(model: Model, message: Message, now_s: float) -> Step:
    """The model after `message`, and what is to be done. `now_s`: monotonic, and never less than before."""
    before = model
    model, effects = _after(replace(model, now_s=max(now_s, model.now_s)), message)
    model, scanning = going_on(model)
    return model, (*scanning, *effects, *left_behind(before, model))


def _after(model: Model, message: Message) -> Step:
    match message:
        case Act(action):
            return _act(model, action)
        case Tick():
            return _tick(model)
        case Told(told):
            model = _told(model, told)
            return model, (LoadGuide(told.catalogue),) if told.catalogue != model.guide.folder else ()
        case ToldGuide(guide):
            return replace(model, guide=guide, look=replace(model.look, has_guide=not guide.is_empty)), ()
        case ToldReasons(reasons):
            return replace(model, view=replace(model.view, reasons=reasons)), ()
        case Lost():
            return _lost(model), ()
        case Answered(work, answer):
            if is_poll(model, work):
                return polled(model, answer), ()
            return _scanned(model, answer) if work == STANDING else answered(model, work, answer)
        case PinChecked(right):
            return checked(model, right=right)
        case Inspected() | ToldDevices() | Dotted():
            return seen(model, message), ()
        case Press(pressed, focus):
            look = model.look
            pressed, focus = (
                (look.pressed if pressed is None else pressed),
                (look.focus if focus is None else focus),
            )
            return replace(model, look=replace(look, pressed=pressed, focus=focus)), ()
        case Speaking(on):
            return replace(model, speaking=on), ()
        case Failed():
            return end(model)


def start(model: Model) -> Model:
    """Before anything: it hangs there and waits for somebody."""
    return _fresh(replace(model, view=replace(model.view, since_s=model.now_s)), Screen.ATTRACT)


def end(model: Model, screen: Screen = Screen.ATTRACT) -> Step:
    """The session is over, and everything of the person's with it."""
    work = model.session.work
    withdrawn = (Withdraw(work.id),) if work else ()
    return _fresh(model, screen), (*withdrawn, Silence(), Wipe())


def limit_s(session: Session) -> float:
    """Without a sign of life for so long, the session ends."""
    usual_s = FORM_S if session.screen in FORMS else BROWSE_S
    return usual_s * SLOW if session.elder or session.speech else usual_s


def _fresh(model: Model, screen: Screen) -> Model:
    look = model.look
    first: Language = look.languages[0]
    session = Session(
        id=model.key("session", model.begun),
        places=(Place(screen),),
        language=first,
        text=look.text,
        touched_s=model.now_s,
        opened_s=model.now_s,
    )
    look = replace(look, pressed="", focus="")
    return replace(model, session=session, look=look, begun=model.begun + 1, speaking=False)


def _act(model: Model, action: Action | None) -> Step:
    if model.session.screen is Screen.ATTRACT:
        woken, effects = end(model, Screen.HOME)
        if model.shown is Screen.ATTRACT:  # the first touch only wakes it (K16)
            return woken, effects
        after, more = _asked(woken, action)
        return after, (*effects, *more)
    return _asked(model, action)


def _asked(model: Model, action: Action | None) -> Step:
    session = model.session
    warned = session.ends_in_s is not None
    model = replace(model, session=replace(session, touched_s=model.now_s, ends_in_s=None, used=True))
    if isinstance(action, Finish):
        return end(model, Screen.HOME)
    if warned or action is None:  # one touch, wherever it is, extends (K8)
        return model, ()
    if session.work and not isinstance(action, GiveUp):  # one touch, one ticket (Q2)
        return model, ()
    after, effects = act(model, action)
    if after.session.place != session.place:
        after = replace(
            after,
            session=replace(after.session, opened_s=model.now_s),
            look=replace(after.look, pressed="", focus=""),
        )
    return after, effects


def _scanned(model: Model, answer: Answer) -> Step:
    """Paper was held to the scanner: a sign of life, and what a citizen asks for."""
    work = model.session.work
    model, is_new = noted(model, answer)
    if work and waited_for(model):
        return answered(model, work.id, answer)
    if not is_new:
        return model, ()
    model, woken = end(model, Screen.HOME) if model.session.screen is Screen.ATTRACT else (model, ())
    session = replace(model.session, touched_s=model.now_s, ends_in_s=None, used=True, said=None)
    after, effects = follow(replace(model, session=session), answer)
    return after, (*woken, *effects)


# --- time ---
def _tick(model: Model) -> Step:
    model = _minute(model)
    model, effects = grow_old(model)
    model, looks = look_again(model)
    model, pays = paying_on(model)
    effects += (*looks, *pays)
    session = model.session
    if session.screen is Screen.ATTRACT:
        return model, effects
    if session.work or model.speaking or is_busy(model):  # these stop the clock (K8)
        return replace(model, session=replace(session, touched_s=model.now_s, ends_in_s=None)), effects
    left_s = session.touched_s + limit_s(session) - model.now_s
    if left_s <= 0:
        over, after = end(model)
        return over, (*effects, *after)
    if left_s > WARNING_S or not session.used:
        return model, effects
    warned = replace(model, session=replace(session, ends_in_s=max(1, round(left_s))))
    return warned, effects if session.ends_in_s is not None else (*effects, Chime())


def _told(model: Model, told: KioskView) -> Model:
    still, view = told.model_copy(update={"time": ""}), model.view
    if still == view.told:
        still = view.told
    found = view.found if view.reachable else told.time
    view = replace(view, told=still, clock=told.time, reachable=True, since_s=model.now_s, found=found)
    return _minute(replace(model, view=view))


def _lost(model: Model) -> Model:
    """Who waits for something is told so at once, where he waits."""
    session, work = model.session, model.session.work
    if work is not None and work.wait == 0:
        session = replace(
            session, work=replace(work, wait=1, since_s=min(work.since_s, model.now_s - PROGRESS_S))
        )
    return replace(model, session=session, view=replace(model.view, reachable=False))


def _minute(model: Model) -> Model:
    """The hall's time goes on by our own clock, also while the daemon is away."""
    view = replace(model.view, time=_time(model.view, model.now_s))
    look = replace(model.look, shift=int(model.now_s // SHIFT_EVERY_S))
    return replace(model, view=view, look=look)


def _time(view: View, now_s: float) -> str:
    if not view.clock:
        return ""
    try:
        told = datetime.fromisoformat(view.clock)
    except ValueError:  # the 31st of February
        return ""
    return (told + timedelta(seconds=now_s - view.since_s)).strftime("%Y-%m-%dT%H:%M")
