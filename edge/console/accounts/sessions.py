"""Browsers that are logged in. Of a token only the SHA-256 is kept: the record alone opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from edge.console import tables
from edge.console.accounts import book
from edge.console.accounts.book import Kept
from edge.console.accounts.roles import Role
from edge.wire.plain import plain

TOKEN_BYTES = 32
HALF_S = 300.0  # for telling a code: to find the phone
SEEN_EVERY_S = 60.0  # how finely it is kept when it was last used: one write a minute for a browser
EACH = 10  # of one account: desk, phone, a colleague's machine; the oldest ends
MAX_AGENT, MAX_ADDRESS = 200, 64
_T = tables.session.c


class Stage(StrEnum):
    NONE = "none"  # nobody
    CODE = "code"  # the password was right, a code is still to be told
    ENROL = "enrol"  # has to set up codes before anything else
    IN = "in"


class Via(StrEnum):
    PASSWORD = "password"  # of an account here
    OIDC = "oidc"


@dataclass(frozen=True, slots=True)
class Limits:
    """`code_of_oidc`: who comes by the login service is asked for codes here too."""

    idle_s: float
    longest_s: float
    code_of_oidc: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    digest: str
    csrf: str
    via: Via
    complete: bool
    made_at: float
    seen_at: float
    address: str
    agent: str

    @property
    def id(self) -> str:
        """For forms: of the digest no more than is needed."""
        return self.digest[:16]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a browser is, as it is kept."""

    address: str
    agent: str = ""


def begin(
    db: Connection,
    name: str,
    place: Place,
    now: float,
    limits: Limits,
    *,
    via: Via,
    complete: bool,
    instead_of: str = "",
) -> str:
    """By a new token that nobody has seen, instead of the one with that digest; those that are over are
    swept out."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    end(db, instead_of)
    _sweep(db, now, limits)
    mine = select(_T.digest).where(_T.account == name).order_by(_T.seen_at.desc()).offset(EACH - 1)
    for digest in db.execute(mine).scalars().all():
        end(db, digest)
    row = {
        "digest": digest_of(token),
        "account": name,
        "csrf": secrets.token_urlsafe(TOKEN_BYTES),
        "via": via,
    }
    row |= {"address": place.address[:MAX_ADDRESS], "agent": plain(place.agent[:MAX_AGENT])}
    times = {"complete": int(complete), "made_at": now, "seen_at": now}
    db.execute(insert(tables.session), row | times)
    return token


def find(db: Connection, token: str, now: float, limits: Limits) -> tuple[Session, Kept] | None:
    """With its account as it is now; None where either is over."""
    row = db.execute(select(tables.session).where(_T.digest == digest_of(token))).first()
    if row is None or not _lasts(session := _session(row), now, limits):
        return None
    kept = book.find(db, row.account)
    return (session, kept) if kept and kept.disabled_at is None else None


def stage_of(session: Session, account: Kept, limits: Limits) -> Stage:
    if not session.complete:
        return Stage.CODE
    return Stage.ENROL if must_enrol(account, session.via, limits) else Stage.IN


def must_enrol(account: Kept, via: Via, limits: Limits) -> bool:
    """Has to set up codes before anything else: technicians have them, since they may command devices."""
    asked = via is Via.PASSWORD or limits.code_of_oidc
    return asked and account.account.role is Role.TECHNICIAN and not account.totp


def wants_code(account: Kept, via: Via, limits: Limits) -> bool:
    return bool(account.totp) and (via is Via.PASSWORD or limits.code_of_oidc)


def of_account(db: Connection, name: str, now: float, limits: Limits) -> list[Session]:
    """Those that last, the latest first."""
    rows = db.execute(select(tables.session).where(_T.account == name).order_by(_T.seen_at.desc()))
    return [each for each in map(_session, rows) if _lasts(each, now, limits)]


def seen(db: Connection, digest: str, now: float) -> None:
    db.execute(update(tables.session).where(_T.digest == digest).values(seen_at=now))


def end(db: Connection, digest: str) -> None:
    db.execute(delete(tables.session).where(_T.digest == digest))


def end_one(db: Connection, name: str, id_: str) -> bool:
    """Of that account, by its id in a form."""
    one = (_T.account == name) & _T.digest.startswith(id_, autoescape=True)
    return len(id_) == 16 and db.execute(delete(tables.session).where(one)).rowcount > 0  # noqa: PLR2004 Session.id


def end_all(db: Connection, name: str, but: str = "") -> None:
    """Of an account, `but` that of this digest, and what its programs come in by."""
    db.execute(delete(tables.session).where(_T.account == name, _T.digest != but))
    db.execute(delete(tables.token).where(tables.token.c.account == name))


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _lasts(session: Session, now: float, limits: Limits) -> bool:
    longest_s = limits.longest_s if session.complete else HALF_S
    return now - session.made_at < longest_s and now - session.seen_at < limits.idle_s


def _sweep(db: Connection, now: float, limits: Limits) -> None:
    over = (_T.made_at < now - limits.longest_s) | (_T.seen_at < now - limits.idle_s)
    half = (_T.complete == 0) & (_T.made_at < now - HALF_S)
    db.execute(delete(tables.session).where(over | half))


def _session(row: Row[Any]) -> Session:
    return Session(
        digest=row.digest,
        csrf=row.csrf,
        via=Via(row.via),
        complete=bool(row.complete),
        made_at=row.made_at,
        seen_at=row.seen_at,
        address=row.address,
        agent=row.agent,
    )
