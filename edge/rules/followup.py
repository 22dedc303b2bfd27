"""What follows a bad rating (level 2 or 1): verified by call-back, answered, told to the citizen, closed.

    new → verified → rectified | rectify_by | explained | withdrawn → fed_back → closed

Steps are only ever added, each with its day and who took it. The rating itself stands: that an appeal against
it was granted is the step `withdrawn`, beside it. Deadlines are a region's, in working days after the day of
the rating, which is not counted itself (Civil Code of China, art. 201). A step that is late is taken all the
same, and its day says so. `rectify_by` names a date, and then `fed_back` is due on it, or on the next working
day where it is none (art. 203).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from edge.rules.deadlines import Calendar, Deadline, workdays_after

BAD_LEVELS = (2, 1)
_DAY = timedelta(days=1)
MOST_DAYS = 250  # of a limit: a year's working days


class Stage(StrEnum):
    NEW = "new"
    VERIFIED = "verified"
    RECTIFIED = "rectified"
    RECTIFY_BY = "rectify_by"
    EXPLAINED = "explained"
    WITHDRAWN = "withdrawn"
    FED_BACK = "fed_back"
    CLOSED = "closed"


ANSWERS = (Stage.RECTIFIED, Stage.RECTIFY_BY, Stage.EXPLAINED, Stage.WITHDRAWN)
NEXT: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.NEW: (Stage.VERIFIED,),
    Stage.VERIFIED: ANSWERS,
    **dict.fromkeys(ANSWERS, (Stage.FED_BACK,)),
    Stage.FED_BACK: (Stage.CLOSED,),
    Stage.CLOSED: (),
}


class Finding(StrEnum):
    """What the call-back found: a code, so that nothing of the citizen's is written down."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Limits:
    """A region's, in working days after the day of the rating. Raises ValueError where they contradict."""

    name: str
    timezone: str
    verified: int
    answered: int
    fed_back: int
    closed: int
    promised: int  # the latest date of `rectify_by`
    remind: int  # before a deadline

    def __post_init__(self) -> None:
        in_order = 1 <= self.verified <= self.answered <= self.fed_back <= self.closed
        bounded = max(self.closed, self.promised, self.remind) <= MOST_DAYS and self.remind >= 0
        if not in_order or not self.fed_back <= self.promised or not bounded:
            raise ValueError(
                f"{self.name}: 1 ≤ verified ≤ answered ≤ fed_back ≤ closed, fed_back ≤ promised and "
                f"0 ≤ remind must hold, and none be above {MOST_DAYS}"
            )


@dataclass(frozen=True, slots=True)
class Step:
    stage: Stage
    day: date
    by: str  # who took it
    finding: Finding | None = None  # of `verified`
    until: date | None = None  # of `rectify_by`
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """`day`: of the rating, the hall's local one. `limits`: those that it was opened under."""

    day: date
    limits: Limits
    steps: tuple[Step, ...] = ()

    @property
    def stage(self) -> Stage:
        return self.steps[-1].stage if self.steps else Stage.NEW

    @property
    def until(self) -> date | None:
        return next((step.until for step in self.steps if step.until), None)

    def after(self, step: Step) -> Case:
        return replace(self, steps=(*self.steps, step))


class Standing(StrEnum):
    """Of a case on a day, by the deadline of its next step."""

    OPEN = "open"
    SOON = "soon"
    DUE = "due"  # today
    OVERDUE = "overdue"
    CLOSED = "closed"


REMINDED = (Standing.SOON, Standing.DUE, Standing.OVERDUE)


def deadline(case: Case, calendar: Calendar) -> Deadline | None:
    """When the next step is due; None once the case is closed."""
    limits = case.limits
    match case.stage:
        case Stage.CLOSED:
            return None
        case Stage.NEW:
            return workdays_after(case.day, limits.verified, calendar)
        case Stage.VERIFIED:
            return workdays_after(case.day, limits.answered, calendar)
    if case.until:
        told = workdays_after(case.until, 0, calendar)
    else:
        told = workdays_after(case.day, limits.fed_back, calendar)
    if case.stage is not Stage.FED_BACK:
        return told
    return workdays_after(told.day, limits.closed - limits.fed_back, calendar)


def latest_promise(case: Case, calendar: Calendar) -> Deadline:
    return workdays_after(case.day, case.limits.promised, calendar)


def standing(case: Case, today: date, calendar: Calendar) -> Standing:
    due = deadline(case, calendar)
    if due is None:
        return Standing.CLOSED
    if today >= due.day:
        return Standing.DUE if today == due.day else Standing.OVERDUE
    from_then = workdays_after(today, case.limits.remind, calendar).day if case.limits.remind else today
    return Standing.SOON if from_then >= due.day else Standing.OPEN
