"""How long an act of each item takes, from what the day has shown and what is known beforehand.

Parametric empirical Bayes, the credibility of Bühlmann and Straub (Bühlmann and Gisler, A Course in
Credibility Theory and its Applications, 2005, chapter 4), three times over. With the usual time u of each
item from the configuration, or else its service's, an act of x seconds counts as the ratio x / u:

    hall        g = (K + Σ n·r) / (K + Σ n)          n acts of a service, r the mean of their ratios
    service     f = (k·g + n·r) / (k + n)             k = v / a
    item        m = u · (l·f + n·r) / (l + n)         l = v / b; n and r of its own acts
    v           variance of a ratio within an item, pooled, and shrunk to V0 with the weight of W0 acts
    a           variance between services, by moments from (r − g)² − v/n, shrunk to A0 with the weight of S0
    b           variance between items of a service, likewise from (r/f − 1)² − v/n, weighing n / (n + FEW)
    uncertainty of f, relative: v / (k + n)

So an item without an act today goes by its usual time, made longer or shorter as its service is today, and a
service as the hall is; what has come a hundred times goes by these. Who told no item is one of his service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge.rules.items import Item, Kind
from edge.rules.model import Hall, State
from edge.rules.pace import Tally

K = 10.0  # acts: the hall's usual times are believed until about so many have been seen
V0, W0 = 0.5, 20.0  # a counter's service times vary by some 70 % of their mean; some tens of acts tell better
A0, S0 = 0.06, 4.0  # usual times are off by some 25 % from service to service
MISSED, MISSED_OF = 1.0, 20.0  # one in twenty does not come, until the day tells better
MISSED_S, TURN_S = 90.0, 20.0  # three calls half a minute apart; one leaves, the next is called
REACT_S = 20.0  # until a slip is out and the staff of an idle window have seen its holder
FEW = 5.0  # samples of these that weigh as much as what is assumed
ALIKE = 0.002  # items of a service differ by some 5 % at least


# Of one item today: acts, the mean of their ratios, the usual time. Plain: an estimate makes some hundreds.
_Acts = tuple[int, float, float]


class Speed(NamedTuple):
    """`act_s`: by service, of one who comes, from the call until the window is free, where nobody told what
    for; `factor`: by service, of its usual time."""

    act_s: Mapping[str, float]
    factor: Mapping[str, float]
    spread: float  # variance of one act, relative to the square of its mean
    doubt: Mapping[str, float]  # variance of `act_s` as an estimate, relative likewise
    absent: float  # share of calls to which nobody comes
    missed_s: float  # that such a call takes
    turn_s: float  # from one to the next
    react_s: float  # from the touch to the call, where a window is idle
    came: Mapping[Kind, _Acts]
    listed: Mapping[str, Item]
    shrink: float  # l: acts of an item that weigh as much as what is known of its service

    def of(self, kind: Kind) -> float:
        """`act_s` of an item."""
        service, item = kind
        if not item:
            return self.act_s[service]
        factor = self.factor[service]
        if came := self.came.get(kind):
            n, ratio, usual_s = came
            return usual_s * (self.shrink * factor + n * ratio) / (self.shrink + n)
        known = self.listed.get(item)
        return known.usual_s * factor if known and known.service == service else self.act_s[service]

    def varies(self, kind: Kind) -> float:
        """Relative variance of one act, as far as it is its own and not its service's."""
        if not kind[1]:
            return self.spread
        came = self.came.get(kind)
        return self.spread + self.spread / (self.shrink + (came[0] if came else 0))

    def taken_s(self, service: str, item: str = "") -> float:
        """By one who waits, on the mean: he may come or not."""
        return (1 - self.absent) * self.of((service, item)) + self.absent * self.missed_s + self.turn_s


def speed(state: State, hall: Hall) -> Speed:
    pace = state.pace
    usual = {service.id: service.usual_s for service in hall.services.values()}
    came = {
        kind: (tally.n, tally.total_s / tally.n / usual_s, usual_s)
        for kind, tally in pace.acts.items()
        if (usual_s := _usual_s(hall, kind, usual))
    }
    n, f = dict.fromkeys(usual, 0), dict.fromkeys(usual, 0.0)  # acts, and at first the sum of their ratios
    for (service, _), (count, ratio, _) in came.items():
        n[service] += count
        f[service] += count * ratio
    acts = sum(n.values())
    g = (K + sum(f.values())) / (K + acts)
    v = _within(pace.acts, came, g, acts)
    seen = [each for each in usual if n[each]]
    between = sum(max(0.0, (f[each] / n[each] / g - 1) ** 2 - v / n[each]) for each in seen)
    k = v / ((S0 * A0 + between) / (S0 + len(seen)))
    f = {each: (k * g + f[each]) / (k + n[each]) for each in usual}
    calls = acts + pace.missed.n
    return Speed(
        act_s={each: usual[each] * f[each] for each in usual},
        factor=f,
        spread=v,
        doubt={each: v / (k + n[each]) for each in usual},
        absent=(MISSED + pace.missed.n) / (MISSED_OF + calls),
        missed_s=(FEW * MISSED_S + pace.missed.total_s) / (FEW + pace.missed.n),
        turn_s=(FEW * TURN_S + pace.turns.total_s) / (FEW + pace.turns.n),
        react_s=(FEW * REACT_S + pace.reacts.total_s) / (FEW + pace.reacts.n),
        came=came,
        listed=hall.items,
        shrink=v / _between_items(came, f, v),
    )


def _usual_s(hall: Hall, kind: Kind, usual: Mapping[str, float]) -> float | None:
    """None where a reload has taken the service out."""
    service, item = kind
    known = hall.items.get(item) if item else None
    return known.usual_s if known and known.service == service else usual.get(service)


def _within(tallies: Mapping[Kind, Tally], came: Mapping[Kind, _Acts], g: float, acts: int) -> float:
    """Relative to each one's own mean, which g stands for where it has few: what is slow varies by as much
    more."""
    within = 0.0
    for kind, (n, ratio, usual_s) in came.items():
        if n > 1:
            own = (FEW * g + n * ratio) / (FEW + n) if kind[1] else g
            within += max(0.0, tallies[kind].squares / usual_s**2 - n * ratio**2) / own**2
    return (W0 * V0 + within) / (W0 + max(0, acts - len(came)))


def _between_items(came: Mapping[Kind, _Acts], f: Mapping[str, float], v: float) -> float:
    weight, moments = S0, S0 * A0
    for (service, item), (n, ratio, _) in came.items():
        if item:
            own = n / (n + FEW)
            weight += own
            moments += own * ((ratio / f[service] - 1) ** 2 - v / n)
    return max(ALIKE, moments / weight)
