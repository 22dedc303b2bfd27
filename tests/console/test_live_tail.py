"""What last happened: each event once, however it came."""

from __future__ import annotations

import json
from typing import Any

from edge.console.live import tail as tails
from edge.console.live.tail import Tail
from edge.console.live.things import Key
from tests.console.live_kit import HEX, NOON, batch, event

OWNER = ("county", "node-1")
OTHER = HEX[::-1]


def seqs(tail: Tail, **wanted: str) -> list[int]:
    return [each.seq for each in tail.newest(tails.KEPT, **wanted)]


def test_a_live_copy_and_the_event_itself_are_one() -> None:
    tail = Tail()
    assert tail.take(OWNER, batch(event(7), event(8)), NOON) == {Key("event", *OWNER, "ticket.printed")}
    assert tail.take(OWNER, batch(event(6), event(7), event(8), event(9)), NOON)
    assert tail.take(OWNER, batch(event(8), event(9)), NOON) == frozenset()
    assert seqs(tail) == [9, 8, 7]


def test_a_new_database_counts_anew_and_the_old_ones_are_not_told_again() -> None:
    tail = Tail()
    tail.take(OWNER, batch(event(5)), NOON)
    tail.take(OWNER, batch(event(1, epoch=OTHER)), NOON)
    tail.take(OWNER, batch(event(5)), NOON)
    assert seqs(tail) == [1, 5]


def test_it_can_be_narrowed() -> None:
    tail = Tail()
    tail.take(OWNER, batch(event(1), event(2, "rating.given"), event(3, "rating")), NOON)
    tail.take(("valley", "node-1"), batch(event(4, "rating.missed")), NOON)
    assert seqs(tail, kind="rating") == [4, 3, 2]
    assert seqs(tail, kind="rating", hall="county") == [3, 2]
    assert seqs(tail, kind="rating.given") == [2]
    assert [each.seq for each in tail.newest(2)] == [4, 3]


def test_it_is_bounded_in_events_and_in_what_it_keeps_of_each() -> None:
    tail = Tail()
    own: dict[str, Any] = {"detail": "<b>\x1b[2J" * 100} | {f"f{n}": n for n in range(60)}
    many = [event(seq, **own) for seq in range(1, 701)]
    tail.take(OWNER, batch(*many), NOON)
    assert len(seqs(tail)) == tails.KEPT
    newest = next(tail.newest(1))
    assert len(newest.fields) == tails.FIELDS
    assert all(len(value) <= tails.LONGEST + 1 and "\x1b" not in value for _, value in newest.fields)


def test_what_cannot_be_read_is_counted() -> None:
    tail = Tail()
    for payload in (b"", b"{", b"[]", json.dumps({"v": 2, "events": []}).encode(), batch({"seq": 0})):
        assert tail.take(OWNER, payload, NOON) == frozenset()
    assert tail.unreadable == 5
    assert seqs(tail) == []
