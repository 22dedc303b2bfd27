"""Whatever anybody does, in whatever order, with whatever answers: there is always a way on, and every end of
a session leaves nothing of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.wire.kiosk import KioskAppointment, KioskDevices, KioskPosition, KioskRatable, KioskTicket
from kiosk_ui import actions, actions_online
from kiosk_ui.actions import Action, GiveUp, Home, Open, Screen
from kiosk_ui.errand import Errand
from kiosk_ui.messages import (
    Answer,
    Answered,
    Ask,
    Dotted,
    Failed,
    Inspected,
    Lost,
    PinChecked,
    Press,
    Read,
    Scanned,
    Speaking,
    Told,
    ToldDevices,
    ToldReasons,
    Wipe,
    Withdraw,
)
from kiosk_ui.model import MAX_DEPTH, MAX_TYPED, OF_THE_HALL, STARTING_S, Own, Personal, Session
from kiosk_ui.update_scan import STANDING
from tests.kiosk.online_kit import (
    BOOKED,
    BOOKING,
    DAYS,
    DECLARED,
    ONE,
    ONLINE,
    OWED,
    PERSON,
    SLOTS,
    TWO,
    payment,
)
from tests.kiosk.update_kit import REASONS, VIEW, Kiosk

PLAIN: list[Action] = [
    kind()
    for kind in (*vars(actions).values(), *vars(actions_online).values())
    if isinstance(kind, type)
    and kind.__module__ in (actions.__name__, actions_online.__name__)
    and hasattr(kind, "__dataclass_fields__")
    and not fields(kind)
]
ABOUT = st.sampled_from(["", "1", "2", "tax", "social", "017", "nobody"])
ACTIONS: st.SearchStrategy[Action | None] = st.one_of(
    st.none(),
    st.sampled_from(PLAIN),
    st.builds(actions.Open, st.sampled_from(Screen), ABOUT),
    st.builds(actions.Turn, st.integers(-3, 200)),
    st.builds(actions.TakeTicket, ABOUT, st.sampled_from(["", "elder"])),
    st.builds(actions.CheckIn, st.sampled_from(("code", "card"))),
    st.builds(actions.PickBooking, st.integers(-1, 3)),
    st.builds(actions.FindSlip, st.sampled_from(["", "A004"])),
    st.builds(actions.PickLevel, st.sampled_from((1, 2, 3, 4, 5))),
    st.builds(actions.ToggleReason, st.sampled_from([510, 213, 999])),
    st.builds(actions.ToggleCase, st.text(max_size=40)),
    st.builds(actions.PrintNotice, ABOUT),
    st.builds(actions.Type, st.text(max_size=40)),
    st.builds(actions.SetLanguage, st.sampled_from(("zh", "en"))),
    st.builds(actions.SetText, st.sampled_from((0, 1, 2, 3))),
    st.builds(actions.SetContrast, st.sampled_from(actions.Contrast)),
    st.builds(actions.SetElder, st.booleans()),
    st.builds(actions.SetLow, st.booleans()),
    st.builds(actions.SetSpeech, st.booleans()),
    st.builds(actions.SetVolume, st.sampled_from((0, 1, 2))),
    st.builds(actions.RestartDevice, ABOUT),
    st.just(actions.TryPrinter()),
    st.builds(
        actions_online.ByCard, st.sampled_from(("cases", "bookings", "tax", "receipts", "certificates"))
    ),
    st.builds(actions_online.PickCase, st.integers(-1, 3)),
    st.builds(actions_online.PickVisit, st.integers(-1, 3)),
    st.builds(actions_online.PickService, ABOUT),
    st.builds(actions_online.PickDay, st.just("2026-12-03")),
    st.builds(actions_online.PickTime, st.just("10:00")),
    st.builds(actions_online.ToggleTax, st.sampled_from(["vat", "land", "nothing"])),
    st.builds(actions_online.PrintReceipt, st.integers(-1, 3)),
    st.builds(actions_online.PrintCertificate, st.integers(-1, 3)),
)
TOLD = [None, PERSON, ONE, TWO, BOOKED, BOOKING, DAYS, SLOTS, OWED, DECLARED]
PHASES = ["reserved", "waiting", "called", "serving", "held", "done", "no_show", "expired", "voided"]
TICKETS = st.builds(
    KioskTicket, ticket=st.just("A004"), service=st.just("tax"), phase=st.sampled_from(PHASES)
)
BOOKINGS = st.builds(
    KioskAppointment, ref=st.sampled_from(["r-0000001", "r-0000002"]), service=ABOUT, time=st.just("09:30")
)
SCANNED = st.builds(
    Scanned,
    st.sampled_from(["ticket", "item"]),
    st.sampled_from(["1001", "yunhe/2026-11-30/A004"]),
    st.sampled_from(["yunhe", "other"]),
    st.sampled_from([(), ("renew",)]),
)
ANSWERS = st.builds(
    Answer,
    st.sampled_from(["done", "rejected", "failed", "unknown"]),
    zh=st.sampled_from(["", "不行"]),
    en=st.sampled_from(["", "no"]),
    ticket=st.none() | TICKETS,
    personal=st.none() | st.just(Personal("王*明", "340***********1234", "f" * 32)),
    appointments=st.none() | st.lists(BOOKINGS, max_size=3).map(tuple),
    position=st.none()
    | st.builds(KioskPosition, ticket=st.just("A004"), service=st.just("tax"), phase=st.sampled_from(PHASES)),
    ratable=st.none() | st.just(KioskRatable(ticket="A004", service="tax", window="1")),
    scanned=st.none() | SCANNED,
    online=st.sampled_from(TOLD),
    mark=st.sampled_from(["", "1" * 32, "2" * 32]),
)
VIEWS = st.builds(
    lambda full, printer, readers, online: (ONLINE if online else VIEW).model_copy(
        update={"full": full, "printer": printer, "card_readers": readers, "scanners": readers}
    ),
    st.booleans(),
    st.sampled_from(["", "paper_out"]),
    st.sampled_from([(), ("reader",)]),
    st.booleans(),
)
STATES = ["created", "shown", "paid", "expired", "refund_due", "refunded"]
# What an answer can be that is the one that was asked for.
FITTING = {
    **{"person": [PERSON], "case": [ONE, TWO], "cases": [ONE, TWO], "visits": [BOOKED], "days": [DAYS]},
    **{"slots": [SLOTS], "book": [BOOKING], "obligations": [OWED], "declare": [DECLARED]},
}


class AnyKiosk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.kiosk = Kiosk()
        self.seen = 0  # effects that were looked at
        self.woken = False  # by paper, whose ticket the session that it begins has at once
        self.open: set[str] = set()  # payments that may be paid
        self.known: set[str] = set()  # persons, to the daemon
        self.reading: set[str] = set()  # works for which a code is being read
        self.keys: dict[
            tuple[str, str], str
        ] = {}  # of tickets asked for and not over, by session and service

    @initialize(told=st.booleans(), scans=st.booleans())
    def begins(self, told: bool, scans: bool) -> None:
        model = self.kiosk.model
        self.kiosk.model = replace(model, look=replace(model.look, scans=scans))
        if told:
            self.kiosk.say(Told(ONLINE), ToldReasons(REASONS))

    @rule(action=ACTIONS)
    def touch(self, action: Action | None) -> None:
        self.kiosk.touch(action)

    @rule(screen=st.sampled_from(Screen), about=ABOUT)
    def go(self, screen: Screen, about: str) -> None:
        self.kiosk.touch(Open(screen, about))

    @rule(seconds=st.sampled_from([0.05, 1.0, 5.0, 29.0, 45.0, 130.0]))
    def time(self, seconds: float) -> None:
        self.kiosk.wait(seconds)

    @rule(view=VIEWS)
    def told(self, view: Any) -> None:
        self.kiosk.say(Told(view))

    @rule(
        message=st.sampled_from(
            [
                Lost(),
                Failed(),
                PinChecked(True),
                PinChecked(False),
                Inspected(Own(memory_mb=70)),
                ToldDevices(KioskDevices()),
                Dotted(1.0, 2.0),
                Speaking(True),
                Speaking(False),
                Press("b"),
                Press("", "c"),
            ]
        )
    )
    def other(self, message: Any) -> None:
        self.kiosk.say(message)

    @precondition(lambda self: self.kiosk.model.session.work is not None)
    @rule(answer=ANSWERS)
    def answered(self, answer: Answer) -> None:
        work = self.kiosk.model.session.work
        assert work
        if work.kind == "ticket" and answer.result == "done":
            self.keys.clear()  # of a ticket that is over another one may follow
        self.reading.discard(work.id)
        self.kiosk.say(Answered(work.id, answer))

    @precondition(lambda self: self.kiosk.model.session.work is not None)
    @rule(chance=st.randoms(use_true_random=False), state=st.sampled_from(STATES))
    def answered_as_asked(self, chance: Any, state: str) -> None:
        """So that it gets as far as a payment."""
        work, errand = self.kiosk.model.session.work, self.kiosk.model.session.errand
        assert work
        if work.kind in ("pay", "abandon") and errand.paying:
            told = payment(errand.paying.key, state)
        elif work.kind in FITTING:
            told = chance.choice(FITTING[work.kind])
        else:
            return
        self.reading.discard(work.id)
        self.kiosk.say(Answered(work.id, Answer("done", online=told)))

    @precondition(lambda self: self.kiosk.model.session.errand.paying is not None)
    @rule(state=st.sampled_from(STATES), receipt=st.sampled_from(["", "printing", "printed", "not_printed"]))
    def polled(self, state: str, receipt: str) -> None:
        paying = self.kiosk.model.session.errand.paying
        assert paying
        if paying.poll:
            told = payment(paying.key, state, receipt=receipt)
            self.kiosk.say(Answered(paying.poll, Answer("done", online=told)))

    @invariant()
    def what_is_left_is_told(self) -> None:
        """Of every payment that might be paid the daemon hears when nobody stands there any more, and of who
        has gone."""
        for effect in self.kiosk.effects[self.seen :]:
            if isinstance(effect, Ask) and effect.verb == "payment.begin":
                self.open.add(str(effect.args["key"]))
            if isinstance(effect, Ask) and effect.verb == "payment.abandon":
                self.open.discard(str(effect.args["key"]))
            if isinstance(effect, Ask) and effect.verb == "person.forget":
                self.known.discard(str(effect.args["person"]))
        errand = self.kiosk.model.session.errand
        if errand.person:
            self.known.add(errand.person)
        if errand.paying and not errand.paying.is_open:
            self.open.discard(errand.paying.key)
        self.open.discard(errand.settled)
        assert self.open <= {errand.paying.key if errand.paying else ""}
        assert self.known <= {errand.person}

    @precondition(lambda self: self.kiosk.model.scan.device)
    @rule(answer=ANSWERS)
    def scanned(self, answer: Answer) -> None:
        """While it goes on beside all else."""
        self.reading.discard(STANDING)
        self.woken = self.kiosk.model.session.screen is Screen.ATTRACT
        self.kiosk.say(Answered(STANDING, answer))

    @invariant()
    def one_reading_at_a_scanner(self) -> None:
        """However it is asked for."""
        for effect in self.kiosk.effects[self.seen :]:
            if isinstance(effect, Read) and effect.what == "code":
                self.reading.add(effect.work)
            if isinstance(effect, Withdraw):
                self.reading.discard(effect.work)
            assert len(self.reading) <= 1
        assert (STANDING in self.reading) == bool(self.kiosk.model.scan.device)

    @rule(answer=ANSWERS)
    def answered_to_nobody(self, answer: Answer) -> None:
        before = self.kiosk.model
        self.kiosk.say(Answered("0" * 32, answer))
        assert self.kiosk.model == before

    @invariant()
    def stands_somewhere(self) -> None:
        session = self.kiosk.model.session
        assert 1 <= len(session.places) <= MAX_DEPTH
        assert session.places[0].screen in (Screen.HOME, Screen.ATTRACT)
        assert len(session.typed) <= MAX_TYPED
        assert session.ticket is not None or session.screen is not Screen.TICKET
        assert (session.ends_in_s is None) or not session.work

    @invariant()
    def there_is_a_way_on(self) -> None:
        """By a touch, and for who touches nothing by time alone."""
        now = Kiosk(model=self.kiosk.model, now_s=self.kiosk.now_s)
        if now.model.session.work:
            now.wait(11, 11)
            now.touch(GiveUp())
        now.touch(None, Home())
        assert now.model.session.screen is Screen.HOME
        assert now.at(Screen.HOME, Screen.OUT_OF_SERVICE)
        now.touch(Open(Screen.GUIDE))
        assert now.at(Screen.GUIDE), "the guide needs nobody"
        alone = Kiosk(model=replace(self.kiosk.model, speaking=False), now_s=self.kiosk.now_s)
        alone.wait(120 + 240 + 20, 20)
        if self.kiosk.model.session.errand.paying:  # a code's time, and an answer that does not come
            alone.wait(120 + 120 + 120, 20)
        assert alone.model.session.screen is Screen.ATTRACT

    @invariant()
    def nothing_that_needs_the_hall_shows_without_it(self) -> None:
        model = self.kiosk.model
        starting = not model.view.clock and model.now_s - model.view.since_s < STARTING_S
        if not model.view.reachable and not model.session.work and not starting:
            assert model.shown not in OF_THE_HALL

    @invariant()
    def an_end_leaves_nothing(self) -> None:
        session = self.kiosk.model.session
        wiped = any(isinstance(effect, Wipe) for effect in self.kiosk.effects[self.seen :])
        if wiped and not self.woken:
            assert (session.personal, session.ticket, session.work) == (Personal(), None, None)
            assert session.errand == Errand()
        if session.screen is Screen.ATTRACT:
            assert replace(session, touched_s=0.0, opened_s=0.0) == Session(id=session.id)

    @invariant()
    def one_touch_is_one_ticket(self) -> None:
        for effect in self.kiosk.effects[self.seen :]:
            if isinstance(effect, Wipe):
                self.keys.clear()
            if isinstance(effect, Ask) and effect.verb == "ticket.take":
                person = self.kiosk.model.session.personal.person
                key = effect.args["session"]
                assert self.keys.setdefault((person, effect.args["service"]), key) == key
        self.seen = len(self.kiosk.effects)
        self.woken = False


AnyKiosk.TestCase.settings = settings(stateful_step_count=30)
TestAnyKiosk = AnyKiosk.TestCase
