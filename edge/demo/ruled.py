"""What the demonstration has shown of the rules, and whether all of it was to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from edge.demo.fairness import Fairness, fairness
from edge.demo.figures import (
    Appointments,
    FollowUps,
    Waits,
    Warned,
    appointments_of,
    events_of,
    follow_ups_of,
    waits_of,
    warnings_of,
)
from edge.demo.hall import Hall
from edge.demo.story import STEPS, Story

WARNINGS = 2  # raised and cleared: so many at least are shown in a whole day


class Rules(BaseModel):
    """From the hub's record, but for what people were told: `came_back`, `closed` and `refused`."""

    waits: Waits
    fairness: Fairness
    warnings: tuple[Warned, ...]
    appointments: Appointments
    follow_ups: FollowUps
    first: dict[str, int]  # by class of citizens: how many tickets
    came_back: int  # after a call that was missed
    closed: str  # the refusal of a service whose windows were closed
    refused: tuple[str, ...]  # those of appointments
    problems: tuple[str, ...]


def rules_of(hall: Hall, record: Path, *, whole_day: bool) -> Rules:
    """`whole_day`: then all of it has to have been seen; in a shorter time what there was time for."""
    settings, story = hall.rig.settings, hall.story
    zone = ZoneInfo(settings.hall.timezone)
    events = events_of(record, hall.id, settings.node.id)
    windows = {window.id: window.services for window in settings.windows.values()}
    shown = story.shown if story else None
    classes = list(shown.first.values()) if shown else []
    rules = Rules(
        waits=waits_of(events),
        fairness=fairness(
            events, windows, most=settings.hall.overtake_most, most_min=settings.hall.overtake_most_min
        ),
        warnings=warnings_of(events, zone),
        appointments=appointments_of(events, zone),
        follow_ups=follow_ups_of(record, hall.id),
        first={each: classes.count(each) for each in sorted(set(classes))},
        came_back=len(hall.people.tally.came_back),
        closed=shown.closed.zh if shown and shown.closed else "",
        refused=tuple(each.zh for each in shown.refused) if shown else (),
        problems=(),
    )
    problems = [*hall.people.tally.wrong, *_always(rules, story)]
    if whole_day and story:
        problems += _whole(rules, story, queues=not (hall.day and hall.day.is_slack()))
    return rules.model_copy(update={"problems": tuple(problems)})


def _always(rules: Rules, story: Story | None) -> Iterator[str]:
    bound = rules.fairness
    if not bound.holds:
        yield (
            f"a ticket was overtaken {bound.most} times over {bound.longest_min} min: "
            f"{bound.most_allowed} and {bound.longest_allowed_min} are the bound"
        )
    yield from story.shown.wrong if story else ()


def _whole(rules: Rules, story: Story, *, queues: bool) -> Iterator[str]:
    """What was to be seen in a whole day and was not. `queues`: whether there are any, which others overtake
    in and which a manager is warned of."""
    shown, over = story.shown, [each for each in rules.warnings if each.cleared]
    seen = {
        "an appointment that was kept in time": bool(rules.appointments.in_time),
        "one who came too late for his": any(each.code == "appointment_late" for each in shown.refused),
        "a serviceman and one of 60 who went before others": len(rules.first) > 1
        and (rules.fairness.overtakings > 0 or not queues),
        "a service that is closed over lunch": shown.closed is not None
        and shown.closed.code == "closed_until",
        "one who missed his call and came back": rules.came_back > 0,
        "a bad rating's follow-up, closed": len(shown.steps) == len(STEPS) and rules.follow_ups.closed > 0,
        f"{WARNINGS} warnings raised and cleared": len(over) >= (WARNINGS if queues else 1),
        "a warning that a manager took on": any(each.acknowledged_by for each in rules.warnings),
        "a wait that was told": rules.waits.told > 0,
    }
    yield from (f"not seen: {what}" for what, was in seen.items() if not was)
