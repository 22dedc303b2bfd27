"""The driver of the bus: one port, one arbiter, many children."""

from __future__ import annotations

from typing import ClassVar, Never

from drivers.api import Context, DriverSpec, Link
from drivers.bus68.arbiter import QUEUE
from drivers.bus68.codec import MAX_FRAME
from drivers.bus68.health import CONDITIONS
from drivers.bus68.ledger import Ledger
from drivers.bus68.session import Session
from drivers.bus68.settings import BusSettings
from drivers.messages import (
    AskRating,
    Beep,
    ButtonPressed,
    KeyPressed,
    LevelPressed,
    ShowDigits,
    ShowText,
)


class BusDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="bus68",
        links=frozenset({"serial", "tcp"}),
        settings=BusSettings,
        orders=frozenset({ShowText, ShowDigits, AskRating, Beep}),
        events=frozenset({KeyPressed, LevelPressed, ButtonPressed}),
        conditions=CONDITIONS,
        heartbeat_s=None,
        max_frame=MAX_FRAME,
        queue=QUEUE,
        unseen=lambda settings, device: (AskRating,) if settings.rates_by_itself(device) else (),
    )

    def __init__(self) -> None:
        self._ledger = Ledger()

    async def run(self, link: Link, ctx: Context[BusSettings]) -> Never:
        """Raises LinkLost, ProtocolBreach."""
        await Session(link, ctx, self._ledger).run()
