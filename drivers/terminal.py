"""What a self-service terminal tells of itself, whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from drivers.api import Health
from drivers.messages import Instant

TEXT_LIMIT = 64  # characters of a text that comes from the terminal
DETAIL_LIMIT = 200  # of a condition's detail


def clean(text: object, limit: int = TEXT_LIMIT) -> str:
    """A peer's text for logs and messages: one line, printable, at most `limit` characters; "" for what is no
    text."""
    if not isinstance(text, str):
        return ""
    return "".join(char if char.isprintable() else "?" for char in text[:limit]).strip()


def stamp(wall_s: float) -> str:
    """A moment as RFC 3339 has it, in UTC and whole seconds: "2024-05-06T07:08:09Z"."""
    return datetime.fromtimestamp(int(wall_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Presence:
    """Since when a terminal is away, kept by its driver from one run to the next: "offline_since" is told
    when it is lost, and taken away when it is back."""

    def __init__(self) -> None:
        self._heard: Instant | None = None  # None: never
        self._lost = ""

    def heard(self, now: Instant) -> None:
        self._heard = now

    def back(self, health: Health) -> None:
        self._lost = ""
        health.attribute("offline_since", "")

    def lost(self, health: Health) -> None:
        """The first loss counts; a try in vain is no new one."""
        if not self._lost and self._heard is not None:
            self._lost = stamp(self._heard.wall_s)
        health.attribute("offline_since", self._lost)


class Conditions:
    """Tells a health which conditions are on, of all that are found wrong at once: each change once."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def tell(self, health: Health, found: Iterable[tuple[str, str]]) -> None:
        """(code, detail) of all that is wrong now; a code may come several times."""
        details: dict[str, list[str]] = {}
        for code, detail in found:
            details.setdefault(code, []).append(detail)
        now = {code: "; ".join(filter(None, each))[:DETAIL_LIMIT] for code, each in details.items()}
        for code in self._told.keys() - now.keys():
            health.condition(code, False)
        for code, detail in now.items():
            if self._told.get(code) != detail:
                health.condition(code, True, detail)
        self._told = now
