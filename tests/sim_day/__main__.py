"""`python -m tests.sim_day [--days N]`: how good told waits are on days by chance, as a table."""

from __future__ import annotations

import argparse
import sys
from typing import get_args

from tests.sim_day.day import ITEM_KINDS, KINDS, Known
from tests.sim_day.judge import Score, played, score

MAE_MOST, COVERED = 0.25, (0.85, 0.95)
COLUMNS = (
    "hall",
    "days",
    "waits",
    "mean min",
    "MAE min",
    "MAE/mean",
    "last five",
    "P90 covers",
    "told nothing",
)
KNOWN: dict[Known, str] = {
    "services": "services only",
    "codes": "items told",
    "items": "items told and listed",
}
DAYS = {"small": 5, "middle": 2, "centre": 1}  # for each day of the largest: as many people or so


def line(name: str, days: int, found: Score) -> str:
    cells = (
        name,
        days,
        found.n,
        f"{found.mean_s / 60:.1f}",
        f"{found.mae_s / 60:.1f}",
        f"{found.relative:.1%}",
        f"{found.last_five_s / found.mean_s:.1%}",
        f"{found.coverage:.1%}",
        found.silent,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def is_met(found: Score) -> bool:
    return found.relative <= MAE_MOST and COVERED[0] <= found.coverage <= COVERED[1]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sim_day", description=__doc__)
    parser.add_argument("--days", type=int, default=8, help="of the largest hall; smaller ones have more")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    say("| " + " | ".join(COLUMNS) + " |")
    say("|" + "---|" * len(COLUMNS))
    missed = []
    for kind in KINDS:
        days = arguments.days * DAYS[kind.name]
        found = score(played(kind, range(arguments.first, arguments.first + days)))
        say(line(kind.name, days, found))
        if not is_met(found):
            missed.append(kind.name)
    for kind in ITEM_KINDS:
        days = arguments.days * DAYS[kind.name.partition(" ")[0]]
        for known in get_args(Known):
            found = score(played(kind, range(arguments.first, arguments.first + days), known))
            say(line(f"{kind.name}: {KNOWN[known]}", days, found))
            if known == "items" and not COVERED[0] <= found.coverage <= COVERED[1]:
                missed.append(kind.name)
    wanted = f"MAE ≤ {MAE_MOST:.0%} of the mean wait, P90 covers {COVERED[0]:.0%} to {COVERED[1]:.0%}"
    say(f"{wanted}: " + (f"NOT MET in {', '.join(missed)}" if missed else "met"))


if __name__ == "__main__":
    main()
