"""Who comes in: by password, then by code, with not too many tries; who does not exist is told the same."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from edge.console.accounts import book, codes
from edge.console.accounts.book import Kept
from edge.console.accounts.limits import Budget, Tries, place_of
from edge.console.accounts.passwords import Passwords
from edge.console.desk import Desk

FREE_OF_ACCOUNT = 5  # wrong passwords or codes: a slip, capital letters, the other keyboard
FREE_OF_PLACE = 30  # a whole hall may come from one address, on the morning that passwords are new
STRANGERS_AN_HOUR = 600  # lines of the trail by who is not logged in

log = logging.getLogger(__name__)


class TooOften(Exception):
    """Not tried at all. Next: wait `wait_s`."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"to be tried again in {wait_s:.0f} s")
        self.wait_s = wait_s


class Door:
    """`strangers`: what may be written down of them."""

    def __init__(
        self,
        desk: Desk,
        passwords: Passwords,
        wall: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._desk, self.passwords, self._wall = desk, passwords, wall
        self._names, self._codes = Tries(FREE_OF_ACCOUNT, clock), Tries(FREE_OF_ACCOUNT, clock)
        self._places = Tries(FREE_OF_PLACE, clock)
        self.strangers = Budget(STRANGERS_AN_HOUR, clock)

    async def by_password(self, name: str, password: str, address: str) -> Kept | None:
        """The account, if that is its password. Raises TooOften and RecordError."""
        place = place_of(address)
        self._begin(self._names, name[:64], place)
        found = await self._desk.read(lambda db: book.find(db, name))
        usable = found if found and found.disabled_at is None and not found.subject else None
        if not await self.passwords.fits(usable.password if usable else "", password) or usable is None:
            return None
        self._names.was_right(name, all_of_it=True)
        self._places.was_right(place, all_of_it=False)
        return await self._renewed(usable, password)

    async def by_code(self, kept: Kept, code: str, address: str) -> bool:
        """Whether that is its code now, which is then used up. Raises TooOften and RecordError."""
        name, place, now = kept.account.name, place_of(address), self._wall()
        self._begin(self._codes, name, place)
        right = await self._desk.write(lambda db: codes.take(db, kept, code, now))
        if right:
            self._codes.was_right(name, all_of_it=True)
            self._places.was_right(place, all_of_it=False)
        return right

    def _begin(self, tries: Tries, key: str, place: str) -> None:
        if wait_s := self._places.begin(place):
            raise TooOften(wait_s)
        if wait_s := tries.begin(key):
            self._places.was_right(place, all_of_it=False)  # it costs nothing to say no
            raise TooOften(wait_s)

    async def _renewed(self, kept: Kept, password: str) -> Kept:
        """Encoded as strongly as new ones are."""
        if not self.passwords.is_dated(kept.password):
            return kept
        encoded = await self.passwords.encode(password)
        await self._desk.write(lambda db: book.set_password(db, kept.account.name, encoded))
        log.info("the password of %s is kept more strongly now", kept.account.name)
        return replace(kept, password=encoded)
