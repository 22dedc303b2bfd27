"""The driver of keyboards: rating pads, callers, ticket buttons and wedge scanners at USB."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Never

from drivers.api import Context, DriverSpec, Link
from drivers.hid.codec import MAX_FRAME
from drivers.hid.conditions import CONDITIONS
from drivers.hid.session import Session
from drivers.hid.settings import HidSettings
from drivers.messages import AskRating, ButtonPressed, KeyPressed, LevelPressed, ReadCode
from drivers.mishaps import cause


class HidDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="hid",
        links=frozenset({"evdev", "input"}),
        settings=HidSettings,
        orders=frozenset({ReadCode, AskRating}),
        events=frozenset({KeyPressed, LevelPressed, ButtonPressed}),
        conditions=CONDITIONS,
        heartbeat_s=None,  # the kernel tells when it is unplugged
        max_frame=MAX_FRAME,
        queue=2,  # one code at a time; one more may wait while an order that was withdrawn ends
        unseen=lambda _settings, _device: (AskRating,),  # a keyboard takes a rating at any time
    )

    async def run(self, link: Link, ctx: Context[HidSettings]) -> Never:
        """Raises LinkLost, ProtocolBreach."""
        session = Session(link, ctx)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(session.obey(), name=f"{ctx.device}: obey")
                tasks.create_task(session.hand_on(), name=f"{ctx.device}: hand on")
                await session.listen()
        except BaseExceptionGroup as group:
            raise cause(group) from group
