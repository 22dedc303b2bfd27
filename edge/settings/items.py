"""The hall's items as data: which service each belongs to, and what is known of it beforehand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Interval
from pydantic import ConfigDict, Field

from drivers.checking.problems import Problem, did_you_mean
from drivers.checking.values import show
from drivers.checking.words import Text
from edge.rules.items import CODE, Item
from edge.settings.fields import Name, Table

if TYPE_CHECKING:  # loaded where a hall has a catalogue
    from edge.catalogue.terms import Terms

MAX_ITEMS = 1000  # a county's centre has 398, a city's some 900
MAX_FEE_FEN = 100_000_000  # a million yuan: taxes are no fees


class ItemTable(Table):
    """What citizens come for: one of the matters of a service."""

    model_config = ConfigDict(defer_build=True)  # a hall without such a table does without this one
    id: Annotated[str, Field(pattern=CODE, examples=["0101"], description="the item's code in events")]
    service: Annotated[Name, Field(description="the service that its tickets are of")]
    expected_min: Annotated[
        Annotated[float, Interval(ge=0.5, le=240)] | None,
        Field(description="minutes that an act usually takes; without, as its service's"),
    ] = None
    promise_min: Annotated[
        Annotated[float, Interval(ge=0.5, le=480)] | None,
        Field(description="minutes at the window within which it is promised; without, as its service's"),
    ] = None
    fee_fen: Annotated[
        Annotated[int, Interval(ge=0, le=MAX_FEE_FEN)] | None,
        Field(description="fen that are charged for it, 0 is free of charge; without, nobody checks"),
    ] = None

    def in_rules(self, known: Item | None = None) -> Item:
        """`known`: what the catalogue says of it, which holds where this says nothing."""
        if known is None or known.service != self.service:
            known = Item(self.id, self.service)
        return Item(
            self.id,
            self.service,
            60 * self.expected_min if self.expected_min else known.usual_s,
            self.promise_min or known.promise_min,
            known.fee_fen if self.fee_fen is None else self.fee_fen,
        )


def item_problems(items: Mapping[int, ItemTable], services: Set[str]) -> Iterator[Problem]:
    """`services`: all that the file declares."""
    for index, item in items.items():
        if item.service not in services:
            reason = Text("没有这项业务", "is no service")
            yield Problem(
                f"item[{index}].service", show(item.service), reason, did_you_mean(item.service, services)
            )


def catalogued(folder: Path | None, services: Collection[str]) -> dict[str, Item]:
    """The catalogue's items that name a service, as rules know them. Reads a file."""
    if folder is None:
        return {}
    from edge.catalogue.terms import read_terms  # noqa: PLC0415 a hall without a catalogue does without it

    return {number: _in_rules(number, terms) for number, terms in read_terms(folder, services).items()}


def _in_rules(number: str, terms: Terms) -> Item:
    usual_s, promise_min = 60.0 * (terms.expected_min or 0), float(terms.promise_min or 0)
    return Item(number, terms.service, usual_s, promise_min, terms.fee_fen)


def contradictions(items: Mapping[str, ItemTable], known: Mapping[str, Item]) -> Iterator[Problem]:
    """Where both say something of one, and not the same. The table holds; the paper says the other."""
    for index, item in enumerate(items.values()):
        other = known.get(item.id)
        if other is None:
            continue
        pairs = (
            ("service", item.service, other.service),
            ("expected_min", item.expected_min, other.usual_s / 60 or None),
            ("promise_min", item.promise_min, other.promise_min or None),
            ("fee_fen", item.fee_fen, other.fee_fen),
        )
        for name, own, said in pairs:
            if own is not None and said is not None and own != said:
                reason = Text("和事项目录不一致", "is not what the catalogue says")
                yield Problem(f"item[{index}].{name}", show(own), reason, Text.same(show(said)))
