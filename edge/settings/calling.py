"""How citizens are called: on the boards, and aloud."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Interval
from pydantic import Field

from edge.rules.notices import MAX_NOTICE
from edge.settings.fields import Span, Table, Time


class BoardsTable(Table):
    """What the hall's boards show: the last calls, and a notice."""

    columns: Annotated[
        int, Interval(ge=8, le=96), Field(description="half-width characters in a line of their calls")
    ] = 16
    notice: Annotated[
        str,
        Field(
            max_length=MAX_NOTICE,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="shown while nobody has set another; empty is none",
        ),
    ] = ""


class VoiceTable(Table):
    """When calls are spoken, and how loud. By the hall's local time, once the clock has been set."""

    quiet: Annotated[
        tuple[Span, ...],
        Field(max_length=24, description="hours without a word; the boards show all the same"),
    ] = ()
    volumes: Annotated[
        dict[Time, Annotated[int, Interval(ge=0, le=100)]],
        Field(
            max_length=24,
            description="per cent from a time of day on; without any, 100",
            examples=['{ "08:00" = 80 }'],
        ),
    ] = Field(default_factory=dict)
