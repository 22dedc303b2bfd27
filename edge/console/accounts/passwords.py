"""Passwords: which are taken, and Argon2id, a few at a time and off the loop."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from edge.console.accounts.refusals import (
    PASSWORD_COMMON,
    PASSWORD_LONG,
    PASSWORD_SHORT,
    PASSWORDS_DIFFER,
    Refused,
)
from edge.console.engine import RecordError

# OWASP Password Storage Cheat Sheet, Argon2id: of its equal choices the one of least memory, since the whole
# console is to do with 150 MB, and two of these may run at once.
MEMORY_KIB, TIME, LANES = 19 * 1024, 2, 1
AT_ONCE = 2
WAITING = 32  # hashes not begun yet: 1 to 2 s of them; who comes then is asked to try again
SHORTEST, LONGEST = 12, 128  # characters: NIST SP 800-63B 5.1.1.2, with a bound on what is hashed
FEWEST = 5  # different characters: less is a key held down or a row repeated

# The longest common ones of published lists, and what people here would think of: NIST asks for such a list,
# and against rules of composition.
_COMMON = """
1234567890123 123456789012 0123456789012 1234567890qwe 123456789abc 123456789qwe 12345678901234
123123123123 112233445566 password1234 password12345 password123456 passw0rd1234 mypassword123
administrator administrator1 admin12345678 admin1234567 admin123456789 qwertyuiop123 qwertyuiop[]
qwerty123456 qwerty1234567 1qaz2wsx3edc 1qaz2wsx3edc4rfv zaq12wsxcde3 q1w2e3r4t5y6 1q2w3e4r5t6y
asdfghjkl123 zxcvbnm12345 abcdefghijkl abcdefghijklmn abcd12345678 abc123456789 a1234567890b
woaini123456 woaini1314520 5201314521314 iloveyou1234 iloveyou12345 zhengwu123456 zhengwufuwu123
zhengwudating zhengwufuwuzhongxin changeme1234 welcome12345 letmein12345 hall-console hallconsole1
huanying123456 guanliyuan123 guanliyuan123456
"""
COMMON = frozenset(_COMMON.split())

T = TypeVar("T")


class TooBusy(RecordError):
    """More passwords are to be tried than this machine can. Next: try again in a moment."""


def check(password: str, again: str, name: str = "") -> None:
    """Raises Refused for one that is too short, too long, on everybody's list, or not twice the same."""
    text = _normal(password)
    if len(text) < SHORTEST:
        raise Refused(PASSWORD_SHORT)
    if len(text) > LONGEST:
        raise Refused(PASSWORD_LONG)
    low = text.lower()
    rest = low.replace(name.lower(), "") if name else low
    if low in COMMON or len(set(low)) < FEWEST or len(rest) < SHORTEST // 2:
        raise Refused(PASSWORD_COMMON)
    if password != again:
        raise Refused(PASSWORDS_DIFFER)


class Passwords:
    """`close` when done."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=TIME, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._waiting = 0

    async def encode(self, password: str) -> str:
        """Raises TooBusy."""
        return await self._run(lambda: self._hasher.hash(_normal(password)))

    async def fits(self, encoded: str, password: str) -> bool:
        """Takes as long for `encoded` "", which nothing fits. Raises TooBusy."""
        return await self._run(lambda: self._fits(encoded, password))

    def is_dated(self, encoded: str) -> bool:
        """Made when less was asked of it."""
        return self._hasher.check_needs_rehash(encoded)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _fits(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded or self._nobodys, _normal(password)[: LONGEST + 1]) and bool(
                encoded
            )
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise TooBusy(f"{WAITING} others wait for their passwords to be tried")
        self._waiting += 1
        asked = asyncio.get_running_loop().run_in_executor(self._threads, work)
        asked.add_done_callback(self._done)
        return await asyncio.shield(asked)  # one that is given up counts until it has ended

    def _done(self, asked: asyncio.Future[T]) -> None:
        self._waiting -= 1
        if not asked.cancelled():
            asked.exception()  # perhaps nobody waits for it any more


def _normal(password: str) -> str:
    """The same whatever keyboard it was written on (NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
