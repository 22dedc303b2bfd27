"""A hall to play rules in: keeps the facts as the store would, and takes every one through its JSON."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone

from drivers.messages import Instant, KeyAction, Result
from edge.rules import decide, evolve, local_day
from edge.rules.effects import Effect, Print
from edge.rules.model import (
    Decision,
    Hall,
    Input,
    Key,
    Moment,
    Now,
    Printed,
    Priority,
    Rate,
    Service,
    Started,
    State,
    TakeTicket,
    TimerFired,
    Window,
)
from edge.wire import FACTS, DayOpened, Fact

CHINA = timezone(timedelta(hours=8))
NINE = datetime(2024, 5, 6, 9, 0, tzinfo=CHINA)  # a Monday; 01:00 UTC
TODAY, TOMORROW = "2024-05-06", "2024-05-07"
PRIORITIES = {
    "soldier": Priority("soldier", "军人", strict=True),
    "elder": Priority("elder", "60 岁以上", credit_s=900.0),
}


def a_hall(**changes: object) -> Hall:
    """Three windows: 1 serves tax alone, 2 tax and land, 3 permits alone."""
    services = {
        "tax": Service("tax", "税务", "A"),
        "land": Service("land", "不动产登记", "B"),
        "permit": Service("permit", "行政许可", "C"),
    }
    windows = {
        "1": Window("1", "1号窗口", ("tax",)),
        "2": Window("2", "2号窗口", ("tax", "land")),
        "3": Window("3", "3号窗口", ("permit",)),
    }
    settings: dict[str, object] = {
        "id": "yunhe",
        "name": "云和县政务服务中心",
        "zone": CHINA,
        "services": services,
        "windows": windows,
        "printer": "printer1",
    }
    return Hall(**(settings | changes))  # type: ignore[arg-type] # a test names the fields it changes


class Play:
    """The hall at work without its devices: input → decision → facts → state."""

    def __init__(self, hall: Hall | None = None) -> None:
        self.hall = hall or a_hall()
        self.state = State()
        self.kept: list[tuple[Fact, Moment]] = []
        self.wall_s = NINE.timestamp()
        self.mono_s = 100.0
        self.boot = "boot1"
        self.clock_ok = True
        self._touches = 0

    # --- time ---
    def at(self, moment: datetime) -> None:
        self.wall_s = moment.astimezone(UTC).timestamp()

    def now(self) -> Now:
        instant = Instant(self.wall_s, self.mono_s, self.clock_ok)
        return Now(instant, local_day(instant, self.hall.zone), self.boot)

    def passes(self, seconds: float) -> None:
        """Time, by all clocks."""
        self.wall_s += seconds
        self.mono_s += seconds

    # --- inputs ---
    def do(self, given: Input) -> Decision:
        """Decide, prove that deciding changed nothing, then keep the facts."""
        before = deepcopy(self.state)
        decision = decide(self.state, given, self.now(), self.hall)
        assert self.state == before
        for fact in decision.facts:
            kept = FACTS.validate_json(fact.model_dump_json())
            assert kept == fact
            self.kept.append((kept, self.now().moment))
            evolve(self.state, kept, self.now().moment)
        return decision

    def take(self, service: str = "tax", session: str = "", **wish: object) -> Decision:
        self._touches += 1
        session = session or f"touch{self._touches}"
        return self.do(TakeTicket(service, session, **wish))  # type: ignore[arg-type] # as above

    def printed(self, ticket: str, result: Result = Result.DONE, code: str = "", day: str = "") -> Decision:
        return self.do(Printed(ticket, day or self.state.day, result, code))

    def join(self, service: str = "tax", priority: str = "") -> str:
        """A citizen with a slip in the hand."""
        ticket = str(self.take(service, priority=priority).answer["ticket"])
        self.printed(ticket)
        return ticket

    def key(self, window: str, action: KeyAction, digits: str = "") -> Decision:
        return self.do(Key(window, action, digits))

    def staff(self, *windows: str) -> None:
        for window in windows:
            self.key(window, KeyAction.LOGIN, f"100{window}")

    def serve(self, window: str) -> str:
        """Call the next, begin and finish: the act's ticket."""
        ticket = str(self.key(window, KeyAction.CALL).answer["ticket"])
        self.key(window, KeyAction.START)
        self.key(window, KeyAction.FINISH)
        return ticket

    def rate(self, window: str, level: int) -> Decision:
        return self.do(Rate(window, level, level))  # type: ignore[arg-type] # a level is 1 to 5 here

    def fire(self, timer: str) -> Decision:
        return self.do(TimerFired(timer))

    def restart(self) -> Decision:
        """As the daemon does: fold what is kept since the day opened, then say that it has started."""
        self.state = self.folded()
        return self.do(Started())

    # --- what came of it ---
    def folded(self) -> State:
        """The state of a node that has just read its store."""
        opened = max((i for i, (fact, _) in enumerate(self.kept) if isinstance(fact, DayOpened)), default=0)
        state = State()
        for fact, at in self.kept[opened:]:
            evolve(state, fact, at)
        return state

    def phase(self, ticket: str) -> str:
        return self.state.tickets[ticket].phase


def kinds(decision: Decision) -> list[str]:
    return [fact.kind for fact in decision.facts]


def effects(decision: Decision, kind: type[Effect]) -> list[Effect]:
    return [effect for effect in decision.effects if isinstance(effect, kind)]


def refusal(decision: Decision) -> str:
    """The code of a refusal that did nothing."""
    assert decision.rejection is not None
    assert decision.facts == ()
    return decision.rejection.code


def prints(decision: Decision) -> list[Print]:
    return [effect for effect in decision.effects if isinstance(effect, Print)]
