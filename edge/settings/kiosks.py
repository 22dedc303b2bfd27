"""The kiosks that belong to a node, so that one which says nothing is missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Annotated

from annotated_types import Interval
from pydantic import Field

from drivers.checking.problems import Problem
from drivers.checking.values import show
from drivers.checking.words import Text
from edge.settings.fields import Name, Table

MAX_KIOSKS = 16  # of one node: the control socket has 64 connections, and a kiosk takes three at most


class KioskTable(Table):
    """A kiosk: another program on this machine, which says each second that it is alive."""

    id: Annotated[Name, Field(description="its own among all devices, as its own configuration says it")]
    silent_s: Annotated[
        float, Interval(ge=3, le=3600), Field(description="seconds without a word until it counts as gone")
    ] = 15.0  # it is started afresh within five


def kiosk_problems(kiosks: Mapping[int, KioskTable], devices: Set[str]) -> Iterator[Problem]:
    """`devices`: the ids of all devices and their children."""
    for index, kiosk in kiosks.items():
        if kiosk.id in devices:
            reason = Text("有一台设备已经用了", "is the id of a device already")
            yield Problem(f"kiosk[{index}].id", show(kiosk.id), reason)
