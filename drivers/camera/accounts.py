"""When the logins of cameras may be used.

A vendor locks an account after some refused logins, for half an hour: sixteen cameras behind one recorder
that each try a wrong password would lock it for everybody. So refusals count for the machine and the login,
and until one has been accepted only one is tried at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

TRIES = 2  # refused logins, then none for a while


@dataclass(slots=True)
class _Account:
    refused: int = 0
    until_s: float = 0.0
    proven: bool = False
    trying: asyncio.Lock = field(default_factory=asyncio.Lock)


class Accounts:
    """It is told the time; all else it does is to let the unproven wait for each other."""

    def __init__(self, refused_s: float) -> None:
        self._refused_s = refused_s
        self._accounts: dict[tuple[str, str], _Account] = {}  # by host and login of the configuration

    @contextlib.asynccontextmanager
    async def turn(self, host: str, login: str) -> AsyncIterator[None]:
        """Alone with the account, unless it is known to be accepted."""
        account = self._of(host, login)
        if account.proven:
            yield
            return
        async with account.trying:
            yield

    def may_log_in(self, host: str, login: str, now_s: float) -> bool:
        account = self._of(host, login)
        return account.refused < TRIES or now_s >= account.until_s

    def refused(self, host: str, login: str, now_s: float, tries: int = 1) -> None:
        account = self._of(host, login)
        if account.refused >= TRIES and now_s >= account.until_s:
            account.refused = 0
        account.proven = False
        account.refused += tries
        account.until_s = now_s + self._refused_s

    def accepted(self, host: str, login: str) -> None:
        account = self._of(host, login)
        account.refused, account.proven = 0, True

    def _of(self, host: str, login: str) -> _Account:
        return self._accounts.setdefault((host, login), _Account())
