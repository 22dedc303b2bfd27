"""Follow-ups by any delivery: of what comes twice, late or to two hubs, each bad rating opens one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.console.record import Record
from tests.followup_kit import EPOCH, at, rating
from tests.integration.node import batch
from tests.store_kit import outside

LEVELS = st.lists(st.integers(0, 5), min_size=1, max_size=20)  # 0: not rated
PIECES = st.lists(st.tuples(st.integers(0, 19), st.integers(1, 20), st.booleans()), max_size=12)


@settings(max_examples=40, deadline=None)
@given(levels=LEVELS, pieces=st.tuples(PIECES, PIECES))
def test_each_bad_rating_that_is_recorded_opens_one(
    levels: list[int], pieces: tuple[list[tuple[int, int, bool]], list[tuple[int, int, bool]]]
) -> None:
    events = [
        rating(seq, level, kind="rating.given" if level else "rating.missed")
        for seq, level in enumerate(levels, 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for number, delivery in enumerate(pieces):
            path = Path(folder) / f"{number}.db"
            for first, count, twice in delivery:
                with Record(f"sqlite:///{path}", lambda: at("2026-03-02 10:00")) as record:
                    piece = ("h1", "n1", batch(events[first : first + count]))
                    if events[first : first + count]:
                        record.apply([piece, piece] if twice else [piece])
            with Record(f"sqlite:///{path}", lambda: at("2026-03-02 10:00")) as record:
                last = record.lasts([("h1", "n1", EPOCH)])[("h1", "n1", EPOCH)]
                ids = {id_ for (id_,) in outside(path, "SELECT id FROM followup")}
                bad = {f"{seq:032x}" for seq, level in enumerate(levels, 1) if level in {1, 2}}
                assert ids == {id_ for id_ in bad if int(id_, 16) <= last}
                record.apply([("h1", "n1", batch(events))])
            found.append(outside(path, "SELECT id, day FROM followup ORDER BY id"))
        assert found[0] == found[1], "two hubs know the same follow-ups, by the same names"
        assert len(found[0]) == sum(level in {1, 2} for level in levels)
