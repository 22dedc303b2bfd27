"""How long an act of each item takes, from what the day has shown and what is known beforehand.

Parametric empirical Bayes, the hierarchical credibility of Jewell (Bühlmann and Gisler, A Course in
Credibility Theory and its Applications, 2005, chapters 4 and 6). With the usual time u of each item from the
configuration, or else its service's, an act of x seconds counts as the ratio x / u:

    hall        g = (K/V0 + Σ w·r) / (K/V0 + Σ w)     w = 1 / (A0 + V0/n), of n acts of an item, r the mean of
                                                      their ratios
    service     f = (g/a + Σ w·r) / (1/a + Σ w)       w = 1 / (b + v·q²/n), of each of its items
    item        m = u · (f/b + r/s) / (1/b + 1/s)     s = v·(q² + b·FEW/(FEW + n))/n, as q is in doubt
    q           r, drawn to g with the weight of FEW acts
    v           variance of a ratio relative to q, pooled, and shrunk to V0 with the weight of W0 acts
    a           variance between services, by moments from (r − g)² − 1/Σ w, shrunk to A0 with the weight S0
    b           variance between items of a service, likewise, each weighing n / (n + FEW), and shrunk to A0
                where a usual time is known of them, to B0 where none is; 0 where nobody told any
    uncertainty, relative: of f 1 / (1/a + Σ w) / f², of m 1 / (1/b + 1/s) / (m/u)²

Where no usual time is known of items, each act is one of them by chance: w = n / (v + b), and B0 stands in
the place of A0. So an item without an act today goes by its usual time, made longer or shorter as its service
is today, and a service as the hall is; what has come a hundred times goes by these. One item that comes often
and is slow makes the others of its service slow only as far as it is one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge.rules.items import Item, Kind
from edge.rules.model import Hall, State
from edge.rules.pace import Tally

K = 10.0  # acts: the hall's usual times are believed until about so many have been seen
V0, W0 = 0.5, 20.0  # a counter's service times vary by some 70 % of their mean; some tens of acts tell better
A0, S0 = 0.06, 4.0  # usual times are off by some 25 %, from service to service and from item to item
B0 = 1.2  # items of which nobody knows how long they take differ by as much as that
MISSED, MISSED_OF = 1.0, 20.0  # one in twenty does not come, until the day tells better
MISSED_S, TURN_S = 90.0, 20.0  # three calls half a minute apart; one leaves, the next is called
REACT_S = 20.0  # until a slip is out and the staff of an idle window have seen its holder
FEW = 5.0  # samples of these that weigh as much as what is assumed
ALIKE = 0.002  # items of a service differ by some 5 % at least


NO_ITEM, KNOWN, UNKNOWN = range(3)  # nobody told any; one with a usual time of its own; one without

# Acts of one item today: n, r, q, u and what is known of it. Plain: an estimate makes some hundreds.
_Came = tuple[int, float, float, float, int]


class Speed(NamedTuple):
    """`act_s`: by service, of one who comes, from the call until the window is free, where nobody told what
    for; `factor`: by service, of its usual time. Variances are relative to the square of a mean."""

    act_s: Mapping[str, float]
    factor: Mapping[str, float]
    spread: float  # variance of one act
    doubt: Mapping[str, float]  # of `act_s` as an estimate
    absent: float  # share of calls to which nobody comes
    missed_s: float  # that such a call takes
    turn_s: float  # from one to the next
    react_s: float  # from the touch to the call, where a window is idle
    came: Mapping[Kind, _Came]
    listed: Mapping[str, Item]
    apart: tuple[float, float, float]  # variance of the means of items, by what is known of them

    def of(self, kind: Kind) -> float:
        """`act_s` of an item."""
        if came := self.came.get(kind):
            return self._mean(kind, came)[0]
        own = _own(self.listed, kind)
        return own.usual_s * self.factor[kind[0]] if own else self.act_s[kind[0]]

    def varies(self, kind: Kind, among: int = 1) -> float:
        """Relative variance of one act, as far as it is its item's and not its service's: `among` so many of
        the same, whose mean is in doubt for all of them at once, so much more."""
        if came := self.came.get(kind):
            return self.spread + among * self._mean(kind, came)[1]
        if not kind[1]:
            return self.spread
        apart = self.apart[KNOWN if _own(self.listed, kind) else UNKNOWN]
        return self.spread + among * apart / self.factor[kind[0]] ** 2

    def _mean(self, kind: Kind, came: _Came) -> tuple[float, float]:
        """And its relative variance."""
        n, r, q, usual_s, level = came
        apart = self.apart[level]
        within = self.spread * (q**2 + apart * FEW / (FEW + n)) / n
        ratio = (self.factor[kind[0]] * within + r * apart) / (within + apart)
        return usual_s * ratio, within * apart / (within + apart) / ratio**2

    def taken_s(self, service: str, item: str = "") -> float:
        """By one who waits, on the mean: he may come or not."""
        return (1 - self.absent) * self.of((service, item)) + self.absent * self.missed_s + self.turn_s


def speed(state: State, hall: Hall) -> Speed:
    pace = state.pace
    usual = {service.id: service.usual_s for service in hall.services.values()}
    rows = {
        kind: _row(hall.items, usual, kind, tally) for kind, tally in pace.acts.items() if kind[0] in usual
    }
    g = _hall(rows)
    came = {kind: (n, r, (FEW * g + n * r) / (FEW + n), u, level) for kind, (n, r, u, level) in rows.items()}
    acts = sum(row[0] for row in rows.values())
    v = _within(pace.acts, came, acts)
    apart = _apart(came, v)
    weight, total = dict.fromkeys(usual, 0.0), dict.fromkeys(usual, 0.0)
    for (service, item), (n, r, q, _, level) in came.items():
        if item:
            w = n / (v + apart[level]) if level == UNKNOWN else 1 / (apart[level] + v * q * q / n)
        else:
            w = n / (v * q * q)
        weight[service] += w
        total[service] += w * r
    seen = [each for each in usual if weight[each]]
    between = sum(max(0.0, (total[each] / weight[each] - g) ** 2 - 1 / weight[each]) for each in seen)
    a = (S0 * A0 + between) / (S0 + len(seen))
    f = {each: (g / a + total[each]) / (1 / a + weight[each]) for each in usual}
    calls = acts + pace.missed.n
    return Speed(
        act_s={each: usual[each] * f[each] for each in usual},
        factor=f,
        spread=v,
        doubt={each: 1 / (1 / a + weight[each]) / f[each] ** 2 for each in usual},
        absent=(MISSED + pace.missed.n) / (MISSED_OF + calls),
        missed_s=(FEW * MISSED_S + pace.missed.total_s) / (FEW + pace.missed.n),
        turn_s=(FEW * TURN_S + pace.turns.total_s) / (FEW + pace.turns.n),
        react_s=(FEW * REACT_S + pace.reacts.total_s) / (FEW + pace.reacts.n),
        came=came,
        listed=hall.items,
        apart=apart,
    )


def _own(listed: Mapping[str, Item], kind: Kind) -> Item | None:
    """What is listed of it, where that has a usual time."""
    known = listed.get(kind[1]) if kind[1] else None
    return known if known and known.service == kind[0] and known.usual_s else None


def _row(
    listed: Mapping[str, Item], usual: Mapping[str, float], kind: Kind, tally: Tally
) -> tuple[int, float, float, int]:
    """n, r, u and what is known of it."""
    own, n = _own(listed, kind), tally.n
    if own:
        return n, tally.total_s / (n * own.usual_s), own.usual_s, KNOWN
    usual_s = usual[kind[0]]
    return n, tally.total_s / (n * usual_s), usual_s, UNKNOWN if kind[1] else NO_ITEM


def _hall(rows: Mapping[Kind, tuple[int, float, float, int]]) -> float:
    weight = total = K / V0
    for n, r, _, level in rows.values():
        w = n / (A0 * n + (V0 + B0 if level == UNKNOWN else V0))
        weight += w
        total += w * r
    return total / weight


def _within(tallies: Mapping[Kind, Tally], came: Mapping[Kind, _Came], acts: int) -> float:
    """Relative to each one's own mean: what is slow varies by as much more."""
    within = 0.0
    for kind, (n, r, q, usual_s, _) in came.items():
        if n > 1:
            within += max(0.0, tallies[kind].squares / (usual_s * usual_s) - n * r * r) / (q * q)
    return (W0 * V0 + within) / (W0 + max(0, acts - len(came)))


def _apart(came: Mapping[Kind, _Came], v: float) -> tuple[float, float, float]:
    """Between the items of a service, by what is known of them."""
    n_of, total = dict[tuple[str, int], int](), dict[tuple[str, int], float]()
    for (service, _), (n, r, _, _, level) in came.items():
        alike = service, level
        n_of[alike] = n_of.get(alike, 0) + n
        total[alike] = total.get(alike, 0.0) + n * r
    weight, moments = [S0, S0, S0], [0.0, S0 * A0, S0 * B0]
    for (service, item), (n, r, _, _, level) in came.items():
        if item:
            alike = service, level
            own, other = n / (n + FEW), 1 - n / n_of[alike]
            mean = total[alike] / n_of[alike] or 1.0  # acts of no time at all tell nothing
            weight[level] += own * other
            moments[level] += own * ((r / mean - 1) ** 2 - other * v / n)
    known, unknown = (max(ALIKE, moments[level] / weight[level]) for level in (KNOWN, UNKNOWN))
    return 0.0, known, unknown
