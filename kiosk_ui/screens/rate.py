"""Rating: at which window it was, how it went, and why; no answer is given beforehand, and none is forced."""

from __future__ import annotations

from dataclasses import replace

from kiosk_ui.actions import Home, Level, Open, PickLevel, Screen, SendRating, ToggleReason
from kiosk_ui.node import Icon, Node
from kiosk_ui.screens.dialogs import calm, sentence, sign
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

LEVELS: tuple[Level, ...] = (5, 4, 3, 2, 1)
_WINDOW_EM = 14.0
_LEVEL_EM = 18.0
_REASON_EM = 16.0  # the longest has eighteen Hanzi, in two lines


def rate_window(kit: Kit) -> Node:
    """The windows where an act has just ended."""
    windows = [each for each in kit.model.view.told.windows if each.rating]
    by_slip = Button(kit.tr("rate.by_slip"), Open(Screen.RATE_SLIP), "by-slip", Icon.TICKET)
    if not windows:
        return _nowhere(kit, replace(by_slip, kind=Kind.PRIMARY))
    around = frame(kit)
    words = kit.tr("rate.where")
    head, rest = title(kit, around.body, words, kit.tr("rate.where.note"), room=80.0)
    buttons = [
        Button(
            kit.window(each.name) or each.id,
            Open(Screen.RATE, each.id),
            f"rate-{each.id}",
            Icon.WINDOW,
            leads=True,
        )
        for each in windows
    ]
    return page(
        kit,
        words,
        around,
        (*head, *deck(kit, rest, buttons, width_em=_WINDOW_EM, extra=by_slip, is_list=True)),
    )


def _nowhere(kit: Kit, by_slip: Button) -> Node:
    words = kit.tr("rate.none")
    parts: list[Part] = [
        sign(kit, Icon.STAR, Tone.ACCENT),
        sentence(kit, words),
        Para(kit.tr("rate.none.note"), ink=Tone.SOFT, align="middle", optional=True),
    ]
    return calm(kit, words, parts, [by_slip, Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME)])


def rate(kit: Kit) -> Node:
    """First the level; once it is picked, its reasons, of which none need be picked."""
    level = kit.model.session.level
    return _levels(kit) if level is None else _reasons(kit, level)


def _levels(kit: Kit) -> Node:
    around = frame(kit)
    words = kit.tr("rate.how")
    head, rest = title(kit, around.body, words, _what(kit), room=110.0)
    buttons = [
        Button(kit.tr(f"rate.level.{each}"), PickLevel(each), f"level-{each}", leads=True) for each in LEVELS
    ]
    return page(
        kit,
        words,
        around,
        (*head, *deck(kit, rest, buttons, width_em=_LEVEL_EM, is_list=True, together=True)),
    )


def _reasons(kit: Kit, level: Level) -> Node:
    around = frame(kit)
    session = kit.model.session
    words = kit.tr(f"rate.level.{level}")
    head, rest = title(kit, around.body, words, kit.tr("rate.why"), room=110.0)
    reasons = kit.model.view.reasons.levels.get(str(level), ())  # type: ignore[call-overload]  # 1 to 5
    buttons = [
        Button(
            each.en if kit.language == "en" else each.zh,
            ToggleReason(each.code),
            f"reason-{each.code}",
            on=each.code in session.reasons,
        )
        for each in reasons
    ]
    send = Button(kit.tr("rate.send"), SendRating(), "send", Icon.CHECK, kind=Kind.PRIMARY)
    return page(kit, words, around, (*head, *deck(kit, rest, buttons, width_em=_REASON_EM, extra=send)))


def _what(kit: Kit) -> str:
    """The window, and of a slip the service: enough to see that it is the right one, and no name."""
    slip = kit.model.session.slip
    if slip is None:
        return _window(kit)
    service = next((each for each in kit.model.view.told.services if each.id == slip.service), None)
    name = kit.name(service) if service else ""
    return kit.tr("comma").join(filter(None, (slip.ticket, _window(kit), name)))


def _window(kit: Kit) -> str:
    about = kit.model.session.place.about
    name = next((each.name for each in kit.model.view.told.windows if each.id == about), "")
    return kit.window(name) or about
