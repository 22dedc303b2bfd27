"""What was charged at the windows, and given back: in fen, each once, and only ever added to."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from edge.wire.base import Fact


class _FeeFact(Fact):
    """Built when the first is said or read: a hall that charges nothing has no need of them."""

    model_config = ConfigDict(defer_build=True)

    receipt: str  # the bill's number, or the id of the request that charged
    amount_fen: int
    window: str
    staff: str
    unit: str = ""  # whose window it is, as configured then


class FeeCharged(_FeeFact):
    kind: Literal["fee.charged"] = "fee.charged"
    act: str = ""  # "<day>/<ticket>", "" where there was none at the window
    item: str = ""
    fee_fen: int | None = None  # what the configuration had for the item then; None: it said nothing


class FeeRefunded(_FeeFact):
    """Of one charge, in one or several parts: never more than was charged."""

    kind: Literal["fee.refunded"] = "fee.refunded"
