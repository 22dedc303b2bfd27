"""The tables of reasons that come with the software, one file for each edition."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from drivers.checking.tomlfile import read_toml
from edge.rules.reasons import Reason, Reasons

TABLES = Path(__file__).resolve().parent.parent.parent / "config" / "ratings"

Edition = Literal["2020"]  # each a file there


def load_reasons(edition: Edition) -> Reasons:
    """Raises BadFile where the software is not whole."""
    table = read_toml(TABLES / f"{edition}.toml")
    return Reasons(table["version"], {row["code"]: Reason(**row) for row in table["reason"]})
