"""A port that cannot be opened, in a sentence with its remedy: the words are those of the conditions."""

from __future__ import annotations

from drivers.api import DriverError
from drivers.registry import LINK_CONDITIONS
from edge.diag.words import Words

_SPECS = {spec.code: spec for spec in LINK_CONDITIONS}


def said(error: Exception, words: Words) -> str:
    """The cause, the detail and what to do."""
    spec = _SPECS.get(error.code) if isinstance(error, DriverError) else None
    if spec is None:
        remedy = error.remedy if isinstance(error, DriverError) else ""
        return f"{error}  {words('remedy')}{remedy}" if remedy else str(error)
    cause, remedy = words.pick(spec.zh, spec.en), words.pick(spec.remedy_zh, spec.remedy_en)
    return f"{cause} ({error})  {words('remedy')}{remedy}"
