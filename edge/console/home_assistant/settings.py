"""What a centre says of its Home Assistant."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from edge.console.centre import MAX_HALLS, Table
from edge.wire import Id

# As Home Assistant's own pattern has them for what follows its prefix.
_LEVELS = r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$"


def _not_ours(topic: str) -> str:
    if topic.partition("/")[0] == "hall":
        raise ValueError("topics that begin with hall/ are the halls' own; Home Assistant has another prefix")
    return topic


Levels = Annotated[str, Field(pattern=_LEVELS, max_length=64), AfterValidator(_not_ours)]


class HomeAssistantTable(Table):
    """Without it nothing is announced, and what was is taken back."""

    prefix: Levels = "homeassistant"  # of its discovery
    birth: Levels = "homeassistant/status"  # where it says that it has started
    halls: Annotated[tuple[Id, ...], Field(max_length=MAX_HALLS)] = ()  # none named: all
    commands: bool = False  # a button that opens a device afresh; anybody at Home Assistant may press it
    lang: Literal["zh", "en"] = "zh"
