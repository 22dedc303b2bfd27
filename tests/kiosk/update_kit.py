"""A kiosk without a screen: the model, and everything that it wanted done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from edge.wire.kiosk import KioskReason, KioskReasons, KioskService, KioskTicket, KioskView, KioskWindow
from kiosk_ui.actions import Action, Screen
from kiosk_ui.messages import (
    Act,
    Answer,
    Answered,
    Ask,
    Effect,
    Message,
    Read,
    Speak,
    Tick,
    Told,
    ToldReasons,
    Withdraw,
)
from kiosk_ui.model import Look, Model
from kiosk_ui.update import start, update

VIEW = KioskView(
    hall_id="yunhe",
    hall="示范大厅",
    time="2026-11-30T09:00:00",
    services=(
        KioskService(id="tax", name="税务", name_en="Tax", ahead=3, from_min=5, to_min=15),
        KioskService(id="social", name="社会保险", open=False, opens="13:30"),
    ),
    windows=(
        KioskWindow(id="1", name="1 号窗口", services=("tax",), state="open", rating="2026-11-30/A001"),
        KioskWindow(id="2", name="2 号窗口", services=("social",)),
    ),
    card_readers=("reader",),
    scanners=("scanner",),
)
REASONS = KioskReasons(
    indicator_version="2020",
    levels={
        "5": (KioskReason(code=510, zh="一窗受理", en="one window"),),
        "2": (KioskReason(code=213, zh="业务不熟练", en="not skilled"),),
    },
)
LOOK = Look(telephone="12345", volumes=(0, 1, 2), has_technician=True, has_card_check_in=True)
TICKET = KioskTicket(ticket="A004", service="tax", phase="waiting", ahead=3, printed=True)
_E = TypeVar("_E", Ask, Read, Speak, Withdraw)


@dataclass
class Kiosk:
    """`effects`: all that it wanted, in order."""

    model: Model = field(default_factory=lambda: start(Model(look=LOOK, seed="seed", now_s=1000.0)))
    effects: list[Effect] = field(default_factory=list)
    now_s: float = 1000.0

    @classmethod
    def awake(cls) -> Kiosk:
        """Somebody stands before it, and the hall is well."""
        kiosk = cls()
        kiosk.say(Told(VIEW), ToldReasons(REASONS))
        kiosk.touch(None)
        kiosk.effects.clear()
        return kiosk

    def say(self, *messages: Message) -> None:
        for message in messages:
            self.model, effects = update(self.model, message, self.now_s)
            self.effects += effects

    def touch(self, *actions: Action | None) -> None:
        for action in actions:
            self.say(Act(action))

    def wait(self, seconds: float, step_s: float = 1.0) -> None:
        """Second by second."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s = min(end_s, self.now_s + step_s)
            self.say(Tick())

    def answer(self, result: str = "done", **more: object) -> None:
        """To what is waited for."""
        assert self.model.session.work is not None
        self.say(Answered(self.model.session.work.id, Answer(result, **more)))  # type: ignore[arg-type]

    def wanted(self, kind: type[_E]) -> list[_E]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    @property
    def screen(self) -> Screen:
        return self.model.shown

    def at(self, *screens: Screen) -> bool:
        return self.model.shown in screens
