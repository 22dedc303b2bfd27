"""Who is honoured in a quarter: windows and staff ranked by a score whose every component is shown.

Four components, each from 0 to 1, weighed by the hall's weights, 0 to 100 points in all:

- good: the lower bound of Wilson's 95 % interval of the good rate, so that a few friendly ratings do not win.
  A bad rating that was withdrawn on appeal is left out of it: it cannot be altered and stays in all rates,
  but what was found not to be deserved must not cost an honour. The citizen did rate, so participation keeps
  it;
- participation: ratings ÷ acts, since who is seldom rated is hardly known;
- volume: acts ÷ (acts + mean acts of the same unit), a half for who does as much as the others there, so that
  a unit with short acts wins nothing by them; alone in its unit, a half;
- timeliness: acts within their promise ÷ acts that have one. Who has none is given what all candidates
  together have, which neither helps nor harms; where nobody has any, the component is left out for all.

Too few acts or ratings: no candidate, and named as such. Equal scores, as they are shown: the better lower
bound of good goes first, then more ratings, then more acts. Who is equal in all of these shares the place,
and a last place that is shared is given to all who share it: nothing is drawn by lot, or by the alphabet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edge.rules.rates import Share, Tally

ALONE = 0.5


@dataclass(frozen=True, slots=True)
class Weights:
    """What each component weighs. Raises ValueError where one is negative or all are 0."""

    good: float = 0.4
    participation: float = 0.2
    volume: float = 0.2
    timeliness: float = 0.2

    def __post_init__(self) -> None:
        each = (self.good, self.participation, self.volume, self.timeliness)
        if min(each) < 0 or sum(each) <= 0:
            raise ValueError("a weight is negative, or all are 0")


@dataclass(frozen=True, slots=True)
class Terms:
    """`places`: how many are honoured, unless the last is shared. Fewer acts or ratings: no candidate."""

    places: int
    least_acts: int
    least_ratings: int
    weights: Weights


@dataclass(frozen=True, slots=True)
class Candidate:
    name: tuple[str, ...]
    unit: tuple[str, ...]  # the others that its volume is compared with
    tally: Tally
    timely: Share
    withdrawn: int = 0  # of its bad ratings, on appeal

    @property
    def counted(self) -> Share:
        """Good ones of the ratings that count."""
        return Share(self.tally.good.k, self.tally.ratings - self.withdrawn)


@dataclass(frozen=True, slots=True)
class Scored:
    """`timeliness` None: it has no acts with a promise. `tie`: what has put it behind the one before it,
    whose score is the same; "shared" where nothing did."""

    candidate: Candidate
    good: float
    participation: float
    volume: float
    timeliness: float | None
    score: float
    place: int = 0
    honoured: bool = False
    tie: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    scored: tuple[Scored, ...]  # best first
    too_few: tuple[Candidate, ...]  # by name


def rank(candidates: Iterable[Candidate], terms: Terms) -> Ranking:
    every = sorted(candidates, key=lambda each: each.name)
    able = [each for each in every if _is_able(each, terms)]
    means = _means(every)
    timely = Share(sum(each.timely.k for each in able), sum(each.timely.n for each in able)).rate
    judged = [_judge(each, means[each.unit], timely, terms.weights) for each in able]
    too_few = tuple(each for each in every if not _is_able(each, terms))
    return Ranking(tuple(_placed(judged, terms.places)), too_few)


def _is_able(candidate: Candidate, terms: Terms) -> bool:
    few = candidate.tally.acts < max(1, terms.least_acts)
    return not few and candidate.counted.n >= max(1, terms.least_ratings)


def _means(candidates: Sequence[Candidate]) -> dict[tuple[str, ...], float | None]:
    """Mean acts of each unit; None where only one is in it."""
    acts: dict[tuple[str, ...], list[int]] = {}
    for each in candidates:
        acts.setdefault(each.unit, []).append(each.tally.acts)
    return {unit: sum(its) / len(its) if len(its) > 1 else None for unit, its in acts.items()}


def _judge(candidate: Candidate, mean: float | None, timely: float | None, weights: Weights) -> Scored:
    tally = candidate.tally
    bounds = candidate.counted.interval
    good = bounds.low if bounds else 0.0
    participation = tally.participation.rate or 0.0
    volume = ALONE if mean is None else tally.acts / (tally.acts + mean)
    own = candidate.timely.rate
    parts = [(good, weights.good), (participation, weights.participation), (volume, weights.volume)]
    if timely is not None:
        parts.append((timely if own is None else own, weights.timeliness))
    weight = sum(weight for _, weight in parts)
    score = 100 * sum(part * weight for part, weight in parts) / weight if weight else 0.0
    return Scored(candidate, good, participation, volume, own, round(score, 2))


_TIES = ("good", "ratings", "acts")


def _key(scored: Scored) -> tuple[float, ...]:
    """The greater goes first; as shown, so that whoever checks by hand comes to the same."""
    candidate = scored.candidate
    return scored.score, round(scored.good, 4), candidate.counted.n, candidate.tally.acts


def _placed(judged: Iterable[Scored], places: int) -> list[Scored]:
    placed: list[Scored] = []
    for number, each in enumerate(sorted(judged, key=_key, reverse=True), 1):
        before = placed[-1] if placed else None
        tie = _tie(before, each) if before else ""
        place = before.place if before and tie == "shared" else number
        placed.append(replace(each, place=place, honoured=place <= places, tie=tie))
    return placed


def _tie(before: Scored, after: Scored) -> str:
    score, *first = _key(before)
    same, *second = _key(after)
    if score != same:
        return ""
    return next((name for name, a, b in zip(_TIES, first, second, strict=True) if a != b), "shared")
