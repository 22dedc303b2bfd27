"""The driver of a self-service terminal that speaks XFS4IoT. It watches, and commands nothing."""

from __future__ import annotations

from typing import ClassVar, Never

from drivers.api import BadSettings, Context, DriverError, DriverSpec, Link
from drivers.dialer import Dialer
from drivers.messages import CheckHealth
from drivers.terminal import Presence
from drivers.xfs4iot.codec import MAX_FRAME
from drivers.xfs4iot.conditions import CONDITIONS
from drivers.xfs4iot.settings import HEARTBEAT_S, TerminalSettings
from drivers.xfs4iot.terminal import Terminal


class TerminalDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="xfs4iot",
        links=frozenset({"tcp", "tls", "host"}),
        settings=TerminalSettings,
        orders=frozenset({CheckHealth}),
        events=frozenset(),
        conditions=CONDITIONS,
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=1,  # one question at a time
    )

    def __init__(self) -> None:
        self._presence = Presence()

    async def run(self, link: Link, ctx: Context[TerminalSettings]) -> Never:
        """Raises LinkLost, ProtocolBreach."""
        if not isinstance(link, Dialer):
            raise BadSettings(f"{link.url}: one line is not enough", remedy="Use tcp://, tls:// or host://.")
        try:
            await Terminal(link, ctx, self._presence).run()
        except DriverError:
            self._presence.lost(ctx)
            raise
