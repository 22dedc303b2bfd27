"""`python -m tests.sim_day [--days N]`: how good told waits are on days by chance, as a table.

Each row is judged by both numbers, on the same people: on the first day that the hall is open, and after
some days that it has lived. The floor beside it is the error of one who knows all but the draws, as
`oracle.py` has it, of those people whom it was asked about: what it does not reach nobody can.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from typing import get_args

from edge.replay.model import Waited
from tests.sim_day.day import ITEM_KINDS, KINDS, Kind, Known
from tests.sim_day.judge import COVERED, MAE_MOST, Score, a_day, floor, floors, score
from tests.sim_day.oracle import Floors

COLUMNS = (
    "hall",
    "days",
    "waits",
    "mean min",
    "MAE min",
    "MAE/mean",
    "floor",
    "last five",
    "P90 covers",
    "told nothing",
    "verdict",
)
KNOWN: dict[Known, str] = {
    "services": "services only",
    "codes": "items told",
    "items": "items told and listed",
}
GROUPS = {"halls": KINDS, "halls whose items differ much": ITEM_KINDS}
DAYS = {"small": 10, "middle": 2, "centre": 1}  # for each day of the largest: of a few, one decides too much
EARLIER = 0, 10  # days that the hall has lived before
EVERY = {"small": 10, "middle": 25, "centre": 80}  # touch, that the floor is of: some 300 to 700 of a row


def line(name: str, days: int, found: Score, best: float) -> str:
    cells = (
        name,
        days,
        found.n,
        f"{found.mean_s / 60:.1f}",
        f"{found.mae_s / 60:.1f}",
        f"{found.relative:.1%}",
        f"{found.relative * best:.1%}",
        f"{found.last_five_s / found.mean_s:.1%}",
        f"{found.coverage:.1%}",
        found.silent,
        "met" if found.is_met else "NOT MET, nobody can" if is_beyond(found, best) else "NOT MET",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def is_beyond(found: Score, best: float) -> bool:
    """Whether one who knows all but the draws would be off by more than is asked for, too."""
    return found.relative * best > MAE_MOST


def missed(name: str, found: Score, best: float) -> str:
    why = []
    if found.relative > MAE_MOST:
        why.append(f"MAE {found.relative:.1%}, floor {found.relative * best:.1%}")
    if not COVERED[0] <= found.coverage <= COVERED[1]:
        why.append(f"P90 covers {found.coverage:.1%}")
    return f"  NOT MET in {name}: {'; '.join(why)}"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def rows(kind: Kind, seeds: range, pool: ProcessPoolExecutor) -> list[tuple[str, Score, float]]:
    """Of one hall, by what is known of its items, and from how many days before."""
    every = EVERY[kind.name.partition(" ")[0]]
    best: list[Floors] = list(pool.map(partial(floors, kind, every=every), seeds))
    found = []
    for known, earlier in product(get_args(Known) if kind.items else ("items",), EARLIER):
        play = partial(a_day, kind, known=known, earlier=earlier)
        days: list[list[Waited]] = list(pool.map(play, seeds))
        of_these = [each.blind if known == "services" else each.told for each in best]
        name = f"{kind.name}: {KNOWN[known]}" if kind.items else kind.name
        name += f", after {earlier} days" if earlier else ", its first day"
        found.append((name, score(days), floor(days, of_these)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sim_day", description=__doc__)
    parser.add_argument("--days", type=int, default=8, help="of the largest hall; smaller ones have more")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    say("| " + " | ".join(COLUMNS) + " |")
    say("|" + "---|" * len(COLUMNS))
    amiss: dict[str, list[str]] = {}
    with ProcessPoolExecutor() as pool:
        for which, kinds in GROUPS.items():
            amiss[which] = []
            for kind in kinds:
                days = arguments.days * DAYS[kind.name.partition(" ")[0]]
                for name, found, best in rows(kind, range(arguments.first, arguments.first + days), pool):
                    say(line(name, days, found, best))
                    if not found.is_met:
                        amiss[which].append(missed(name, found, best))
    say(f"MAE ≤ {MAE_MOST:.0%} of the mean wait, P90 covers {COVERED[0]:.0%} to {COVERED[1]:.0%}")
    for which, texts in amiss.items():
        say(f"{which}: " + (f"NOT MET in {len(texts)} rows" if texts else "met in every row"))
        for text in texts:
            say(text)


if __name__ == "__main__":
    main()
