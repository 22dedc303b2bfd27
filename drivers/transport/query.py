"""The options in a link's URL: each taken once, in its bounds, and none left over."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import SplitResult, parse_qsl, urlsplit

from drivers.api import BadSettings

MAX_URL = 1024  # bytes; a path and a dozen options stay far below it
MAX_OPTIONS = 32


class Query:
    """Options of one URL. Every method raises BadSettings, naming the option and what would be right."""

    def __init__(self, url: str, node: str = "") -> None:
        """`node` is the device node that the URL was found to mean, "" where nobody has looked."""
        self.node = node
        self.url = url[:MAX_URL]
        if len(url) > MAX_URL:
            raise self.bad(f"longer than {MAX_URL} characters", "Shorten it.")
        try:
            self.parts: SplitResult = urlsplit(url)
            pairs = (
                parse_qsl(
                    self.parts.query, keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_OPTIONS
                )
                if self.parts.query
                else []
            )
        except ValueError as error:
            raise self.bad(str(error), "Write it as scheme://place?option=value&option=value.") from None
        self._left = dict(pairs)
        if len(self._left) != len(pairs):
            raise self.bad("an option is given twice", "Keep one of them.")

    def port(self) -> int | None:
        """Of a URL whose place is a host: others may have a colon of their own."""
        try:
            return self.parts.port
        except ValueError as error:
            raise self.bad(str(error), "Write it as scheme://host:port.") from None

    def bad(self, detail: str, remedy: str) -> BadSettings:
        return BadSettings(f"{self.url}: {detail}", remedy=remedy)

    def text(self, key: str, default: str, choices: Collection[str]) -> str:
        value = self._left.pop(key, default)
        if value not in choices:
            raise self.bad(f"{key}={value}", f"{key} is one of {', '.join(choices)}.")
        return value

    def any_text(self, key: str) -> str:
        """ "" where the option is absent."""
        return self._left.pop(key, "")

    def matching(self, key: str, pattern: str, example: str) -> str:
        """Text of a form, "" where the option is absent."""
        value = self._left.pop(key, None)
        if value is None or re.fullmatch(pattern, value):
            return value or ""
        raise self.bad(f"{key}={value}", f"{key} is written as {example}.")

    def flag(self, key: str) -> bool:
        return self.text(key, "0", ("0", "1")) == "1"

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        number = self.number(key, default, low, high)
        if number != int(number):
            raise self.bad(f"{key}={number}", f"{key} is a whole number.")
        return int(number)

    def number(self, key: str, default: float, low: float, high: float) -> float:
        value = self._left.pop(key, None)
        try:
            number = default if value is None else float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise self.bad(f"{key}={value}", f"{key} is a number from {low} to {high}.")
        return number

    def names(self, key: str, choices: Collection[str]) -> list[str]:
        """A comma-separated list, [] where the option is absent."""
        value = self._left.pop(key, None)
        names = [] if value is None else value.split(",")
        for name in names:
            if name not in choices:
                raise self.bad(f"{key}={name}", f"{key} is one or more of {', '.join(choices)}.")
        return names

    def rest(self) -> dict[str, str]:
        """All options not yet taken, for whom they are meant."""
        rest, self._left = self._left, {}
        return rest

    def done(self, known: str) -> None:
        """Raises BadSettings for an option that nobody took; `known` tells those there are."""
        if self._left:
            raise self.bad(f"unknown option {', '.join(sorted(self._left))}", f"The options are {known}.")
