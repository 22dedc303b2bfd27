"""What all answers of the API share: times, words in both languages, lists, and what is said of errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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


Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


def moment(wall_s: float | None) -> datetime | None:
    """In UTC; None where there is none, and for what only a wrong clock says."""
    if wall_s is None or not EARLIEST_S <= wall_s < LATEST_S:
        return None
    return datetime.fromtimestamp(wall_s, UTC)
