"""All text of the pages, in Chinese and English. A key's first part names the page that says it."""

from __future__ import annotations

from typing import Literal

from edge.console.web.words import (
    accounts,
    api,
    cameras,
    charts,
    common,
    device,
    events,
    fleet,
    plan,
    ratings,
    reports,
)

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")

WORDS: dict[str, tuple[str, str]] = {
    **accounts.WORDS,
    **api.WORDS,
    **cameras.WORDS,
    **charts.WORDS,
    **common.WORDS,
    **device.WORDS,
    **events.WORDS,
    **fleet.WORDS,
    **plan.WORDS,
    **ratings.WORDS,
    **reports.WORDS,
}


def said(lang: Lang, key: str, **values: object) -> str:
    """Raises KeyError for what nobody has written: a test asks each page for it."""
    return WORDS[key][LANGS.index(lang)].format(**values)
