"""The node beside its devices: whether it is at its broker, and what its certificates are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from drivers.checking.words import Text
from edge.diag.refusals import refusal
from edge.diag.soundness import Config, Finding, certificates
from edge.diag.view import BrokerView


def standing(status: Mapping[str, Any], config: Path, now: datetime) -> list[Finding]:
    """What is wrong, or will be within weeks. `status`: the data of that verb."""
    broker = BrokerView.model_validate(status.get("broker", {}))
    return [*_at_broker(broker), *unsound(config, now)]


def _at_broker(broker: BrokerView) -> Iterator[Finding]:
    if broker.connected is not False:
        return
    found, why = refusal(broker.why), f"（{broker.why}）" if broker.why else ""
    said = Text(found.what.zh + why, found.what.en + (f" ({broker.why})" if broker.why else ""))
    yield Finding("broker", "fault", said, found.next)


def unsound(config: Path, now: datetime) -> list[Finding]:
    """Of the certificates that it names; a file that cannot be read is told of by who reads it."""
    try:
        known = Config.read(config)
    except (OSError, ValueError):
        return []
    return [each for each in certificates(known, now) if each.state != "ok"]
