"""Questions with a login, by whichever way the camera takes it: HTTP Digest, or a token within SOAP.

A protected question is asked without a login first: the camera then says by its challenge whether it takes
HTTP Digest (ONVIF Core §5.12.1); if it has none, the token it is. A refused login is tried once more, the
other way or with the camera's time read anew; then `Accounts` withholds it for as long as vendors lock
accounts.
Basic, which shows the password to everybody on the line, is not answered.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from drivers.api import DeviceFault
from drivers.camera import onvif_codec as codec
from drivers.camera import onvif_soap as soap
from drivers.camera.accounts import Accounts, Withheld
from drivers.camera.auth import Answerer, Challenge, Credentials, strongest
from drivers.camera.onvif_address import Place
from drivers.camera.onvif_codec import Ask
from drivers.camera.onvif_http import Answer, post
from drivers.camera.onvif_soap import NotOnvif, SoapFault
from drivers.camera.onvif_xml import Element
from drivers.messages import Instant

Way = Literal["open", "digest", "token"]
_UNAUTHORIZED, _FORBIDDEN = 401, 403  # RFC 9110 §15.5
_STALE_NONCES = 2  # in a row for one question: a camera that finds each of them stale is never satisfied


class LoginRefused(DeviceFault):
    """The camera does not take the login, or wants one and there is none. Next: wait, then another login."""

    code = "auth_failed"


class NotPermitted(DeviceFault):
    """The login is right, and may not ask this. Next: give it more rights, or do without the answer."""

    code = "not_permitted"


class Session:
    """Remembers which way this camera takes a login. One question at a time."""

    def __init__(
        self,
        device: Place,
        login: Credentials | None,
        accounts: Accounts,
        *,
        account: str = "",
        mono_s: Callable[[], float],
        utc: Callable[[], datetime],
    ) -> None:
        """`account` is what `accounts` knows the login by, else its user."""
        self.clock_ahead_s = 0.0  # the camera's, as last read
        self.exchanged = utc()  # ours, in the middle of the last exchange
        self._device = device
        self._login = login
        self._account = account or (login.username if login else "")
        self._accounts = accounts
        self._mono_s = mono_s
        self._utc = utc
        self._way: Way = "open"
        self._answerer: Answerer | None = None
        self._proven = False  # the camera has taken the login in this session

    async def ask(self, place: Place, ask: Ask) -> Element:
        """Raises Unreachable, NotOnvif, SoapFault, LoginRefused, NotPermitted."""
        tried: list[Way] = []
        stale = 0
        while True:
            if self._way == "open" or self._login is None:
                answer = await self._send(place, ask)
                found, refused = _read(place, answer, ask), False
            else:
                answer, found, refused = await self._try(place, ask, may_be_stale=stale < _STALE_NONCES)
                stale += found is None and not refused
            if found is not None:
                return found
            if refused and self._proven and tried:
                raise NotPermitted(f"{place.authority}: the login {self._account} may not ask this")
            if refused:
                tried.append(self._way)
            await self._choose(place, _digest(answer), tried)

    async def _try(
        self, place: Place, ask: Ask, *, may_be_stale: bool
    ) -> tuple[Answer, Element | None, bool]:
        """With the login: the answer, what it says, and whether it refuses the login or the question. Raises
        LoginRefused where the login must wait.

        Once the camera has taken the login, what it refuses is the question: ONVIF has the same fault for one
        beyond the user's level. That one is asked once more all the same, as a nonce may have ended without
        being called stale.
        """
        try:
            async with self._accounts.attempt(self._device.host, self._account, self._now) as attempt:
                answer = await self._send(place, ask)
                attempt.unheard = False
                found = _read(place, answer, ask)
                challenge = _digest(answer)
                is_stale = self._way == "digest" and challenge is not None and challenge.stale
                refused = found is None and not (is_stale and may_be_stale)
                self._proven |= found is not None
                if found is not None or (refused and not self._proven):
                    attempt.accepted = found is not None
                return answer, found, refused
        except Withheld as why:
            raise LoginRefused(
                f"{place.authority}: {why}",
                remedy="Correct the login; it is tried again when the camera's lock is over.",
            ) from None

    async def _choose(self, place: Place, challenge: Challenge | None, tried: list[Way]) -> None:
        """How to ask next."""
        if self._login is None:
            raise LoginRefused(f"{place.authority}: it wants a login", remedy="Give the camera a login.")
        if challenge is not None and ("digest" not in tried or challenge.stale or self._proven):
            self._way, self._answerer = "digest", Answerer(challenge, self._login)
            return
        if "token" in tried:  # its clock may have been set since
            await self._read_clock()
        self._way, self._answerer = "token", None

    async def _read_clock(self) -> None:
        try:
            answer = await post(self._device, soap.envelope(codec.GET_TIME.body))
            found = _read(self._device, answer, codec.GET_TIME)
        except (SoapFault, NotOnvif):  # the last reading has to do
            return
        if found is not None and (time := codec.read_time(found)).utc is not None:
            self.clock_ahead_s = time.ahead_s(self._utc()) or 0.0

    async def _send(self, place: Place, ask: Ask) -> Answer:
        token = authorization = ""
        if self._way != "open" and self._login is not None:
            if self._answerer is not None:
                authorization = self._answerer.header("POST", place.path)
            else:
                created = self._utc() + timedelta(seconds=self.clock_ahead_s)
                token = soap.username_token(self._login, secrets.token_bytes(soap.NONCE_BYTES), created)
        before = self._utc()
        answer = await post(place, soap.envelope(ask.body, token), authorization)
        self.exchanged = before + (self._utc() - before) / 2
        return answer

    def _now(self) -> Instant:
        return Instant(self._utc().timestamp(), self._mono_s(), clock_ok=False)


def _digest(answer: Answer) -> Challenge | None:
    challenge = strongest(answer.challenges)
    return None if challenge is None or challenge.kind == "basic" else challenge


def _read(place: Place, answer: Answer, ask: Ask) -> Element | None:
    """None where a login is wanted: by HTTP, or by a fault of SOAP whatever HTTP says, since cameras answer
    400, 401, 403 or 500 with it. Raises NotOnvif, SoapFault."""
    if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
        return None
    try:
        return soap.read(answer.body, ask.answer)
    except SoapFault as fault:
        if fault.kind == "login":
            return None
        raise
    except NotOnvif as error:
        raise NotOnvif(f"{place.authority}: {error} (HTTP {answer.status})", code=error.code) from None
