"""The technician's page: the PIN that opens it, when what it shows is looked at, and where it was touched."""

from __future__ import annotations

from dataclasses import replace

from kiosk_ui.actions import Screen
from kiosk_ui.messages import CheckPin, Dotted, Effect, Inspect, Inspected, ToldDevices
from kiosk_ui.model import MAX_DOTS, Model, Place, Said, Technical

PIN_TRIES = 3  # wrong ones in a row, and then none is looked at for a while
PIN_LOCK_S = 60.0  # the first time; twice as long each time after
MAX_LOCK_S = 3600.0
LOOK_EVERY_S = 2.0
Step = tuple[Model, tuple[Effect, ...]]


def enter_pin(model: Model) -> Step:
    """One is looked at after the other."""
    session = model.session
    if session.screen is not Screen.PIN or not session.typed or session.checking:
        return model, ()
    emptied = replace(model, session=replace(session, typed=""))
    if model.now_s < model.pin_free_s:
        return _said(emptied, "said.pin_locked"), ()
    return replace(emptied, session=replace(emptied.session, checking=True)), (CheckPin(session.typed),)


def checked(model: Model, *, right: bool) -> Step:
    """Whether the PIN was right. A wrong one counts, whoever stands there by now."""
    if not right:
        return _wrong(model), ()
    if model.session.screen is not Screen.PIN:
        return model, ()
    session = replace(
        model.session,
        places=(Place(Screen.HOME), Place(Screen.TECHNICIAN)),
        typed="",
        checking=False,
        technical=Technical(),
        opened_s=model.now_s,
    )
    look = replace(model.look, pressed="", focus="")
    return look_again(replace(model, session=session, look=look, pin_wrong=0))


def _wrong(model: Model) -> Model:
    wrong, free_s = model.pin_wrong + 1, model.pin_free_s
    rounds, left = divmod(wrong, PIN_TRIES)
    if left == 0:
        free_s = model.now_s + min(MAX_LOCK_S, PIN_LOCK_S * 2 ** min(rounds - 1, 16))
    model = replace(model, pin_wrong=wrong, pin_free_s=free_s)
    if model.session.screen is not Screen.PIN:
        return model
    return _said(replace(model, session=replace(model.session, checking=False)), "said.wrong_pin")


def _said(model: Model, key: str) -> Model:
    return replace(model, session=replace(model.session, said=Said("sorry", key)))


# --- what the page shows ---
def look_again(model: Model) -> Step:
    """Every two seconds, while it shows."""
    session, technical = model.session, model.session.technical
    if technical is None or session.screen is not Screen.TECHNICIAN:
        return model, ()
    if technical.asked_s is not None and model.now_s - technical.asked_s < LOOK_EVERY_S:
        return model, ()
    technical = replace(technical, asked_s=model.now_s)
    return replace(model, session=replace(session, technical=technical)), (Inspect(),)


def seen(model: Model, message: Inspected | ToldDevices | Dotted) -> Model:
    """Nothing where no technician stands any more."""
    session, technical = model.session, model.session.technical
    if technical is None:
        return model
    match message:
        case Inspected(own):
            technical = replace(technical, own=own)
        case ToldDevices(devices):
            technical = replace(technical, devices=devices)
        case Dotted(x_mm, y_mm):
            technical = replace(technical, dots=(*technical.dots, (x_mm, y_mm))[-MAX_DOTS:])
            session = replace(session, touched_s=model.now_s, ends_in_s=None)
    return replace(model, session=replace(session, technical=technical))
