"""Codes of a phone (TOTP, RFC 6238) beside the password, and those for who has lost the phone."""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import secrets
import unicodedata

import pyotp
import segno
from sqlalchemy import Connection, delete, insert, update

from edge.console import tables
from edge.console.accounts.book import Kept

STEP_S = 30
SKEW = 1  # steps before and after: a phone's clock, and who types slowly
RECOVERY = 8  # codes to be written down
_SECRET = re.compile(r"[A-Z2-7]{32}")  # 160 bits, as RFC 4226 asks for
_CODE = re.compile(r"[0-9]{6}")
_BAR = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another
_RECOVERY = re.compile(rf"[{_BAR}]{{10}}")


def new_secret() -> str:
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    return bool(_SECRET.fullmatch(text))


def uri(secret: str, name: str, issuer: str) -> str:
    """What the phone reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def svg(text: str) -> str:
    """Its QR code, black on white also on a dark page."""
    made = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(made, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, svgclass="qr", lineclass=None)
    return made.getvalue().decode()


def step_of(secret: str, code: str, now: float, last_step: int) -> int | None:
    """The step whose code that is; None for a wrong one, and for one that is not later than `last_step`."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", code[:32]))  # Chinese keyboards write wide digits
    if not _CODE.fullmatch(text):
        return None
    here, maker = int(now // STEP_S), pyotp.HOTP(secret)
    fits = [step for step in range(here - SKEW, here + SKEW + 1) if hmac.compare_digest(maker.at(step), text)]
    return next((step for step in fits if step > last_step), None)


def take(db: Connection, kept: Kept, code: str, now: float) -> bool:
    """Whether it may come in by that code, which is then used up; also one of those to be written down."""
    step = step_of(kept.totp, code, now, kept.totp_step)
    table, name = tables.account, kept.account.name
    if step is None:
        return _take_recovery(db, name, code)
    later = (table.c.name == name) & (table.c.totp_step < step)  # another request may have been before
    return db.execute(update(table).where(later).values(totp_step=step)).rowcount == 1


def turn_on(db: Connection, name: str, secret: str, step: int) -> list[str]:
    """With the step of the code that proved it. Gives what is to be written down, instead of earlier ones."""
    table = tables.account
    db.execute(update(table).where(table.c.name == name).values(totp=secret, totp_step=step))
    made = ["".join(secrets.choice(_BAR) for _ in range(10)) for _ in range(RECOVERY)]
    db.execute(delete(tables.recovery).where(tables.recovery.c.account == name))
    db.execute(insert(tables.recovery), [{"account": name, "digest": _digest(code)} for code in made])
    return [f"{code[:5]}-{code[5:]}" for code in made]


def turn_off(db: Connection, name: str) -> None:
    table = tables.account
    db.execute(update(table).where(table.c.name == name).values(totp="", totp_step=0))
    db.execute(delete(tables.recovery).where(tables.recovery.c.account == name))


def _take_recovery(db: Connection, name: str, code: str) -> bool:
    text = re.sub(r"[\s-]", "", code[:32]).lower()
    if not _RECOVERY.fullmatch(text):
        return False
    table = tables.recovery
    one = (table.c.account == name) & (table.c.digest == _digest(text))
    return db.execute(delete(table).where(one)).rowcount == 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
