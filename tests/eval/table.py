"""What was measured, as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from edge.rules.cameras_limits import FAULTS, PICTURE
from tests.eval.episodes import Episode, Outcome

GOALS = {"gross": 0.98, "mild": 0.90}
KIND_GOAL = 0.95
DELAY_GOALS = {"offline": 25.0, "covered": 90.0, "moved": 90.0, "frozen": 90.0}
MONTH_DAYS = 30.4


def report(outcomes: Sequence[Outcome]) -> str:
    episodes = [each for outcome in outcomes for each in outcome.episodes]
    unlearnt = [each for each in episodes if not each.learnt]
    episodes = [each for each in episodes if each.learnt]
    parts = [summary(outcomes, episodes)]
    for title, chosen in (("By day", _of(episodes, False)), ("By night", _of(episodes, True))):
        if chosen:
            parts += [f"\n**{title}**\n", table(chosen)]
    if unlearnt:
        told = sum(bool(each.raised) for each in unlearnt)
        parts.append(
            f"\nBefore a mode's baseline was there: {told} of {len(unlearnt)} faults told, of all strengths."
        )
    missed = [each for each in episodes if not each.raised or each.raised[0] != each.kind]
    parts += ["\n**Missed, or taken for another**\n", *(_missed(each) for each in missed)]
    return "\n".join(parts) + "\n"


def _missed(each: Episode) -> str:
    return f"- {each.strength} {each.kind}: {', '.join(each.raised) or 'nothing'}: {each.camera}"


def _of(episodes: Iterable[Episode], by_night: bool) -> list[Episode]:
    return [each for each in episodes if each.by_night is by_night]


def summary(outcomes: Sequence[Outcome], episodes: Sequence[Episode]) -> str:
    days = sum(each.days for each in outcomes)
    false = [f"{each.camera}: {what}" for each in outcomes for what in each.false]
    lines = ["| what | goal | measured |", "|---|---|---|"]
    for strength, goal in GOALS.items():
        of = [each for each in episodes if each.strength == strength and each.kind in PICTURE]
        if of:
            lines.append(f"| {strength} faults of the picture found | ≥ {goal} | {_rate(of, _found)} |")
    found = [each for each in episodes if each.raised]
    right = _rate(found, lambda each: each.raised[0] == each.kind)
    lines.append(f"| first raised as the right kind | ≥ {KIND_GOAL} | {right} |")
    raised = sum(len(each.raised) for each in episodes) + len(false)
    true = sum(each.kind in each.raised for each in episodes)
    lines.append(f"| precision: right ones of all raised | | {true / max(raised, 1):.3f} ({true}/{raised}) |")
    month = len(false) / days * MONTH_DAYS if days else 0.0
    lines.append(
        f"| false events a camera-month | ≤ 1 | {month:.2f} ({len(false)} in {days:.0f} camera-days) |"
    )
    lines.append(
        f"| changes of mode in those days | no false event | {sum(each.switches for each in outcomes)} |"
    )
    each_hour = sum(each.looks for each in outcomes) / (24 * days) if days else 0.0
    lines.append(f"| looks an hour at a camera that is well | 60 and few more | {each_hour:.1f} |")
    return "\n".join([*lines, *(f"\nFalse: {each}" for each in false)])


def table(episodes: Sequence[Episode]) -> str:
    lines = [
        "| fault | strength | episodes | found | right kind | delay p50 / p95 s | cleared | taken for |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in FAULTS:
        for strength in ("mild", "gross"):
            of = [each for each in episodes if (each.kind, each.strength) == (kind, strength)]
            if of:
                lines.append(_row(kind, strength, of))
    return "\n".join(lines)


def _row(kind: str, strength: str, of: Sequence[Episode]) -> str:
    found = [each for each in of if each.raised]
    right = [each for each in found if each.raised[0] == kind]
    delays = sorted(each.delay_s for each in right)
    delay = f"{statistics.median(delays):.0f} / {delays[int(len(delays) * 0.95)]:.0f}" if delays else ""
    others = sorted({other for each in found for other in each.raised if other != kind})
    cleared = f"{sum(each.cleared for each in found)}/{len(found)}"
    cells = [
        kind,
        strength,
        str(len(of)),
        f"{len(found) / len(of):.2f}",
        f"{len(right) / max(len(found), 1):.2f}",
    ]
    return "| " + " | ".join([*cells, delay, cleared, ", ".join(others)]) + " |"


def _found(each: Episode) -> bool:
    return bool(each.raised)


def _rate(of: Sequence[Episode], holds: object) -> str:
    assert callable(holds)
    count = sum(bool(holds(each)) for each in of)
    return f"{count / max(len(of), 1):.3f} ({count}/{len(of)})"
