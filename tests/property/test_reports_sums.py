"""Whatever nodes tell: the parts add up to the whole, a pattern reads what JSON reads, nothing raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.console.reports.acts import Node
from edge.console.reports.lines import READ, kind_of, matcher, plainly
from edge.console.reports.sheets import Sheet
from edge.console.reports.volume import volume_sheets
from edge.wire import Fact, flat_json

FACTS = {kind_of(fact): (fact, wanted) for fact, wanted in READ.items()}
UIDS = st.text("0123456789abcdef", min_size=32, max_size=32)
TEXTS = st.one_of(st.sampled_from(["1", "2", "A001", "tax"]), st.text(max_size=6))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "act": st.one_of(TEXTS, st.fixed_dictionaries({"x": TEXTS, "ticket": TEXTS, "window": TEXTS})),
    "rating_asked": st.booleans(),
    "promise_min": st.sampled_from([0.0, 10.0, 2.5]),
    "level": st.integers(1, 5),
    "overtook": st.lists(TEXTS, max_size=2),
    **{name: st.integers(1, 999) for name in ("number", "copies", "times", "raw")},
    **{name: st.booleans() for name in ("can_show",)},
}


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """One of the kinds that are read, flat as on the wire; sometimes an older node's, or with more."""
    kind = draw(st.sampled_from(sorted(FACTS)))
    fact: type[Fact] = FACTS[kind][0]
    stamp = {
        "epoch": "e" * 32,
        "seq": 1,
        "id": draw(TEXTS),
        "at": draw(st.floats(0, 2e9)),
        "boot": draw(UIDS),
    }
    stamp |= {"mono": draw(st.floats(0, 1e6)), "clock_ok": True, "by": draw(TEXTS)}
    told = {name: draw(VALUES.get(name, TEXTS)) for name in fact.model_fields if name != "kind"}
    if draw(st.booleans()):
        told.pop("unit", None)
        told.pop("promise_min", None)
    return {
        **stamp,
        "kind": kind,
        **told,
        **draw(st.dictionaries(TEXTS, TEXTS, max_size=1).filter(_is_new(stamp))),
    }


def _is_new(stamp: dict[str, Any]) -> Any:
    taken = {*stamp, "kind", *(name for fact, _ in FACTS.values() for name in fact.model_fields)}
    return lambda more: not taken & set(more)


@given(events())
def test_a_pattern_reads_what_json_reads(event: dict[str, Any]) -> None:
    body = flat_json(event)
    fact, wanted = FACTS[event["kind"]]
    found = matcher(fact, READ[fact])(body)
    assert found is None or found.groups() == plainly(wanted, body)


def told(node: Node, its: Sequence[tuple[str, str, str, str, int, float]]) -> None:
    """Kind, ticket, window, staff, level, seconds since the one before; in any order, as if torn."""
    at = 1.79e9
    node.open_day("2026-10-08", at)
    for kind, ticket, window, staff, level, after_s in its:
        at += after_s
        known: dict[str, object] = {"ticket": ticket, "window": window, "staff": staff, "level": level}
        known |= {"service": "tax", "unit": f"u{window}", "promise_min": 1.0, "rating_asked": True}
        known |= {"boot": "b" * 32, "mono": at, "reason": "key"}
        node.take(kind, at, flat_json(known))
    node.end()


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(sorted(FACTS)),
        st.sampled_from(["A001", "A002", "A003"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["1001", "1002"]),
        st.integers(1, 5),
        st.floats(0, 300),
    ),
    max_size=60,
)


@given(HAPPENINGS, HAPPENINGS)
def test_the_parts_of_every_table_add_up_to_its_totals(one: Any, other: Any) -> None:
    nodes = [Node("county", "desk"), Node("town", "desk")]
    for node, its in zip(nodes, (one, other), strict=True):
        told(node, its)
    sheets = volume_sheets(nodes, {"county": "", "silent": ""})
    for sheet in sheets:
        assert sheet.totals
        for index, column in enumerate(sheet.columns):
            if column.form == "count":
                assert sum(_number(row[index]) for row in sheet.rows) == sheet.totals[index], (
                    sheet.key,
                    column,
                )
    acts = {sheet.key: _acts(sheet) for sheet in sheets}
    assert len(set(acts.values())) == 1, acts


def _acts(sheet: Sheet) -> object:
    assert sheet.totals
    return sheet.totals[[column.en for column in sheet.columns].index("Acts")]


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


@given(HAPPENINGS)
def test_an_act_is_never_rated_twice_nor_rated_without_being_counted(its: Any) -> None:
    node = Node("county", "desk")
    told(node, its)
    for counts in node.cells.values():
        tally = counts.tally  # raises where there are more ratings than acts
        assert tally.ratings <= counts.acts
