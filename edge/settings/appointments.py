"""How appointments are taken and kept. What is left out is as the rules have it."""

from __future__ import annotations

from typing import Annotated, Self

from annotated_types import Interval
from pydantic import Field, model_validator

from drivers.checking.problems import Wrong
from drivers.checking.words import Text
from edge.rules.bookings import Appointing
from edge.settings.fields import Table

_RULES = Appointing()
HALF_DAY_MIN = 12 * 60


class AppointmentsTable(Table):
    """Who comes by appointment: when he can check in, and what place he has."""

    early_min: Annotated[
        int,
        Interval(ge=0, le=HALF_DAY_MIN),
        Field(description="minutes before the time from which one can check in"),
    ] = _RULES.early_min
    late_min: Annotated[
        int, Interval(ge=0, le=HALF_DAY_MIN), Field(description="minutes after it until which one can")
    ] = _RULES.late_min
    place_min: Annotated[
        int,
        Interval(ge=0, le=HALF_DAY_MIN),
        Field(description="minutes before the time from which on the place in the queue counts"),
    ] = _RULES.place_min
    lead_min: Annotated[
        int,
        Interval(ge=0, le=HALF_DAY_MIN),
        Field(description="minutes before the time from which on it is called at that place"),
    ] = _RULES.lead_min
    slot_min: Annotated[
        int, Interval(ge=5, le=HALF_DAY_MIN), Field(description="minutes of a span, of which each has room")
    ] = _RULES.slot_min
    per_window: Annotated[
        int,
        Interval(ge=1, le=20),
        Field(description="appointments taken a span for each window that is open then"),
    ] = _RULES.per_window
    days_ahead: Annotated[int, Interval(ge=0, le=366), Field(description="days ahead that can be booked")] = (
        _RULES.days_ahead
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.lead_min > self.place_min:
            reason = Text(
                f"lead_min = {self.lead_min} 大于 place_min = {self.place_min}",
                f"lead_min = {self.lead_min} is above place_min = {self.place_min}",
            )
            raise Wrong(reason, Text("lead_min ≤ place_min", "lead_min at most place_min"))
        return self

    def in_rules(self) -> Appointing:
        return Appointing(**dict(self))
