"""Whether a step of a follow-up may be taken, and why not, in the words of who takes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge.rules.deadlines import Calendar, Deadline
from edge.rules.followup import NEXT, Case, Finding, Stage, Step, latest_promise

MAX_NOTE = 200  # characters: what was done, in a line
MAX_BY = 32  # characters of a name or a staff number
# A telephone or an identity number, also with blanks or dashes; a date is shorter.
_PERSONAL = re.compile(r"\d{7,}|(?:\d[ -]?){11,}")

STAGE_WORDS: Mapping[Stage, tuple[str, str]] = {
    Stage.NEW: ("待核实", "to be verified"),
    Stage.VERIFIED: ("已回访核实", "verified by call-back"),
    Stage.RECTIFIED: ("已立行立改", "rectified at once"),
    Stage.RECTIFY_BY: ("限期整改", "to be rectified by a date"),
    Stage.EXPLAINED: ("已解释说明", "explained"),
    Stage.WITHDRAWN: ("申诉成立，差评撤销", "withdrawn on appeal"),
    Stage.FED_BACK: ("已反馈", "fed back to the citizen"),
    Stage.CLOSED: ("已办结", "closed"),
}
FINDING_WORDS: Mapping[Finding, tuple[str, str]] = {
    Finding.CONFIRMED: ("属实", "confirmed"),
    Finding.PARTLY: ("部分属实", "partly confirmed"),
    Finding.UNFOUNDED: ("不属实", "unfounded"),
    Finding.UNREACHABLE: ("联系不上", "the citizen could not be reached"),
}
REFUSALS = {
    "closed": ("这件差评已经办结，不能再改。", "This follow-up is closed: nothing more is added to it."),
    "wrong_order": (
        "现在是“{stage_zh}”，下一步只能是：{next}。",
        "It stands at “{stage_en}”; the next step can only be: {next}.",
    ),
    "clock": (
        "本机日期 {today} 早于上一步的 {last}，请先校准时钟。",
        "This machine's date, {today}, is before that of the last step, {last}: set its clock first.",
    ),
    "by": (
        "请写明由谁办理（--by，不超过 32 字，一行）。",
        "Say who takes the step (--by, one line of 32 characters at most).",
    ),
    "finding_missing": (
        "请写明回访结果（--finding）：{findings}。",
        "Say what the call-back found (--finding): {findings}.",
    ),
    "finding_unwanted": (
        "只有“verified”这一步写回访结果（--finding）。",
        "Only the step “verified” has a finding (--finding).",
    ),
    "until_missing": (
        "限期整改要写明日期（--until），最晚 {latest}{unknown_zh}。",
        "Say by which date it will be rectified (--until), {latest} at the latest{unknown_en}.",
    ),
    "until_unwanted": (
        "只有“rectify_by”这一步写整改日期（--until）。",
        "Only the step “rectify_by” has a date (--until).",
    ),
    "until_past": ("整改日期 {until} 已经过去，今天是 {today}。", "{until} is past: today is {today}."),
    "until_late": (
        "整改日期 {until} 超过期限，最晚 {latest}{unknown_zh}。",
        "{until} is beyond the limit, {latest} at the latest{unknown_en}.",
    ),
    "note_long": ("说明太长，最多 200 字。", "The note is too long: 200 characters at most."),
    "note_not_text": ("说明须是一行文字。", "The note must be one line of text."),
    "note_personal": (
        "说明里像有电话或证件号码，请删去：个人信息不记在这里。",
        "The note seems to have a telephone or identity number in it. Please leave it out: "
        "personal data is not kept here.",
    ),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str
    zh: str
    en: str


def refusal(case: Case, step: Step, calendar: Calendar) -> Refusal | None:
    """Why the step is not taken now; None where it is to be added. Nothing changes here."""
    return next(_problems(case, step, calendar), None)


def _problems(case: Case, step: Step, calendar: Calendar) -> Iterator[Refusal]:
    allowed = NEXT[case.stage]
    if not allowed:
        yield _refuse("closed")
    elif step.stage not in allowed:
        zh, en = STAGE_WORDS[case.stage]
        yield _refuse("wrong_order", stage_zh=zh, stage_en=en, next=", ".join(allowed))
    if case.steps and step.day < case.steps[-1].day:
        yield _refuse("clock", today=step.day, last=case.steps[-1].day)
    if not step.by.strip() or len(step.by) > MAX_BY or not step.by.isprintable():
        yield _refuse("by")
    if step.stage is Stage.VERIFIED and step.finding is None:
        yield _refuse("finding_missing", findings=", ".join(Finding))
    if step.stage is not Stage.VERIFIED and step.finding is not None:
        yield _refuse("finding_unwanted")
    yield from _until_problems(case, step, calendar)
    if len(step.note) > MAX_NOTE:
        yield _refuse("note_long")
    if not step.note.isprintable():
        yield _refuse("note_not_text")
    if _PERSONAL.search(step.note):
        yield _refuse("note_personal")


def _until_problems(case: Case, step: Step, calendar: Calendar) -> Iterator[Refusal]:
    if step.stage is not Stage.RECTIFY_BY:
        if step.until is not None:
            yield _refuse("until_unwanted")
        return
    latest = latest_promise(case, calendar)
    zh, en = unknown_words(latest)
    words = {"latest": latest.day, "unknown_zh": zh, "unknown_en": en}
    if step.until is None:
        yield _refuse("until_missing", **words)
    elif step.until < step.day:
        yield _refuse("until_past", until=step.until, today=step.day)
    elif step.until > latest.day:
        yield _refuse("until_late", until=step.until, **words)


def unknown_words(due: Deadline) -> tuple[str, str]:
    """What has to be said of a date that holidays may still move; "" where all are known."""
    if not due.unknown:
        return "", ""
    years = "、".join(map(str, due.unknown))
    return (
        f"（{years} 年放假安排未收录，暂按周一至周五计）",
        f" (the holidays of {', '.join(map(str, due.unknown))} are not known: Mon-Fri is counted)",
    )


def _refuse(code: str, **words: object) -> Refusal:
    zh, en = REFUSALS[code]
    return Refusal(code, zh.format(**words), en.format(**words))
