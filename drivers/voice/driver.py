"""The driver of an announcer: says what it is told, one announcement after another, each once."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Never

from drivers.api import Context, DriverSpec, Link
from drivers.messages import Announce, CheckHealth, Order, Outcome, Result
from drivers.mishaps import cause
from drivers.voice import clips
from drivers.voice.clips import CHIME, BadClip, Clip, Sentence
from drivers.voice.codec import MAX_FRAME
from drivers.voice.conditions import CONDITIONS
from drivers.voice.session import Session
from drivers.voice.settings import HEARTBEAT_S, VoiceSettings

QUEUE = 4  # announcements waiting: half a minute, and the hall itself waits for each
MAX_EXTRA = 64  # words beyond the basic ones whose recordings are looked after: names of windows
MAX_NAMED = 8  # files that a condition's detail names


class VoiceDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="voice",
        links=frozenset({"alsa", "wav", "sim"}),
        settings=VoiceSettings,
        orders=frozenset({Announce, CheckHealth}),
        events=frozenset(),
        conditions=CONDITIONS,
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=QUEUE,
    )

    async def run(self, link: Link, ctx: Context[VoiceSettings]) -> Never:
        """Raises LinkLost, DeviceFault, ProtocolBreach."""
        session = Session(link, ctx)
        speaker = Speaker(session, ctx.settings)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(session.tend(), name=f"{ctx.device}: tend")
                tasks.create_task(_obey(session, speaker, ctx), name=f"{ctx.device}: obey")
                await session.listen()
        except BaseExceptionGroup as group:
            raise cause(group) from group


async def _obey(session: Session, speaker: Speaker, ctx: Context[VoiceSettings]) -> None:
    await speaker.look()
    async for command in ctx.commands():
        session.asked_to_play = False
        outcome = None
        try:
            outcome = await _carry_out(session, speaker, command.order)
        finally:  # also when the line is lost or the driver is stopped with the order in hand
            lost = Outcome(Result.UNKNOWN if session.asked_to_play else Result.REJECTED, "link_lost")
            command.finish(outcome or lost)


async def _carry_out(session: Session, speaker: Speaker, order: Order) -> Outcome:
    if isinstance(order, CheckHealth):
        return Outcome(Result.DONE) if await session.answers() else Outcome(Result.UNKNOWN, "silent")
    if not isinstance(order, Announce):
        return Outcome(Result.REJECTED, "unsupported", f"an announcer cannot {type(order).__name__}")
    return await speaker.announce(order)


class Speaker:
    """Makes sounds of words.

    Where a recording is missing, the rest is said only if it still means the same: without "请" a call is
    curt, without a digit or the window it sends somebody to the wrong place, which is worse than silence.
    The strip and the boards show the number all the while.
    """

    def __init__(self, session: Session, settings: VoiceSettings) -> None:
        self._session = session
        self._settings = settings
        self._chime = (CHIME,) if settings.chime else ()
        self._wanted = dict.fromkeys((*self._chime, *clips.BASIC))

    async def look(self) -> None:
        """Which recordings are not there: told at the start, before they are needed."""
        missing = await asyncio.to_thread(clips.missing_of, self._settings.folder, tuple(self._wanted))
        folder = self._settings.folder
        detail = f"{folder}: {_some(missing)}" if missing else ""
        self._session.condition("clip_missing", bool(missing), detail)

    async def announce(self, order: Announce) -> Outcome:
        """DONE when it has been heard `times` times. Raises as `Session.play`."""
        try:
            sounds = await self._prepare(order)
        except BadClip as error:
            return Outcome(Result.REJECTED, "clip_bad", str(error))
        if isinstance(sounds, Outcome):
            return sounds
        label = "".join(order.words)
        for count, sound in enumerate(sounds):
            if count:
                await asyncio.sleep(self._settings.pause_ms / 1000)
            outcome = await self._session.play(sound, label)
            if outcome.result is not Result.DONE:
                said = f"said {count} of {len(sounds)} times: {outcome.detail}"
                return Outcome(Result.UNKNOWN, outcome.code, said) if count else outcome
        return Outcome(Result.DONE)

    async def _prepare(self, order: Announce) -> list[Clip] | Outcome:
        """The sound of each time that it is to be said; or why nothing is."""
        words = (*self._chime, *order.words)
        dispensable = (*self._settings.dispensable, CHIME)
        folder = self._settings.folder
        sentence = await asyncio.to_thread(clips.read_sentence, folder, words, dispensable)
        await self._tell(sentence, order.words)
        if sentence.lacking or not order.words:
            code = "clip_bad" if sentence.bad and not sentence.missing else "clip_missing"
            return Outcome(Result.REJECTED, code, f"not said, for want of {_some(sentence.lacking)}")
        again = [clip for word, clip in sentence.clips if word != CHIME]
        if not again:
            return Outcome(Result.REJECTED, "clip_missing", "none of its words is recorded")
        whole = [clip for _, clip in sentence.clips]
        volume = self._settings.volume / 100 * min(max(order.volume, 0), 100) / 100
        gap_ms = self._settings.gap_ms
        first, later = await asyncio.gather(
            asyncio.to_thread(clips.join, whole, gap_ms, volume),
            asyncio.to_thread(clips.join, again, gap_ms, volume),
        )
        return [first, *[later] * (max(order.times, 1) - 1)]

    async def _tell(self, sentence: Sentence, words: tuple[str, ...]) -> None:
        self._session.condition("clip_bad", bool(sentence.bad), _some(sentence.bad))
        for word in words:
            if len(self._wanted) < len(clips.BASIC) + MAX_EXTRA:
                self._wanted.setdefault(word)
        await self.look()


def _some(names: list[str]) -> str:
    more = f", … ({len(names)})" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
