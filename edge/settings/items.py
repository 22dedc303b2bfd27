"""The hall's items as data: which service each belongs to, and what is known of it beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Annotated

from annotated_types import Interval
from pydantic import ConfigDict, Field

from drivers.checking.problems import Problem, did_you_mean
from drivers.checking.values import show
from drivers.checking.words import Text
from edge.rules.items import CODE, Item
from edge.settings.fields import Name, Table

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

    def in_rules(self, usual_min: float) -> Item:
        """`usual_min`: its service's."""
        expected_min = usual_min if self.expected_min is None else self.expected_min
        return Item(self.id, self.service, 60 * expected_min, self.promise_min or 0.0, self.fee_fen)


def item_problems(items: Mapping[int, ItemTable], services: Set[str]) -> Iterator[Problem]:
    """`services`: all that the file declares."""
    for index, item in items.items():
        if item.service not in services:
            reason = Text("没有这项业务", "is no service")
            yield Problem(
                f"item[{index}].service", show(item.service), reason, did_you_mean(item.service, services)
            )
