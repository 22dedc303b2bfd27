"""What could be known at all: the wait that nobody can tell better, by one who knows every chance of a day.

At a touch the rest of the day is drawn `PLAYS` times from what it is truly drawn from, given all that has
been seen: how long acts take, who comes later, when staff pause and are back. The median of the waits that
come of it has the least mean error that any estimate can have; only the draws themselves are not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from statistics import median

from edge.replay.engine import Engine
from edge.replay.model import Person
from edge.rules.even import seconds
from edge.rules.lineup import FIRST, Rank
from edge.rules.model import Ticket
from edge.rules.priority import is_due, rank
from tests.sim_day.chances import Chances, Who
from tests.sim_day.day import TURN_S, World
from tests.sim_day.play import ASKS, Moment, Row, Seat, play, rank_of
from tests.sim_day.staff import is_on, over_lunch, to_come

PLAYS = 100  # the error of a median of so many is 1 % longer than of infinitely many


@dataclass(frozen=True, slots=True)
class Floors:
    """Medians, by session, to one who is told what each waits for, and to one who is not."""

    told: dict[str, float] = field(default_factory=dict)
    blind: dict[str, float] = field(default_factory=dict)


class Oracle(Engine):
    """A day on which it is asked at every `every`th touch."""

    def __init__(self, world: World, seed: int, every: int) -> None:
        super().__init__(world.day, world.hall)
        self.floors = Floors()
        self._every, self._dice = every, Random(f"oracle {seed}")
        self._chances = Chances(world, self._dice)
        self._touches = 0

    def _comes(self, person: Person) -> None:
        self._touches += 1
        if self._touches % self._every == 0:
            told = self._median(person, blind=False)
            self.floors.told[person.session] = told
            self.floors.blind[person.session] = self._median(person, blind=True) if person.item else told
        super()._comes(person)

    def _median(self, person: Person, *, blind: bool) -> float:
        rows, at = self._rows(blind=blind), Moment(self._now_s, self._even_s())
        own = person.service, (rank_of(person.priority, at.even_s, self.state.joined + 1), ASKS)
        return median(play(self._chances, at, rows, self._seats_now(blind=blind), own) for _ in range(PLAYS))

    def _rows(self, *, blind: bool) -> dict[str, list[Row]]:
        """All who have taken a ticket and not been called."""
        found: dict[str, list[Row]] = {service: [] for service in self.hall.services}
        for ticket in self.state.tickets.values():
            if ticket.phase in ("waiting", "reserved"):
                found[ticket.service].append((self._rank(ticket), _who(ticket, blind=blind)))
        return {service: sorted(rows) for service, rows in found.items()}

    def _rank(self, ticket: Ticket) -> Rank:
        if ticket.phase == "reserved":
            return rank_of(ticket.priority, self._even_s(), self.state.joined)
        return (FIRST, ticket.place) if is_due(ticket, self.hall, self._even_s()) else rank(ticket, self.hall)

    def _seats_now(self, *, blind: bool) -> list[Seat]:
        """Each window with what its staff may do from now on, and when it may call, both by chance."""
        found = []
        for window in self.hall.windows.values():
            acts = self._day.posts[window.id]
            turns = to_come(acts, self._now_s, self._dice, over=over_lunch(self.hall, window.id))
            free_s, idle_s = self._now_s + self._left_s(window.id, blind=blind), self._seats[window.id].idle_s
            found.append(Seat(window.services, is_on(acts, self._now_s), turns, free_s, idle_s))
        return found

    def _left_s(self, window: str, *, blind: bool) -> float:
        """Until it may call."""
        busy = self.state.pace.busy.get(window)
        if busy is None:
            return 0.0 if self._seats[window].idle_s is not None else self._dice.expovariate(1 / TURN_S)
        ticket = self.state.tickets[busy.ticket]
        leg = self._cases[busy.ticket].person.legs[0]
        walked_s = leg.walk_s if ticket.phase == "serving" else None
        return self._chances.left_s(_who(ticket, blind=blind), self._even_s() - busy.since_s, walked_s)

    def _even_s(self) -> float:
        return seconds(self.state.clock, self._now().moment)


def _who(ticket: Ticket, *, blind: bool) -> Who:
    return ticket.service, "" if blind else ticket.item
