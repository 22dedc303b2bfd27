"""Keyed hashes, by which what belongs together is known again, and nothing is told to who lacks the key."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

DIGITS = 32  # hex digits: 128 bits
MIN_KEY = 32  # characters of a file's key: as long as `openssl rand -hex 16` makes one


class NoKey(Exception):
    """The file has no key; says why."""


def key_of(seed: str, *parts: object) -> str:
    """What follows from these parts, and from nothing that anybody else knows."""
    return hashlib.sha256("\0".join((seed, *map(str, parts))).encode()).hexdigest()[:DIGITS]


def person_of(key: str, number: str, day: str) -> str:
    """Of an identity number on a day, as an appointment's `person` has it: who booked on two days is two."""
    told = f"{day}/{number.strip().upper()}"
    return hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()[:DIGITS]


def read_key(path: Path) -> str:
    """The first line of the file. Raises NoKey."""
    try:
        with path.open(encoding="utf-8") as file:
            key = file.readline(4096).strip()
    except (OSError, ValueError) as error:
        raise NoKey(str(error)) from error
    if len(key) < MIN_KEY:
        raise NoKey(f"{path} has less than {MIN_KEY} characters in its first line")
    return key
