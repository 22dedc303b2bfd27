"""What things of a node are called, and what the conditions of its devices mean, as the node itself says."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from edge.wire.about import (
    AboutCamera,
    AboutCondition,
    AboutDevice,
    AboutService,
    AboutWindow,
    NodeAbout,
    Words,
)

MAX_SHARED = 4_096  # lists of words and reasons: a county has some twenty different ones
ANY = ""  # the family whose words are every device's

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    """Of one node; nothing is found where it has told none."""

    about: NodeAbout | None = None
    services: Mapping[str, AboutService] = field(default_factory=dict)
    windows: Mapping[str, AboutWindow] = field(default_factory=dict)
    devices: Mapping[str, AboutDevice] = field(default_factory=dict)
    cameras: Mapping[str, AboutCamera] = field(default_factory=dict)

    def condition(self, device: str, code: str) -> AboutCondition | None:
        """What `code` of this device means."""
        if self.about is None:
            return None
        known = self.devices.get(device)
        words = self.about.device_words
        own = words.get(known.driver, {}) if known else {}
        return own.get(code) or words.get(ANY, {}).get(code)

    def hall(self) -> tuple[str, str]:
        """In Chinese and English, each perhaps ""."""
        return (self.about.hall_name, self.about.hall_name_en) if self.about else ("", "")


def names_of(about: NodeAbout | None) -> Names:
    if about is None:
        return Names()
    return Names(
        about,
        services={each.id: each for each in about.services},
        windows={each.id: each for each in about.windows},
        devices={each.id: each for each in about.devices},
        cameras={each.id: each for each in about.cameras},
    )


class Shared:
    """The words of conditions and reasons are the same at nearly all nodes, and are most of what these say of
    themselves: each list is kept once."""

    def __init__(self) -> None:
        self._known: dict[Hashable, object] = {}

    def about(self, about: NodeAbout) -> NodeAbout:
        words = {family: self._words(each) for family, each in about.device_words.items()}
        reasons = self._one(about.reasons, about.reasons)
        return about.model_copy(update={"device_words": words, "reasons": reasons})

    def _words(self, words: Words) -> Words:
        return self._one(tuple(sorted(words.items())), words)

    def _one(self, key: Hashable, value: T) -> T:
        if len(self._known) >= MAX_SHARED:
            self._known.clear()  # strangers' lists: what is in use stays with its nodes
        return cast("T", self._known.setdefault(key, value))  # one key, one type
