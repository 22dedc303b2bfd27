"""How a device is, why, and what to do next, with the evidence in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from drivers.checking.words import Text
from edge.diag.evidence import Evidence, Verdict
from edge.diag.judging import causes
from edge.diag.judging.causes import Cause
from edge.diag.judging.rules import UP, cause_of

EXIT: dict[Verdict, int] = {"ok": 0, "degraded": 1, "fault": 1, "unknown": 3}
_UNSURE = frozenset({causes.UNTRIED.code, causes.NONE_HEARD.code, causes.NOT_OPEN.code})
_BEARABLE = frozenset({causes.HEARS_ITSELF.code, causes.TWICE.code, causes.LATE.code, causes.BAD_LINE.code})


@dataclass(frozen=True, slots=True)
class Judgement:
    device: str
    verdict: Verdict
    cause: Cause
    evidence: tuple[Text, ...]
    look: Text

    def data(self) -> dict[str, Any]:
        """For a program."""
        return {
            "device": self.device,
            "verdict": self.verdict,
            "cause": self.cause.code,
            "zh": self.cause.what.zh,
            "en": self.cause.what.en,
            "next_zh": self.cause.next.zh,
            "next_en": self.cause.next.en,
            "evidence": [asdict(each) for each in self.evidence],
            **({"look_zh": self.look.zh, "look_en": self.look.en} if self.look.zh else {}),
        }


def judge(seen: Evidence) -> Judgement:
    cause = cause_of(seen)
    checked = seen.checked
    look = Text(checked.look_zh, checked.look_en) if checked else Text()
    return Judgement(seen.own.device, _verdict(seen, cause), cause, tuple(_evidence(seen)), look)


def _verdict(seen: Evidence, cause: Cause) -> Verdict:
    if cause.code == causes.WELL.code:
        if seen.used:
            return "ok"
        return "ok" if seen.checked is None or seen.checked.verdict == "ok" else seen.checked.verdict
    if cause.code in _UNSURE:
        return "unknown"
    told = {each.code: each.severity for each in (*seen.own.conditions, *seen.head.conditions)}
    if told.get(cause.code) == "info":
        return "unknown" if cause.code == "not_heard" else "ok"
    works = seen.own.state in UP and "error" not in {each.severity for each in seen.own.conditions}
    warned = told.get(cause.code) == "warning" or cause.code in _BEARABLE
    failed = seen.checked is not None and seen.checked.verdict == "fault"
    return "degraded" if works and warned and not failed else "fault"


def _evidence(seen: Evidence) -> Iterator[Text]:
    if seen.refusal[0] or seen.refusal[1]:
        yield Text(*seen.refusal)
    for each in seen.checked.evidence if seen.checked else ():
        yield Text(each.get("zh", ""), each.get("en", ""))
    if seen.used:
        yield Text("刚才有人用了它，收到了它的信号", "somebody used it just now, and it was heard")
    if seen.elsewhere:
        yield seen.elsewhere.said
    traffic = seen.line.traffic
    if traffic.openings:
        frames, sent = traffic.frames, traffic.sent
        yield Text(
            f"线路收到 {traffic.heard.bytes} 字节，好帧 {frames.good}，坏帧 {frames.bad}；"
            f"发出 {sent.bytes} 字节，已有 {sent.unanswered} 次没有应答",
            f"its line has brought {traffic.heard.bytes} bytes, {frames.good} frames good, {frames.bad} bad; "
            f"{sent.bytes} bytes were sent, the last {sent.unanswered} times without an answer",
        )
    for reason, count in frames_of(seen):
        yield Text(f"坏帧 {count} 个：{reason}", f"{count} bad frames: {reason}")
    if traffic.losses:
        last = traffic.losses[-1]
        number = "" if last.errno is None else f", errno {last.errno}"
        yield Text(
            f"最近断开 {len(traffic.losses)} 次，最后一次：{last.detail}{number}",
            f"lost {len(traffic.losses)} times, the last: {last.detail}{number}",
        )


def frames_of(seen: Evidence) -> list[tuple[str, int]]:
    """The three commonest reasons of bad frames."""
    reasons = seen.line.traffic.frames.reasons
    return sorted(reasons.items(), key=lambda each: -each[1])[:3]
