"""A conversation with a camera on one line: requests and answers, log-ins, redirections, frames."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from drivers.api import BadFrame, BadSettings, DriverError, Link
from drivers.camera.accounts import Attempt, Withheld
from drivers.camera.auth import Answerer, Challenge, Credentials, strongest
from drivers.camera.beat import next_beat
from drivers.camera.errors import Fault, LookFailed, Moved
from drivers.camera.rtsp import (
    Headers,
    Interleaved,
    Oversize,
    Request,
    Response,
    RtspCodec,
    all_of,
    header,
)
from drivers.camera.wall_clock import of_date, of_report
from drivers.dialer import Pausing

DEFAULT_PORT = 554
MAX_BAD = 8  # runs of garbage in one conversation: a camera that drops some bytes of a frame goes on
MAX_ASKED = 16  # requests of the camera's own in one conversation; real ones send one or two
# Challenges answered in one look: with each of four requests, where the camera has a new nonce for each.
MAX_LOGINS = 4
# For one answer, whole: a camera that is well takes some milliseconds, and a server that has to start an
# encoder first, on a busy machine, up to two seconds.
ANSWER_S = 3.0
MAX_WAITING = 1024 * 1024  # bytes of frames that come before PLAY is answered; what is more, is lost
TEARDOWN_S = 0.5  # for its answer: without it some cameras keep the session for a minute
_OK = frozenset({"OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE"})
_FAULTS: dict[int, Fault] = {
    **{401: "auth_failed", 403: "auth_failed", 404: "not_found", 410: "not_found", 453: "session_limit"},
    **{501: "unsupported", 505: "unsupported", 551: "unsupported"},
}
_TOKEN = re.compile(r"[!-:<-~]{1,256}")


class Account(Protocol):
    """Who counts the logins that may be refused."""

    def attempt(self) -> AbstractAsyncContextManager[Attempt]:
        """Around one try. Raises Withheld."""
        ...


@dataclass(slots=True)
class Look:
    """One look at a camera: where and as whom. `logins` counts how often a challenge was answered with the
    password, which cameras lock out for when it is wrong: one more than once only after it was accepted, or
    where the camera says that only its nonce was too old."""

    url: str  # without user name and password
    credentials: Credentials | None = None
    recently_accepted: bool = False  # so that a refusal means: too many at once
    account: Account | None = None  # of the credentials, where refusals add up
    logins: int = 0
    clock: Clock | None = None  # by a sender report; before one by a date, of whole seconds


@dataclass(frozen=True, slots=True)
class Clock:
    """A camera's clock: Unix time, as it was when the event loop's time was `at_s`."""

    wall_s: float
    at_s: float


@lru_cache(maxsize=1024)  # of a hall's cameras, two each: one is asked for at each look
def place(url: str) -> tuple[str, int]:
    """Host and port. Raises BadSettings, which does not repeat the URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme.lower() not in ("rtsp", "rtspu") or parts.username is not None:
        raise BadSettings("not an RTSP address of the form rtsp://192.168.1.64:554/path, without a password")
    return host, port or DEFAULT_PORT


class Session:
    """Raises LinkLost as the link does. Who opened the link closes it."""

    def __init__(self, link: Link, look: Look) -> None:
        """Raises BadSettings."""
        self.place = place(look.url)  # host and port
        self.step = ""  # what is being waited for
        self.id = ""  # of the RTSP session, once there is one
        self._link = link
        self._pausing = link if isinstance(link, Pausing) else None  # asked once: it is slow to tell
        self._look = look
        self._codec = RtspCodec()
        self._answerer: Answerer | None = None
        self._stale = False  # a stale nonce was renewed once
        self._number = 0
        self._answers: deque[Response] = deque(maxlen=MAX_ASKED)
        self._heard = False  # anything at all that is RTSP
        self._bad = 0
        self._asked = 0
        self._channel: int | None = None  # the one whose frames are kept
        self._frames: list[bytes] = []
        self._waiting = 0  # bytes of them

    # --- requests ---
    async def ask(self, method: str, url: str, headers: Headers = ()) -> Response:
        """The answer, where it is not above 399. Raises LookFailed, Moved, and TimeoutError."""
        self.step = method
        response = await self._exchange(method, url, headers)
        answered = False
        while response.status == 401 and (challenge := self._answerable(response, answered)):  # noqa: PLR2004 Unauthorized
            account = self._look.account
            try:
                async with account.attempt() if account else contextlib.nullcontext(Attempt()) as attempt:
                    self._log_in(challenge)
                    self._stale |= answered
                    answered = True
                    response = await self._exchange(method, url, headers)
                    attempt.accepted = response.status not in (401, 403)
            except Withheld as why:
                code: Fault = "no_answer" if why.unheard else "auth_failed"
                raise LookFailed(code, str(why), step=method, status=response.status) from None
        if response.status >= 400:  # noqa: PLR2004 errors
            raise self._refused(response.status)
        return response

    async def ask_well(self, method: str, url: str, headers: Headers = ()) -> Response:
        """Likewise, where the camera has no reason left to redirect."""
        response = await self.ask(method, url, headers)
        if response.status >= 300:  # noqa: PLR2004 redirections
            self.redirected(response, url)
            raise self._refused(response.status)
        return response

    def redirected(self, response: Response, url: str) -> str:
        """Where to, on this machine and port. Raises Moved for another one, LookFailed for nowhere."""
        location = header(response, "Location")
        try:
            target = urljoin(url, location)
            here = place(target) == self.place
        except (ValueError, BadSettings):  # no address, or one with a password
            target, here = "", False
        if not location or not target:
            raise self._refused(response.status)
        if not here:
            raise Moved(target, step=self.step, status=response.status)
        return target

    async def _exchange(self, method: str, url: str, headers: Headers) -> Response:
        self._number += 1
        number = str(self._number)
        sent: list[tuple[str, str]] = [("CSeq", number), ("User-Agent", "hall-edge"), *headers]
        if self.id:
            sent.append(("Session", self.id))
        if self._answerer:
            sent.append(("Authorization", self._answerer.header(method, url)))
        self._answers.clear()
        await self._link.write(self._codec.encode(Request(method, url, tuple(sent))))
        async with asyncio.timeout(ANSWER_S):
            response = await self._answer_to(number)
        if self._look.clock is None:  # its first answer says it as well as those that follow
            self._told_time(of_date(header(response, "Date")))
        return response

    async def _answer_to(self, number: str) -> Response:
        while True:
            while self._answers:
                response = self._answers.popleft()
                # some cameras leave the number out; what has another is late
                if response.status >= 200 and header(response, "CSeq") in (number, ""):  # noqa: PLR2004 final
                    return response
            await self._pump()

    def _answerable(self, response: Response, answered: bool) -> Challenge | None:
        challenge = strongest(all_of(response, "WWW-Authenticate"))
        if self._look.credentials is None or self._look.logins >= MAX_LOGINS:
            return None
        return None if challenge and answered and (not challenge.stale or self._stale) else challenge

    def _log_in(self, challenge: Challenge) -> None:
        assert self._look.credentials is not None  # nothing is answerable without
        self._answerer = Answerer(challenge, self._look.credentials)
        self._look.logins += 1

    def _refused(self, status: int) -> LookFailed:
        code: Fault = "server_error" if status >= 500 else "unsupported"  # noqa: PLR2004 the server's errors
        code = _FAULTS.get(status, code)
        if code == "auth_failed" and self._look.recently_accepted and self._look.credentials:
            code = "session_limit"
        detail = f"status {status}"
        if status == 401 and self._look.credentials is None:  # noqa: PLR2004 Unauthorized
            detail += ", and no user name is configured"
        elif status == 401 and self._answerer is None:  # noqa: PLR2004 Unauthorized
            detail += ", in no way that we can answer"
        return LookFailed(code, detail, step=self.step, status=status)

    # --- the session ---
    def keep(self, response: Response, channel: int | None) -> None:
        """The session that SETUP's answer names, and the frames of `channel` from now on."""
        name = header(response, "Session").partition(";")[0].strip()
        self.id = name if _TOKEN.fullmatch(name) else ""
        self._channel = channel

    async def teardown(self, url: str) -> None:
        """Never fails, and ends within TEARDOWN_S: a session that stays costs the next look its place."""
        self._channel = None
        self._frames.clear()
        if self.id:
            with contextlib.suppress(DriverError, TimeoutError):
                async with asyncio.timeout(TEARDOWN_S):
                    await self.ask("TEARDOWN", url)

    # --- frames ---
    async def packets(self) -> list[bytes]:
        """What came on the channel since the last time, at least one."""
        while not self._frames:
            await self._pump()
        found, self._frames, self._waiting = self._frames, [], 0
        return found

    async def rest(self, beat_s: float) -> None:
        """Leave what comes to come together until the next beat, where the line can. It is that of all
        sessions: they are woken together."""
        if self._pausing is None:
            return
        self._pausing.pause_reading(True)
        try:
            await next_beat(beat_s)
        finally:
            self._pausing.pause_reading(False)

    async def _pump(self) -> None:
        for frame in self._codec.feed(await self._link.read()):
            if isinstance(frame, Interleaved):
                if frame.channel == self._channel and self._waiting < MAX_WAITING:
                    self._frames.append(frame.payload)
                    self._waiting += len(frame.payload)
                elif self._channel is not None and frame.channel == self._channel + 1:
                    self._told_time(of_report(frame.payload))
            elif isinstance(frame, BadFrame):
                self._take_bad(frame)
            elif isinstance(frame, Response):
                self._heard = True
                self._answers.append(frame)
            else:
                await self._answer(frame)

    def _told_time(self, wall_s: float | None) -> None:
        if wall_s is not None:
            self._look.clock = Clock(wall_s, asyncio.get_running_loop().time())

    def _take_bad(self, frame: BadFrame) -> None:
        self._bad += 1
        if isinstance(frame, Oversize) or not self._heard or self._bad > MAX_BAD:
            raise LookFailed("not_rtsp", frame.reason, step=self.step)

    async def _answer(self, request: Request) -> None:
        """RFC 2326 §10: a server may ask too."""
        self._heard = True
        self._asked += 1
        if self._asked > MAX_ASKED:
            raise LookFailed("not_rtsp", "more requests than answers", step=self.step)
        if request.method == "REDIRECT":
            raise Moved(header(request, "Location"), step=self.step, status=0)
        status, reason = (200, "OK") if request.method in _OK else (501, "Not Implemented")
        answer = Response(status, reason, (("CSeq", header(request, "CSeq")),))
        await self._link.write(self._codec.encode(answer))
