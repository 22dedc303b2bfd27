"""Questions with a login, by whichever way the camera takes it: HTTP Digest, or a token within SOAP.

A protected question is asked without a login first: the camera then says by its challenge whether it takes
HTTP Digest (ONVIF Core §5.12.1); if it has none, the token it is. A refused login is tried once more, the
other way or with the camera's time read anew; then `Accounts` says no for as long as vendors lock accounts.
Basic, which shows the password to everybody on the line, is not answered.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Literal

from drivers.api import DeviceFault
from drivers.camera import onvif_codec as codec
from drivers.camera import onvif_soap as soap
from drivers.camera.accounts import Accounts
from drivers.camera.auth import Answerer, Challenge, Credentials, strongest
from drivers.camera.onvif_address import Place
from drivers.camera.onvif_codec import Ask
from drivers.camera.onvif_http import Answer, post
from drivers.camera.onvif_soap import NotOnvif, SoapFault
from drivers.camera.onvif_xml import Element

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

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Of all looks with this login only one at a time until it has been taken."""
        if self._login is None:
            yield
            return
        async with self._accounts.turn(self._device.host, self._account):
            yield

    async def ask(self, place: Place, ask: Ask) -> Element:
        """Raises Unreachable, NotOnvif, SoapFault, LoginRefused, NotPermitted."""
        tried: list[Way] = []
        stale = 0
        while True:
            answer = await self._send(place, ask)
            found = _read(place, answer, ask)
            if found is not None:
                self._accepted()
                return found
            challenge = _digest(answer)
            if self._way == "digest" and challenge and challenge.stale and stale < _STALE_NONCES:
                stale += 1  # the password was right, the nonce too old: no refusal
            elif self._way != "open":
                self._refused(place, tried)
                tried.append(self._way)
            await self._choose(place, challenge, tried)

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
        """Raises LoginRefused rather than send a login that must wait."""
        token = authorization = ""
        if self._way != "open" and self._login is not None:
            if not self._accounts.may_log_in(self._device.host, self._account, self._mono_s()):
                raise LoginRefused(
                    f"{place.authority}: it refuses the login {self._account}",
                    remedy="Correct the login; it is tried again when the camera's lock is over.",
                )
            if self._answerer is not None:
                authorization = self._answerer.header("POST", place.path)
            else:
                created = self._utc() + timedelta(seconds=self.clock_ahead_s)
                token = soap.username_token(self._login, secrets.token_bytes(soap.NONCE_BYTES), created)
        before = self._utc()
        answer = await post(place, soap.envelope(ask.body, token), authorization)
        self.exchanged = before + (self._utc() - before) / 2
        return answer

    def _accepted(self) -> None:
        if self._way != "open":
            self._proven = True
            self._accounts.accepted(self._device.host, self._account)

    def _refused(self, place: Place, tried: list[Way]) -> None:
        """Raises NotPermitted where the login itself has been taken: that is no refusal of it, since ONVIF
        has the same fault for a question beyond the user's level. Once more all the same: a nonce may have
        ended without being called stale."""
        if not self._proven:
            self._accounts.refused(self._device.host, self._account, self._mono_s())
        elif tried:
            raise NotPermitted(f"{place.authority}: the login {self._account} may not ask this")


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
