"""Results as tables for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.bench.model import Figure, Result

_MET = {True: ("met", "green"), False: ("NOT MET", "bold red"), None: ("", "")}


def show(console: Console, result: Result) -> None:
    """One benchmark: its samples, then how they were taken."""
    console.rule(result.title)
    if result.series:
        table = _table("", "n", "p50 ms", "p95 ms", "p99 ms")
        for each in result.series:
            row = each.p50, each.ms(0.95), each.p99
            table.add_row(each.name, f"{len(each.values_s):,}", *(f"{value:.2f}" for value in row))
        console.print(table)
    else:
        console.print(_figures((result,)))
    for note in result.notes:
        console.print(f"· {note}", style="dim", highlight=False)


def summary(console: Console, results: Sequence[Result]) -> None:
    """Every figure with its floor and whether it is what is asked for; no miss is left out."""
    console.rule("Summary")
    console.print(_figures(results))
    missed = [figure for result in results for figure in result.figures if figure.met is False]
    for figure in missed:
        console.print(f"NOT MET: {figure.name}: {_number(figure.value)} {figure.unit}, {figure.required}")
    if not missed:
        console.print("Every requirement is met.")


def _figures(results: Iterable[Result]) -> Table:
    table = _table("figure", "value", "floor", "ratio", "required", "")
    for result in results:
        for figure in result.figures:
            table.add_row(*_cells(figure))
    return table


def _cells(figure: Figure) -> tuple[str | Text, ...]:
    name = f"{figure.name}\n  {figure.note}" if figure.note else figure.name
    floor = "" if figure.floor is None else f"{_number(figure.floor)}\n{figure.floor_name}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    return (
        name,
        f"{_number(figure.value)} {figure.unit}",
        floor,
        ratio,
        figure.required,
        Text(*_MET[figure.met]),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"


def _table(first: str, *others: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for name in others:
        table.add_column(name, justify="right")
    return table
