"""What a follow-up's refusals say, one by one."""

from __future__ import annotations

import re
from datetime import date

import pytest

from edge import workdays
from edge.rules.deadlines import Calendar
from edge.rules.followup import Case, Finding, Limits, Stage, Step
from edge.rules.followup_steps import FINDING_WORDS, STAGE_WORDS, refusal

CHINA = Calendar(workdays.is_workday, workdays.knows)
LIMITS = Limits("test", "Asia/Shanghai", 2, 4, 5, 7, 15, 1)
MONDAY = date(2026, 3, 2)
NEW = Case(MONDAY, LIMITS)
VERIFIED = NEW.after(Step(Stage.VERIFIED, MONDAY, "李", Finding.CONFIRMED))
CLOSED = Case(MONDAY, LIMITS, (Step(Stage.CLOSED, MONDAY, "李"),))


def step(stage: Stage, **more: object) -> Step:
    return Step(**({"stage": stage, "day": MONDAY, "by": "李"} | more))  # type: ignore[arg-type] # of a test


@pytest.mark.parametrize(
    ("case", "taken", "code", "names"),
    [
        (CLOSED, step(Stage.CLOSED), "closed", ""),
        (NEW, step(Stage.CLOSED), "wrong_order", "verified"),
        (VERIFIED, step(Stage.NEW), "wrong_order", "rectified, rectify_by, explained, withdrawn"),
        (VERIFIED, step(Stage.EXPLAINED, day=date(2026, 3, 1)), "clock", "2026-03-01"),
        (VERIFIED, step(Stage.EXPLAINED, by=" "), "by", "--by"),
        (NEW, step(Stage.VERIFIED), "finding_missing", "confirmed, partly, unfounded, unreachable"),
        (VERIFIED, step(Stage.EXPLAINED, finding=Finding.PARTLY), "finding_unwanted", "--finding"),
        (VERIFIED, step(Stage.RECTIFY_BY), "until_missing", "2026-03-23"),
        (VERIFIED, step(Stage.RECTIFY_BY, until=date(2026, 3, 1)), "until_past", "2026-03-01"),
        (VERIFIED, step(Stage.RECTIFY_BY, until=date(2026, 3, 24)), "until_late", "2026-03-23"),
        (VERIFIED, step(Stage.EXPLAINED, until=MONDAY), "until_unwanted", "--until"),
        (VERIFIED, step(Stage.EXPLAINED, note="长" * 201), "note_long", "200"),
        (VERIFIED, step(Stage.EXPLAINED, note="一\n二"), "note_not_text", ""),
        (VERIFIED, step(Stage.EXPLAINED, note="回电 138 1234 5678"), "note_personal", ""),
        (VERIFIED, step(Stage.EXPLAINED, note="证件34012319900101123X"), "note_personal", ""),
    ],
)
def test_a_refusal_says_what_to_do_in_both_languages(case: Case, taken: Step, code: str, names: str) -> None:
    said = refusal(case, taken, CHINA)
    assert said
    assert said.code == code
    assert names in said.zh
    assert names in said.en
    assert re.search(r"[\u4e00-\u9fff]", said.zh)
    assert "{" not in said.zh + said.en


def test_a_date_in_a_note_is_no_personal_data() -> None:
    assert refusal(VERIFIED, step(Stage.EXPLAINED, note="2026-03-02 已补发材料清单"), CHINA) is None


def test_a_staff_number_may_be_long() -> None:
    assert refusal(VERIFIED, step(Stage.EXPLAINED, by="2023010112345678"), CHINA) is None


def test_the_last_date_of_a_promise_is_taken() -> None:
    assert refusal(VERIFIED, step(Stage.RECTIFY_BY, until=date(2026, 3, 23)), CHINA) is None


def test_a_promise_into_a_year_not_decreed_is_told_so() -> None:
    far = Case(date(2099, 12, 28), LIMITS, VERIFIED.steps)
    said = refusal(far, step(Stage.RECTIFY_BY, day=date(2099, 12, 29)), CHINA)
    assert said
    assert "2099、2100 年放假安排未收录" in said.zh
    assert "the holidays of 2099, 2100 are not known" in said.en


def test_every_stage_and_finding_has_its_words() -> None:
    assert set(STAGE_WORDS) == set(Stage)
    assert set(FINDING_WORDS) == set(Finding)
