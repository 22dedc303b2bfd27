"""Whatever a node tells, in whatever order: a sum is bounded, adds up, and is read back as it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.console.reports.lines import kind_of, matcher, plainly
from edge.console.sums.fold import WANTED, DayFold
from edge.console.sums.model import BODY, DaySum
from edge.wire import flat_json
from tests.report_kit import CHINA, wall

WORDS = {kind_of(fact): (fact, wanted) for fact, (wanted, _) in WANTED.items()}
TICKETS = st.sampled_from(["A001", "A002", "B001"])
STEPS = st.tuples(
    st.sampled_from(sorted(WORDS)),
    TICKETS,
    st.sampled_from(["1", "2", "\x00"]),
    st.integers(1, 5),
    st.floats(-7200, 7200),
    st.one_of(st.none(), st.integers(0, 3000)),
)
Steps = Sequence[tuple[str, str, str, int, float, int | None]]


def event(step: tuple[str, str, str, int, float, int | None], at: float) -> dict[str, Any]:
    kind, ticket, window, level, _, p50_s = step
    fact = WORDS[kind][0]
    stamp = {"epoch": "e" * 32, "seq": 1, "id": "a" * 32, "at": at, "boot": "b" * 32, "mono": at}
    known = {"ticket": ticket, "window": window, "level": level, "wait_p50_s": p50_s, "reasons": [level, 9]}
    known |= {"service": "tax", "reason": "day_end", "staff": "1"}
    told = {name: known.get(name, "x") for name in fact.model_fields if name != "kind"}
    return {**stamp, "clock_ok": True, "by": "node", "kind": kind, **told}


def folded(steps: Steps) -> DayFold:
    fold, at = DayFold("2026-10-08", CHINA), wall("2026-10-08 09:00")
    for step in steps:
        at += step[4]
        fold.take(step[0], at, flat_json(event(step, at)))
    return fold


@given(st.lists(STEPS, max_size=60))
def test_a_sum_adds_up_and_is_read_back(steps: Steps) -> None:
    fold = folded(steps)
    found = fold.sum()
    total = found.total()
    assert total.wait_n <= total.called <= 3 * len(steps)
    assert total.told_n <= total.wait_n
    assert 0 <= total.wait_max_s <= total.wait_s or total.wait_n == 0
    assert sum(desk.called for desk in found.windows.values()) == total.called
    assert sum(desk.served for desk in found.windows.values()) == total.served
    assert all(desk.staffed_s >= 0 for desk in found.windows.values())
    assert BODY.validate_json(BODY.dump_json(found)) == found
    assert fold.sum() == found  # to tell it changes nothing


@given(st.lists(STEPS, max_size=30), st.lists(STEPS, max_size=30))
def test_parts_added_are_the_whole(one: Steps, two: Steps) -> None:
    parts = [folded(one).sum(), folded(two).sum()]
    together = DaySum()
    for part in parts:
        together.add(part)
    for name in ("arrivals", "called", "served", "no_show", "wait_n", "told_n"):
        expected = sum(getattr(part.total(), name) for part in parts)
        assert getattr(together.total(), name) == expected
    assert sum(desk.rated for desk in together.windows.values()) == sum(
        desk.rated for part in parts for desk in part.windows.values()
    )


@given(STEPS, st.booleans())
def test_a_pattern_reads_what_json_reads(
    step: tuple[str, str, str, int, float, int | None], old: bool
) -> None:
    told = event(step, 1.7e9)
    if old:
        told.pop("wait_p50_s", None)
    body = flat_json(told)
    fact, wanted = WORDS[step[0]]
    found = matcher(fact, wanted)(body)
    assert found is None or found.groups() == plainly(wanted, body)
