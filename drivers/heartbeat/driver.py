"""The driver of a self-service terminal with a heartbeat. It watches, and commands nothing."""

from __future__ import annotations

from typing import ClassVar, Never

from drivers.api import Context, DriverError, DriverSpec, Link
from drivers.heartbeat.beat import Beat
from drivers.heartbeat.conditions import CONDITIONS
from drivers.heartbeat.session import HttpSession, listen
from drivers.heartbeat.settings import HEARTBEAT_S, MAX_FRAME, HeartbeatSettings
from drivers.messages import CheckHealth
from drivers.terminal import Presence


class HeartbeatDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="heartbeat",
        links=frozenset({"tcp", "tls"}),
        settings=HeartbeatSettings,
        orders=frozenset({CheckHealth}),  # over HTTP
        events=frozenset(),
        conditions=CONDITIONS,
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=1,  # one question at a time
    )

    def __init__(self) -> None:
        self._presence = Presence()

    async def run(self, link: Link, ctx: Context[HeartbeatSettings]) -> Never:
        """Raises LinkLost, ProtocolBreach."""
        beat = Beat(ctx, self._presence)
        try:
            if ctx.settings.protocol == "http":
                await HttpSession(link, ctx, beat).run()
            await listen(link, ctx, beat)
        except DriverError:
            self._presence.lost(ctx)
            raise
