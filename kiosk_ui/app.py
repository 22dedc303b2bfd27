"""The kiosk at work: what is felt and heard becomes the next model, the model a page, the page a picture."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from edge import heap
from kiosk_ui.afar import page_from_afar
from kiosk_ui.catalogue_loading import GuideLoader
from kiosk_ui.frames import Frame, FrameLog
from kiosk_ui.hand import Closed, Felt, Hand
from kiosk_ui.i18n import tr
from kiosk_ui.link import Link
from kiosk_ui.messages import (
    Act,
    Ask,
    AskReasons,
    CheckPin,
    Chime,
    Effect,
    Failed,
    Inspect,
    Inspected,
    Leave,
    LoadGuide,
    Message,
    PinChecked,
    Press,
    Read,
    Silence,
    Speak,
    Speaking,
    Tick,
    Wipe,
    Withdraw,
)
from kiosk_ui.model import Model, Session
from kiosk_ui.node import Node
from kiosk_ui.own import OwnErrors, own
from kiosk_ui.pin_check import is_right
from kiosk_ui.settings import KioskSettings
from kiosk_ui.sorry import place_of, sorry
from kiosk_ui.speech import sentences
from kiosk_ui.update import start, update
from kiosk_ui.update_technician import PIN_TRIES
from kiosk_ui.watch import TouchWatch

if TYPE_CHECKING:
    import pygame

    from kiosk_ui.window import Window

log = logging.getLogger(__name__)

REST_S = 1 / 20  # between two looks while nobody is there: 0.33 % of a core
BUSY_S = 1 / 60
BUSY_FOR_S = 2.0  # after an input
TICK_S = 0.25
WATCH_EVERY_S = 5.0
TROUBLE_FOR_S = 600.0  # that technicians are told of an error of our own
SORRY_S = 3.0  # that a citizen is asked to wait after an error of our own
MAX_FAILURES = 5  # within TROUBLE_FOR_S; then the program ends and its unit starts it afresh


class Face(Protocol):
    """From a model to a page, and from a page to the glass."""

    def tree(self, model: Model) -> Node: ...
    def paint(self, surface: pygame.Surface, model: Model, tree: Node) -> Sequence[pygame.Rect]: ...
    def forget(self) -> None: ...
    @property
    def troubles(self) -> dict[str, str]: ...


class Speaker(Protocol):
    """Speaks, in the language and as loud as the session wants it; a new sentence takes the place of the one
    before."""

    def say(self, said: Sequence[str], session: Session) -> None: ...
    def chime(self, session: Session) -> None: ...
    def silence(self) -> None: ...
    async def close(self) -> None: ...
    @property
    def busy(self) -> bool: ...
    @property
    def trouble(self) -> str: ...


class Mute:
    """Where there is no sound."""

    busy = False
    trouble = ""

    def say(self, said: Sequence[str], session: Session) -> None:
        pass

    def chime(self, session: Session) -> None:
        pass

    def silence(self) -> None:
        pass

    async def close(self) -> None:
        pass


@dataclass
class App:
    """`run` returns the exit status. `seed`: by chance, secret, new with each start."""

    settings: KioskSettings
    window: Window
    face: Face
    seed: str
    speaker: Speaker = field(default_factory=Mute)
    watches_touch: bool = True
    clock: Callable[[], float] = time.monotonic
    frames: FrameLog = field(default_factory=FrameLog)

    def __post_init__(self) -> None:
        now_s = self.clock()
        look = replace(self.settings.look(), panel=self.window.panel)
        self.model = start(Model(look=look, seed=self.seed, now_s=now_s))
        kiosk, touch = self.settings.kiosk, self.settings.input
        self.link = Link(kiosk.socket, kiosk.id, self.seed, self.say, self.troubles, shows=self.shown_afar)
        self.link.person_key = kiosk.person_key or None
        self._guide = GuideLoader(self.say)
        self._hand = Hand(numeric=touch.keypad == "numeric")
        self._watch = TouchWatch(touch.device, 3600 * touch.silent_h, now_s)
        self._tree: Node | None = None  # of the model as it is; None: it has to be made
        self._made_of: object = None  # what it is the page of
        self._seen: object = None  # what the picture shows
        self._looked_at: Model | None = None  # the model that it is known to show
        self._place: object = None  # which page it is
        self._shown_place: object = None  # and which the picture shows
        self._page_s = now_s
        self._told_at_keys: Sequence[str] = ()
        self._sorry_until_s = now_s
        self._input_s: float | None = None  # of an input that no frame shows yet
        self._felt_s = self._ticked_s = self._watched_s = now_s - BUSY_FOR_S
        self._began_s = now_s
        self._errors = OwnErrors()
        self._failures: deque[tuple[float, str]] = deque(maxlen=MAX_FAILURES)
        self._status: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        linked = asyncio.create_task(self.link.run())
        ours = logging.getLogger("kiosk_ui")
        ours.addHandler(self._errors)
        try:
            while self._status is None:
                began_s = self.clock()
                self._safely(self._turn)
                if linked.done():
                    linked.result()
                pause_s = BUSY_S if began_s - self._felt_s < BUSY_FOR_S else REST_S
                await asyncio.sleep(max(0.001, pause_s - (self.clock() - began_s)))
            return self._status
        finally:
            ours.removeHandler(self._errors)
            for task in (linked, *self._tasks):
                task.cancel()
            await asyncio.gather(linked, *self._tasks, return_exceptions=True)
            await self._guide.close()
            await self.speaker.close()

    def leave(self, status: int = 0) -> None:
        self._status = status

    def say(self, message: Message) -> None:
        """The next model, and what it wants done."""
        self._safely(lambda: self._follow(message))

    def troubles(self) -> dict[str, str]:
        """What technicians are to be told of. Nothing in it is a person's."""
        now_s = self.clock()
        found = dict(self.face.troubles)
        if self.window.trouble:
            found["wrong_screen"] = self.window.trouble
        if self._guide.wrong:
            found["bad_catalogue"] = self._guide.wrong
        if self.speaker.trouble:
            found["no_sound"] = self.speaker.trouble
        if self._watch.trouble:
            found["touch_lost"] = self._watch.trouble
        if self.model.pin_wrong >= PIN_TRIES:
            found["wrong_pins"] = f"{self.model.pin_wrong} in a row"
        if self._failures and now_s - self._failures[-1][0] < TROUBLE_FOR_S:
            found["program_error"] = self._failures[-1][1]
        return found

    def shown_afar(self) -> tuple[str, dict[str, Any]] | None:
        """The screen, and its page for who looks from afar; None where it cannot be made."""
        found: list[dict[str, Any]] = []
        self._safely(lambda: found.append(page_from_afar(self._page(), self.model.session)))
        return (str(self.model.shown), found[0]) if found else None

    # --- a turn of the loop ---
    def _turn(self) -> None:
        for felt in self.window.felt():
            self._feel(felt)
        now_s = self.clock()
        if now_s - self._ticked_s >= TICK_S:
            self._ticked_s = now_s
            self._follow(Tick())
        if self.speaker.busy != self.model.speaking:
            self._follow(Speaking(self.speaker.busy))
        if self.watches_touch and now_s - self._watched_s >= WATCH_EVERY_S:
            self._watched_s = now_s
            self._look_for_touch(now_s)
        self._paint()

    def _feel(self, felt: Felt | Closed) -> None:
        if isinstance(felt, Closed):
            self.leave()
            return
        now_s = self.clock()
        self._felt_s = now_s
        if self._input_s is None:
            self._input_s = now_s
        self._watch.touched()
        focus = self.model.look.focus
        for message in self._hand.feel(felt, self._page(), focus, self._page_s, now_s):
            self._follow(message)

    def _look_for_touch(self, now_s: float) -> None:
        is_open = any(window.state == "open" for window in self.model.view.told.windows)
        if self._watch.look(self.window.touch_devices(), now_s, hall_open=is_open):
            self.window.reopen()
            self.face.forget()
            self._seen = self._looked_at = None

    # --- model → page → picture ---
    def _follow(self, message: Message) -> None:
        self.model, effects = update(self.model, message, self.clock())
        if isinstance(message, Act | Press):
            self._say_at_keys()
        for effect in effects:
            self._carry(effect)

    def _page(self) -> Node:
        content, now_s = content_of(self.model), self.clock()
        if now_s < self._sorry_until_s:
            return sorry(self.model.look.panel)
        if self._tree is None or content != self._made_of:
            self._tree, self._made_of = self.face.tree(self.model), content
            place = _place(self.model)
            if place != self._place:
                self._place, self._page_s = place, now_s
                if self.model.session.speech:
                    self._speak()
        return self._tree

    def _paint(self) -> None:
        if self.model is self._looked_at:  # as four of five looks find it at rest
            self._input_s = None
            return
        look, is_sorry = self.model.look, self.clock() < self._sorry_until_s
        self._looked_at = None if is_sorry else self.model
        now = content_of(self.model), look.pressed, look.focus, is_sorry
        if now == self._seen:
            self._input_s = None  # which changed nothing
            return
        tree = self._page()
        began_s, cpu_s = self.clock(), time.thread_time()
        areas = self.face.paint(self.window.surface, self.model, tree)
        self.window.show(areas)
        self._seen = now
        shown_s = self.clock()
        whole = self.window.surface.get_width() * self.window.surface.get_height()
        frame = Frame(
            shown_s,
            self._input_s,
            (shown_s - began_s) * 1000,
            (time.thread_time() - cpu_s) * 1000,
            str(self.model.shown),
            self._place != self._shown_place,
            sum(area.w * area.h for area in areas) / whole,
        )
        self._shown_place = self._place
        self.frames.add(frame)
        self._input_s = None

    # --- effects ---
    def _carry(self, effect: Effect) -> None:
        match effect:
            case Ask() | Read() | AskReasons() | Withdraw():
                self.link.carry(effect)
            case LoadGuide(folder):
                self._guide.want(folder)
            case CheckPin(pin):
                self._start_pin(pin)
            case Inspect():
                self.link.carry(effect)
                self._follow(
                    Inspected(own(self.clock() - self._began_s, self.troubles(), self._errors.newest_first))
                )
            case Chime():
                self.speaker.chime(self.model.session)
            case Speak(key):
                self._speak(key)
            case Silence():
                self.speaker.silence()
            case Wipe():
                self._wipe()
            case Leave():
                self.leave()

    def _speak(self, key: str = "") -> None:
        """What the page says, or these words of our texts."""
        session = self.model.session
        said = (tr(session.language, key),) if key else self._sentences()
        self.speaker.say(said, session)

    def _sentences(self) -> Sequence[str]:
        return sentences(self._page(), self.model.look.focus, self.model.session.language)

    def _say_at_keys(self) -> None:
        """What the keys have come to, or what a press has made of it."""
        session = self.model.session
        told = self._sentences() if session.speech and self.model.look.focus else ()
        if told and told != self._told_at_keys:
            self.speaker.say(told, session)
        self._told_at_keys = told

    def _wipe(self) -> None:
        """Every trace of the session: the page, its picture, the caches behind it, what a hand was about."""
        self._tree = self._made_of = self._seen = self._looked_at = None
        self._hand.forget()
        self.face.forget()
        gc.collect()
        heap.give_back()

    def _start_pin(self, pin: str) -> None:
        async def check() -> None:
            right = await is_right(pin, self.settings.kiosk.pin)
            if not right:
                log.warning("a wrong technician's PIN was entered")
            self.say(PinChecked(right))

        task = asyncio.create_task(check())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- when we ourselves fail ---
    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 whatever it is, a citizen sees a page and never a traceback
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Back to the beginning, with everything forgotten. The log has the place, and not the values, which
        may be a person's."""
        now_s = self.clock()
        where = place_of(error)
        log.error("our own error: %s", where)
        self._failures.append((now_s, where))
        if len(self._failures) == MAX_FAILURES and now_s - self._failures[0][0] < TROUBLE_FOR_S:
            self.leave(1)
            return
        self._sorry_until_s = now_s + SORRY_S
        self.model, _ = update(self.model, Failed(), now_s)
        self._wipe()


def content_of(model: Model) -> object:
    """What of a model a page may show: of two that are equal it is the same. What is under a finger, or at
    the keys, is a mark on it."""
    view, session = model.view, model.session
    hall = view.told, view.reasons, view.reachable, view.time
    look = replace(model.look, pressed="", focus="")
    return hall, model.guide, replace(session, touched_s=0.0), look, model.speaking, model.shown


def _place(model: Model) -> object:
    """Which page it is, dialogs among them."""
    session = model.session
    waits = session.work is not None and session.work.wait > 0
    return model.shown, session.place, session.said, waits, session.ends_in_s is None
