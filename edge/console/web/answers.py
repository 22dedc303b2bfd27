"""What nodes have answered to commands, until the page of who asked has shown it: in memory only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from edge.ids import new_id
from edge.wire import Reply

KEPT = 200  # answers: a technician looks at one, and a handful of technicians are at work


@dataclass(frozen=True, slots=True)
class Answer:
    """`order`: by its name in our words. `at_s`: wall time."""

    account: str
    order: str
    at_s: float
    reply: Reply


class Answers:
    def __init__(self) -> None:
        self._kept: OrderedDict[str, Answer] = OrderedDict()

    def keep(self, answer: Answer) -> str:
        """Its id, which only who asked finds it by."""
        if len(self._kept) >= KEPT:
            self._kept.popitem(last=False)
        id_ = new_id()
        self._kept[id_] = answer
        return id_

    def find(self, account: str, id_: str) -> Answer | None:
        found = self._kept.get(id_)
        return found if found and found.account == account else None
