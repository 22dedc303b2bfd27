"""`[[warning]]`: what the hall's supervision warns of, and what is wrong with such rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any, Self

from annotated_types import Interval
from pydantic import ConfigDict, Field, model_validator

from drivers.checking.problems import Problem, Wrong, did_you_mean
from drivers.checking.values import show
from drivers.checking.words import Text
from edge.rules.supervision_kinds import ABOUT, MAX_RATINGS, Kind
from edge.settings.fields import Name, Table, repeated

if TYPE_CHECKING:
    from edge.rules.supervision_model import Rule

Value = Annotated[float, Interval(gt=0.0, le=1440.0)]  # a day's minutes, and far beyond any other unit
Post = Annotated[str, Field(min_length=1, max_length=64)]
MAX_SUBJECTS = 200  # as many as a hall may have windows


class AlertsTable(Table):
    """When what is wrong with a device calls for somebody."""

    device_after_s: Annotated[
        float, Interval(ge=0.0, le=3600.0), Field(description="seconds that it must have stood")
    ] = 60.0  # a paper roll is changed in less
    device_clear_s: Annotated[
        float, Interval(ge=0.0, le=3600.0), Field(description="seconds that it must have been gone")
    ] = 10.0  # a plug that is loose is one alert and not fifty


class WarningTable(Table):
    """A kind of warning, with its limits. Those that are not written are the kind's own, and keep their
    proportions to one that is."""

    model_config = ConfigDict(defer_build=True)  # a hall without such a table does without this one
    kind: Annotated[Kind, Field(description="what is watched")]
    services: Annotated[
        tuple[Name, ...], Field(max_length=MAX_SUBJECTS, description="of these; without any, of all")
    ] = ()
    windows: Annotated[
        tuple[Name, ...], Field(max_length=MAX_SUBJECTS, description="at these; without any, at all")
    ] = ()
    amber: Annotated[
        Value | None, Field(description="from here on it warns: minutes, per cent, calls, evidence")
    ] = None
    red: Annotated[Value | None, Field(description="from here on it is grave")] = None
    clear: Annotated[Value | None, Field(description="below it, it is over")] = None
    hold_s: Annotated[
        Annotated[float, Interval(ge=0.0, le=3600.0)] | None,
        Field(description="seconds that it must have stood, and must have been gone"),
    ] = None
    escalate_after_min: Annotated[
        Annotated[float, Interval(ge=1.0, le=10_080.0)] | None,
        Field(description="minutes without an acknowledgement, and then the next in line is told"),
    ] = None
    to: Annotated[Post | None, Field(description="who is to see to it")] = None
    escalate_to: Annotated[Post | None, Field(description="who is next in line")] = None
    last: Annotated[
        Annotated[int, Interval(ge=20, le=MAX_RATINGS)] | None,
        Field(description="ratings of a window that are compared with the others'"),
    ] = None
    quick_s: Annotated[
        Annotated[float, Interval(ge=1.0, le=600.0)] | None,
        Field(description="seconds from a call to the end of its act: less is no service"),
    ] = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        rule = self.in_rules()
        if not rule.clear <= rule.amber < rule.red:
            limits = f"clear = {rule.clear:g}, amber = {rule.amber:g}, red = {rule.red:g}"
            reason = Text(f"{limits}：要 clear ≤ amber < red", f"{limits}: needs clear ≤ amber < red")
            hint = Text("不写的随写的按比例", "those that are left out keep their proportions")
            raise Wrong(reason, hint)
        for name, kinds in _ONLY_OF.items():
            if getattr(self, name) and self.kind not in kinds:
                raise Wrong(
                    Text(f"{self.kind} 不用 {name}", f"{self.kind} has no use for {name}"),
                    _OF_LANES
                    if self.kind == "project"
                    else Text(f"{name} 只用于：{'、'.join(kinds)}", f"{name} is for {', '.join(kinds)}"),
                )
        return self

    def in_rules(self) -> Rule:
        from edge.rules.supervision_limits import DEFAULTS  # noqa: PLC0415 as above

        given: dict[str, Any] = {name: value for name, value in self if value is not None}
        minutes = given.pop("escalate_after_min", None)
        after = {} if minutes is None else {"escalate_after_s": 60 * minutes}
        return replace(self._scaled(DEFAULTS[self.kind]), **given, **after)

    def _scaled(self, own: Rule) -> Rule:
        """The kind's own limits, in proportion to the one that is written."""
        scale = self.amber / own.amber if self.amber else self.red / own.red if self.red else 1.0
        limits = {name: round(scale * getattr(own, name), 3) for name in ("amber", "red", "clear")}
        return replace(own, **limits)

    def filled(self) -> WarningTable:
        """With the kind's own limits written out: the same configuration has one fingerprint."""
        rule = self.in_rules()
        own = {name: getattr(rule, name) for name in type(self).model_fields if name != "escalate_after_min"}
        own["escalate_after_min"] = rule.escalate_after_s / 60
        unused = {name for name, kinds in _ONLY_OF.items() if self.kind not in kinds}
        return self.model_copy(update={name: own[name] for name in own.keys() - unused})


_BY_WINDOW = tuple(kind for kind, about in ABOUT.items() if about in {"window", "device"})
_BY_LIMIT = tuple(kind for kind, about in ABOUT.items() if about != "lane")
_OF_LANES = Text(
    "快速通道都看，期限是它自己的 amber_days 和 limit_days",
    "it watches all lanes; their limits are amber_days and limit_days of [[express]]",
)
_ONLY_OF: Mapping[str, tuple[Kind, ...]] = {
    **dict.fromkeys(("amber", "red", "clear"), _BY_LIMIT),
    "services": ("wait", "appointment", "service"),
    "windows": _BY_WINDOW,
    "last": ("uniform",),
    "quick_s": ("unserved",),
}


def warning_problems(
    rows: Mapping[int, WarningTable],
    windows: Set[str],
    services: Set[str],
    *,
    promised: Set[str],
    has_roster: bool,
    has_lane: bool,
    has_fee: bool,
) -> Iterator[Problem]:
    """Windows and services that there are not, what nobody could know, and rows of one kind that watch the
    same. `promised`: the services with a promise."""
    for index, row in rows.items():
        if row.kind == "unstaffed" and not has_roster:
            reason = Text(
                "没有排班，不知道哪个窗口应开", "needs a roster: else nobody knows who should be there"
            )
            yield Problem(f"warning[{index}].kind", show(row.kind), reason, Text.same("[[roster]]"))
        if row.kind == "project" and not has_lane:
            reason = Text("没有快速通道，不会有项目", "needs an express lane: else there are no projects")
            yield Problem(f"warning[{index}].kind", show(row.kind), reason, Text.same("[[express]]"))
        if row.kind in ("fee_amiss", "fee_missing") and not has_fee:
            reason = Text(
                "没有事项写明收费，无从核对", "needs an item with a fee: else nobody knows what is due"
            )
            yield Problem(f"warning[{index}].kind", show(row.kind), reason, Text.same("fee_fen = 500"))
        if row.kind == "service" and not promised & set(row.services or promised):
            reason = Text("这些业务都没有承诺时限", "none of these services has a promise")
            yield Problem(f"warning[{index}].kind", show(row.kind), reason, Text.same("promise_min = 20"))
        for name, wanted, there in (("windows", row.windows, windows), ("services", row.services, services)):
            yield from repeated(f"warning[{index}].{name}", wanted)
            for place, each in enumerate(wanted):
                if each not in there:
                    key = f"warning[{index}].{name}[{place}]"
                    yield Problem(
                        key, show(each), Text("没有这一项", "is not there"), did_you_mean(each, there)
                    )
    for (first, one), (second, other) in combinations(rows.items(), 2):
        if (
            one.kind == other.kind
            and _meet(one.windows, other.windows)
            and _meet(one.services, other.services)
        ):
            reason = Text(f"与 warning[{first}] 看的是同一件事", f"watches the same as warning[{first}]")
            hint = Text("用 services 或 windows 分开", "tell them apart by services or windows")
            if one.kind == "project":
                hint = Text("project 写一行就够", "one row for projects will do")
            yield Problem(f"warning[{second}].kind", show(other.kind), reason, hint)


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """None is all."""
    return not one or not other or bool(set(one) & set(other))
