"""The node's certificates: an alert while there is time to renew them, before no broker takes them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Literal

from drivers.api import Clock
from edge.ca.ending import CA_SOON, RENEW, RENEW_CA, SOON, authority_ends, own_ends
from edge.clock import SET_SINCE_S
from edge.settings.tables import MqttTable
from edge.wire import Alert

LOOK_EVERY_S = 3600.0  # a renewed one ends its alert within the hour; a look costs 30 ms

OWN, CA = "certificate_ends", "ca_ends"  # the alerts
WORDS = {
    OWN: {
        "zh": "本机证书快到期或已过期",
        "en": "this node's certificate ends soon, or has ended",
        "remedy_zh": RENEW.zh,
        "remedy_en": RENEW.en,
    },
    CA: {
        "zh": "CA 证书快到期或已过期",
        "en": "the authority's certificate ends soon, or has ended",
        "remedy_zh": RENEW_CA.zh,
        "remedy_en": RENEW_CA.en,
    },
}
BEFORE = {OWN: SOON, CA: CA_SOON}


def keys(mqtt: MqttTable) -> Iterator[str]:
    """Of the alerts that there can be."""
    if mqtt.cert:
        yield OWN
    if mqtt.ca:
        yield CA


class Certificates:
    """Of `[mqtt]`: told of from a time before they end, as an error once they have."""

    def __init__(self, mqtt: MqttTable, put: Callable[[str, Alert | None], None], clock: Clock) -> None:
        """`put`: told what stands under each key of `keys`."""
        self._mqtt = mqtt  # no reload changes it
        self._put = put
        self._clock = clock

    async def run(self) -> None:
        if not (self._mqtt.cert or self._mqtt.ca):
            return
        while True:
            for key, ends_s in (await asyncio.to_thread(self._look)).items():
                self._put(key, ending(key, ends_s, self._clock.now().wall_s))
            await self._clock.sleep(LOOK_EVERY_S)

    def _look(self) -> dict[str, float]:
        """When they end, by key of the alert. What cannot be read is told of by who connects with it."""
        found: dict[str, float] = {}
        with contextlib.suppress(OSError):
            if self._mqtt.cert:
                found[OWN] = own_ends(self._mqtt.cert, self._mqtt.key)
        with contextlib.suppress(OSError):
            if self._mqtt.ca:
                found[CA] = authority_ends(self._mqtt.ca)
        return found


def ending(key: str, ends_s: float, now_s: float) -> Alert | None:
    """None: there is time enough, or no clock that could say how much."""
    since_s = ends_s - BEFORE[key].total_seconds()
    if not max(since_s, SET_SINCE_S) <= now_s:
        return None
    day = f"{datetime.fromtimestamp(ends_s, UTC):%Y-%m-%d}"
    severity: Literal["warning", "error"] = "error" if now_s >= ends_s else "warning"
    return Alert(key=key, severity=severity, since=since_s, detail=day, **WORDS[key])
