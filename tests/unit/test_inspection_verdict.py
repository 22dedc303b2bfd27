"""How a device is judged: by what it answers and does now, and never better than the evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.api import ConditionSpec
from drivers.checking.words import Text
from drivers.messages import Outcome, PrintSlip, Result, ShowDigits, ShowLines, ShowText
from edge.abilities import PATTERNS, SEEN
from edge.inspection import words
from edge.inspection.patterns import AREAS, SHOWN_S, of_check, of_pattern
from edge.inspection.verdict import HEARD_S, Found, told, verdict
from edge.wire import Condition, DeviceStateName, DeviceStatus, Pattern

DONE, SILENT = Outcome(Result.DONE), Outcome(Result.UNKNOWN, "silent")
SPECS = {
    "paper_out": ConditionSpec("paper_out", "error", "缺纸", "no paper", "换纸", "put paper in"),
    "paper_near_end": ConditionSpec(
        "paper_near_end", "warning", "纸快完了", "little paper", "备纸", "bring some"
    ),
    "not_heard": ConditionSpec("not_heard", "info", "很久没有信号", "not heard", "按一下键", "press a key"),
}


def found(
    *codes: str,
    state: DeviceStateName = "online",
    asked: Outcome | None = DONE,
    done: Outcome | None = None,
    heard_s: float | None = 1.0,
) -> Found:
    conditions = tuple(
        Condition(code=code, severity=SPECS[code].severity, since=0.0, detail="tray 1") for code in codes
    )
    status = DeviceStatus(device="d", state=state, conditions=conditions, since=0.0)
    return Found(status=status, meant=SPECS, asked=asked, done=done, heard_s=heard_s)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (found(), "ok"),
        (found("paper_near_end", state="degraded"), "degraded"),
        (found("paper_out", "paper_near_end", state="degraded"), "fault"),
        (found("not_heard"), "ok"),
        (found(asked=SILENT), "fault"),
        (found(asked=Outcome(Result.UNKNOWN, "timeout")), "unknown"),
        (found(asked=Outcome(Result.REJECTED, "queue_full")), "unknown"),
        (found(done=DONE), "ok"),
        (found(done=Outcome(Result.FAILED, "cutter_fault")), "fault"),
        (found(done=Outcome(Result.UNKNOWN, "unconfirmed")), "fault"),
        (found(done=Outcome(Result.REJECTED, "replaced")), "unknown"),
        (found(state="handshake", asked=None), "unknown"),
        (found(state="stopped"), "unknown"),
        (found("paper_out", state="backoff"), "fault"),
        (found(asked=None), "ok"),
        (found(asked=None, heard_s=HEARD_S + 1), "unknown"),
        (found(asked=None, heard_s=None), "unknown"),
        (found(asked=None, heard_s=HEARD_S + 1, done=DONE), "unknown"),
        (found("paper_near_end", state="degraded", asked=None), "degraded"),
    ],
)
def test_the_verdict(evidence: Found, said: str) -> None:
    assert verdict(evidence) == said


def test_evidence_and_next_step_are_in_both_languages_and_of_the_worst_condition() -> None:
    data = told(found("not_heard", "paper_near_end", "paper_out", state="degraded"), DONE, Text("看", "look"))
    assert (data["next_zh"], data["next_en"]) == ("换纸", "put paper in")
    assert (data["look_zh"], data["look_en"]) == ("看", "look")
    said = [each["zh"] for each in data["evidence"]]
    assert words.ANSWERED.zh in said
    assert "缺纸（tray 1）" in said
    assert words.PUT_BACK.zh in said
    assert all(each["zh"] and each["en"] for each in data["evidence"])


@pytest.mark.parametrize(
    ("heard_s", "zh"), [(5.4, "5 秒"), (200, "3 分钟"), (3 * 3600, "3 小时"), (3e5, "3 天")]
)
def test_without_a_question_it_is_said_what_it_was_judged_by(heard_s: float, zh: str) -> None:
    said = [each["zh"] for each in told(found(asked=None, heard_s=heard_s))["evidence"]]
    assert words.NO_QUESTION.zh in said
    assert any(zh in each for each in said)
    never = told(found(asked=None, heard_s=None))
    assert words.NEVER_HEARD.en in [each["en"] for each in never["evidence"]]
    assert never["next_en"] == words.PRESS_SOMETHING.en


def test_what_does_not_answer_is_never_said_to_have_done_anything() -> None:
    sent = told(replace(found(asked=None, done=DONE), confirms=False))
    said = [each["en"] for each in sent["evidence"]]
    assert words.SENT.en in said
    assert words.DONE.en not in said


# --- what is shown ---
@pytest.mark.parametrize("seen", SEEN.values())
def test_every_device_that_is_seen_has_words_for_what_to_look_for(seen: type) -> None:
    slip = PrintSlip("job", ())
    (step,) = of_check(seen, slip)
    assert isinstance(step.orders[0], seen)
    assert words.LOOKS[seen.__name__].zh and words.LOOKS[seen.__name__].en


@pytest.mark.parametrize(
    ("seen", "pattern"), [(seen, each) for seen, all_ in PATTERNS.items() for each in all_]
)
def test_a_pattern_stands_for_ten_seconds_and_fits(seen: type, pattern: Pattern) -> None:
    steps = of_pattern(seen, pattern, 16)
    assert sum(step.hold_s for step in steps) == pytest.approx(SHOWN_S)
    orders = [order for step in steps for order in step.orders]
    assert {type(order) for order in orders} == {seen}
    texts = [order for order in orders if isinstance(order, ShowText)]
    boards = [order for order in orders if isinstance(order, ShowLines)]
    lines = [*texts, *(line for order in boards for line in order.lines)]
    assert all(len(line.text.encode("gb2312")) <= 16 for line in lines)
    assert {order.area for order in boards} in (set(), set(AREAS))
    if pattern == "colors":
        assert {line.color for line in lines} == {"red", "green", "yellow"}
    if seen is ShowDigits:
        assert all(order.digits.isdecimal() for order in orders if isinstance(order, ShowDigits))
