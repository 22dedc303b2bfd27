"""What all messages share: the version, the limits, the kinds of names, and how strictly each is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1  # of the topics and of every payload; a change that a reader must know raises it
MAX_PAYLOAD = 256 * 1024  # bytes of one MQTT message: a batch of 200 events stays below 100 KiB
# Bytes of one message. A whole hall of 52 windows and 350 devices is below, its words included; what a broker
# keeps of a node, and everybody who asks is given again, is to be no picture book.
MAX_ABOUT = 128 * 1024
MAX_TOPIC = 512  # characters; ours have four names of 64 at most
MAX_REQUEST = 16 * 1024  # bytes of one request; no command carries more than a few names
MAX_FEN = 1_000_000_000_000  # of one sum: more than a hall takes in its life
MAX_ARGS = 32  # arguments of one request

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]  # one level of a topic
Uid = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Fen = Annotated[int, Field(strict=True, ge=0, le=MAX_FEN)]  # never a float, never a string
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Count = Annotated[int, Field(ge=0)]
Check = Literal["internal", "external"]  # of a device: what nobody sees, and what who stands there does
Pattern = Literal["all", "colors", "columns"]  # to be looked at: every place lit, each colour, numbers
Level = Literal[1, 2, 3, 4, 5]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # of most a node says none


class Lenient(BaseModel):
    """A message from another process of perhaps another version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(Lenient):
    """Base of the durable acts. `acts` are never dropped from the outbox; `telemetry` may be."""

    kind: str

    @property
    def is_act(self) -> bool:
        return True
