"""Accounts in the record: found, made, changed. Each call is part of the caller's transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from edge.console import tables
from edge.console.accounts.refusals import (
    BAD_HALL,
    BAD_NAME,
    BAD_SHOWN,
    LAST_MANAGER,
    NAME_TAKEN,
    NO_ACCOUNT,
    Refused,
)
from edge.console.accounts.roles import Account, Role

MAX_NAME = MAX_SHOWN = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_HALL = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_T = tables.account.c


@dataclass(frozen=True, slots=True)
class Kept:
    """An account with what only the door needs. `subject` "": a local one; `totp` "": no codes."""

    account: Account
    password: str
    subject: str
    totp: str
    totp_step: int
    lang: str
    made_at: float
    made_by: str
    disabled_at: float | None


def name_of(text: str) -> str:
    """As it is kept: people do not mind capitals and blanks around."""
    return text.strip().lower()


def find(db: Connection, name: str) -> Kept | None:
    row = db.execute(select(tables.account).where(_T.name == name[: MAX_NAME + 1])).first()
    return kept(row) if row else None


def need(db: Connection, name: str) -> Kept:
    """Raises Refused."""
    found = find(db, name)
    if found is None:
        raise Refused(NO_ACCOUNT)
    return found


def of_subject(db: Connection, subject: str) -> Kept | None:
    row = db.execute(select(tables.account).where(_T.subject == subject)).first() if subject else None
    return kept(row) if row else None


def everyone(db: Connection) -> list[Kept]:
    """By hall and name, those that are disabled last."""
    order = (_T.disabled_at.is_not(None), _T.hall, _T.name)
    return [kept(row) for row in db.execute(select(tables.account).order_by(*order))]


def is_empty(db: Connection) -> bool:
    return not db.execute(select(func.count()).select_from(tables.account)).scalar_one()


def halls_heard(db: Connection) -> list[str]:
    """Those whose events the record has."""
    return list(db.execute(select(tables.cursor.c.hall).distinct().order_by(tables.cursor.c.hall)).scalars())


def add(
    db: Connection, account: Account, by: str, now: float, *, password: str = "", subject: str = ""
) -> None:
    """Raises Refused, also for a name that somebody has or had."""
    if not _NAME.fullmatch(account.name):
        raise Refused(BAD_NAME)
    _check(account.shown, account.hall)
    if find(db, account.name):
        raise Refused(NAME_TAKEN)
    row = {"name": account.name, "shown": account.shown, "role": account.role, "hall": account.hall}
    row |= {"password": password, "subject": subject, "totp": "", "lang": "", "made_by": by}
    db.execute(insert(tables.account), row | {"totp_step": 0, "made_at": now, "disabled_at": None})


def change(db: Connection, name: str, role: Role, hall: str) -> None:
    """From now on, in every session. Raises Refused."""
    _check(None, hall)
    _lock_managers(db)
    _set(db, name, role=role, hall=hall)
    _keep_a_manager(db)


def disable(db: Connection, name: str, now: float) -> None:
    """Raises Refused."""
    _lock_managers(db)
    _set(db, name, disabled_at=now)
    _keep_a_manager(db)


def restore(db: Connection, name: str) -> None:
    _set(db, name, disabled_at=None)


def set_password(db: Connection, name: str, encoded: str) -> None:
    _set(db, name, password=encoded)


def set_shown(db: Connection, name: str, shown: str) -> None:
    _check(shown, "")
    _set(db, name, shown=shown)


def set_lang(db: Connection, name: str, lang: str) -> None:
    _set(db, name, lang=lang)


def _check(shown: str | None, hall: str) -> None:
    if shown is not None and not (0 < len(shown.strip()) <= MAX_SHOWN and shown.isprintable()):
        raise Refused(BAD_SHOWN)
    if hall and not _HALL.fullmatch(hall):
        raise Refused(BAD_HALL)


def _set(db: Connection, name: str, **values: object) -> None:
    if not db.execute(update(tables.account).where(_T.name == name).values(**values)).rowcount:
        raise Refused(NO_ACCOUNT)


_MANAGER = and_(_T.role == Role.MANAGER, _T.hall == "", _T.disabled_at.is_(None))


def _lock_managers(db: Connection) -> None:
    """So that two consoles on one record do not take out the last two. SQLite has one writer anyhow."""
    db.execute(select(_T.name).where(_MANAGER).with_for_update()).all()


def _keep_a_manager(db: Connection) -> None:
    """After a change, which is undone where nobody is left who could look after accounts."""
    able = and_(_MANAGER, or_(_T.password != "", _T.subject != ""))
    if not db.execute(select(func.count()).select_from(tables.account).where(able)).scalar_one():
        raise Refused(LAST_MANAGER)


def kept(row: Row[Any]) -> Kept:
    return Kept(
        account=Account(row.name, row.shown, Role(row.role), row.hall),
        password=row.password,
        subject=row.subject,
        totp=row.totp,
        totp_step=row.totp_step,
        lang=row.lang,
        made_at=row.made_at,
        made_by=row.made_by,
        disabled_at=row.disabled_at,
    )
