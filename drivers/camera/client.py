"""Looks at a camera, each over a line that somebody else opens and closes.

    form = await probe(link, look)                     is it there, what does it send: DESCRIBE alone
    unit = await picture(link, look, gop_s)            one intra picture
    unit, flow = await flow(link, look, gop_s)         the same, and how the stream comes in

All raise LookFailed by its codes, Moved, LinkLost, and BadSettings for an address that is none. All end in
bounded time, however slowly the camera answers, and with TEARDOWN where there is a session.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from drivers.api import Link
from drivers.camera.errors import LookFailed
from drivers.camera.model import AccessUnit, Flow, StreamFormat
from drivers.camera.session import Look, Session
from drivers.camera.stream import Stream, describe

ANSWERS_S = 3.0  # for all answers of one look; a camera that is well takes some milliseconds
MAX_PICTURE_S = 12.0  # whatever the GOP: so long a dead camera may hold one of the few places
UNKNOWN_GOP_S = 2.0  # before it is learnt: what cameras come with
FLOW_S = 5.0  # two GOPs, usually


def deadline_s(gop_s: float) -> float:
    """For a picture: the answers, and two key frames, so that one may be damaged."""
    return min(ANSWERS_S + 2 * gop_s, MAX_PICTURE_S)


async def probe(link: Link, look: Look) -> StreamFormat:
    """As the camera's own description says it, also of a codec that is not ours."""
    session = Session(link, look)
    try:
        async with asyncio.timeout(ANSWERS_S):
            return (await describe(session, look)).format
    except TimeoutError:
        raise LookFailed("no_answer", "no answer in time", step=session.step) from None


async def picture(link: Link, look: Look, gop_s: float = UNKNOWN_GOP_S) -> AccessUnit:
    """The first intra picture; a damaged one where no better comes in time."""
    now = asyncio.get_running_loop().time
    async with _playing(link, look, deadline_s(gop_s)) as stream:
        while stream.unit is None:
            stream.take(await stream.packets(), now())
    return _found(stream)


async def flow(
    link: Link, look: Look, gop_s: float = UNKNOWN_GOP_S, seconds: float = FLOW_S
) -> tuple[AccessUnit, Flow]:
    """The first intra picture, and how the stream came in for `seconds` from its first packet on; for longer
    where the picture took longer."""
    now = asyncio.get_running_loop().time
    async with _playing(link, look, deadline_s(gop_s) + seconds) as stream:
        packets = await stream.packets()
        end_s = now() + seconds
        stream.measure()
        stream.take(packets, now())
        while stream.unit is None:
            stream.take(await stream.packets(), now())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(end_s):
                while True:
                    stream.take(await stream.packets(), now())
    assert stream.meter is not None  # no picture without packets
    return _found(stream), stream.meter.flow(stream.ended_s)


@contextlib.asynccontextmanager
async def _playing(link: Link, look: Look, limit_s: float) -> AsyncIterator[Stream]:
    """A stream that plays, for so long at the most."""
    stream = Stream(link, look)
    try:
        async with asyncio.timeout(limit_s):
            async with asyncio.timeout(ANSWERS_S):
                await stream.play()
            yield stream
    except TimeoutError:
        if late := stream.late():
            raise late from None
    finally:
        await stream.stop()


def _found(stream: Stream) -> AccessUnit:
    assert stream.unit is not None  # else `_playing` has raised
    return stream.unit
