"""Any follow-up: steps of every kind on any day, by a clock that is set to and fro, over any calendar."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.rules.deadlines import Calendar, workdays_after
from edge.rules.followup import Case, Finding, Limits, Stage, Standing, Step, deadline, standing
from edge.rules.followup_steps import refusal

START = date(2026, 2, 9)
ORDER = ["verified", "answer", "fed_back", "closed"]  # what each further step can be
ANSWERS = {"rectified", "rectify_by", "explained", "withdrawn"}
NOTES = st.sampled_from(
    ["", "已向办事人道歉并补发清单", "两\n行", "长" * 201, "电话13812345678", "138-1234-5678"]
)
COUNTS = st.lists(st.integers(1, 20), min_size=4, max_size=4).map(sorted)


def kind(stage: str) -> str:
    return "answer" if stage in ANSWERS else stage


class FollowupMachine(RuleBasedStateMachine):
    @initialize(
        counts=COUNTS, more=st.integers(0, 10), remind=st.integers(0, 3), off=st.sets(st.integers(0, 60))
    )
    def open(self, counts: list[int], more: int, remind: int, off: set[int]) -> None:
        """`off`: days from START on which nobody works, or, at a weekend, somebody does."""
        swapped = {START + timedelta(days=each) for each in off}
        self.calendar = Calendar(lambda day: (day.weekday() < 5) != (day in swapped), lambda _: True)
        verified, answered, fed_back, closed = counts
        limits = Limits(
            "test", "Asia/Shanghai", verified, answered, fed_back, closed, fed_back + more, remind
        )
        self.case = Case(START, limits)
        self.today = START

    @rule(days=st.sampled_from([1, 1, 2, 5, 9, -1, -30, 400]))
    def the_day_changes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(
        stage=st.sampled_from(Stage),
        by=st.sampled_from(["李", "李", "", " ", "名" * 33]),
        finding=st.sampled_from([None, *Finding]),
        until=st.none() | st.integers(-3, 60),
        note=NOTES,
    )
    def anything(self, stage: Stage, by: str, finding: Finding | None, until: int | None, note: str) -> None:
        day = None if until is None else self.today + timedelta(days=until)
        self.take(Step(stage, self.today, by, finding, day, note))

    @rule(answer=st.sampled_from(sorted(ANSWERS)), until=st.integers(0, 20))
    def the_next(self, answer: str, until: int) -> None:
        """The usual way."""
        wanted = ORDER[min(len(self.case.steps), 3)]
        stage = Stage(answer if wanted == "answer" else wanted)
        finding = Finding.CONFIRMED if stage is Stage.VERIFIED else None
        day = self.today + timedelta(days=until) if stage is Stage.RECTIFY_BY else None
        self.take(Step(stage, self.today, "李", finding, day))

    def take(self, step: Step) -> None:
        done = len(self.case.steps)
        said = refusal(self.case, step, self.calendar)
        last = self.case.steps[-1].day if self.case.steps else None
        wanted = ORDER[done] if done < 4 else None
        promise_ok = step.until is None
        if step.stage is Stage.RECTIFY_BY:
            most = workdays_after(START, self.case.limits.promised, self.calendar).day
            promise_ok = step.until is not None and step.day <= step.until <= most
        fits = (
            kind(step.stage) == wanted
            and (last is None or last <= step.day)
            and step.by == "李"
            and (step.finding is not None) == (step.stage is Stage.VERIFIED)
            and promise_ok
            and step.note in {"", "已向办事人道歉并补发清单"}
        )
        assert (said is None) == fits, said
        if said:
            assert said.zh.endswith("。")
            assert said.en.endswith(".")
        else:
            self.case = self.case.after(step)

    @invariant()
    def steps_follow_the_order_and_the_days(self) -> None:
        steps = self.case.steps
        assert [kind(step.stage) for step in steps] == ORDER[: len(steps)]
        assert [step.day for step in steps] == sorted(step.day for step in steps)

    @invariant()
    def a_deadline_is_worked_and_late_enough(self) -> None:
        due = deadline(self.case, self.calendar)
        if due is None:
            assert self.case.stage is Stage.CLOSED
            return
        assert self.calendar.is_workday(due.day)
        days = (START + timedelta(days=n) for n in range(1, (due.day - START).days + 1))
        worked = sum(self.calendar.is_workday(day) for day in days)
        if self.case.until is None:
            limits = self.case.limits
            counts = {"new": limits.verified, "verified": limits.answered, "fed_back": limits.closed}
            assert worked == counts.get(self.case.stage, limits.fed_back)
        else:
            assert due.day >= self.case.until

    @invariant()
    def it_is_overdue_exactly_after_the_deadline(self) -> None:
        due, stands = deadline(self.case, self.calendar), standing(self.case, self.today, self.calendar)
        assert (stands is Standing.CLOSED) == (due is None)
        if due:
            assert (stands is Standing.OVERDUE) == (self.today > due.day)
            assert (stands is Standing.DUE) == (self.today == due.day)


TestFollowup = FollowupMachine.TestCase
TestFollowup.settings = settings(stateful_step_count=30)
