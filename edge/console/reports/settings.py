"""What a centre says about its reports: a TOML file, all of it with defaults."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Interval
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from edge.rules.score import Terms, Weights

MAX_HALLS = 400  # one centre, 18 township halls and 278 village points


class BadSettings(Exception):
    """The file cannot be used. Its text says why, with the key."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HallTable(_Table):
    """A hall that is to report; one that sends nothing is then named as missing."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    name: Annotated[str, Field(max_length=64)] = ""


class HonoursTable(_Table):
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


class ReportSettings(_Table):
    timezone: str = "Asia/Shanghai"  # of the centre: when a month is over, and what its hours are
    hall: Annotated[tuple[HallTable, ...], Field(max_length=MAX_HALLS)] = ()
    honours: HonoursTable = HonoursTable()

    @field_validator("timezone")
    @classmethod
    def _is_one(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is no time zone; write Asia/Shanghai") from None
        return name

    @field_validator("hall")
    @classmethod
    def _once_each(cls, halls: tuple[HallTable, ...]) -> tuple[HallTable, ...]:
        if len({hall.id for hall in halls}) < len(halls):
            raise ValueError("two halls have the same id")
        return halls

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
        if path is None:
            return cls()
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            each = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise BadSettings(f"{path}: {'; '.join(each)}") from None
        except (OSError, ValueError) as error:
            raise BadSettings(f"{path}: {error}") from error
