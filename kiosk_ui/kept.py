"""What costs time to make, kept as far as there is room for it."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """By key: made when it is asked for, and kept within a bound of bytes; what was not asked for longest
    goes first. The last one stays, however large it is; but what is larger than `most_of_one` never does."""

    def __init__(
        self,
        make: Callable[[K], V],
        bytes_of: Callable[[V], int],
        most_bytes: int,
        most_of_one: int = sys.maxsize,
    ) -> None:
        self._make = make
        self._bytes_of = bytes_of
        self._most_bytes = most_bytes
        self._most_of_one = most_of_one
        self._kept: OrderedDict[K, V] = OrderedDict()
        self.bytes = 0

    def __getitem__(self, key: K) -> V:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        made = self._make(key)
        size = self._bytes_of(made)
        if size > self._most_of_one:
            return made
        self._kept[key] = made
        self.bytes += size
        while self.bytes > self._most_bytes and len(self._kept) > 1:
            self.bytes -= self._bytes_of(self._kept.popitem(last=False)[1])
        return made

    def all(self) -> Iterable[V]:
        return self._kept.values()

    def clear(self) -> None:
        self._kept.clear()
        self.bytes = 0
