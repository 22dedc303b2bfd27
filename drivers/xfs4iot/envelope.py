"""The messages of XFS4IoT: a header that says what it is, and a payload that depends on it.

Source: CEN CWA 17852 (XFS4IoT). In edition 2021-1 the header has name, requestId, type and version, and the
completion code stands in the payload. In later ones, with messages of version 2.0 and 3.0, completionCode and
errorDescription stand in the header, and a missing code is success. Both are read. A time-out is never sent:
its place differs too, and ours is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from drivers.strictjson import Json, loads
from drivers.terminal import clean

Kind = Literal["command", "acknowledge", "event", "completion", "unsolicited"]
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
NAME_LIMIT = 64  # characters of a message's name; the longest of the specification has 43
MAX_ID = 2**31 - 1


class NotAMessage(ValueError):
    """A text that is no XFS4IoT message, with the reason."""


@dataclass(frozen=True, slots=True)
class Message:
    """`code` is "" for success, and for what is no completion; `status` is an acknowledgement's refusal."""

    kind: Kind
    name: str  # "Common.Status"
    request_id: int | None = None  # None: unsolicited
    payload: Mapping[str, Json] = field(default_factory=dict)
    version: str = "1.0"
    status: str = ""
    code: str = ""
    description: str = ""


def parse(text: bytes) -> Message:
    """Raises NotAMessage."""
    try:
        found = loads(text)
    except ValueError as error:
        raise NotAMessage(f"not JSON: {clean(str(error), 100)}") from None
    if not isinstance(found, dict) or not isinstance(header := found.get("header"), dict):
        raise NotAMessage("no header")
    name, payload = header.get("name"), found.get("payload")
    if (kind := _KINDS.get(clean(header.get("type")))) is None:
        raise NotAMessage(f"type {clean(header.get('type')) or 'missing'}")
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_LIMIT:
        raise NotAMessage("no name")
    payload = {} if payload is None else payload
    if not isinstance(payload, dict):
        raise NotAMessage(f"{clean(name)}: the payload is no object")
    return Message(
        kind=kind,
        name=clean(name),
        request_id=_id(header.get("requestId")),
        payload=payload,
        version=clean(header.get("version")),
        status=clean(header.get("status")) if kind == "acknowledge" else "",
        code=_code(header, payload) if kind == "completion" else "",
        description=clean(header.get("errorDescription") or payload.get("errorDescription")),
    )


def _id(value: Json) -> int | None:
    """None for what is no id of ours: then it answers nothing that was asked."""
    return value if type(value) is int and 0 < value <= MAX_ID else None


def _code(header: Mapping[str, Json], payload: Mapping[str, Json]) -> str:
    code = header.get("completionCode") or payload.get("completionCode")
    if code is None or code == "success":
        return ""
    return clean(code) or "unreadable"


def command(name: str, request_id: int, version: str) -> str:
    """The text of a command without arguments."""
    header = {"type": "command", "name": name, "version": version, "requestId": request_id}
    return json.dumps({"header": header, "payload": {}}, separators=(",", ":"))
