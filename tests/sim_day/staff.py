"""When staff are at their windows, by chance: late, early, and away now and then."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from drivers.messages import KeyAction
from edge.replay.model import Act
from edge.rules.model import Hall

MINUTE, HOUR = 60.0, 3600.0
MORNING, AFTERNOON = (8.5 * HOUR, 12.0 * HOUR), (13.5 * HOUR, 17.0 * HOUR)
PAUSES = 0.3  # share of windows that pause once in half a day
COMES, GOES, RETURNS = (
    (-5.0, 4.0),
    (-6.0, 2.0),
    (-2.0, 6.0),
)  # minutes after the roster's: day, lunch, and back
LASTS_S = (4 * MINUTE, 15 * MINUTE)  # a pause
_IN_S = 0.7 * HOUR  # of a half day, at its begin and its end, nobody pauses

Turn = tuple[float, bool]  # a moment, and whether the window is manned from then on


def posts(hall: Hall, dice: Random) -> dict[str, tuple[Act, ...]]:
    found: dict[str, tuple[Act, ...]] = {}
    for window in hall.windows:
        acts = [Act(MORNING[0] + dice.uniform(*COMES) * MINUTE, KeyAction.LOGIN)]
        if not over_lunch(hall, window):
            acts.append(Act(MORNING[1] + dice.uniform(*GOES) * MINUTE, KeyAction.PAUSE))
            acts.append(Act(AFTERNOON[0] + dice.uniform(*RETURNS) * MINUTE, KeyAction.RESUME))
        for begin, end in (MORNING, AFTERNOON):
            if dice.random() < PAUSES:
                at_s = dice.uniform(begin + _IN_S, end - _IN_S)
                acts.append(Act(at_s, KeyAction.PAUSE))
                acts.append(Act(at_s + dice.uniform(*LASTS_S), KeyAction.RESUME))
        acts.append(Act(20 * HOUR, KeyAction.LOGOUT))
        found[window] = tuple(sorted(acts, key=lambda act: act.at_s))
    return found


def over_lunch(hall: Hall, window: str) -> bool:
    return window in hall.roster[-1].windows and len(hall.roster) > 1


def is_on(acts: Sequence[Act], now_s: float) -> bool:
    last = [act.action for act in acts if act.at_s <= now_s]
    return bool(last) and last[-1] in (KeyAction.LOGIN, KeyAction.RESUME)


def to_come(acts: Sequence[Act], now_s: float, dice: Random, *, over: bool) -> list[Turn]:
    """What a window's staff will do, drawn as `posts` draws it, given what they have done until now."""
    seen = [act.at_s for act in acts if act.at_s <= now_s]

    def draw(low_s: float, high_s: float, *, on: bool) -> list[Turn]:
        if now_s >= high_s or any(low_s <= at_s <= high_s for at_s in seen):
            return []
        return [(dice.uniform(max(low_s, now_s), high_s), on)]

    found = draw(*_about(MORNING[0], COMES), on=True)
    if not over:
        found += draw(*_about(MORNING[1], GOES), on=False) + draw(*_about(AFTERNOON[0], RETURNS), on=True)
    for begin, end in (MORNING, AFTERNOON):
        found += _pause(seen, begin + _IN_S, end - _IN_S, now_s, dice)
    return sorted(found)


def _pause(seen: Sequence[float], low_s: float, high_s: float, now_s: float, dice: Random) -> list[Turn]:
    """Of one half day. The rest of it may still come, has begun, or is over."""
    acts = [at_s for at_s in seen if low_s <= at_s <= high_s + LASTS_S[1]]
    if len(acts) > 1:
        return []
    if acts:
        return [(dice.uniform(max(acts[0] + LASTS_S[0], now_s), acts[0] + LASTS_S[1]), True)]
    past = min(1.0, max(0.0, (now_s - low_s) / (high_s - low_s)))
    if dice.random() >= PAUSES * (1 - past) / (1 - PAUSES * past):
        return []
    at_s = dice.uniform(max(low_s, now_s), high_s)
    return [(at_s, False), (at_s + dice.uniform(*LASTS_S), True)]


def _about(at_s: float, minutes: tuple[float, float]) -> tuple[float, float]:
    return at_s + minutes[0] * MINUTE, at_s + minutes[1] * MINUTE
