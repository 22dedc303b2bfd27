"""A region's limits for follow-ups, from a file."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.rules.followup import Limits

BUILT_IN = Path(__file__).resolve().parent.parent.parent / "config" / "followup"
DEFAULT = "fifteen-days"
SIZE_LIMIT = 1 << 16  # bytes: the file is eight lines and their reasons


def load_limits(name: str = DEFAULT) -> Limits:
    """Of the file `name`, or of ours with that name. Raises ValueError, in a technician's words."""
    path = Path(name) if name.endswith(".toml") else BUILT_IN / f"{name}.toml"
    try:
        with path.open("rb") as file:
            table: dict[str, Any] = tomllib.loads(file.read(SIZE_LIMIT).decode())
    except OSError as error:
        ours = ", ".join(sorted(each.stem for each in BUILT_IN.glob("*.toml")))
        raise ValueError(f"{path}: {error.strerror}. Name a .toml file, or one of ours: {ours}") from None
    except ValueError as error:  # no UTF-8, or no TOML
        raise ValueError(f"{path}: {error}") from None
    wanted = {field.name: str if field.type == "str" else int for field in fields(Limits)}
    wrong = [key for key in wanted.keys() | table.keys() if type(table.get(key)) is not wanted.get(key)]
    if wrong:
        known = ", ".join(f"{key} ({kind.__name__})" for key, kind in wanted.items())
        raise ValueError(f"{path}: {', '.join(sorted(wrong))}: missing, unknown or not of its kind: {known}")
    try:
        ZoneInfo(table["timezone"])
        return Limits(**table)
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{path}: {error}") from None
