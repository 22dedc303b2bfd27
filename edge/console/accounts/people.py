"""Who the login service says somebody is, as an account here: made when they first come, kept up when they
come again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, update

from edge.console import tables
from edge.console.accounts import book, trail
from edge.console.accounts.book import MAX_NAME, MAX_SHOWN, Kept
from edge.console.accounts.oidc_settings import OidcTable
from edge.console.accounts.refusals import DISABLED_SELF, NAME_OF_OTHER, NO_HALL, NO_ROLE, Refused
from edge.console.accounts.roles import Account, Role
from edge.console.accounts.trail import Act
from edge.wire.plain import plain

BY = "oidc"  # made by
_HALL = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def person(claims: Mapping[str, Any], settings: OidcTable) -> tuple[str, Account]:
    """Subject and account. Pure. Raises Refused for who has no role or no hall here."""
    subject = f"{settings.issuer} {claims['sub']}"
    account = Account(
        name=_name(str(_at(claims, settings.name_claim) or ""), subject),
        shown=_shown(claims, settings),
        role=_role(claims, settings),
        hall=_hall(claims, settings),
    )
    return subject, account


def adopt(db: Connection, subject: str, account: Account, now: float, address: str) -> Kept:
    """Its account, made or brought up to what the service says now. Raises Refused."""
    known = book.of_subject(db, subject)
    if known is None:
        if book.find(db, account.name):
            raise Refused(NAME_OF_OTHER)
        book.add(db, account, BY, now, subject=subject)
        _tell(db, account, "account.made", now, address)
    elif known.disabled_at is not None:
        raise Refused(DISABLED_SELF)
    else:
        account = Account(known.account.name, account.shown, account.role, account.hall)
        if account != known.account:
            values = {"shown": account.shown, "role": account.role, "hall": account.hall}
            mine = tables.account.c.name == account.name
            db.execute(update(tables.account).where(mine).values(values))
            _tell(db, account, "account.changed", now, address)
    return book.need(db, account.name)


def _tell(db: Connection, account: Account, what: str, now: float, address: str) -> None:
    detail = f"{account.role} {account.hall}"
    trail.add(db, Act(now, BY, "", account.hall, what, account.name, detail, trail.OK, address))


def _role(claims: Mapping[str, Any], settings: OidcTable) -> Role:
    has = _words(_at(claims, settings.role_claim))
    role = next((role for word, role in settings.roles.items() if word in has), None)
    if role is None:
        raise Refused(NO_ROLE)
    return role


def _hall(claims: Mapping[str, Any], settings: OidcTable) -> str:
    """That of the first word which has one; by the table, or as it stands where there is no table."""
    if settings.hall_claim is None:
        return ""
    words = _words(_at(claims, settings.hall_claim))
    if settings.halls:
        found = [hall for word, hall in settings.halls.items() if word in words]
    else:
        found = [word for word in words if _HALL.fullmatch(word)]
    if not found:
        raise Refused(NO_HALL)
    return found[0]


def _name(told: str, subject: str) -> str:
    """As names are here; by the subject where nothing of it can be one."""
    short = re.sub(r"[^a-z0-9._-]+", "-", told.strip().lower()[: 4 * MAX_NAME]).strip("-._")[:MAX_NAME]
    return short if len(short) > 1 else f"oidc-{hashlib.sha256(subject.encode()).hexdigest()[:12]}"


def _shown(claims: Mapping[str, Any], settings: OidcTable) -> str:
    told = _at(claims, settings.shown_claim) or _at(claims, settings.name_claim) or claims["sub"]
    return plain(str(told).strip()[:MAX_SHOWN]) or "—"


def _words(told: object) -> list[str]:
    if isinstance(told, str):
        return [told]
    return [each for each in told if isinstance(each, str)] if isinstance(told, list) else []


def _at(claims: Mapping[str, Any], claim: str) -> object:
    """By its whole name, or step by step along its dots."""
    if claim in claims:
        return claims[claim]
    found: object = claims
    for step in claim.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
