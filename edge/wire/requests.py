"""What a node is asked, and its answer: over the control socket and over MQTT alike."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from edge.wire.base import MAX_ARGS, Lenient, Message, Uid

# In `Reply.data`: what is a person's own. It is for the session that asked; nobody keeps, logs or prints it.
PERSONAL = "personal"


class Request(Message):
    """One command, over the control socket or `cmd/<verb>`; a repeat of `id` gets the first answer again."""

    id: Uid
    verb: Annotated[str, Field(pattern=r"^[a-z][a-z_.]{0,31}$")]
    args: Annotated[dict[str, Any], Field(max_length=MAX_ARGS)] = Field(default_factory=dict)
    reply_to: Annotated[str, Field(max_length=256)] = ""
    expires: float | None = None  # wall seconds; later than this it is refused


class Reply(Lenient):
    """`result` is done, rejected, failed or unknown; a time-out is unknown, never failed."""

    v: Literal[1] = 1
    id: str
    result: Literal["done", "rejected", "failed", "unknown"]
    code: str = ""
    zh: str = ""  # for the person who meets it
    en: str = ""
    data: dict[str, Any] = Field(default_factory=dict, repr=False)  # no log shows it by chance


def rejected(request_id: str, code: str, zh: str, en: str) -> Reply:
    """The answer to a request that was not begun. `code` is for programs, `zh` and `en` for people."""
    return Reply(id=request_id, result="rejected", code=code, zh=zh, en=en)
