"""One-time ways in: the first manager's, an invitation, a new password. Each works once, and in time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from edge.console import tables
from edge.console.accounts import book
from edge.console.accounts.refusals import DISABLED, LINK_GONE, NOT_LOCAL, Refused
from edge.console.accounts.sessions import TOKEN_BYTES, digest_of

HOUR_S = 3600.0
_T = tables.link.c


class Purpose(StrEnum):
    FIRST = "first"  # of a record that has no accounts: makes the first manager of all halls
    INVITE = "invite"  # of an account that nobody has used yet
    RESET = "reset"  # of one whose password is lost


# A weekend and a day for who is invited; who has lost a password is waiting for it.
LASTS_S = {Purpose.FIRST: 24 * HOUR_S, Purpose.INVITE: 72 * HOUR_S, Purpose.RESET: 24 * HOUR_S}


@dataclass(frozen=True, slots=True)
class Link:
    """`account` "": who uses it chooses the name."""

    purpose: Purpose
    account: str
    expires_at: float


def first(db: Connection, now: float) -> str | None:
    """A token for the first manager, instead of earlier ones; None where there are accounts."""
    return _make(db, Purpose.FIRST, "", now) if book.is_empty(db) else None


def make(db: Connection, name: str, now: float) -> tuple[str, Link]:
    """A token for that account, instead of an earlier one. Raises Refused."""
    kept = book.need(db, name)
    if kept.disabled_at is not None:
        raise Refused(DISABLED)
    if kept.subject:
        raise Refused(NOT_LOCAL)
    purpose = Purpose.RESET if kept.password else Purpose.INVITE
    return _make(db, purpose, name, now), Link(purpose, name, now + LASTS_S[purpose])


def look(db: Connection, token: str, now: float) -> Link:
    """What it is for. Raises Refused for one that is used, too old, or never was."""
    row = db.execute(select(tables.link).where(_T.digest == digest_of(token), _T.expires_at > now)).first()
    link = Link(Purpose(row.purpose), row.account, row.expires_at) if row else None
    if link is None or not _is_due(db, link):
        raise Refused(LINK_GONE)
    return link


def use(db: Connection, token: str, now: float) -> Link:
    """As `look`, and it is used up: of two at once the second is refused."""
    link = look(db, token, now)
    if not db.execute(delete(tables.link).where(_T.digest == digest_of(token))).rowcount:
        raise Refused(LINK_GONE)
    return link


def open_invitations(db: Connection, now: float) -> dict[str, float]:
    """Until when, by account."""
    rows = db.execute(select(_T.account, _T.expires_at).where(_T.expires_at > now, _T.account != ""))
    return {row.account: row.expires_at for row in rows}


def drop(db: Connection, name: str) -> None:
    db.execute(delete(tables.link).where(_T.account == name))


def _is_due(db: Connection, link: Link) -> bool:
    if link.purpose is Purpose.FIRST:
        return book.is_empty(db)
    kept = book.find(db, link.account)
    return kept is not None and kept.disabled_at is None


def _make(db: Connection, purpose: Purpose, name: str, now: float) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    drop(db, name)
    row = {"digest": digest_of(token), "purpose": purpose, "account": name}
    db.execute(insert(tables.link), row | {"expires_at": now + LASTS_S[purpose]})
    return token
