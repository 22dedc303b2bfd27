"""The chain of the acts: each carries the link of the act before it, so that none can be altered, taken out,
put in or moved without a trace.

`link` is SHA-256 (FIPS 180-4), in hex, of the event as it is published, without `link` itself: compact JSON
in UTF-8, the members in the order of their publication, numbers as Python's json writes them. `follows`, the
last member before it, is the `link` of the act before, so each link stands on all before it. The first act
follows `genesis`. Telemetry is no part of the chain: it may have to make room; `seq` says that it was there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from edge.wire.facts import Seal

_TEXT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_SEAL = re.compile(rb',"follows":"([0-9a-f]{64})","link":"([0-9a-f]{64})"\}')
SEAL_BYTES = len(f',"follows":"{"":64}","link":"{"":64}"')  # what a seal adds to an event
_LINK_BYTES = len(f',"link":"{"":64}"}}')


class Misfit(StrEnum):
    """How a record does not fit into its chain."""

    CONTENT = "content"
    ORDER = "order"
    MISSING = "missing"
    UNLINKED = "unlinked"


def flat_json(flat: Mapping[str, Any]) -> str:
    """One event as it is kept and published. Raises ValueError for NaN and infinity, which JSON lacks."""
    return _TEXT.encode(flat)


def genesis(epoch: str, after: int) -> str:
    """What the first act of a chain follows. `epoch` is that of one database of one node; `after` the seq of
    the last act there that had no link yet, 0 where all have one."""
    return hashlib.sha256(f"hall-edge chain 1 {epoch} {after}".encode()).hexdigest()


def seal(text: str, follows: str) -> tuple[str, str]:
    """The act's JSON object with its seal, and its link."""
    body = f'{text[:-1]},"follows":"{follows}"}}'
    link = hashlib.sha256(body.encode()).hexdigest()
    return f'{body[:-1]},"link":"{link}"}}', link


def seal_of(text: bytes) -> Seal | None:
    """What the text says of itself; None where it carries no seal at its end."""
    found = _SEAL.fullmatch(text, max(0, len(text) - SEAL_BYTES - 1))
    return found and Seal.model_construct(follows=found[1].decode(), link=found[2].decode())


def is_sound(text: bytes, seal: Seal) -> bool:
    """Whether the link is that of the text."""
    return hashlib.sha256(text[:-_LINK_BYTES] + b"}").hexdigest() == seal.link
