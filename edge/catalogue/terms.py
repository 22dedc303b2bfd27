"""What a hall's rules have to know of the catalogue's items: service, time, promise, fee.

Only `items.csv` is read, and of it only that is kept: a node holds it all day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from drivers.checking.problems import Problem
from edge.catalogue.columns import TABLES
from edge.catalogue.rows import rows


class Terms(NamedTuple):
    """None: the catalogue does not say."""

    service: str
    expected_min: int | None
    promise_min: int | None
    fee_fen: int | None


def read_terms(folder: Path, services: Collection[str]) -> dict[str, Terms]:
    """By number, of the items that name one of these services. Rows that are wrong are left out;
    `read_catalogue` says why. Blocks on files; never raises for what they hold, or where there are none."""
    return dict(_terms(folder, services))


def _terms(folder: Path, services: Collection[str]) -> Iterator[tuple[str, Terms]]:
    problems: list[Problem] = []
    known: Mapping[str, str] = {service: service for service in services}  # one text of each
    for row in rows(folder / "items.csv", TABLES["items.csv"], problems):
        cells = row.cells
        if row.whole and cells["service"] in known:
            service = known[cells["service"]]
            yield (
                cells["number"],
                Terms(service, cells["expected_min"], cells["promise_min"], cells["fee_fen"]),
            )
