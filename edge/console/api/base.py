"""What all answers of the API share: times, words in both languages, lists, and what is said of errors."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

API = "/api/"  # in an address: a program asks, and no page
KINDS = ("hall", "node", "device", "window", "queue", "alert", "camera")  # that a stream tells of
PROBLEM = "application/problem+json"
EARLIEST_S, LATEST_S = 946_684_800.0, 4_102_444_800.0  # 2000 and 2100: other times are a wrong clock


class Answer(BaseModel):
    """Members may be added within a version of the API, none is taken away or changes its meaning."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Query(BaseModel):
    """What an address may ask for behind its `?`; anything else is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Answer):
    """In Chinese and English; "" where there are none in that language."""

    zh: str
    en: str


class Misuse(Answer):
    """A parameter or member that is not right."""

    name: str
    message: str


class Problem(Answer):
    """An error (RFC 9457). `detail` is in the language that `lang` asks for, else Chinese."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    detail_zh: str
    detail_en: str
    errors: tuple[Misuse, ...] = ()


def _as_written(pattern: str, example: str) -> BeforeValidator:
    """Only so: a library would take numbers, too, and guess what they are."""

    def check(told: object) -> object:
        if isinstance(told, str) and not re.fullmatch(pattern, told):
            raise ValueError(f"written as {example}")
        return told

    return BeforeValidator(check)


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = rf"{_DAY}(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]+)?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?"
Day = Annotated[date, _as_written(_DAY, "2026-10-01")]
Time = Annotated[  # in the centre's zone where it names none
    datetime,
    _as_written(_TIME, "2026-10-01T09:00:00"),
    WithJsonSchema({"type": "string", "pattern": f"^{_TIME}$"}),
]


def moment(wall_s: float | None) -> datetime | None:
    """In UTC; None where there is none, and for what only a wrong clock says."""
    if wall_s is None or not EARLIEST_S <= wall_s < LATEST_S:
        return None
    return datetime.fromtimestamp(wall_s, UTC)
