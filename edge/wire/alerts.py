"""What becomes of a warning of the hall's supervision: durable facts, for whoever counts them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from edge.wire.base import Fact

AlertLevel = Literal["amber", "red"]


class _AlertFact(Fact):
    """Built when the first is said or read: a node that warns of nothing has no need of them."""

    model_config = ConfigDict(defer_build=True)

    key: str  # of its topic


class AlertRaised(_AlertFact):
    """A warning of the hall's supervision stands from now on. One at a time for each key."""

    kind: Literal["alert.raised"] = "alert.raised"
    warning: str  # which kind
    about: str  # the service, window, device or lane
    level: AlertLevel
    value: float  # what was measured, in the unit of the kind: minutes, per cent, calls …
    limit: float  # what it has reached
    to: str  # who is to see to it
    since: float  # wall time at which what it warns of began


class AlertUpdated(_AlertFact):
    """It has become red, or nobody has acknowledged it in time and the next in line is told: once a level."""

    kind: Literal["alert.updated"] = "alert.updated"
    reason: Literal["red", "escalated"]
    level: AlertLevel
    value: float
    limit: float
    to: str


class AlertAcknowledged(_AlertFact):
    """Somebody has taken an alert on. It stays until its cause is gone; a warning escalates no more."""

    kind: Literal["alert.acknowledged"] = "alert.acknowledged"
    name: str  # who
    note: str = ""


class AlertCleared(_AlertFact):
    kind: Literal["alert.cleared"] = "alert.cleared"
    reason: Literal["over", "not_watched"]  # the configuration does not watch it any more
