"""English that others say, in Chinese: typer of a command line, the store of a database."""

from __future__ import annotations

import re
from collections.abc import Iterable


class Phrases:
    """Pairs of a pattern of the English and the Chinese, in which `{0}` is what the first group found. The
    first pattern that fits counts; what none fits stays as it is."""

    def __init__(self, said: Iterable[tuple[str, str]]) -> None:
        self._said = tuple((re.compile(pattern, re.DOTALL), chinese) for pattern, chinese in said)

    def zh(self, text: str) -> str:
        for pattern, chinese in self._said:
            if found := pattern.fullmatch(text):
                return chinese.format(*(self.zh(each or "") for each in found.groups()))
        return text
