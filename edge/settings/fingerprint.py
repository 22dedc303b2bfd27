"""The fingerprint of a configuration, by which a hub sees that a node runs another than it should."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from drivers.api import DriverSpec
from drivers.checking.values import is_secret, mask

_DIGITS = 16  # 64 bits: enough to tell a hall's configurations apart


def fingerprint(settings: object) -> str:
    """Equal where every setting that counts is equal, defaults and models included.

    Secrets do not count: the fingerprint is published, and a short password could be guessed from it.
    """
    canonical = json.dumps(_plain(settings), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:_DIGITS]


def _plain(value: object) -> object:
    """As JSON holds it, in one order only: a frozenset has another in every process."""
    if isinstance(value, BaseModel):
        return _named(dict(value).items())
    if isinstance(value, DriverSpec):
        return value.family
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _named((f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.compare)
    if isinstance(value, Mapping):
        return _named((str(key), inner) for key, inner in value.items())
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(inner) for inner in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return mask(str(value))


def _named(items: Iterable[tuple[str, object]]) -> dict[str, object]:
    return {key: "***" if is_secret(key) else _plain(value) for key, value in items}
