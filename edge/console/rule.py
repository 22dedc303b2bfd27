"""What the hub does with an event: a pure function of what it has and of the event's place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Verdict(StrEnum):
    APPLY = "apply"
    DUPLICATE = "duplicate"  # drop, and acknowledge again: the first acknowledgement may have been lost
    GAP = "gap"  # ask for a backfill from last + 1


def judge(last: Mapping[str, int], epoch: str, seq: int) -> Verdict:
    """`last`: the last seq applied of each epoch of the node. An epoch that is not in it begins at 1."""
    expected = last.get(epoch, 0) + 1
    if seq == expected:
        return Verdict.APPLY
    return Verdict.DUPLICATE if seq < expected else Verdict.GAP
