"""What an action does: the way through the screens, typing, how it looks and sounds."""

from __future__ import annotations

from dataclasses import replace

from kiosk_ui.actions import (
    Action,
    Back,
    CheckIn,
    Clear,
    Dismiss,
    EnterPin,
    Erase,
    FindSlip,
    Finish,
    GiveUp,
    Hall,
    Home,
    Hush,
    Looks,
    Louder,
    Open,
    PickBooking,
    PickLevel,
    PrintNotice,
    Quit,
    ReadCard,
    RestartDevice,
    SayAgain,
    Screen,
    SendRating,
    SetContrast,
    SetElder,
    SetLanguage,
    SetLow,
    SetSpeech,
    SetText,
    SetVolume,
    Softer,
    Sounds,
    Stay,
    TakeTicket,
    TextSize,
    ToggleCase,
    ToggleReason,
    TryPrinter,
    Turn,
    Type,
    Wake,
)
from kiosk_ui.actions_online import Online
from kiosk_ui.messages import AskReasons, Effect, Leave, Silence, Speak
from kiosk_ui.model import MAX_TYPED, Model, Place, Said
from kiosk_ui.places_online import ONLINE
from kiosk_ui.update_online import act_online, may_open
from kiosk_ui.update_places import OF_THE_GUIDE, further, to, with_session
from kiosk_ui.update_tax import takes
from kiosk_ui.update_technician import enter_pin
from kiosk_ui.update_work import (
    check_in,
    find_slip,
    give_up,
    pick_booking,
    print_notice,
    read_card,
    restart_device,
    send_rating,
    take_ticket,
    try_printer,
)

MAX_PAGE = 99  # of a screen: 398 items are 67 pages of six
ELDER_TEXT: TextSize = 2  # at least so large
NOT_BY_TOUCH = frozenset({Screen.ATTRACT, Screen.OUT_OF_SERVICE, Screen.BOOKINGS, Screen.POSITION})
Step = tuple[Model, tuple[Effect, ...]]


def act(model: Model, action: Action) -> Step:
    """What a citizen asked for. What makes no sense where he is changes nothing."""
    model = with_session(model, said=None)
    session = model.session
    if isinstance(action, Hall):
        return _ask_hall(model, action)
    if isinstance(action, Online):
        return act_online(model, action)
    if isinstance(action, Looks):
        return _look(model, action), ()
    if isinstance(action, Sounds):
        return _sound(model, action)
    match action:
        case Open(screen, about):
            return _open(model, screen, about)
        case Back():
            return (to(model, session.places[:-1]), ()) if len(session.places) > 1 else _home(model)
        case Home():
            return _home(model)
        case Turn(page):
            return _turn(model, min(max(0, page), MAX_PAGE)), ()
        case Wake() | Stay() | Finish() | Dismiss():
            return model, ()
        case GiveUp():
            return give_up(model)
        case Type(text):
            typed = (session.typed + text)[:MAX_TYPED]
            return (_turn(with_session(model, typed=typed), 0) if takes(model, typed) else model), ()
        case Erase():
            return _turn(with_session(model, typed=session.typed[:-1]), 0), ()
        case Clear():
            return _turn(with_session(model, typed=""), 0), ()
        case EnterPin():
            return enter_pin(model)
        case RestartDevice(device):
            return restart_device(model, device)
        case TryPrinter():
            return try_printer(model)
        case Quit():
            return model, (Leave(),) if session.screen is Screen.TECHNICIAN else ()


def _ask_hall(model: Model, action: Hall) -> Step:
    match action:
        case TakeTicket(service, priority):
            return take_ticket(model, service, priority)
        case CheckIn(by):
            return check_in(model, by)
        case PickBooking(place):
            return pick_booking(model, place)
        case FindSlip(ticket):
            return find_slip(model, ticket or model.session.typed)
        case ReadCard():
            return read_card(model)
        case PickLevel(level):
            return with_session(model, level=level, reasons=frozenset()), ()
        case ToggleReason(code):
            return with_session(model, reasons=_reasons(model, code)), ()
        case SendRating():
            return send_rating(model)
        case ToggleCase(case, instead):
            cases = model.session.cases
            picked = cases.difference(instead) | {case} if instead else cases ^ {case}
            return with_session(model, cases=picked), ()
        case PrintNotice(item):
            return print_notice(model, item)


def _look(model: Model, action: Looks) -> Model:
    match action:
        case SetLanguage(language):
            return with_session(model, language=language)
        case SetText(size):
            return with_session(model, text=size)
        case SetContrast(contrast):
            return with_session(model, contrast=contrast)
        case SetElder(on):
            size = model.session.text
            larger = size if size > ELDER_TEXT else ELDER_TEXT
            return with_session(model, elder=on, text=larger if on else model.look.text)
        case SetLow(on):
            return with_session(model, low=on)


def _sound(model: Model, action: Sounds) -> Step:
    match action:
        case SetSpeech(on):
            return with_session(model, speech=on), (Speak() if on else Silence(),)
        case SetVolume(volume):
            return _volume(model, volume)
        case Louder():
            return _volume(model, model.session.volume + 1)
        case Softer():
            return _volume(model, model.session.volume - 1)
        case SayAgain():
            return model, (Speak(),)
        case Hush():
            return model, (Silence(),)


def _volume(model: Model, wanted: int) -> Step:
    """The nearest there is, which is said as loud as it is."""
    if not model.look.volumes:
        return model, ()
    volume = min(model.look.volumes, key=lambda each: abs(each - wanted))
    return with_session(model, volume=volume), (Speak(f"access.volume.said.{volume}"),)


def _turn(model: Model, page: int) -> Model:
    session = model.session
    return with_session(model, places=(*session.places[:-1], replace(session.place, page=page)))


def _home(model: Model) -> Step:
    return to(model, (Place(Screen.HOME),)), ()


def _open(model: Model, screen: Screen, about: str) -> Step:
    session = model.session
    if not _may_open(model, screen, about):
        return model, ()
    if screen is Screen.HOME:
        return _home(model)
    place = Place(screen, about)
    if place == session.place:
        return model, ()
    opened = further(model, place)
    if screen is not Screen.RATE:
        return opened, ()
    act = next((each.rating for each in model.view.told.windows if each.id == about), "")
    if not act:
        return with_session(model, said=Said("sorry", "said.nothing_to_rate")), ()
    return with_session(opened, act=act, slip=None), () if model.view.reasons.levels else (AskReasons(),)


def _may_open(model: Model, screen: Screen, about: str) -> bool:
    if screen in ONLINE:
        return may_open(model, screen, about)
    if screen in OF_THE_GUIDE:
        return model.look.has_guide
    if screen is Screen.PIN:
        return model.look.has_technician
    if screen is Screen.TECHNICIAN:  # another of its pages
        return model.session.screen is Screen.TECHNICIAN
    return screen not in NOT_BY_TOUCH and (screen is not Screen.TICKET or model.session.ticket is not None)


def _reasons(model: Model, code: int) -> frozenset[int]:
    """Only those of the level that was picked."""
    session = model.session
    levels = model.view.reasons.levels
    of_level = levels.get(str(session.level), ()) if session.level else ()  # type: ignore[call-overload]
    return session.reasons ^ {code} if any(each.code == code for each in of_level) else session.reasons
