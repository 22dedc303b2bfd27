"""An event batch as it comes from a node: parsed, each event with its place, also a malformed one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from edge.wire import EventBatch, Stamp, flat_json

MAX_SEQ = 2**63 - 1  # an integer column of every database
_EPOCH = re.compile(r"[0-9a-f]{32}")
_KIND = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")

Place = tuple[str, int]  # epoch, seq


@dataclass(frozen=True, slots=True)
class Parsed:
    """A sound event of any kind, known here or not. `body`: the flat JSON object, compact."""

    epoch: str
    seq: int
    id: str
    kind: str
    at: float
    body: str


@dataclass(frozen=True, slots=True)
class Bad:
    """An event that cannot be read, at the place that it has or must have."""

    epoch: str
    seq: int
    body: str
    reason: str


class BadBatch(Exception):
    """Nothing in it can be placed. Next: keep it as evidence, and do not acknowledge it."""


def parse(payload: bytes) -> list[Parsed | Bad]:
    """Raises BadBatch.

    A batch is in order of seq without gaps, so an event whose own epoch or seq cannot be read has the place
    that its neighbours leave it. That lets the record go on: without a place it could be neither recorded nor
    acknowledged, and the node would send it for ever.
    """
    try:
        raw: Any = from_json(payload)
        events = raw["events"] if isinstance(raw, dict) else None
        if not isinstance(events, list):
            raise BadBatch("no object with a list of events")
        EventBatch.model_validate({**raw, "events": [{}] * len(events)})  # the version and the length
    except (ValueError, KeyError) as error:  # pydantic's ValidationError is a ValueError
        raise BadBatch(f"not an event batch: {error}") from error
    return [_event(event, place) for event, place in zip(events, _places(events), strict=True)]


def _event(event: Any, place: Place) -> Parsed | Bad:
    body = _text(event)
    try:
        stamp = Stamp.model_validate(event, strict=True)
    except ValidationError as error:
        reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return Bad(*place, body, reason[:500])
    kind = event.get("kind")
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        return Bad(*place, body, "kind: not a name")
    if not math.isfinite(stamp.at):
        return Bad(*place, body, "at: not a time")
    return Parsed(stamp.epoch, stamp.seq, stamp.id, kind, stamp.at, body)


def _text(event: Any) -> str:
    """As the node wrote it, where it is one of ours: its link is that of these bytes."""
    try:
        return flat_json(event)
    except ValueError:
        # NaN is no JSON, but better kept as text than a reason to refuse its whole batch for ever
        return to_json(event, inf_nan_mode="strings").decode()


def _places(events: list[Any]) -> list[Place]:
    own = [_own_place(event) for event in events]
    anchor = next(((index, place) for index, place in enumerate(own) if place), None)
    if events and anchor is None:
        raise BadBatch("no event says its epoch and seq")
    places: list[Place] = []
    for index, place in enumerate(own):
        anchor = (index, place) if place else anchor
        assert anchor is not None
        at, (epoch, seq) = anchor
        places.append((epoch, seq + index - at))
    if any(not 1 <= seq <= MAX_SEQ for _, seq in places):
        raise BadBatch("a seq that cannot be")
    return places


def _own_place(event: Any) -> Place | None:
    if not isinstance(event, dict):
        return None
    epoch, seq = event.get("epoch"), event.get("seq")
    if not isinstance(epoch, str) or not _EPOCH.fullmatch(epoch):
        return None
    if type(seq) is not int or not 1 <= seq <= MAX_SEQ:  # True is an int
        return None
    return epoch, seq
