"""What a centre says about its reports: a TOML file, all of it with defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from annotated_types import Interval
from pydantic import AfterValidator, Field, field_validator

from edge.console.centre import MAX_HALLS, Table, ZoneName, once_each, read
from edge.rules.score import Terms, Weights


class BadSettings(Exception):
    """The file cannot be used. Its text says why, with the key."""


class HallTable(Table):
    """A hall that is to report; one that sends nothing is then named as missing."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    name: Annotated[str, Field(max_length=64)] = ""


class HonoursTable(Table):
    """The quarter's honours. Weights are against each other."""

    windows: Annotated[int, Interval(ge=1, le=100)] = 6
    staff: Annotated[int, Interval(ge=1, le=500)] = 20
    least_acts: Annotated[int, Interval(ge=1)] = 100  # some two a day: fewer is no quarter's work at a window
    least_ratings: Annotated[int, Interval(ge=1)] = (
        30  # below it Wilson's interval is wider than what differs
    )
    good: Annotated[float, Interval(ge=0, le=100)] = 0.4
    participation: Annotated[float, Interval(ge=0, le=100)] = 0.2
    volume: Annotated[float, Interval(ge=0, le=100)] = 0.2
    timeliness: Annotated[float, Interval(ge=0, le=100)] = 0.2

    @property
    def weights(self) -> Weights:
        return Weights(self.good, self.participation, self.volume, self.timeliness)

    def terms(self, places: int) -> Terms:
        return Terms(places, self.least_acts, self.least_ratings, self.weights)


class ReportSettings(Table):
    timezone: ZoneName = "Asia/Shanghai"  # of the centre: when a month is over, and what its hours are
    hall: Annotated[tuple[HallTable, ...], Field(max_length=MAX_HALLS), AfterValidator(once_each)] = ()
    honours: HonoursTable = HonoursTable()

    @field_validator("honours")
    @classmethod
    def _weighs(cls, honours: HonoursTable) -> HonoursTable:
        _ = honours.weights  # raises ValueError, which pydantic tells with the key
        return honours

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def halls(self) -> dict[str, str]:
        return {hall.id: hall.name for hall in self.hall}

    @classmethod
    def load(cls, path: Path | None) -> ReportSettings:
        """The defaults without a file. Raises BadSettings."""
        return read(cls, path, BadSettings)
