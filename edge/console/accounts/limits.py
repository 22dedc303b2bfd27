"""How often somebody may try to come in: each wrong try makes the next one wait longer."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_KEYS = 4096  # each some 200 bytes; who fills them throws out those with the fewest tries first
FORGOTTEN_S = 3600.0  # after the last try
ASKED_AN_HOUR = 7_200  # two a second: what changes is told by the stream, and needs no asking
ASKED_AT_ONCE = 60  # each hall of a county's, and a few pages of events
LONGEST_S = 900.0  # between two tries: 96 a day, by which no password of 12 characters is found


@dataclass(slots=True)
class _Tries:
    wrong: int
    last_s: float
    next_s: float


class Tries:
    """Of one kind of key. `free`: that many wrong ones cost nothing, then 1 s, 2 s, 4 s … up to LONGEST_S."""

    def __init__(self, free: int, clock: Callable[[], float]) -> None:
        """`clock`: monotonic."""
        self._free, self._clock = free, clock
        self._of: dict[str, _Tries] = {}

    def begin(self, key: str) -> float:
        """0: a try may be made, and counts as wrong until `was_right`. Else the seconds to wait."""
        now = self._clock()
        tries = self._of.get(key)
        if tries and now - tries.last_s > FORGOTTEN_S:
            tries = None
        if tries and now < tries.next_s:
            return tries.next_s - now
        if tries is None:
            self._make_room(now)
            tries = self._of[key] = _Tries(0, now, now)
        tries.wrong += 1
        tries.last_s = now
        over = tries.wrong - self._free
        tries.next_s = now + (min(LONGEST_S, 2.0 ** min(over - 1, 30)) if over > 0 else 0.0)
        return 0.0

    def was_right(self, key: str, *, all_of_it: bool) -> None:
        """The last try is taken back; with `all_of_it` those before too."""
        tries = self._of.get(key)
        if tries:
            tries.wrong -= 1
            tries.next_s = self._clock()
            if all_of_it or tries.wrong <= 0:
                del self._of[key]

    def __len__(self) -> int:
        return len(self._of)

    def _make_room(self, now: float) -> None:
        """Half of it at once, so that a flood does not sort at each try."""
        if len(self._of) < MAX_KEYS:
            return
        kept = {key: tries for key, tries in self._of.items() if now - tries.last_s <= FORGOTTEN_S}
        if len(kept) > MAX_KEYS // 2:
            worst = sorted(kept.items(), key=lambda item: (item[1].wrong, item[1].last_s), reverse=True)
            kept = dict(worst[: MAX_KEYS // 2])
        self._of = kept


class Budget:
    """So many in an hour, and at most `at_once`: what strangers can make this machine write down, say."""

    def __init__(self, an_hour: int, clock: Callable[[], float], at_once: int | None = None) -> None:
        self.each_s, self._most, self._clock = 3600.0 / an_hour, at_once or an_hour, clock
        self._left, self._at = float(self._most), clock()

    def take(self) -> bool:
        now = self._clock()
        self._left = min(float(self._most), self._left + (now - self._at) / self.each_s)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Programs:
    """How often each may ask by its token. Nobody finds one by trying: it has 256 bits."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of: OrderedDict[str, Budget] = OrderedDict()

    def wait_s(self, digest: str) -> float:
        """0: it may ask, and has. Else the seconds to wait."""
        budget = self._of.pop(digest, None) or Budget(ASKED_AN_HOUR, self._clock, ASKED_AT_ONCE)
        self._of[digest] = budget  # the last used is thrown out last
        if len(self._of) > MAX_KEYS:
            self._of.popitem(last=False)
        return 0.0 if budget.take() else budget.each_s


def place_of(address: str) -> str:
    """What counts as one address: a whole /64 of IPv6, since anybody has that many."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
