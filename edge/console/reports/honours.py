"""The quarter's red-flag windows and outstanding staff, with every component of every score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge.console.reports.acts import Node
from edge.console.reports.counts import Counts
from edge.console.reports.settings import HonoursTable
from edge.console.reports.sheets import Column, Row, Sheet
from edge.console.reports.volume import HALL, NODE, STAFF, UNIT, WINDOW, all_cells, grouped
from edge.rules.score import Candidate, Ranking, Scored, Terms, rank

TIES = {
    "": "",
    "good": "好评率下限 lower bound of good",
    "ratings": "评价数 ratings",
    "acts": "办件量 acts",
    "shared": "并列 shared",
}
SCORED = (
    Column("名次", "Place"),
    Column("表彰", "Honoured", "text"),
    Column("得分", "Score", "score"),
    Column("好评率下限", "Good, lower bound", "score"),
    Column("参评", "Participation", "score"),
    Column("办件量（与本单位相比）", "Volume against its unit", "score"),
    Column("按时", "Timeliness", "score"),
    Column("同分取决于", "Tie decided by", "text"),
    Column("办件量", "Acts"),
    Column("评价数", "Ratings"),
    Column("好评率", "Good", "share"),
    Column("申诉撤销", "Withdrawn on appeal"),
    Column("计分好评率", "Good as scored", "share"),
    Column("有承诺件数", "Acts with a promise"),
)
_WINDOW = (HALL, NODE, WINDOW, UNIT)
_STAFF = (HALL, STAFF, UNIT)


def honour_sheets(nodes: Sequence[Node], terms: HonoursTable) -> list[Sheet]:
    windows, staff = window_candidates(nodes), staff_candidates(nodes)
    seats, people = terms.terms(terms.windows), terms.terms(terms.staff)
    flags = _sheet("red_flag_windows", ("红旗窗口", "Red-flag windows"), _WINDOW, windows, seats)
    return [
        flags,
        _sheet("staff", ("优秀工作人员", "Outstanding staff"), _STAFF, staff, people),
        _weights(terms),
    ]


def window_candidates(nodes: Iterable[Node]) -> list[Candidate]:
    groups = grouped(all_cells(nodes), lambda cell: (cell.hall, cell.node, cell.window, cell.unit))
    return [_candidate(name, name[-1], counts) for name, counts in groups.items() if counts.acts]


def staff_candidates(nodes: Iterable[Node]) -> list[Candidate]:
    """Of each hall by their numbers; acts without one are nobody's. Their unit is that of most acts."""
    cells = {cell: counts for cell, counts in all_cells(nodes).items() if cell.staff}
    units: dict[tuple[str, ...], tuple[int, str]] = {}
    for (hall, staff, unit), counts in grouped(cells, lambda c: (c.hall, c.staff, c.unit)).items():
        units[hall, staff] = max(units.get((hall, staff), (-1, "")), (counts.acts, unit))
    groups = grouped(cells, lambda cell: (cell.hall, cell.staff))
    return [
        _candidate((*name, units[name][1]), units[name][1], counts)
        for name, counts in groups.items()
        if counts.acts
    ]


def _candidate(name: tuple[str, ...], unit: str, counts: Counts) -> Candidate:
    """A hall is compared with itself: a village point does not do as much as the centre."""
    return Candidate(name, (name[0], unit), counts.tally, counts.timely, counts.withdrawn)


def _sheet(
    key: str,
    names: tuple[str, str],
    heads: tuple[Column, ...],
    candidates: Iterable[Candidate],
    terms: Terms,
) -> Sheet:
    ranking: Ranking = rank(candidates, terms)
    rows: list[Row] = [_row(each) for each in ranking.scored]
    for each in ranking.too_few:
        tally = each.tally
        tail = (tally.acts, tally.ratings, tally.good.rate, each.withdrawn, each.counted.rate, each.timely.n)
        rows.append((*each.name, None, "量少不参评 too few", *(None,) * 5, "", *tail))
    return Sheet.of(key, names, (*heads, *SCORED), rows)


def _row(scored: Scored) -> Row:
    tally, timely = scored.candidate.tally, scored.candidate.timely
    return (
        *scored.candidate.name,
        scored.place,
        "是 yes" if scored.honoured else "",
        scored.score,
        scored.good,
        scored.participation,
        scored.volume,
        scored.timeliness,
        TIES[scored.tie],
        tally.acts,
        tally.ratings,
        tally.good.rate,
        scored.candidate.withdrawn,
        scored.candidate.counted.rate,
        timely.n,
    )


def _weights(terms: HonoursTable) -> Sheet:
    columns = (
        Column("项目", "What (zh)", "text"),
        Column("项目（英文）", "What", "text"),
        Column("值", "Value", "score"),
    )
    rows: list[Row] = [
        ("权重：好评率下限", "weight: lower bound of good", terms.good),
        ("权重：参评", "weight: participation", terms.participation),
        ("权重：办件量", "weight: volume", terms.volume),
        ("权重：按时", "weight: timeliness", terms.timeliness),
        ("参评最少办件量", "least acts of a candidate", terms.least_acts),
        ("参评最少评价数", "least ratings of a candidate", terms.least_ratings),
        ("红旗窗口数", "red-flag windows", terms.windows),
        ("优秀工作人员数", "outstanding staff", terms.staff),
    ]
    return Sheet.of("weights", ("评分办法", "How it is scored"), columns, rows)


NOTES: tuple[tuple[str, str], ...] = (
    (
        "得分＝100×加权平均（好评率的威尔逊 95% 下限、参评率、办件量÷（办件量＋本单位平均）、按时办结率）。",
        "Score = 100 × the weighted mean of: Wilson's 95 % lower bound of good, participation, "
        "acts ÷ (acts + mean of its unit), timeliness.",
    ),
    (
        "申诉成立的差评（申诉撤销）不计入得分里的好评率下限，也不算评价数的最少数；好评率和参评率照算。",
        "Bad ratings that were withdrawn on appeal are left out of the score's lower bound of good, and of "
        "the least ratings; they stay in the good rate and in participation.",
    ),
    (
        "没有承诺时限的，按时一项取全体的按时率；谁都没有时这一项不计。单位里只有一个的，办件量一项取 0.5。",
        "Who has no acts with a promise is given the timeliness of all candidates; where nobody has any it "
        "is left out. Alone in its unit: volume 0.5.",
    ),
    (
        "同分依次比较好评率下限、评价数、办件量；都相同的并列，末位并列的都表彰。",
        "Equal scores: by the lower bound of good, then ratings, then acts; equal in all: the place is "
        "shared, and a shared last place is given to all.",
    ),
)
