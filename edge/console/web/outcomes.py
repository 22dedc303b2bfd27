"""The trail in the words of who reads it: what somebody was, did, and what came of it.

It keeps codes, and a refusal's English words, so that it can be searched in years; what has no words here is
shown as it was kept.
"""

from __future__ import annotations

import re

from edge.console.accounts import refusals
from edge.console.accounts.refusals import Words
from edge.console.accounts.roles import Role
from edge.console.accounts.trail import Act
from edge.console.web.visit import Visit
from edge.console.web.words import WORDS

_SAID = {words.en: words for words in vars(refusals).values() if isinstance(words, Words)}
_RESULT = re.compile(r"(?P<how>[a-z]+)(?:: (?P<why>.+))?", re.DOTALL)
_WITH_ROLE = ("account.invited", "account.changed")  # its detail: a role and a hall


def role(visit: Visit, name: str) -> str:
    return _worded(visit, f"role.{name}", name)


def did(visit: Visit, act: Act) -> str:
    """ "" where only its code says it."""
    where, _, order = act.what.partition(".")
    order = order if where == "device" else f"camera_{order}"
    return _worded(visit, f"act.{act.what.replace('.', '_')}", _worded(visit, f"order.{order}", ""))


def detail(visit: Visit, act: Act) -> str:
    name, _, rest = act.detail.partition(" ")
    known = act.what in _WITH_ROLE and name in set(Role)
    return f"{role(visit, name)} {rest}".rstrip() if known else act.detail


def result(visit: Visit, kept: str) -> str:
    """ "refused: 403": refused, and why."""
    found = _RESULT.fullmatch(kept)
    if found is None or f"outcome.{found['how']}" not in WORDS:
        return kept
    how, why = visit.t(f"outcome.{found['how']}"), found["why"]
    return visit.t("outcome.since", how=how, why=_why(visit, why)) if why else how


def _why(visit: Visit, why: str) -> str:
    return visit.name(*_SAID[why]) if why in _SAID else _worded(visit, f"outcome.{why}", why)


def _worded(visit: Visit, key: str, unknown: str) -> str:
    return visit.t(key) if key in WORDS else unknown
