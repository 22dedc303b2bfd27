"""`[played]`: a hall's own time that is not the machine's, for a demonstration. With simulators only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from annotated_types import Interval
from pydantic import AfterValidator, Field, model_validator

from drivers.checking.problems import Problem, Wrong
from drivers.checking.values import show
from drivers.checking.words import Text
from edge.settings.fields import Table

MAX_SPEED = 120.0  # an act of eight minutes is four seconds then: no clerk presses keys faster


def _moment(text: str) -> str:
    """To the second, in the hall's own zone; empty is none."""
    try:
        fits = not text or (datetime.fromisoformat(text).tzinfo is None and "T" in text)
    except ValueError:
        fits = False
    if not fits:
        raise Wrong(Text("不是当地日期和时间", "is no local date and time"), Text.same("2026-11-30T08:20"))
    return text


class PlayedTable(Table):
    """A day that is played: tickets, waits, hours, appointments and warnings go by it; devices, their lines
    and the way to the hub go by the machine's own time, as all does where this is left out."""

    begins: Annotated[
        str,
        Field(description="local date and time at which it begins with each start; empty is none"),
        AfterValidator(_moment),
    ] = ""
    speed: Annotated[
        float, Interval(ge=1.0, le=MAX_SPEED), Field(description="how many times as fast as the machine's")
    ] = 1.0

    @model_validator(mode="after")
    def _begins_somewhere(self) -> Self:
        if self.speed != 1.0 and not self.begins:
            reason = Text("只有 speed，没有 begins", "has a speed and does not begin anywhere")
            raise Wrong(reason, Text.same('begins = "2026-11-30T08:20"'))
        return self

    def begins_s(self, zone: ZoneInfo) -> float:
        """Seconds since 1970 UTC."""
        return datetime.fromisoformat(self.begins).replace(tzinfo=zone).timestamp()


def played_problems(played: PlayedTable | None, *, allow_sim: bool) -> list[Problem]:
    if played is None or not played.begins or allow_sim:
        return []
    reason = Text("真实大厅只用本机时钟", "is not for a hall in service, which goes by the machine's clock")
    hint = Text("删去这个表；演示用 --allow-sim", "take the table out; a demonstration has --allow-sim")
    return [Problem("played.begins", show(played.begins), reason, hint)]
