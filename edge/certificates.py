"""The node's certificates: an alert while there is time to renew them, before no broker takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Literal

from drivers.api import Clock
from edge.broker import Tls
from edge.ca.ending import RENEW, RENEW_CA, Ending, What, endings
from edge.clock import SET_SINCE_S
from edge.settings.tables import MqttTable
from edge.wire import Alert

LOOK_EVERY_S = 3600.0  # a renewed one ends its alert within the hour; a look costs 30 ms

OWN, CA = "certificate_ends", "ca_ends"  # the alerts
KEYS: dict[What, str] = {"node": OWN, "ca": CA}
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
        self._tls = Tls(mqtt.ca, mqtt.cert, mqtt.key)  # no reload changes them
        self._put = put
        self._clock = clock

    async def run(self) -> None:
        if not (self._tls.cert or self._tls.ca):
            return
        while True:
            for each in await asyncio.to_thread(endings, self._tls):
                self._put(KEYS[each.what], alert_of(each, self._clock.now().wall_s))
            await self._clock.sleep(LOOK_EVERY_S)


def alert_of(ending: Ending, now_s: float) -> Alert | None:
    """None: there is time enough, or no clock that could say how much."""
    if now_s < max(ending.soon_s, SET_SINCE_S):
        return None
    key = KEYS[ending.what]
    severity: Literal["warning", "error"] = "error" if now_s >= ending.at_s else "warning"
    return Alert(key=key, severity=severity, since=ending.soon_s, detail=ending.day, **WORDS[key])
