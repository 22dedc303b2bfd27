"""Pages that take another one's place for a while: something is said, is waited for, or is about to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk_ui.actions import Dismiss, Finish, GiveUp, Home, Stay
from kiosk_ui.layout import columns, cut_bottom, rows
from kiosk_ui.model import OF_HALL
from kiosk_ui.node import Icon, Node, Rect, Role
from kiosk_ui.screens.frame import frame, page
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.bar import Bar
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Mark, Para, Part, stack

WARNING_S = 30  # what the countdown before a session's end begins with


def said(kit: Kit) -> Node:
    """A sentence of the daemon's or of ours, until it has been read."""
    told = kit.model.session.said
    assert told is not None
    words = kit.tr(told.key) if told.key else kit.plain(told.en if kit.language == "en" else told.zh)
    good = told.kind == "good"
    parts: list[Part] = [sign(kit, Icon.CHECK if good else Icon.INFO, Tone.GOOD if good else Tone.WARN)]
    parts.append(sentence(kit, words or kit.tr("sorry")))
    if told.note:
        parts.append(Para(kit.tr(told.note), size=kit.lead, align="middle"))
    if told.code:
        parts.append(
            Para(kit.tr("said.code", code=kit.plain(told.code)), ink=Tone.SOFT, align="middle", optional=True)
        )
    name = kit.tr("comma").join((words, kit.tr(told.note))) if told.note else words
    return calm(kit, name, parts, [Button(kit.tr("ok"), Dismiss(), "ok", Icon.CHECK, kind=Kind.PRIMARY)])


def working(kit: Kit) -> Node:
    """Something takes longer than a second; after ten there is a way out."""
    work = kit.model.session.work
    assert work is not None
    words = kit.tr(f"work.{work.kind}")
    away = not kit.model.view.reachable
    lays_card = work.kind == "person"
    waits = "work.card.why" if lays_card else "work.wait"
    note = "work.long" if work.wait > 1 else waits
    if away:
        note = "work.away" if work.kind in OF_HALL else "work.away.online"
    parts: list[Part] = [
        sign(kit, Icon.CARD if lays_card else Icon.CLOCK, Tone.ACCENT),
        sentence(kit, words),
        Para(kit.tr(note), ink=Tone.SOFT, align="middle"),
    ]
    may_leave = work.wait > 1 or work.kind in ("person", "scan")
    buttons = [Button(kit.tr("give_up"), GiveUp(), "give-up", Icon.CLOSE)] if may_leave else []
    return calm(kit, words, parts, buttons)


def ending(kit: Kit) -> Node:
    """Nobody has touched anything for long: any touch stays."""
    left = kit.model.session.ends_in_s or 0
    words = kit.tr("ending")
    parts: list[Part] = [
        sign(kit, Icon.CLOCK, Tone.WARN),
        sentence(kit, words),
        Para(str(left), size=kit.em * 2.4, bold=True, ink=Tone.ACCENT, align="middle", optional=True),
        Bar(min(1.0, left / WARNING_S), name=kit.tr("ending.left", seconds=left)),
        Para(kit.tr("ending.note"), ink=Tone.SOFT, align="middle", optional=True),
    ]
    stay = Button(kit.tr("stay"), Stay(), "stay", Icon.HAND, kind=Kind.PRIMARY)
    return calm(kit, words, parts, [stay, Button(kit.tr("finish"), Finish(), "finish-now", Icon.CLOSE)])


def sorry(kit: Kit, words: str) -> Node:
    """A page that has nothing to show: a calm sentence and a way on."""
    parts: list[Part] = [sign(kit, Icon.INFO, Tone.ACCENT), sentence(kit, words)]
    return calm(
        kit, words, parts, [Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME, kind=Kind.PRIMARY)]
    )


def sign(kit: Kit, icon: Icon, ink: Tone) -> Mark:
    disc = {Tone.GOOD: Tone.GOOD_TINT, Tone.WARN: Tone.WARN_TINT}.get(ink, Tone.TINT)
    return Mark(icon, kit.em * 3.6, ink, disc=disc, optional=True)


def sentence(kit: Kit, words: str) -> Para:
    return Para(words, size=kit.title, bold=True, align="middle", role=Role.HEADING)


def calm(kit: Kit, name: str, parts: Sequence[Part], buttons: Sequence[Button], *, instead: str = "") -> Node:
    """One thing in the middle of the page, and what can be done about it. `instead`: what the page is called
    to who looks from afar, where what is on it is a person's own."""
    around = frame(kit)
    rect = _calm(around.body)
    inner = rect.inset(kit.pad * 2, kit.pad * 1.6)
    placed: list[Node] = []
    if buttons:
        inner, placed = buttons_below(kit, inner, buttons)
    shown = stack(kit, inner, parts, gap=kit.gap, valign="middle")
    body = replace(card(kit, rect, name, (*shown, *placed), role=Role.STATUS), private=bool(instead))
    return page(kit, instead or name, around, (body,))


def _calm(body: Rect) -> Rect:
    """The middle of the page, no higher than it is wide."""
    height = min(body.h, body.w * 0.95)
    return Rect(body.x, body.y + (body.h - height) / 2, body.w, height)


def buttons_below(kit: Kit, inner: Rect, buttons: Sequence[Button]) -> tuple[Rect, list[Node]]:
    """Side by side where their words fit, else below each other."""
    width = (inner.w - kit.gap * (len(buttons) - 1)) / len(buttons)
    words = max(button.width(kit) for button in buttons)
    if words <= width:
        line, rest = cut_bottom(inner, max(button.height(kit, width) for button in buttons), kit.gap)
        wide = [min(width, max(words, 110.0))] * len(buttons)
        spare = (line.w - sum(wide) - kit.gap * (len(wide) - 1)) / 2
        cells = columns(Rect(line.x + spare, line.y, line.w - 2 * spare, line.h), len(buttons), kit.gap)
    else:
        high = max(button.height(kit, inner.w) for button in buttons)
        line, rest = cut_bottom(inner, high * len(buttons) + kit.gap * (len(buttons) - 1), kit.gap)
        cells = rows(line, len(buttons), kit.gap)
    return rest, [button.node(kit, cell) for button, cell in zip(buttons, cells, strict=True)]
