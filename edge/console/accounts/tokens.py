"""Tokens by which programs ask in the name of an account: never more than it may itself.

Of a token only the SHA-256 is kept. It ends on its day, when its owner ends it, when the account is disabled,
and with a new password, as every session does.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from edge.console import tables
from edge.console.accounts import book
from edge.console.accounts.book import Kept
from edge.console.accounts.refusals import BAD_LABEL, BAD_LIFE, TOO_MANY_TOKENS, Refused
from edge.console.accounts.sessions import TOKEN_BYTES, Limits, Via, digest_of, must_enrol

PREFIX = "hall_"  # by which a token that was left lying about is found
EACH = 10  # of one account: a program each
MAX_LABEL = 32
LIVES = (30, 90, 365)  # days that are offered; none lasts longer than the last
DAY_S = 86_400.0
SEEN_EVERY_S = 3600.0  # how finely it is kept when it was last used
_FORM = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_T = tables.token.c


@dataclass(frozen=True, slots=True)
class Token:
    """`via`: how who made it had come in. `used_at` None: never yet."""

    digest: str
    label: str
    via: Via
    made_at: float
    expires_at: float
    used_at: float | None

    @property
    def id(self) -> str:
        """For forms and the trail: of the digest no more than is needed."""
        return self.digest[:16]


def is_one(text: str) -> bool:
    """Whether it could be a token at all: what is none is not looked for."""
    return bool(_FORM.fullmatch(text))


def make(db: Connection, name: str, label: str, days: int, now: float, *, via: Via) -> str:
    """A new one, which nobody is shown again. Raises Refused."""
    if not (0 < len(label) <= MAX_LABEL and label.isprintable()):
        raise Refused(BAD_LABEL)
    if not 1 <= days <= LIVES[-1]:
        raise Refused(BAD_LIFE)
    db.execute(delete(tables.token).where(_T.expires_at <= now))
    mine = select(func.count()).select_from(tables.token).where(_T.account == name)
    if db.execute(mine).scalar_one() >= EACH:
        raise Refused(TOO_MANY_TOKENS)
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = {"digest": digest_of(token), "account": name, "label": label, "via": via, "made_at": now}
    db.execute(insert(tables.token), row | {"expires_at": now + days * DAY_S, "used_at": None})
    return token


def find(db: Connection, token: str, now: float, limits: Limits) -> tuple[Token, Kept] | None:
    """With its account as it is now; None where either is over, or the account would not be let in."""
    row = db.execute(select(tables.token).where(_T.digest == digest_of(token))).first()
    if row is None or row.expires_at <= now:
        return None
    found, kept = _token(row), book.find(db, row.account)
    usable = kept and kept.disabled_at is None and not must_enrol(kept, found.via, limits)
    return (found, kept) if kept and usable else None


def of_account(db: Connection, name: str, now: float) -> list[Token]:
    """Those that last, the latest first."""
    mine = select(tables.token).where(_T.account == name, _T.expires_at > now)
    return [_token(row) for row in db.execute(mine.order_by(_T.made_at.desc()))]


def used(db: Connection, digest: str, now: float) -> None:
    db.execute(update(tables.token).where(_T.digest == digest).values(used_at=now))


def end(db: Connection, name: str, id_: str) -> Token | None:
    """Of that account, by its id in a form; None where it has no such."""
    found = next((each for each in of_account(db, name, 0.0) if each.id == id_), None)
    if found:
        db.execute(delete(tables.token).where(_T.digest == found.digest))
    return found


def _token(row: Row[Any]) -> Token:
    return Token(row.digest, row.label, Via(row.via), row.made_at, row.expires_at, row.used_at)
