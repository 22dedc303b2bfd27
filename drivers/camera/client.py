"""Looks at a camera, each over a line that somebody else opens and closes.

    form = await probe(link, look)                     is it there, what does it send: DESCRIBE alone
    unit, stir = await picture(link, look, gop_s)      one intra picture, and how much those beside it bring
    unit, flow = await flow(link, look, gop_s)         an intra picture, and how the stream comes in

All raise LookFailed by its codes, Moved, LinkLost, and BadSettings for an address that is none. All end in
bounded time, however slowly the camera answers, and with TEARDOWN where there is a session.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from drivers.api import Link, LinkLost
from drivers.camera.errors import LookFailed
from drivers.camera.model import AccessUnit, Flow, StreamFormat
from drivers.camera.session import Look, Session
from drivers.camera.stream import Stream, describe

ANSWERS_S = 3.0  # for all that a probe asks, and as a share of a picture's time
MAX_PICTURE_S = 12.0  # whatever the GOP: so long a dead camera may hold one of the few places
UNKNOWN_GOP_S = 2.0  # before it is learnt: what cameras come with
FIRST_S = 4.0  # from PLAY to the first packet: one that answers and then is silent is told within 8 s
FLOW_S = 5.0  # two GOPs, usually
SILENCE_S = 3.0  # without any picture, after which a stream that is measured has stopped; the slowest: 1 fps
# Packets are left to come together while a key frame is awaited: most of what a look costs this process is to
# be woken, and a look waits for a second.
REST_S = 0.25
STIR_S = 0.6  # after the picture, for those beside it: eight of 15 a second, where none came before it


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


async def picture(
    link: Link, look: Look, gop_s: float = UNKNOWN_GOP_S, *, first_s: float = FIRST_S
) -> tuple[AccessUnit, float | None]:
    """The first intra picture; a damaged one where no better comes in time. `first_s`: for the first packet,
    as some servers send nothing until a key frame comes. And the `stir` of the stream, see
    `StirMeter`; None where too few pictures came with it."""
    now = asyncio.get_running_loop().time
    async with _playing(Stream(link, look, first_s), deadline_s(gop_s)) as (stream, _):
        stirs = stream.meter_stir()
        while stream.unit is None:
            await stream.session.rest(REST_S)
            stream.take(await stream.packets(), now())
        with contextlib.suppress(TimeoutError, LinkLost, LookFailed):  # the picture is there, and counts more
            async with asyncio.timeout(STIR_S):
                while not stirs.is_enough:
                    stream.take(await stream.packets(), now())
    return _found(stream), stream.stirs.stir() if stream.stirs else None


async def flow(
    link: Link,
    look: Look,
    gop_s: float = UNKNOWN_GOP_S,
    seconds: float = FLOW_S,
    *,
    first_s: float = FIRST_S,
) -> tuple[AccessUnit, Flow]:
    """The first intra picture, and how the stream came in for `seconds` from its first packet on; for longer
    where the picture takes longer, as long as the stream flows: so a long GOP is learnt."""
    now = asyncio.get_running_loop().time
    soon_s = now() + deadline_s(gop_s)
    async with _playing(Stream(link, look, first_s), deadline_s(gop_s)) as (stream, deadline):
        packets = await stream.packets()
        end_s = now() + seconds
        stream.measure()
        stream.take(packets, now())
        pictures = 0
        while stream.unit is None:
            if stream.pictures != pictures:
                pictures = stream.pictures
                deadline.reschedule(min(soon_s + seconds, max(soon_s, now() + SILENCE_S)))
            stream.take(await stream.packets(), now())
        deadline.reschedule(end_s)
        while True:
            stream.take(await stream.packets(), now())
    assert stream.meter is not None  # no picture without packets
    return _found(stream), stream.meter.flow(stream.ended_s)


@contextlib.asynccontextmanager
async def _playing(stream: Stream, limit_s: float) -> AsyncIterator[tuple[Stream, asyncio.Timeout]]:
    """A stream that plays, for so long at the most. What then has no picture, fails."""
    try:
        async with asyncio.timeout(limit_s) as deadline:
            await stream.play()
            with _impatiently(stream, deadline):
                yield stream, deadline
    except TimeoutError:
        if late := stream.late():
            raise late from None
    finally:
        await stream.stop()


@contextlib.contextmanager
def _impatiently(stream: Stream, deadline: asyncio.Timeout) -> Iterator[None]:
    """`deadline` is over where the stream does not begin, or stands still. One timer looks at that now and
    then: a time-out around each wait would cost a tenth of the look."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal timer
        if not stream.is_silent(loop.time()):
            timer = loop.call_at(stream.patience_s, look)
        elif not deadline.expired():
            deadline.reschedule(loop.time())

    timer = loop.call_at(stream.patience_s, look)
    try:
        yield
    finally:
        timer.cancel()


def _found(stream: Stream) -> AccessUnit:
    assert stream.unit is not None  # else `_playing` has raised
    return stream.unit
