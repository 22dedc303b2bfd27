"""Every word that the kiosk itself says: a file a language, a flat table of keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from kiosk_ui.actions import Language

FILES: Mapping[Language, str] = MappingProxyType({"zh": "zh_CN.toml", "en": "en.toml"})


@cache
def texts(language: Language) -> Mapping[str, str]:
    """All of a language, by key."""
    file = resources.files(__name__).joinpath(FILES[language])
    return MappingProxyType(tomllib.loads(file.read_text(encoding="utf-8")))


def tr(language: Language, key: str, **values: object) -> str:
    """The words of `key`; raises KeyError for a key, or a value in its braces, that is not there."""
    return texts(language)[key].format(**values)
