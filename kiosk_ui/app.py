"""The kiosk at work: what is felt and heard becomes the next model, the model a page, the page a picture."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kiosk_ui import heap
from kiosk_ui.afar import page_from_afar
from kiosk_ui.catalogue_loading import GuideLoader
from kiosk_ui.frames import Frame, FrameLog
from kiosk_ui.hand import Closed, Felt, Hand
from kiosk_ui.link import Link
from kiosk_ui.messages import (
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
    Read,
    Silence,
    Speak,
    Speaking,
    Tick,
    Wipe,
    Withdraw,
)
from kiosk_ui.model import Model
from kiosk_ui.node import Node, Rect, Role, Style
from kiosk_ui.own import OwnErrors, own
from kiosk_ui.settings import KioskSettings, is_pin
from kiosk_ui.theme import Tone
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
SORRY = ("请稍候", "One moment, please")
MAX_FAILURES = 5  # within TROUBLE_FOR_S; then the program ends and its unit starts it afresh


class Face(Protocol):
    """From a model to a page, and from a page to the glass."""

    def tree(self, model: Model) -> Node: ...
    def paint(self, surface: pygame.Surface, model: Model, tree: Node) -> Sequence[pygame.Rect]: ...
    def forget(self) -> None: ...
    @property
    def troubles(self) -> dict[str, str]: ...


class Speaker(Protocol):
    """Speaks what a page says; a new sentence takes the place of the one before."""

    def say(self, tree: Node, model: Model) -> None: ...
    def chime(self) -> None: ...
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

    def say(self, tree: Node, model: Model) -> None:
        pass

    def chime(self) -> None:
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
        self._place: object = None  # which page it is
        self._shown_place: object = None  # and which the picture shows
        self._page_s = now_s
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
            self._seen = None

    # --- model → page → picture ---
    def _follow(self, message: Message) -> None:
        focus = self.model.look.focus
        self.model, effects = update(self.model, message, self.clock())
        if self.model.session.speech and self.model.look.focus not in ("", focus):
            self.speaker.say(self._page(), self.model)  # what the keys have come to
        for effect in effects:
            self._carry(effect)

    def _page(self) -> Node:
        content, now_s = content_of(self.model), self.clock()
        if now_s < self._sorry_until_s:
            return _sorry(self.model)
        if self._tree is None or content != self._made_of:
            self._tree, self._made_of = self.face.tree(self.model), content
            place = _place(self.model)
            if place != self._place:
                self._place, self._page_s = place, now_s
                if self.model.session.speech:
                    self.speaker.say(self._tree, self.model)
        return self._tree

    def _paint(self) -> None:
        look = self.model.look
        now = content_of(self.model), look.pressed, look.focus, self.clock() < self._sorry_until_s
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
                self.speaker.chime()
            case Speak():
                self.speaker.say(self._page(), self.model)
            case Silence():
                self.speaker.silence()
            case Wipe():
                self._wipe()
            case Leave():
                self.leave()

    def _wipe(self) -> None:
        """Every trace of the session: the page, its picture, the caches behind it, what a hand was about."""
        self._tree = self._made_of = self._seen = None
        self._hand.forget()
        self.face.forget()
        gc.collect()
        heap.give_back()

    def _start_pin(self, pin: str) -> None:
        async def check() -> None:
            right = await asyncio.to_thread(is_pin, pin, self.settings.kiosk.pin)
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


def _sorry(model: Model) -> Node:
    """After an error of our own, for as long as it takes to read."""
    panel = model.look.panel
    whole = Rect(0.0, 0.0, panel.width_mm, panel.height_mm)
    text = Node(
        Role.TEXT,
        SORRY[0],
        Rect(0.0, panel.height_mm / 3, panel.width_mm, 40.0),
        style=Style(size=8.0, align="middle"),
        lines=SORRY,
    )
    return Node(Role.PAGE, SORRY[0], whole, style=Style(fill=Tone.PAPER), children=(text,))


def place_of(error: BaseException) -> str:
    """ "KeyError at kiosk_ui/screens/home.py:31, …": the innermost three places."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = (f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {', '.join(places)}"[:256]
