"""When the logins of cameras may be used.

A vendor locks an account after some refused logins, for half an hour: sixteen cameras behind one recorder
that each try a wrong password would lock it for everybody. So refusals count for the machine and the login,
and a try counts as refused until it has been accepted. They are kept over a restart, the passwords are not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from drivers.camera.errors import LookFailed
from drivers.messages import Instant

TRIES = 2  # refused logins, then none for a while
MAX_KEPT = 256  # accounts over a restart, the latest refused: more than the cameras of the largest halls

Keep = Callable[[bytes], Awaitable[None]]


@dataclass(slots=True)
class Attempt:
    """A login that is being tried. `unheard`: the line went silent or was hung up, which is what some cameras
    do instead of refusing."""

    accepted: bool | None = None
    unheard: bool = True


class Withheld(Exception):
    """The login must wait. `unheard`: because nothing was heard of it the last time."""

    def __init__(self, *, unheard: bool) -> None:
        super().__init__("this login was not accepted, and is not tried again for a while")
        self.unheard = unheard


@dataclass(slots=True)
class _Account:
    refused: int = 0
    unheard: bool = False  # the last of them
    under_way: int = 0
    proven: bool = False
    kept: int = 0  # tries, as last handed to be kept
    at: Instant = field(default_factory=lambda: Instant(0.0, 0.0, clock_ok=False))  # of the last try
    told: asyncio.Event = field(default_factory=asyncio.Event)  # how one under way ended

    @property
    def tries(self) -> int:
        """What a hall that ends now must not forget: an untried login may have been refused already."""
        return self.refused + (0 if self.proven else self.under_way)


class Accounts:
    """It is told the time. `stamp` tells the file of the logins from one that somebody has changed since:
    what was refused before that is no longer known to be wrong."""

    def __init__(self, refused_s: float, *, stamp: int = 0, keep: Keep | None = None) -> None:
        self._refused_s = refused_s
        self._stamp = stamp
        self._keep = keep
        self._accounts: dict[tuple[str, str], _Account] = {}  # by host and login of the configuration

    @contextlib.asynccontextmanager
    async def attempt(self, host: str, login: str, now: Callable[[], Instant]) -> AsyncIterator[Attempt]:
        """A try, which waits for those under way where no more might be refused. Raises Withheld."""
        account = self._of(host, login)
        while account.refused + account.under_way >= TRIES and account.under_way:
            account.told.clear()
            await account.told.wait()
        if account.refused >= TRIES:
            if now().mono_s - account.at.mono_s < self._refused_s:
                raise Withheld(unheard=account.unheard)
            account.refused = 0
        attempt = Attempt()
        account.under_way += 1
        try:
            if not account.proven:
                account.at = now()
                await self._kept(account)
            yield attempt
        except LookFailed:  # it said something, and no refusal
            attempt.unheard = False
            raise
        finally:
            account.under_way -= 1
            self._ended(account, attempt, now())
            account.told.set()
            await self._kept(account)

    def _ended(self, account: _Account, attempt: Attempt, now: Instant) -> None:
        if attempt.accepted:
            account.refused, account.proven = 0, True
        elif attempt.accepted is False or (attempt.unheard and not account.proven):
            account.unheard = attempt.accepted is None
            self._refuse(account, now)

    def _refuse(self, account: _Account, now: Instant) -> None:
        if account.refused >= TRIES and now.mono_s - account.at.mono_s >= self._refused_s:
            account.refused = 0
        account.proven = False
        account.refused += 1
        account.at = now

    def _of(self, host: str, login: str) -> _Account:
        return self._accounts.setdefault((host, login), _Account())

    # --- over a restart ---
    async def _kept(self, account: _Account) -> None:
        if account.tries == account.kept or self._keep is None:
            return
        account.kept = account.tries
        tried = [(key, each) for key, each in self._accounts.items() if each.tries]
        tried.sort(key=lambda pair: pair[1].at.mono_s)
        rows = [
            [*key, each.tries, each.at.wall_s, each.at.mono_s, self._stamp] for key, each in tried[-MAX_KEPT:]
        ]
        await self._keep(json.dumps(rows).encode())

    def resume(self, kept: bytes, now: Instant) -> None:
        """With what was kept before a restart. Raises ValueError where that makes no sense."""
        try:
            rows = [_read(row) for row in json.loads(kept)] if kept else []
        except (TypeError, ValueError) as error:
            raise ValueError(f"no list of refusals: {error}") from None
        for key, tries, at, stamp in rows:
            ago_s = _least_ago_s(at, now)
            if stamp == self._stamp and ago_s < self._refused_s:
                since = Instant(now.wall_s - ago_s, now.mono_s - ago_s, now.clock_ok)
                self._accounts[key] = _Account(tries, kept=tries, at=since)


def _read(row: list[object]) -> tuple[tuple[str, str], int, Instant, int]:
    """Raises TypeError, ValueError."""
    host, login, tries, wall_s, mono_s, stamp = row
    if not (isinstance(tries, int) and isinstance(stamp, int) and tries > 0):
        raise ValueError("no count of tries")
    if not (isinstance(wall_s, float) and isinstance(mono_s, float) and math.isfinite(wall_s + mono_s)):
        raise ValueError("no time")
    return (str(host), str(login)), tries, Instant(wall_s, mono_s, clock_ok=False), stamp


def _least_ago_s(at: Instant, now: Instant) -> float:
    """For how long it is over at least. The monotonic clock says so for the same boot, and cannot say too
    much for a later one. Where it began anew meanwhile the wall clock has to do, if it is known to be right.
    """
    if now.mono_s >= at.mono_s:
        return now.mono_s - at.mono_s
    return max(now.mono_s, now.wall_s - at.wall_s) if now.clock_ok else max(now.mono_s, 0.0)
