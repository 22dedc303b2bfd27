"""Any day of a hall, with restarts, midnights, unsteady clocks and a printer in every mood."""

from __future__ import annotations

from datetime import datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from drivers.messages import KeyAction, Result
from edge.rules import charging, even, queue_status, window_status
from edge.rules.boards import SHOWN
from edge.rules.bookings import Appointing, Book, CancelBooking, CheckIn
from edge.rules.effects import (
    Called,
    CallOff,
    CallOut,
    CancelTimer,
    Display,
    Print,
    SetTimer,
    Show,
    ShowCalled,
    ShowNotice,
)
from edge.rules.fees import ChargeFee, RefundFee
from edge.rules.items import Item
from edge.rules.model import (
    ComeBack,
    Decision,
    Input,
    Key,
    Printed,
    Rate,
    RateTicket,
    SetNotice,
    Shift,
    Started,
    TakeTicket,
    TimerFired,
    Transfer,
)
from edge.rules.projects import Lane, OpenProject, Step, StepDone, WithdrawProject
from edge.rules.strips import strip_of
from edge.rules.tickets import MAX_SLIPS
from edge.settings.reasons import load_reasons
from edge.wire import DayOpened
from tests.property.rules_witness import OPEN, WINDOWS_OPEN, Witness, is_open, opens_later
from tests.unit.rules_kit import CHINA, PRIORITIES, Play, a_hall

WINDOWS = st.sampled_from(["1", "2", "3"])
SERVICES = st.sampled_from(["tax", "tax", "land", "permit", "marriage"])
# What goes on at a window all day, oftener than the rest.
USUAL = [KeyAction.CALL, KeyAction.START, KeyAction.FINISH, KeyAction.SKIP, KeyAction.CANCEL, KeyAction.HOLD]
ACTIONS = st.sampled_from([*USUAL, *USUAL, *KeyAction])
NUMBERS = st.sampled_from(["", "", "1", "2", "003", "4", "77"])
CLASSES = st.sampled_from(["", "", "", "soldier", "elder", "emperor"])
REASONS = st.sampled_from([(), (), (510,), (213, 214), (213, 510), (108, 108), (999,)])
ACTS = st.sampled_from(["", "", "A001", "A002", "B001", "Z999"])
SLIPS = st.sampled_from(["A001", "a002", "{day}/A001", "hall/{day}/B001", "2020-01-01/A001", "Z999", ""])
REFS = st.sampled_from([f"reference-{n}" for n in range(6)])
LISTED = {"tax": ("0101", "0102"), "land": ("0201",), "permit": ("0301",)}
FEES = {"0101": 500, "0102": 0}
RECEIPTS = st.sampled_from(["R1", "R2", "R3", "票据"])
ITEMS = st.sampled_from(["", "", "", "0101", "0102", "0201", "9999", "不是编码"])
ANY_DAY = ("workdays", "restdays")
ROSTER = (
    Shift(ANY_DAY, ((540, 720),), windows=("1",)),
    Shift(ANY_DAY, ((810, 1050),), windows=("1", "2")),
    Shift(ANY_DAY, ((480, 1200),), windows=("3",)),
)
STEPS = (
    Step("first", "一", "tax"),
    Step("left", "左", "land", ("first",)),
    Step("right", "右", "permit", ("first",)),
)
LANE = Lane("fast", "快", STEPS, limit_days=8, amber_days=6)
STAFF = st.sampled_from(["1001", "1002", ""])
# A clock that is set: mostly by little, at times over a midnight or two.
STEPS_S = st.sampled_from([-90.0, 90.0, 3600.0, -3600.0, -86400.0, 43200.0, 86400.0, 3 * 86400.0])


class HallMachine(RuleBasedStateMachine):
    """Drives the rules as the daemon would: an effect's answer comes only for an effect."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play()
        self.witness = Witness()
        self.prints: list[Print] = []  # under way at the printer
        self.printed: dict[str, int] = {}  # act → slips begun
        self.came = 0
        self.timers: set[str] = set()
        self.cancelled: set[str] = set()
        self.strips: dict[str, Show] = {}
        self.displays: dict[str, str] = {}
        self.board: tuple[Called, ...] = ()  # of a hall where everybody's turn comes at once
        self.notice = ""

    # --- the daemon's part ---
    def do(self, given: Input) -> Decision:
        opened = self.play.state.day
        self.look_at_the_clock()
        decision = self.play.do(given)
        for fact in decision.facts:
            if isinstance(fact, DayOpened):
                self.witness.at_s = 0.0
            self.witness.reads(fact)
            if isinstance(fact, DayOpened):
                assert self.play.clock_ok or not opened
        for effect in decision.effects:
            self._run(effect)
        return decision

    def look_at_the_clock(self) -> None:
        self.witness.at_s = even.seconds(self.play.state.clock, self.play.now().moment)

    def _run(self, effect: object) -> None:
        match effect:
            case Print(ticket, day, copy):
                begun = self.printed.get(f"{day}/{ticket}", 0)
                assert copy == (begun > 0), "a further slip is a copy, the first is none"
                self.printed[f"{day}/{ticket}"] = begun + 1
                self.prints.append(effect)
            case SetTimer(timer):
                self.timers.add(timer)
                self.cancelled.discard(timer)
            case CancelTimer(timer):
                self.timers.discard(timer)
                self.cancelled.add(timer)
            case Show(window):
                self.strips[window] = effect
            case Display(window, digits):
                self.displays[window] = digits
            case CallOut(ticket, window):
                self._off(ticket)
                self.board = (Called(ticket, window), *self.board)[:SHOWN]
            case CallOff(ticket, taken_back):
                if taken_back:
                    self._off(ticket)
            case ShowCalled(calls):
                self.board = calls
            case ShowNotice(text):
                self.notice = text

    def _off(self, ticket: str) -> None:
        self.board = tuple(called for called in self.board if called.ticket != ticket)

    # --- what may happen ---
    @initialize(
        login_required=st.booleans(),
        printer=st.sampled_from(["printer1", "printer1", "printer1", ""]),
        most=st.sampled_from([0, 1, 2, 5]),
        times=st.sampled_from([0, 1, 2]),
        roster=st.sampled_from([(), (), ROSTER]),
    )
    def open(
        self,
        login_required: bool,
        printer: str,
        most: int,
        times: int = 2,
        roster: tuple[Shift, ...] = (),
    ) -> None:
        """`most`: how often a ticket may be overtaken; 0 is a hall without classes."""
        self.play.hall = a_hall(
            login_required=login_required,
            printer=printer,
            priorities=PRIORITIES if most else {},
            overtake_most=most or 5,
            no_show_times=times,
            reasons=load_reasons("2020"),
            appointing=Appointing(per_window=4),
            roster=roster,
            express={"fast": LANE},
            items={
                id_: Item(id_, service, 300.0, fee_fen=FEES.get(id_))
                for service, ids in LISTED.items()
                for id_ in ids
            },
        )
        self.do(Started())
        for window in ("1", "2"):
            self.do(Key(window, KeyAction.LOGIN, f"100{window}"))
        for service in ("tax", "land", "tax"):
            self.people_come(service, 2)

    @rule(
        service=SERVICES,
        session=st.integers(0, 30),
        can_show=st.booleans(),
        problem=st.sampled_from(["", "", "", "paper_end"]),
        priority=CLASSES,
        item=ITEMS,
    )
    def take(
        self, service: str, session: int, can_show: bool, problem: str, *, priority: str = "", item: str = ""
    ) -> None:
        touch = f"touch{session}"
        had = self.witness.living(touch)
        today = self.witness.day
        decision = self.do(TakeTicket(service, touch, can_show, priority, problem, item))
        code = decision.rejection.code if decision.rejection else ""
        minute = self.minute()
        if minute is not None and service != "marriage" and not (had and self.witness.day == today):
            assert code.startswith("closed") == (not is_open(OPEN[service], minute))
            assert (code == "closed_until") == opens_later(OPEN[service], minute)
        if had and self.witness.day == today:
            assert (decision.facts, decision.effects) == ((), ())
            assert decision.answer["ticket"] == had[0]
        elif decision.rejection is None:
            assert [decision.answer["ticket"]] == self.witness.living(touch)
            assert item in ("", *LISTED[service])
            assert self.play.state.tickets[str(decision.answer["ticket"])].item == item

    @rule(
        service=st.sampled_from(["tax", "tax", "land", "permit"]), count=st.integers(1, 6), priority=CLASSES
    )
    def people_come(self, service: str, count: int, priority: str = "") -> None:
        """The usual way: a touch, a slip, a place in the queue."""
        known = priority if priority in self.play.hall.priorities else ""
        for _ in range(count):
            self.came += 1
            shown = not self.play.hall.printer
            item = LISTED[service][self.came % len(LISTED[service])]
            self.do(TakeTicket(service, f"citizen{self.came}", shown, known, item=item))
            if self.prints:
                slip = self.prints.pop()
                self.do(Printed(slip.ticket, slip.day, Result.DONE))

    @rule(
        ref=REFS,
        service=st.sampled_from(["tax", "tax", "land"]),
        in_min=st.sampled_from([-5, 0, 10, 20, 45, 300]),
        in_days=st.sampled_from([0, 0, 0, 1]),
    )
    def book(self, ref: str, service: str, in_min: int, in_days: int) -> None:
        local = datetime.fromtimestamp(self.play.wall_s + 86400 * in_days, CHINA)
        minute = max(0, min(1439, 60 * local.hour + local.minute + in_min))
        known = ref in self.witness.booked
        decision = self.do(Book(ref, service, local.date().isoformat(), minute))
        if decision.rejection is None and not known:
            assert ref in self.witness.booked
            assert self.minute() is None or is_open(OPEN[service], minute)

    @rule(ref=REFS)
    def cancel_booking(self, ref: str) -> None:
        decision = self.do(CancelBooking(ref))
        assert decision.rejection is not None or ref not in self.witness.booked

    @rule(ref=REFS, session=st.integers(0, 30), can_show=st.booleans())
    def check_in(self, ref: str, session: int, can_show: bool) -> None:
        had, today = self.witness.living(f"touch{session}"), self.witness.day
        used = ref in self.witness.used
        decision = self.do(CheckIn(ref, f"touch{session}", can_show))
        if self.witness.day != today:
            return
        if had:
            assert (decision.facts, decision.answer["ticket"]) == ((), had[0])
        elif decision.rejection is None:
            assert not used and self.witness.used[ref] == decision.answer["ticket"]

    @precondition(lambda self: self.prints)
    @rule(
        which=st.integers(0, 100),
        result=st.sampled_from([Result.DONE, Result.DONE, Result.DONE, *Result]),
    )
    def printer_answers(self, which: int, result: Result) -> None:
        done = self.prints.pop(which % len(self.prints))
        self.do(Printed(done.ticket, done.day, result, "silent"))

    @rule(ticket=st.sampled_from(["A001", "A002", "B001", "Z001"]), result=st.sampled_from(Result))
    def printer_speaks_of_the_past(self, ticket: str, result: Result) -> None:
        book = self.witness.books.get(ticket)
        day = self.witness.day if book is None or book.phase != "reserved" else "2024-05-01"
        before = self.witness.day
        decision = self.do(Printed(ticket, day, result))
        assert decision.facts == () or self.witness.day != before

    @rule(window=WINDOWS, action=ACTIONS, number=NUMBERS)
    def key(self, window: str, action: KeyAction, number: str) -> None:
        services = self.play.hall.windows[window].services
        self.look_at_the_clock()
        before, today = self.witness.callable(services, window), self.witness.day
        expected = self.next_of(before)
        decision = self.do(Key(window, action, number))
        if decision.rejection:
            assert decision.facts == () or self.witness.day != today
        elif action is KeyAction.CALL and not number:
            assert decision.answer["ticket"] in (expected or before), "not the one whose turn it was"

    def next_of(self, waiting: list[str]) -> list[str]:
        """Who is to be called, where the witness can tell: nobody of them has been overtaken yet."""
        books = {id_: self.witness.books[id_] for id_ in waiting}
        if any(book.passed for book in books.values()):
            return []
        resumed = [id_ for id_, book in books.items() if book.resumes]
        strict = [id_ for id_, book in books.items() if book.priority == "soldier"]
        plain = {book.priority for book in books.values()} <= {""}
        return resumed[:1] or strict[:1] or (waiting[:1] if plain else [])

    @rule(window=WINDOWS, to=WINDOWS, service=st.sampled_from(["", "", "tax", "land"]), back=st.booleans())
    def transfer(self, window: str, to: str, service: str, back: bool) -> None:
        here, today = self.witness.at(window), self.witness.day
        decision = self.do(Transfer(window, to, service, back))
        minute = self.minute()
        if minute is not None and opens_later(WINDOWS_OPEN[to], minute):
            assert decision.rejection is not None, "nobody is sent to where it opens later"
        if decision.rejection is None and self.witness.day == today:
            (ticket,) = here
            assert self.witness.books[ticket].only == to != window
            assert self.witness.books[ticket].service in self.play.hall.windows[to].services

    @rule(window=WINDOWS)
    def open_project(self, window: str) -> None:
        here, today = self.witness.at(window), self.witness.day
        decision = self.do(OpenProject(window, "fast", "2024-05-15", "2024-05-13"))
        if self.witness.day == today and decision.rejection is None:
            assert f"{today}/{here[0]}" in self.witness.projects

    @rule(
        window=WINDOWS,
        which=st.integers(0, 100),
        steps=st.lists(st.sampled_from(["first", "left", "right"]), min_size=1, max_size=3),
        withdraws=st.sampled_from([False, False, False, True]),
    )
    def work_on_a_project(self, window: str, which: int, steps: list[str], withdraws: bool) -> None:
        projects = sorted(self.witness.projects) or ["2024-05-06/A999"]
        project = projects[which % len(projects)]
        for step in steps:
            self.do(StepDone({"left": "2", "right": "3"}.get(step, window), project, step))
        if withdraws:
            self.do(WithdrawProject(window, project))
        assert {
            id_: list(each.done) for id_, each in self.play.state.projects.items()
        } == self.witness.projects

    @rule(
        window=WINDOWS,
        receipt=RECEIPTS,
        amount_fen=st.sampled_from([1, 500, 500, 800]),
        item=st.sampled_from(["", "", "0101", "9999"]),
        act=ACTS,
    )
    def charge(self, window: str, receipt: str, amount_fen: int, item: str, act: str) -> None:
        known, today = dict(self.witness.fees), self.witness.day
        named = f"{today}/{act}" if act else ""
        decision = self.do(ChargeFee(window, amount_fen, receipt, item, named))
        if self.witness.day == today and decision.rejection is None:
            assert bool(decision.facts) == (receipt not in known), "once a receipt"
            assert item != "9999"
        self.fees_are_right()

    @rule(window=WINDOWS, receipt=RECEIPTS, amount_fen=st.sampled_from([None, 1, 300, 500, 501]))
    def refund(self, window: str, receipt: str, amount_fen: int | None) -> None:
        left, today = self.witness.fees.get(receipt, 0), self.witness.day
        here = self.witness.staff.get(window) or not self.play.hall.login_required
        decision = self.do(RefundFee(window, receipt, amount_fen))
        if self.witness.day == today:
            able = bool(here and left and (amount_fen or left) <= left)
            assert bool(decision.facts) == able == (decision.rejection is None)
        self.fees_are_right()

    def fees_are_right(self) -> None:
        """The rules and the witness hold the same, and what supervision is told adds up."""
        fees = self.play.state.fees
        assert {receipt: fee.left_fen for receipt, fee in fees.items()} == self.witness.fees
        loose = [fee for fee in fees.values() if not fee.act and fee.left_fen]
        assert sum(charging.without_act(self.play.state).values()) == len(loose)
        sums: dict[tuple[str, str], int] = {}
        for receipt, fee in fees.items():
            if fee.item in FEES:
                of = fee.act or receipt, fee.item
                sums[of] = sums.get(of, 0) + self.witness.fees[receipt]
        wrong = [item for (_, item), left in sums.items() if left not in (0, FEES[item])]
        assert sum(charging.amiss(self.play.state).values()) == len(wrong)
        unpaid = charging.unpaid_since_s(self.play.state, self.play.hall)
        charged = {fee.act for fee in fees.values()}
        done = [
            each for each in self.play.state.tickets.values() if each.phase == "done" and FEES.get(each.item)
        ]
        assert set(unpaid) == {each.window for each in done if each.act not in charged}

    @rule(which=st.integers(0, 100))
    def come_back(self, which: int) -> None:
        """Oftenest somebody who was missed; at times anybody else, or nobody that there is."""
        away = {"no_show", "held"}
        missed = [id_ for id_, book in self.witness.books.items() if book.phase in away]
        anybody = [*missed, *missed, *missed, *self.witness.books, "Z999"]
        ticket = anybody[which % len(anybody)]
        today = self.witness.day
        decision = self.do(ComeBack(ticket))
        if self.witness.day == today:
            assert bool(decision.facts) == (ticket in missed)
            book = self.witness.books.get(ticket)
            assert (decision.rejection is None) == (book is not None and book.phase == "waiting")

    @rule(which=st.integers(0, 100))
    def a_hold_is_over(self, which: int) -> None:
        held = sorted(timer for timer in self.timers if timer.startswith("hold:"))
        if held:
            self.timers.remove(held[which % len(held)])
            self.do(TimerFired(held[which % len(held)]))

    @rule(window=WINDOWS, staff=STAFF)
    def login(self, window: str, staff: str) -> None:
        self.do(Key(window, KeyAction.LOGIN, staff))

    @rule(window=WINDOWS, actions=st.lists(st.sampled_from(USUAL), max_size=6))
    def work(self, window: str, actions: list[KeyAction]) -> None:
        """A window that is at work, whatever order its keys come in."""
        if not self.play.state.window(window).staff:
            self.do(Key(window, KeyAction.LOGIN, "1001"))
        for action in (KeyAction.CALL, *actions):
            self.key(window, action, "")

    @rule(window=WINDOWS, level=st.sampled_from([0, 1, 3, 5]))
    def serve(self, window: str, level: int) -> None:
        """One act from call to rating, or to none."""
        self.work(window, [KeyAction.CALL, KeyAction.START, KeyAction.EVALUATE])
        if level:
            self.rate(window, level)

    @rule(window=WINDOWS, level=st.sampled_from([1, 2, 3, 4, 5]), reasons=REASONS, act=ACTS)
    def rate(self, window: str, level: int, reasons: tuple[int, ...] = (), act: str = "") -> None:
        """At times for an act that there is not, that is over, or that waits elsewhere."""
        named = f"{self.witness.day}/{act}" if act else ""
        self.do(Rate(window, level, level - 1, reasons, named))  # type: ignore[arg-type] # sampled_from widens the literals

    @rule(slip=SLIPS, level=st.sampled_from([1, 3, 5]), reasons=REASONS)
    def rate_by_slip(self, slip: str, level: int, reasons: tuple[int, ...]) -> None:
        """Of who has left the window, at times long ago."""
        before = dict(self.witness.acts)
        named = slip.format(day=self.witness.day)
        decision = self.do(RateTicket(named, level, reasons))  # type: ignore[arg-type] # as above
        given = [fact for fact in decision.facts if fact.kind == "rating.given"]
        act = f"{self.witness.day}/{named.rpartition('/')[2].upper()}"
        assert len(given) == (self.witness.acts.get(act) == "given" != before.get(act))
        assert given or decision.rejection

    @precondition(lambda self: self.timers)
    @rule(which=st.integers(0, 100))
    def timer_fires(self, which: int) -> None:
        timer = sorted(self.timers)[which % len(self.timers)]
        self.timers.remove(timer)
        self.do(TimerFired(timer))

    @precondition(lambda self: self.cancelled)
    @rule(which=st.integers(0, 100))
    def timer_fires_although_cancelled(self, which: int) -> None:
        before = self.witness.day
        decision = self.do(TimerFired(sorted(self.cancelled)[which % len(self.cancelled)]))
        assert (decision.facts, decision.effects) == ((), ()) or self.witness.day != before

    @rule(text=st.sampled_from(["", "放假", "停水", "一\n二"]))
    def notice_is_set(self, text: str) -> None:
        self.do(SetNotice(text))

    @rule()
    def restart(self) -> None:
        """The node reads what it has kept since the day opened; timers and prints under way are gone."""
        folded = self.play.folded()
        assert folded == self.play.state
        self.play.state = folded
        self.timers.clear()
        self.prints.clear()
        self.board, self.notice = (), ""  # as boards that lost their power too
        self.do(Started())

    @rule(seconds=STEPS_S, clock_ok=st.sampled_from([True, True, False]))
    def clock_is_set(self, seconds: float, clock_ok: bool) -> None:
        self.play.wall_s += seconds
        self.play.clock_ok = clock_ok

    @rule(seconds=st.sampled_from([5.0, 60.0, 600.0, 1500.0]))
    def time_passes(self, seconds: float) -> None:
        self.play.passes(seconds)

    @precondition(lambda self: self.play.hall.roster)
    @rule()
    def the_roster_opens_or_closes_something(self) -> None:
        local = datetime.fromtimestamp(self.play.wall_s, CHINA)
        now_s = 3600 * local.hour + 60 * local.minute + local.second
        edges = {60 * edge for spans in OPEN.values() for span in spans for edge in span}
        self.play.passes(min((edge - now_s for edge in edges if edge > now_s), default=60))

    def minute(self) -> int | None:
        """Of the day; None where there is no roster, or nobody knows the time."""
        local = datetime.fromtimestamp(self.play.wall_s, CHINA)
        return 60 * local.hour + local.minute if self.play.hall.roster and self.play.clock_ok else None

    @rule()
    def reboot(self) -> None:
        """The monotonic clock begins anew."""
        self.play.boot, self.play.mono_s = f"{self.play.boot}+", 5.0
        self.restart()

    # --- what must hold at any time ---
    @invariant()
    def nobody_is_overtaken_too_often(self) -> None:
        for book in self.witness.books.values():
            assert book.passed <= self.play.hall.overtake_most

    @invariant()
    def who_was_missed_too_often_has_expired(self) -> None:
        most = self.play.hall.no_show_times
        for book in self.witness.books.values():
            assert book.misses <= most + 1
            assert (book.misses > most) == (book.phase == "expired")

    @invariant()
    def the_state_is_what_the_facts_say(self) -> None:
        state = self.play.state
        assert state.day == self.witness.day
        assert {id_: t.phase for id_, t in state.tickets.items()} == {
            id_: book.phase for id_, book in self.witness.books.items()
        }
        for window in self.play.hall.windows:
            seat = state.window(window)
            assert ([seat.ticket] if seat.ticket else []) == self.witness.at(window)
            assert seat.staff == self.witness.staff.get(window, "")
        pending = {seat.rating.act for seat in state.windows.values() if seat.rating}
        assert pending == {act for act, outcome in self.witness.acts.items() if outcome == "open"}

    @invariant()
    def nothing_is_in_limbo(self) -> None:
        """A number set aside is with the printer or on a timer, a rating on its timer: each will end."""
        printing = {f"{effect.day}/{effect.ticket}" for effect in self.prints}
        for ticket in self.play.state.tickets.values():
            if ticket.phase == "reserved":
                assert ticket.act in printing or f"print:{ticket.act}" in self.timers
                assert (f"print_limit:{ticket.act}" in self.timers) == (ticket.doubts > 0)
        ratings = {timer.partition(":")[2] for timer in self.timers if timer.startswith("rating:")}
        held = {timer.partition(":")[2] for timer in self.timers if timer.startswith("hold:")}
        books = self.witness.books.items()
        assert held == {f"{self.witness.day}/{id_}" for id_, book in books if book.phase == "held"}
        assert ratings == {act for act, outcome in self.witness.acts.items() if outcome == "open"}

    @invariant()
    def strips_and_displays_are_true(self) -> None:
        for window in self.play.hall.windows.values():
            if self.witness.day:
                assert self.strips[window.id] == strip_of(self.play.state, self.play.hall, window)
                here = self.witness.at(window.id)
                assert self.displays[window.id] == "".join(ticket[1:] for ticket in here)

    @invariant()
    def boards_are_true(self) -> None:
        assert self.board == self.play.state.called
        assert self.notice == self.play.state.notice == self.witness.notice
        for called in self.board:
            book = self.witness.books[called.ticket]
            assert book.window == called.window and book.phase not in {"reserved", "waiting", "held"}

    @invariant()
    def the_topics_count_right(self) -> None:
        for service in queue_status(self.play.state, self.play.hall, self.play.now()).services:
            joined = [id_ for id_ in self.witness.queue if self.witness.books[id_].origin == service.service]
            assert service.issued == len(joined)
            assert service.waiting == len(self.witness.waiting((service.service,)))
            assert service.oldest_wait_s >= 0
        for window in self.play.hall.windows.values():
            shown = window_status(self.play.state, self.play.hall, window.id)
            assert shown.waiting == len(self.witness.waiting(window.services))

    def teardown(self) -> None:
        """A printer that never answers again: every number set aside comes to an end all the same."""
        for _ in range(2 * MAX_SLIPS):
            for effect in list(self.prints):
                self.prints.remove(effect)
                self.do(Printed(effect.ticket, effect.day, Result.UNKNOWN))
            for timer in sorted(timer for timer in self.timers if timer.startswith("print:")):
                self.timers.remove(timer)
                self.do(TimerFired(timer))
        assert "reserved" not in {book.phase for book in self.witness.books.values()}
        assert self.play.folded() == self.play.state


HallMachine.TestCase.settings = settings(
    stateful_step_count=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHall = HallMachine.TestCase
