"""How a device is, judged by evidence of this moment: what it has answered, done, and said of itself.

Pure. The levels are those of UnifiedPOS (1.14, CheckHealth: Internal, External); the verdict is ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from drivers.api import ConditionSpec
from drivers.checking.words import Text
from drivers.messages import Outcome, Result
from edge.inspection import words
from edge.wire import DeviceStatus

Verdict = Literal["ok", "degraded", "fault", "unknown"]
HEARD_S = 600.0  # what was heard no longer ago says that a device lives; nobody may press a key for hours
_NOT_TRIED = frozenset({"timeout", "expired", "queue_full", "replaced", "offline"})  # the node's own reasons


@dataclass(frozen=True, slots=True)
class Found:
    """`asked`: how it answered, None where its protocol has no question. `done`: what it was told to do, None
    where that was nothing. `heard_s`: ago, of itself or of the devices on its line; None: never."""

    status: DeviceStatus
    meant: Mapping[str, ConditionSpec]  # its conditions
    asked: Outcome | None
    done: Outcome | None
    heard_s: float | None
    is_line: bool = False
    confirms: bool = True  # it says itself that something is done; else that is only sent


def verdict(found: Found) -> Verdict:
    """The worst that the evidence shows; nothing is called sound that was not heard."""
    severities = {each.severity for each in found.status.conditions}
    outcomes = [each for each in (found.asked, found.done) if each]
    if "error" in severities or any(map(_failed, outcomes)):
        return "fault"
    if found.status.state not in ("online", "degraded"):
        return "unknown"
    if any(each.result is not Result.DONE for each in outcomes):
        return "unknown"
    if found.asked is None and (found.heard_s is None or found.heard_s > HEARD_S):
        return "unknown"
    return "degraded" if "warning" in severities else "ok"


def _failed(outcome: Outcome) -> bool:
    """By the device's own doing: it is silent, or says that it could not."""
    return outcome.result is not Result.DONE and outcome.code not in _NOT_TRIED


def told(found: Found, put_back: Outcome | None = None, look: Text | None = None) -> dict[str, Any]:
    """Of a check, as the data of an answer."""
    said = verdict(found)
    evidence = [*_asked(found), *_done(found), *_back(put_back), *_wrong(found)]
    return {"verdict": said, **_data(evidence, next=_next(found, said), look=look)}


def shown(found: Found, put_back: Outcome | None, look: Text) -> dict[str, Any]:
    """Of a pattern, the same: whoever looks at it is the judge."""
    evidence = [*_done(found), *_back(put_back), *_wrong(found)]
    if found.done and found.done.result is Result.DONE:
        return _data(evidence, look=look)
    return _data(evidence, next=_next(found, "unknown"))


def _data(evidence: list[Text], **steps: Text | None) -> dict[str, Any]:
    found = {name: text for name, text in steps.items() if text}
    return {
        "evidence": [{"zh": each.zh, "en": each.en} for each in evidence],
        **{f"{name}_zh": text.zh for name, text in found.items()},
        **{f"{name}_en": text.en for name, text in found.items()},
    }


def _asked(found: Found) -> Iterator[Text]:
    yield words.STATES[found.status.state]
    if found.asked is None:
        yield words.NO_QUESTION
        yield _heard(found)
    elif found.asked.result is Result.DONE:
        yield words.ANSWERED
    elif _failed(found.asked):
        yield words.SILENT
    else:
        yield words.filled(words.NOT_ASKED, code=found.asked.code)


def _wrong(found: Found) -> Iterator[Text]:
    for each in found.status.conditions:
        spec = found.meant.get(each.code)
        zh, en = (spec.zh, spec.en) if spec else (each.code, each.code)
        yield Text(f"{zh}（{each.detail}）", f"{en} ({each.detail})") if each.detail else Text(zh, en)


def _heard(found: Found) -> Text:
    if found.heard_s is None:
        return words.NEVER_HEARD
    zh, en = _ago(found.heard_s)
    sentence = words.HEARD_OF if found.is_line else words.HEARD
    return Text(sentence.zh.format(ago=zh), sentence.en.format(ago=en))


def _ago(seconds: float) -> tuple[str, str]:
    for size_s, zh, en in ((86_400, "天", "days"), (3600, "小时", "hours"), (60, "分钟", "minutes")):
        if seconds >= 2 * size_s:
            return f"{seconds // size_s:.0f} {zh}", f"{seconds // size_s:.0f} {en}"
    return f"{max(0.0, seconds):.0f} 秒", f"{max(0.0, seconds):.0f} seconds"


def _done(found: Found) -> Iterator[Text]:
    if found.done is None:
        return
    if found.done.result is Result.DONE:
        yield words.DONE if found.confirms else words.SENT
    elif found.done.result is Result.UNKNOWN:
        yield words.NOT_KNOWN
    else:
        yield words.filled(words.NOT_DONE, code=found.done.code)


def _back(outcome: Outcome | None) -> Iterator[Text]:
    if outcome:
        yield words.PUT_BACK if outcome.result is Result.DONE else words.NOT_PUT_BACK


def _next(found: Found, said: Verdict) -> Text:
    """The remedy of the worst condition, in its own words."""
    if said == "ok":
        return words.NOTHING_TO_DO
    worst = sorted(
        found.status.conditions, key=lambda each: ("error", "warning", "info").index(each.severity)
    )
    for each in worst:
        if (spec := found.meant.get(each.code)) and (spec.remedy_zh or spec.remedy_en):
            return Text(spec.remedy_zh, spec.remedy_en)
    return words.PRESS_SOMETHING if found.asked is None else words.LOOK_AGAIN
