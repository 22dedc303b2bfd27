"""Heartbeats as they come: asked for over HTTP, or sent by the terminal as lines."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Never
from urllib.parse import urlsplit

from drivers.api import BadFrame, Command, Context, Link, LinkLost, ProtocolBreach
from drivers.dialer import Dialer
from drivers.heartbeat.beat import Beat
from drivers.heartbeat.codec import Answer, Failed, HttpCodec, LineCodec
from drivers.heartbeat.settings import HeartbeatSettings
from drivers.messages import Outcome, Result
from drivers.strictjson import Json, loads
from drivers.terminal import clean

TRIES = 2  # of one question: the connection may have been closed while nobody used it
BAD_LINES = 50  # in a row: then it is no heartbeat, whatever it is
GAP_S = 0.2  # between two reads: a terminal that sends without end is left with its bytes
_OK = 200


class Silent(LinkLost):
    """No heartbeat in time. Next: back off and open the line again."""

    code = "silent"


# --- lines ---
async def listen(link: Link, ctx: Context[HeartbeatSettings], beat: Beat) -> Never:
    """Raises LinkLost, ProtocolBreach."""
    refusing = asyncio.create_task(_refuse(ctx), name=f"{ctx.device}: refuse")
    try:
        await _hear(link, ctx, beat)
    finally:
        refusing.cancel()
        await asyncio.wait({refusing})


async def _refuse(ctx: Context[HeartbeatSettings]) -> None:
    async for command in ctx.commands():
        command.finish(Outcome(Result.REJECTED, "unsupported", "it speaks when it will, and is never asked"))


async def _hear(link: Link, ctx: Context[HeartbeatSettings], beat: Beat) -> Never:
    settings = ctx.settings
    codec, bad = LineCodec(settings.max_bytes), 0
    while True:
        documents: list[Json] = []
        try:
            async with asyncio.timeout(settings.silent_after_s):
                while not documents:
                    for frame in codec.feed(await link.read()):
                        if isinstance(frame, dict):
                            documents.append(frame)
                        else:
                            bad += 1
                            _bad_line(frame, bad, beat)
        except TimeoutError:
            raise Silent(f"{link.url}: no heartbeat for {settings.silent_after_s:g} s") from None
        bad = 0
        beat.document(documents[-1], [])  # of several that were waiting the latest counts
        await ctx.clock.sleep(GAP_S)


def _bad_line(frame: Json | BadFrame, count: int, beat: Beat) -> None:
    reason = frame.reason if isinstance(frame, BadFrame) else "no object"
    if count > BAD_LINES:
        raise ProtocolBreach(f"{count} lines in a row that are none; the last: {reason}", code="not_json")
    code = "too_long" if reason.startswith("more than") else "not_json"
    beat.nonsense(code, reason, heard=False)


# --- HTTP ---
class HttpSession:
    """Uses the line that it is given, and dials another where that was closed."""

    def __init__(self, link: Link, ctx: Context[HeartbeatSettings], beat: Beat) -> None:
        self._link = link
        self._ctx = ctx
        self._settings = ctx.settings
        self._beat = beat
        self._line: Link | None = link  # None: there is none open
        self._codec = HttpCodec(self._settings.max_bytes)
        self._waiting: list[Command] = []  # for the next answer; as many as the queue has, and one in hand
        self._due = asyncio.Event()  # it is to be asked at once

    async def run(self) -> Never:
        """Raises LinkLost, ProtocolBreach."""
        taking = asyncio.create_task(self._take(), name=f"{self._ctx.device}: take orders")
        try:
            while True:
                self._due.clear()
                asked = len(self._waiting)
                await self._once()
                for command in self._waiting[:asked]:
                    command.finish(Outcome(Result.DONE))
                del self._waiting[:asked]
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.period_s):
                        await self._due.wait()
        finally:
            taking.cancel()
            for command in self._waiting:
                command.finish(Outcome(Result.UNKNOWN, Silent.code))
            await asyncio.wait({taking})
            await self._drop()

    async def _take(self) -> None:
        async for command in self._ctx.commands():
            self._waiting.append(command)
            self._due.set()

    async def _once(self) -> None:
        started_s = self._now()
        answer = await self._answer()
        if isinstance(answer, Failed):
            if answer.code == "not_http":
                raise ProtocolBreach(f"{self._link.url}: {answer.reason}", code=answer.code)
            self._beat.nonsense(answer.code, answer.reason)
            return
        took_s = self._now() - started_s
        slow = [("slow", f"{took_s:.1f} s")] if took_s > self._settings.slow_s else []
        self._use(answer, slow)

    def _use(self, answer: Answer, slow: list[tuple[str, str]]) -> None:
        if 300 <= answer.status < 400:  # noqa: PLR2004 the classes of RFC 9110, 15
            self._beat.nonsense("redirected", f"{answer.status} {answer.location}".strip())
        elif answer.status != _OK:
            self._beat.nonsense("http_error", str(answer.status))
        else:
            try:
                document = loads(answer.body)
            except ValueError as error:
                self._beat.nonsense("not_json", clean(str(error), 80))
            else:
                self._beat.document(document, slow)

    async def _answer(self) -> Answer | Failed:
        """To one question, asked once more on a new line where the first brings none."""
        for _ in range(TRIES - 1):
            try:
                return await self._ask()
            except LinkLost as loss:
                self._ctx.log.debug("%s: asked again: %s", self._ctx.device, loss)
        return await self._ask()

    async def _ask(self) -> Answer | Failed:
        """Raises LinkLost, and then the line has been dropped."""
        answer = None
        try:
            async with asyncio.timeout(self._settings.answer_timeout_s):
                answer = await self._exchange(await self._open())
        except TimeoutError:
            raise Silent(
                f"{self._link.url}: no answer within {self._settings.answer_timeout_s:g} s"
            ) from None
        finally:
            if answer is None or not self._codec.reusable:
                await self._drop()
        return answer

    async def _open(self) -> Link:
        if self._line is None:
            if not isinstance(self._link, Dialer):
                raise LinkLost(f"{self._link.url}: closed after an answer")
            self._line = await self._link.dial()
            self._codec = HttpCodec(self._settings.max_bytes)
        return self._line

    async def _exchange(self, line: Link) -> Answer | Failed:
        host = urlsplit(line.url).netloc.rpartition("@")[2] or "terminal"
        await line.write(self._codec.request(host, self._settings.path))
        while True:
            try:
                found = self._codec.feed(await line.read())
            except LinkLost:
                if found := self._codec.end():
                    return found[0]
                raise
            if found:
                return found[-1] if isinstance(found[-1], Failed) else found[0]

    async def _drop(self) -> None:
        """The line that was given is its owner's to close."""
        line, self._line = self._line, None
        if line is not None and line is not self._link:
            await line.close()

    def _now(self) -> float:
        return self._ctx.clock.now().mono_s
