"""What acts of a day by chance take, to one who knows all but the draws."""

from __future__ import annotations

from math import exp, log, sqrt
from random import Random
from statistics import NormalDist

from tests.sim_day.day import AWAY_S, NO_SHOW, TURN_S, WALK_S, World

Who = tuple[str, str]  # the service and the item, "" where nobody told it
_NORMAL = NormalDist()
_NEVER = 1e-12


class Chances:
    def __init__(self, world: World, dice: Random) -> None:
        self.world, self.dice = world, dice
        self._shares = {each: [w.share for w in works] for each, works in world.work.items()}
        self._of: dict[Who, tuple[float, float]] = {}  # of the logarithm: mean and deviation
        for service, works in world.work.items():
            sigma = sqrt(log(1 + world.spread[service] ** 2))
            self._of |= {(service, w.item): (log(w.true_s) - sigma * sigma / 2, sigma) for w in works}

    def act_s(self, who: Who) -> float:
        """Of one who waits, with the turn after it."""
        dice = self.dice
        turn_s = dice.expovariate(1 / TURN_S)
        if dice.random() < NO_SHOW:
            return turn_s + dice.uniform(*AWAY_S)
        return turn_s + dice.uniform(*WALK_S) + dice.lognormvariate(*self._of[self._told(who)])

    def left_s(self, who: Who, elapsed_s: float, walked_s: float | None) -> float:
        """Of one who was called so long ago, and sat down after `walked_s`, or has not yet."""
        dice = self.dice
        if walked_s is not None:
            return dice.expovariate(1 / TURN_S) + self._rest_s(who, elapsed_s - walked_s)
        comes = (1 - NO_SHOW) * _longer(elapsed_s, *WALK_S)
        stays_away = NO_SHOW * _longer(elapsed_s, *AWAY_S)
        if dice.random() * (comes + stays_away) >= comes:
            return (
                dice.expovariate(1 / TURN_S) + dice.uniform(max(AWAY_S[0], elapsed_s), AWAY_S[1]) - elapsed_s
            )
        walk_s = dice.uniform(max(WALK_S[0], elapsed_s), WALK_S[1]) - elapsed_s
        return dice.expovariate(1 / TURN_S) + walk_s + dice.lognormvariate(*self._of[self._told(who)])

    def _told(self, who: Who) -> Who:
        """With an item as people have it, where nobody told it."""
        service, item = who
        works = self.world.work[service]
        if item or len(works) == 1:
            return who
        return service, self.dice.choices(works, self._shares[service])[0].item

    def _rest_s(self, who: Who, elapsed_s: float) -> float:
        """Of an act that has lasted so long."""
        service, item = who
        works = self.world.work[service]
        if not item and len(works) > 1:
            longer = [w.share * (1 - self._below((service, w.item), elapsed_s)) for w in works]
            longest = max(works, key=lambda w: w.true_s)
            item = (self.dice.choices(works, longer)[0] if sum(longer) > _NEVER else longest).item
        below = self._below((service, item), elapsed_s)
        chance = below + (1 - below) * self.dice.random()
        mean, deviation = self._of[service, item]
        return max(
            0.0, exp(mean + deviation * _NORMAL.inv_cdf(min(max(chance, _NEVER), 1 - _NEVER))) - elapsed_s
        )

    def _below(self, who: Who, elapsed_s: float) -> float:
        """The share of such acts that are over by then."""
        mean, deviation = self._of[who]
        return _NORMAL.cdf((log(elapsed_s) - mean) / deviation) if elapsed_s > 0 else 0.0


def _longer(elapsed_s: float, low_s: float, high_s: float) -> float:
    """The share that is not over by then."""
    return min(1.0, max(0.0, (high_s - elapsed_s) / (high_s - low_s)))
