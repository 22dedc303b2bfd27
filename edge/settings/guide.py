"""Where the items stand that the hall does for citizens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from drivers.checking.variables import EnvPath
from edge.settings.fields import Table

SAMPLE = Path(__file__).resolve().parent.parent.parent / "config" / "items"


class GuideTable(Table):
    """The service guide of kiosks, and the one-time notices that are printed from it."""

    catalogue: Annotated[
        Literal["", "sample"] | EnvPath,
        Field(description='a folder of CSV files; "sample" is the made-up one of 398 items, empty is none'),
    ] = ""

    @property
    def folder(self) -> Path | None:
        if self.catalogue == "sample":
            return SAMPLE
        return Path(self.catalogue) if self.catalogue else None
