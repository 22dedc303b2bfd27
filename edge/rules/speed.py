"""How long an act of each service takes, from what the day has shown and what is known beforehand.

Parametric empirical Bayes, the credibility of Bühlmann and Straub (Bühlmann and Gisler, A Course in
Credibility Theory and its Applications, 2005, chapter 4), twice over. With the usual time u of each service
from the configuration, an act of x seconds counts as the ratio x / u:

    hall        g = (K + Σ n·r) / (K + Σ n)          n acts of a service, r the mean of their ratios
    service     m = u · (k·g + n·r) / (k + n)         k = v / a
    v           variance of a ratio within a service, pooled, and shrunk to V0 with the weight of W0 acts
    a           variance between services, by moments from (r − g)² − v/n, shrunk to A0 with the weight of S0
    uncertainty of m, relative: v / (k + n)

So a service without an act today goes by its usual time, made longer or shorter as the hall is today; one
with a hundred acts goes by these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge.rules.model import Hall, State

K = 10.0  # acts: the hall's usual times are believed until about so many have been seen
V0, W0 = 0.5, 20.0  # a counter's service times vary by some 70 % of their mean; some tens of acts tell better
A0, S0 = 0.06, 4.0  # usual times are off by some 25 % from service to service
MISSED, MISSED_OF = 1.0, 20.0  # one in twenty does not come, until the day tells better
MISSED_S, TURN_S = 90.0, 20.0  # three calls half a minute apart; one leaves, the next is called
REACT_S = 20.0  # until a slip is out and the staff of an idle window have seen its holder
FEW = 5.0  # samples of these that weigh as much as what is assumed


class Speed(NamedTuple):
    """`act_s`: by service, of one who comes, from the call until the window is free."""

    act_s: Mapping[str, float]
    spread: float  # variance of one act, relative to the square of its mean
    doubt: Mapping[str, float]  # variance of `act_s` as an estimate, relative likewise
    absent: float  # share of calls to which nobody comes
    missed_s: float  # that such a call takes
    turn_s: float  # from one to the next
    react_s: float  # from the touch to the call, where a window is idle

    def taken_s(self, service: str) -> float:
        """By one who waits, on the mean: he may come or not."""
        return (1 - self.absent) * self.act_s[service] + self.absent * self.missed_s + self.turn_s


def speed(state: State, hall: Hall) -> Speed:
    pace = state.pace
    usual = {service.id: service.usual_s for service in hall.services.values()}
    seen = {each: tally for each, tally in pace.acts.items() if each in usual and tally.n}
    ratio = {each: tally.total_s / tally.n / usual[each] for each, tally in seen.items()}
    acts = sum(tally.n for tally in seen.values())
    g = (K + sum(seen[each].n * ratio[each] for each in seen)) / (K + acts)
    within = sum(
        max(0.0, tally.squares / usual[each] ** 2 - tally.n * ratio[each] ** 2)
        for each, tally in seen.items()
    )
    # Relative to each one's own mean, which g stands for: a hall that is slow varies by as much more.
    v = (W0 * V0 + within / g**2) / (W0 + max(0, acts - len(seen)))
    between = sum(max(0.0, (ratio[each] / g - 1) ** 2 - v / seen[each].n) for each in seen)
    k = v / ((S0 * A0 + between) / (S0 + len(seen)))
    n = {each: seen[each].n if each in seen else 0 for each in usual}
    calls = acts + pace.missed.n
    return Speed(
        act_s={each: usual[each] * (k * g + n[each] * ratio.get(each, g)) / (k + n[each]) for each in usual},
        spread=v,
        doubt={each: v / (k + n[each]) for each in usual},
        absent=(MISSED + pace.missed.n) / (MISSED_OF + calls),
        missed_s=(FEW * MISSED_S + pace.missed.total_s) / (FEW + pace.missed.n),
        turn_s=(FEW * TURN_S + pace.turns.total_s) / (FEW + pace.turns.n),
        react_s=(FEW * REACT_S + pace.reacts.total_s) / (FEW + pace.reacts.n),
    )
