"""How a value of a configuration is shown: as it stands in TOML, cut, and without secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping

VALUE_LIMIT = 80  # characters of a value that are shown: enough to find it in the file
_SECRET_KEY = re.compile(r"(?i)(pass(word|wd|phrase)?|secret|token|api_?key)$")
_URL_PASSWORD = re.compile(r"(://[^\s/:@]*):\S*@")  # up to the last @: a password may hold one
_QUERY_SECRET = re.compile(r"(?i)([?&](?:pass(?:word|wd)?|secret|token|api_?key)=)[^&\s]+")


def mask(text: str) -> str:
    """The text without passwords of URLs."""
    return _QUERY_SECRET.sub(r"\1***", _URL_PASSWORD.sub(r"\1:***@", text))


def is_secret(key: str) -> bool:
    """Whether what stands under this key is nobody's business; a file's path is not the secret in it."""
    return bool(_SECRET_KEY.search(key))


def show(value: object, key: str = "") -> str:
    """A value as it stands in TOML, cut and without secrets; tables and lists by their size only."""
    if isinstance(value, Mapping):
        return f"{{… {len(value)}}}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"[… {len(value)}]"
    if is_secret(key):
        return "***"
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{_escaped(mask(value))}"' if isinstance(value, str) else str(value)
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"


def _escaped(text: str) -> str:
    """As TOML has what cannot be shown, so that no value drives a terminal."""
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)
