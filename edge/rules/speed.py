"""How long an act of each item takes, from what the day has shown and what is known beforehand.

Parametric empirical Bayes, the hierarchical credibility of Jewell (Bühlmann and Gisler, A Course in
Credibility Theory and its Applications, 2005, chapters 4 and 6). With the usual time u of each item, or else
of its service, an act of x seconds counts as the ratio x / u:

    hall        g = (1/h + Σ w·r) / (1/h + Σ w)       w = 1 / (e + d + v/n), of n acts of an item, r the mean
                                                      of their ratios
    service     f = (g/a + Σ w·r) / (1/a + Σ w)       w = 1 / (b + v·q²/n), of each of its items
    item        m = u · (f/b + r/s) / (1/b + 1/s)     s = v·(q² + b·FEW/(FEW + n))/n, as q is in doubt
    q           r, drawn to g with the weight of FEW acts
    v           variance of a ratio relative to q, pooled, and shrunk to V0 with the weight of W0 acts
    a           variance between services: that known beforehand, e, so much larger or smaller as the moments
                (r − g)² − 1/Σ w are than it, which is shrunk to 1 with the weight S0
    b           variance between items of a service, by moments, each weighing n / (n + FEW), and shrunk to A0
                where a usual time is known of them, to B0 where none is; 0 where nobody told any
    uncertainty, relative: of f 1 / (1/a + Σ w) / f², of m 1 / (1/b + 1/s) / (m/u)²

On a hall's first day u is what is configured, h = V0/K, e = A0 and d = 0. Later the same estimate, of the
sums of earlier days, is what is known beforehand: its m and f are today's usual times, its v and b today's
V0, A0 and B0, and its uncertainties, with DAY for what a day is unlike others, are today's e of each service
and d, in the place of b, of each item that has come before.

Where no usual time is known of items, each act is one of them by chance: w = n / (v + b), and B0 stands in
the place of A0. So an item without an act today goes by its usual time, made longer or shorter as its service
is today, and a service as the hall is; what has come a hundred times goes by these. One item that comes often
and is slow makes the others of its service slow only as far as it is one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from edge.rules.before import KNOWN, LEARNT, UNKNOWN, Before, Usual, configured
from edge.rules.earlier import Earlier
from edge.rules.items import Kind, usual_s
from edge.rules.model import Hall, State
from edge.rules.pace import Tally, Taught

S0 = 4.0  # services, or items: so many tell as much of how they differ
MISSED_OF = 20.0  # calls, until the day tells better how many come
FEW = 5.0  # samples of these that weigh as much as what is assumed
ALIKE = 0.002  # items of a service differ by some 5 % at least
DAY = 0.01  # a service, or an item of it, is longer or shorter by some 10 % from day to day
DAYS_HALL = 0.0025  # and the whole hall by some 5 %


# Acts of one item: n, r, q, u, what is known of it, and how uncertain u is where it has been learnt.
# Plain: an estimate makes some hundreds.
_Came = tuple[float, float, float, float, int, float]
_Apart = tuple[float, float, float]  # variance of the means of items, by what is known of them


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
    before: Before
    apart: _Apart

    def of(self, kind: Kind) -> float:
        """`act_s` of an item."""
        if not kind[1]:
            return self.act_s[kind[0]]
        if came := self.came.get(kind):
            return self.mean(kind, came)[0]
        return self.before.of(kind).usual_s * self.factor[kind[0]]

    def varies(self, kind: Kind, among: int = 1) -> float:
        """Relative variance of one act, as far as it is its item's and not its service's: `among` so many of
        the same, whose mean is in doubt for all of them at once, so much more."""
        if not kind[1]:
            return self.spread
        if came := self.came.get(kind):
            return self.spread + among * self.mean(kind, came)[1]
        _, level, doubt = self.before.of(kind)
        return self.spread + among * _apart_of(level, doubt, self.apart) / self.factor[kind[0]] ** 2

    def mean(self, kind: Kind, came: _Came) -> tuple[float, float]:
        """And its relative variance."""
        n, r, q, u, level, doubt = came
        apart = _apart_of(level, doubt, self.apart)
        within = self.spread * (q**2 + apart * FEW / (FEW + n)) / n
        ratio = (self.factor[kind[0]] * within + r * apart) / (within + apart)
        return u * ratio, within * apart / (within + apart) / ratio**2

    def taken_s(self, service: str, item: str = "") -> float:
        """By one who waits, on the mean: he may come or not."""
        return (1 - self.absent) * self.of((service, item)) + self.absent * self.missed_s + self.turn_s


def speed(state: State, hall: Hall) -> Speed:
    return _estimate(state.pace, _before(state.earlier, hall))


def _before(earlier: Earlier, hall: Hall) -> Before:
    """The same for as long as neither changes, which is a day: so it is reckoned once."""
    if earlier.known is None or earlier.known[0] is not hall:
        earlier.known = hall, _learnt(earlier, hall)
    before: Before = earlier.known[1]
    return before


def _learnt(earlier: Earlier, hall: Hall) -> Before:
    first = configured(hall)
    acts = {
        kind: tally
        for kind, tally in earlier.acts.items()
        if kind[0] in hall.services and earlier.usual_s[kind] == usual_s(hall, kind)
    }
    if not acts:
        return first
    found = _estimate(Taught(acts, earlier.missed, earlier.turns, earlier.reacts), first)
    unlike = 1 + 1 / max(earlier.days, 1.0)  # as today is, and as the mean of so many days may be
    learnt = {
        kind: Usual(mean_s, LEARNT, doubt + unlike * DAY)
        for kind, (mean_s, doubt) in ((kind, found.mean(kind, came)) for kind, came in found.came.items())
        if kind[1]
    }
    return Before(
        hall=hall,
        usual_s=found.act_s,
        factor=found.factor,
        learnt=learnt,
        day=unlike * DAYS_HALL,
        services={each: doubt + unlike * DAY for each, doubt in found.doubt.items()},
        apart=found.apart,
        spread=found.spread,
        acts=first.acts + sum(tally.n for tally in acts.values()),
        absent=found.absent,
        missed_s=found.missed_s,
        turn_s=found.turn_s,
        react_s=found.react_s,
    )


def _estimate(taught: Taught, before: Before) -> Speed:
    rows = {
        kind: _row(tally, before.of(kind)) for kind, tally in taught.acts.items() if kind[0] in before.usual_s
    }
    g = _hall(rows, before)
    came = {
        kind: (n, r, (FEW * g + n * r) / (FEW + n), u, level, doubt)
        for kind, (n, r, u, level, doubt) in rows.items()
    }
    acts = sum(row[0] for row in rows.values())
    v = _within(taught.acts, came, before)
    apart = _apart(came, v, before.apart)
    weight, total = _weighed(came, v, apart, before.usual_s)
    between = _between(g, weight, total, before.services)
    f = {each: (g / a + total[each]) / (1 / a + weight[each]) for each, a in between.items()}
    calls = acts + taught.missed.n
    return Speed(
        act_s={each: before.usual_s[each] * f[each] for each in f},
        factor=f,
        spread=v,
        doubt={each: 1 / (1 / a + weight[each]) / f[each] ** 2 for each, a in between.items()},
        absent=(MISSED_OF * before.absent + taught.missed.n) / (MISSED_OF + calls),
        missed_s=(FEW * before.missed_s + taught.missed.total_s) / (FEW + taught.missed.n),
        turn_s=(FEW * before.turn_s + taught.turns.total_s) / (FEW + taught.turns.n),
        react_s=(FEW * before.react_s + taught.reacts.total_s) / (FEW + taught.reacts.n),
        came=came,
        before=before,
        apart=apart,
    )


_Row = tuple[float, float, float, int, float]  # of `_Came` all but q


def _row(tally: Tally, usual: Usual) -> _Row:
    usual_s, level, doubt = usual
    return tally.n, tally.total_s / (tally.n * usual_s), usual_s, level, doubt


def _apart_of(level: int, doubt: float, apart: _Apart) -> float:
    return doubt if level == LEARNT else apart[level]


def _hall(rows: Mapping[Kind, _Row], before: Before) -> float:
    weight = total = 1 / before.day
    v, among = before.spread, before.spread + before.apart[UNKNOWN]
    for (service, _), (n, r, _, level, doubt) in rows.items():
        w = n / ((before.services[service] + doubt) * n + (among if level == UNKNOWN else v))
        weight += w
        total += w * r
    return total / weight


def _within(tallies: Mapping[Kind, Tally], came: Mapping[Kind, _Came], before: Before) -> float:
    """Relative to each one's own mean: what is slow varies by as much more."""
    within = acts = 0.0
    for kind, (n, r, q, u, _, _) in came.items():
        if n > 1:
            within += max(0.0, tallies[kind].squares / (u * u) - n * r * r) / (q * q)
            acts += n - 1
    return (before.acts * before.spread + within) / (before.acts + acts)


def _apart(came: Mapping[Kind, _Came], v: float, before: _Apart) -> _Apart:
    """Between the items of a service, by what is known of them."""
    n_of, total = dict[tuple[str, int], float](), dict[tuple[str, int], float]()
    for (service, _), (n, r, _, _, level, _) in came.items():
        alike = service, level
        n_of[alike] = n_of.get(alike, 0.0) + n
        total[alike] = total.get(alike, 0.0) + n * r
    weight, moments = [S0, S0, S0, S0], [S0 * each for each in before] + [0.0]
    for (service, item), (n, r, _, _, level, _) in came.items():
        if item:
            alike = service, level
            own, other = n / (n + FEW), 1 - n / n_of[alike]
            mean = total[alike] / n_of[alike] or 1.0  # acts of no time at all tell nothing
            weight[level] += own * other
            moments[level] += own * ((r / mean - 1) ** 2 - other * v / n)
    known, unknown = (max(ALIKE, moments[level] / weight[level]) for level in (KNOWN, UNKNOWN))
    return 0.0, known, unknown


def _weighed(
    came: Mapping[Kind, _Came], v: float, apart: _Apart, services: Iterable[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """By service, Σ w and Σ w·r."""
    weight, total = dict.fromkeys(services, 0.0), dict.fromkeys(services, 0.0)
    for (service, _), (n, r, q, _, level, doubt) in came.items():
        own = _apart_of(level, doubt, apart)
        w = n / (v + own) if level == UNKNOWN else 1 / (own + v * q * q / n)
        weight[service] += w
        total[service] += w * r
    return weight, total


def _between(
    g: float, weight: Mapping[str, float], total: Mapping[str, float], known: Mapping[str, float]
) -> dict[str, float]:
    """Variance of each service's mean about the hall's."""
    seen = [each for each in known if weight[each]]
    more = sum(
        max(0.0, (total[each] / weight[each] - g) ** 2 - 1 / weight[each]) / known[each] for each in seen
    )
    times = (S0 + more) / (S0 + len(seen))
    return {each: times * e for each, e in known.items()}
