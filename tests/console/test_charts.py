"""Charts: whatever the values, a drawing within its box and a table that says the same."""

from __future__ import annotations

import re
from datetime import UTC
from functools import partial
from itertools import pairwise
from math import inf, nan
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.console.charts import svg
from edge.console.charts.bars import LEVELS, MOST, bars, levels
from edge.console.charts.chart import NOTHING, Chart, percent
from edge.console.charts.heat import heat, shade
from edge.console.charts.lines import Hours, Line, day_lines
from edge.console.charts.scale import apart, ticks
from edge.console.charts.strip import Span, State, Strip, outages, strips
from edge.console.web.render import FOLDER
from edge.console.web.words import Lang, said

SAY = {lang: partial(said, lang) for lang in ("zh", "en")}
LANG: st.SearchStrategy[Lang] = st.sampled_from(("zh", "en"))
NAMES = st.text(max_size=80)
FINITE = st.none() | st.floats(0, 1e12)
ANY = st.none() | st.floats() | st.sampled_from((nan, inf, -1.0, 0.0))
HOURS = st.tuples(st.integers(0, 23), st.integers(1, 24), st.none() | st.floats(0, 24)).map(
    lambda of: Hours(of[0], min(24, of[0] + of[1]), of[2])
)
DAY_S = 86_400.0


def drawings(chart: Chart) -> list[ET.Element]:
    return list(ET.fromstring(f"<all>{chart.svg}</all>"))


def holds(chart: Chart) -> None:
    """What holds for each chart that draws anything."""
    wide, narrow = drawings(chart)
    assert (wide.get("class"), narrow.get("class")) == ("chart-wide", "chart-narrow")
    for drawn in (wide, narrow):
        assert drawn.get("role") == "img"
        assert [each.tag for each in drawn][:2] == ["title", "desc"]
        assert drawn[1].text
        _, _, width, height = map(float, (drawn.get("viewBox") or "").split())
        for each in drawn.iter():
            assert "style" not in each.attrib
            for x, y in places(each):
                assert -0.1 <= x <= width + 0.1, ET.tostring(each)
                assert -0.1 <= y <= height + 0.1, ET.tostring(each)
    assert {len(row) for row in chart.rows} == {len(chart.head)}


def places(of: ET.Element) -> list[tuple[float, float]]:
    """The corners of what it draws."""

    def n(name: str) -> float:
        return float(of.attrib[name])

    match of.tag:
        case "rect":
            assert n("width") >= 0 and n("height") >= 0
            return [(n("x"), n("y")), (n("x") + n("width"), n("y") + n("height"))]
        case "line":
            return [(n("x1"), n("y1")), (n("x2"), n("y2"))]
        case "circle":
            return [(n("cx") - n("r"), n("cy") - n("r")), (n("cx") + n("r"), n("cy") + n("r"))]
        case "text":
            kinds = of.get("class", "").split()
            width = svg.wide(of.text or "")
            begin = n("x") - (width if "end" in kinds else width / 2 if "mid" in kinds else 0)
            return [(begin, n("y") - svg.TEXT * 0.8), (begin + width, n("y"))]
        case "polyline" | "path":
            numbers = [float(each) for each in re.findall(r"-?[\d.]+", of.get("points") or of.get("d") or "")]
            return list(zip(numbers[::2], numbers[1::2], strict=True))
    return []


def as_number(text: str) -> float | None:
    return None if text == NOTHING else float(text.replace(",", ""))


def same(told: str, value: float | None) -> bool:
    read = as_number(told)
    return read is None if value is None else read == pytest.approx(value, abs=0.051)


@given(LANG, HOURS, st.lists(st.tuples(NAMES, st.lists(FINITE, max_size=26)), min_size=1, max_size=3))
def test_lines_hold_for_any_values(
    lang: Lang, hours: Hours, days: list[tuple[str, list[float | None]]]
) -> None:
    lines = [Line(name, tuple(values)) for name, values in days]
    chart = day_lines(SAY[lang], "等候", "分钟", lines, hours)
    if not any(value is not None for each in lines for value in each.values[: hours.count]):
        assert (chart.svg, chart.rows, chart.said) == ("", (), said(lang, "chart.none"))
        return
    holds(chart)
    assert len(chart.rows) == hours.count
    for n, row in enumerate(chart.rows):
        for each, told in zip(lines, row[1:], strict=True):
            assert same(told, each.values[n] if n < len(each.values) else None)


@given(LANG, HOURS, st.lists(st.lists(FINITE, max_size=26), min_size=7, max_size=7))
def test_fields_hold_for_any_values(lang: Lang, hours: Hours, days: list[list[float | None]]) -> None:
    chart = heat(SAY[lang], "等候", "minutes, or what else is very long", days, hours)
    if not any(value is not None for day in days for value in day[: hours.count]):
        assert (chart.svg, chart.rows) == ("", ())
        return
    holds(chart)
    for n, row in enumerate(chart.rows):
        for day, told in zip(days, row[1:], strict=True):
            assert same(told, day[n] if n < len(day) else None)


SPANS = st.lists(
    st.tuples(st.floats(-DAY_S, 31 * DAY_S), st.floats(0, 31 * DAY_S), st.sampled_from(State)).map(
        lambda of: Span(of[0], of[0] + of[1], of[2])
    ),
    max_size=30,
)


@given(LANG, st.lists(st.tuples(NAMES, SPANS), max_size=6), st.integers(1, 30))
def test_strips_hold_for_any_spans(lang: Lang, devices: list[tuple[str, list[Span]]], days: int) -> None:
    asked = [Strip(name, tuple(spans)) for name, spans in devices]
    chart = strips(SAY[lang], "设备", asked, begin_s=0.0, end_s=days * DAY_S, zone=UTC)
    if not chart.svg:
        assert chart.said == said(lang, "chart.none")
        return
    holds(chart)
    assert [row[0] for row in chart.rows] == [name for name, _ in devices]
    for row in chart.rows:
        shares = [float(share.removesuffix(" %")) for share in row[1:5]]
        assert sum(shares) == pytest.approx(100, abs=0.3)


@given(LANG, st.dictionaries(st.sampled_from(LEVELS), st.integers(0, MOST)))
def test_levels_hold_for_any_counts(lang: Lang, counts: dict[int, int]) -> None:
    chart = levels(SAY[lang], "评价", counts)
    if not sum(counts.values()):
        assert not chart.svg
        return
    holds(chart)
    assert [as_number(row[1]) for row in chart.rows] == [counts.get(level, 0) for level in LEVELS]


@given(LANG, st.dictionaries(NAMES, st.integers(0, MOST), max_size=30))
def test_bars_hold_for_any_counts(lang: Lang, counts: dict[str, int]) -> None:
    chart = bars(SAY[lang], "原因", counts)
    if not sum(counts.values()):
        assert not chart.svg
        return
    holds(chart)
    assert {row[0]: int(row[1]) for row in chart.rows} == {name: n for name, n in counts.items() if n}
    assert [int(row[1]) for row in chart.rows] == sorted(filter(None, counts.values()), reverse=True)


@given(LANG, st.lists(ANY, min_size=1, max_size=9))
def test_what_is_no_value_is_left_out_and_said(lang: Lang, values: list[float | None]) -> None:
    hours = Hours(9, 18)
    wrong = sum(value is not None and not 0 <= value < inf for value in values)
    for chart in (
        day_lines(SAY[lang], "等候", "分钟", [Line("今天", tuple(values))], hours),
        heat(SAY[lang], "等候", "分钟", [values, *[[]] * 6], hours),
    ):
        assert "nan" not in chart.svg and "inf" not in chart.svg
        assert (said(lang, "chart.refused", n=wrong) in chart.notes) == (wrong > 0)
        if chart.svg:
            holds(chart)


def test_the_line_that_it_is_about_is_told_apart_and_its_running_hour_is_hollow() -> None:
    lines = [
        Line("今天", (4.0, 14.0, 3.0)),
        Line("昨天", (5.0, 12.0, 6.0, 7.0)),
        Line("上周一", (1.0, None, 2.0, 3.0)),
    ]
    chart = day_lines(SAY["zh"], "等候", "分钟", lines, Hours(9, 13, now=11.5))
    assert chart.said == "今天在 10–11 时最高：14 分钟；昨天同时段 12 分钟。"
    assert chart.rows[2] == ("11–12（未完）", "3", "6", "2")
    for drawn in drawings(chart):
        classes = [each.get("class") for each in drawn]
        pieces = [each for each in classes if each and each.startswith("line")]
        assert pieces == ["line third", "line second", "line today", "line today running"]
        assert [each for each in classes if each and "dot" in each].count("dot today running") == 1
        assert {each.text for each in drawn if "name" in each.get("class", "")} == {"今天", "昨天", "上周一"}


def test_what_is_beyond_belief_is_drawn_at_the_top_with_a_sign_and_said() -> None:
    chart = day_lines(SAY["en"], "Wait", "min", [Line("today", (3.0, 900.0, 8.0))], Hours(9, 12), most=60)
    assert chart.notes == ("Above 60 and drawn at the top only: 1.",)
    assert "900" in chart.rows[1]
    for drawn in drawings(chart):
        assert len([each for each in drawn if each.get("class") == "beyond"]) == 1
    field = heat(SAY["en"], "Wait", "min", [[3.0, 900.0], *[[]] * 6], Hours(9, 12), most=60)
    assert field.notes == chart.notes


def test_an_outage_of_a_minute_is_seen_in_a_strip_of_a_month() -> None:
    begin, minute = 10 * DAY_S, 60.0
    spans = (
        Span(0, begin, State.ONLINE),
        Span(begin, begin + minute, State.AWAY),
        Span(begin + minute, 30 * DAY_S, State.ONLINE),
    )
    chart = strips(SAY["en"], "Devices", [Strip("printer", spans)], begin_s=0, end_s=30 * DAY_S, zone=UTC)
    assert chart.rows == (("printer", "99.9 %", "0 %", "0.1 %", "0 %", "1"),)
    for drawn in drawings(chart):
        row = next(each for each in drawn if each.tag == "g")
        assert [each.get("class") for each in row if each.tag == "rect"] == [
            "was online",
            "was away",
            "was online",
        ]


def test_what_nobody_knows_counts_neither_for_nor_against_a_device() -> None:
    spans = (Span(6 * DAY_S, 6.75 * DAY_S, State.ONLINE), Span(6.75 * DAY_S, 7 * DAY_S, State.AWAY))
    chart = strips(SAY["en"], "Devices", [Strip("printer", spans)], begin_s=0, end_s=7 * DAY_S, zone=UTC)
    assert chart.rows == (("printer", "10.7 %", "0 %", "3.6 %", "85.7 %", "1"),)
    for drawn in drawings(chart):
        assert "75 %" in {each.text for each in drawn.iter("text")}


def test_an_outage_that_was_told_twice_is_one() -> None:
    away = [Span(n, n + 1.0, State.AWAY) for n in (0.0, 1.0, 5.0)]
    assert outages(Strip("printer", (*away[:2], Span(2, 5, State.ONLINE), away[2]))) == 2


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(1, 100_000, "0.1 %"), (99_999, 100_000, "99.9 %"), (1, 1, "100 %"), (0, 7, "0 %"), (1, 0, NOTHING)],
)
def test_a_share_says_all_and_nothing_only_where_it_is(part: float, whole: float, told: str) -> None:
    assert percent(part, whole) == told


@given(st.floats(0, 1e15), st.integers(1, 8))
def test_ticks_begin_at_zero_and_reach_the_highest_value(most: float, parts: int) -> None:
    found = ticks(most, parts)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= parts + 1


@given(st.lists(st.floats(0, 200), max_size=8))
def test_labels_keep_apart_in_their_order(wanted: list[float]) -> None:
    placed = apart(wanted, 16, 0, 200)
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    assert all(placed[b] - placed[a] >= 15.9 for a, b in pairwise(order))
    assert all(-0.1 <= each <= 200.1 for each in placed)


def test_shades_deepen_with_the_value_and_the_highest_has_the_darkest() -> None:
    edges = ticks(30, 6)
    assert [shade(value, edges) for value in (1, 5, 6, 30, 99)] == [0, 0, 1, 5, 5]
    assert shade(1, ticks(1, 6)) == 5


def test_letters_and_marks_can_be_told_from_their_ground_by_day_and_by_night() -> None:
    sheets = [(FOLDER / "static" / name).read_text() for name in ("base.css", "charts.css")]
    day: dict[str, str] = {}
    night: dict[str, str] = {}
    for sheet in sheets:
        light, dark = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
        day |= dict(re.findall(r"--([\w-]+): (#\w{6})", light))
        night |= dict(re.findall(r"--([\w-]+): (#\w{6})", dark))
    for colours in (day, night):
        for n in range(3):
            assert contrast(colours[f"line-{n + 1}"], colours["card"]) >= 4.5, n  # letters are of it too
        for n in range(6):
            ink = colours["ink" if n < 3 else "card"]
            assert contrast(colours[f"heat-{n}"], ink) >= 4.5, n
        for level in LEVELS:
            ink = colours["card" if level in (5, 1) else "ink"]
            assert contrast(colours[f"level-{level}"], ink) >= 4.5, level
        for state in ("online", "degraded", "away"):
            assert contrast(colours[f"was-{state}"], colours["card"]) >= 3, state


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
