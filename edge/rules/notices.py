"""The notice on the boards: one text, until another takes its place. It outlives the day."""

from __future__ import annotations

from edge.rules.effects import ShowNotice
from edge.rules.model import Decision, Hall, SetNotice, State
from edge.rules.rejections import refused
from edge.wire import Fact, NoticeSet

MAX_NOTICE = 200  # characters: a board of 16 columns takes a minute and a half to show so many


def set_notice(state: State, wish: SetNotice, hall: Hall) -> Decision:
    """An empty text brings the configuration's own notice back."""
    text = wish.text.strip()
    if len(text) > MAX_NOTICE:
        return refused("notice_too_long")
    if not text.isprintable():
        return refused("notice_not_text")
    facts = () if text == state.notice else (NoticeSet(text=text),)
    shown = text or hall.notice
    return Decision(facts, (ShowNotice(shown),), answer={"notice": shown})


def notice_of(state: State, hall: Hall) -> str:
    return state.notice or hall.notice


def carry_over(state: State) -> tuple[Fact, ...]:
    """A new day begins with an empty state: what is to last is said again."""
    return (NoticeSet(text=state.notice),) if state.notice else ()
