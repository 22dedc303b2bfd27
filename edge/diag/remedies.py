"""A port that cannot be opened, in a sentence with its remedy: the words are those of the conditions."""

from __future__ import annotations

from drivers.api import DriverError
from drivers.checking.problems import BadDevice
from drivers.checking.words import NOTHING, Text
from drivers.registry import LINK_CONDITIONS
from edge.diag.trouble import Trouble, joined
from edge.diag.words import Words

_SPECS = {spec.code: spec for spec in LINK_CONDITIONS}


def explained(error: Exception) -> tuple[Text, Text]:
    """The cause with its detail, and what to do."""
    spec = _SPECS.get(error.code) if isinstance(error, DriverError) else None
    if spec is not None:
        cause = Text(f"{spec.zh}（{error}）", f"{spec.en} ({error})")
        return cause, Text(spec.remedy_zh, spec.remedy_en)
    remedy = error.remedy if isinstance(error, DriverError) else ""
    return Text.same(str(error)), Text.same(remedy) if remedy else NOTHING


def of_device(error: BadDevice) -> Trouble:
    """A family that there is none of, or options that it does not take."""
    return Trouble(
        joined(each.reason for each in error.problems), joined(each.hint for each in error.problems)
    )


def said(error: Exception, words: Words) -> str:
    """In one line."""
    cause, remedy = explained(error)
    told, next_ = words.pick(cause.zh, cause.en), words.pick(remedy.zh, remedy.en)
    return f"{told}  {words('remedy')}{next_}" if next_ else told
