"""Who asks, in which language: of one request."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from edge.console.accounts.roles import Account, Act, may
from edge.console.accounts.sessions import Stage, Via
from edge.console.web.words import LANGS, Lang, said

LANG_COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Visit:
    """`account` None: nobody has logged in, or not all the way yet; `who` is it already when half in.
    `csrf`: what a form must bring; "" without a session. `secure`: it came by TLS, to us or to the proxy."""

    lang: Lang
    account: Account | None = None
    csrf: str = ""
    address: str = ""
    secure: bool = False
    who: Account | None = None
    stage: Stage = Stage.NONE
    via: Via = Via.PASSWORD
    session: str = ""  # its digest, or that of the token
    program: str = ""  # what the token is for by which it came; "": a person asks

    def t(self, key: str, **values: object) -> str:
        return said(self.lang, key, **values)

    def may(self, act: Act, hall: str = "") -> bool:
        return self.account is not None and may(self.account, act, hall)

    def name(self, zh: str, en: str) -> str:
        """Of a thing that has names in both languages, or in one."""
        return (zh or en) if self.lang == "zh" else (en or zh)


VISIT = web.RequestKey("visit", Visit)


def lang_of(request: web.Request) -> Lang:
    """As the address says, else as before, else Chinese."""
    for wish in (request.query.get("lang"), request.cookies.get(LANG_COOKIE)):
        if wish in LANGS:
            return wish
    return "zh"
