"""A console as it is at work: the real application over a record, its sums and a fleet, at a moment that is
said, with an account of each role."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from aiohttp import web
from sqlalchemy import Connection, make_url

from edge.console.accounts import book, codes, sessions, trail
from edge.console.accounts.roles import Account, Role
from edge.console.accounts.sessions import Place, Via
from edge.console.desk import Desk
from edge.console.followup import add_step, followups
from edge.console.live.session import Live
from edge.console.reports.command import Wish, produce
from edge.console.settings import ConsoleSettings
from edge.console.sums.follower import Follower
from edge.console.web import app as application
from edge.console.web import session
from edge.console.web.pulse import Recorder
from edge.rules.followup import Finding, Stage, Step
from tests.console.accounts_kit import encoded, writing
from tests.console.days import Hall
from tests.console.fleet import fill
from tests.report_kit import keep, wall

NOW_S = wall("2026-10-14 13:24")  # a Wednesday, early in the afternoon
FIRST, DAYS = date(2026, 9, 14), 31
DEVICES = ("printer-1", "caller-1", "caller-2", "pad-1", "pad-2", "board-1")
ACCOUNTS = {  # by name
    "manager": Account("manager", "王主任", Role.MANAGER),
    "town": Account("town", "镇上的管理员", Role.MANAGER, "town"),
    "technician": Account("technician", "李工", Role.TECHNICIAN),
    "auditor": Account("auditor", "赵审计", Role.AUDITOR),
    "viewer": Account("viewer", "访客", Role.VIEWER),
}
SECRET = "JBSWY3DPEHPK3PXP"  # of technicians, who have to have one


@dataclass(frozen=True, slots=True)
class Console:
    """`tokens`: of a session of each account."""

    address: str
    store: str
    app: web.Application
    tokens: dict[str, str]
    followup: str  # the id of one that waits, of the centre

    def path(self, template: str) -> str:
        return template.format(followup=self.followup)

    def cookie(self, account: str) -> dict[str, str]:
        """Of nobody, where `account` is ""."""
        return {"hall": self.tokens[account]} if account else {}


def a_month(folder: Path, now_s: float = NOW_S, first: date = FIRST, days: int = DAYS) -> str:
    """The record of a centre and a township's hall up to now, with its sums, and with the report of the month
    of its first day: its address."""
    centre = Hall("county", "desk", 6, DEVICES, seed=1)
    township = Hall("town", "node-1", 1, DEVICES[:2], seed=2)
    for each in (centre, township):
        each.open(first, days, now_s)
    store = keep(folder / "hub.db", centre.node, township.node)
    done = produce("month", f"{first:%Y-%m}", Wish(store, folder / "reports", publish=True), lambda: now_s)
    assert done.status == 0, done.lines
    with closing(Follower(store, ConsoleSettings().zone, lambda: now_s)) as follower:
        follower.catch_up()
    return store


@dataclass(frozen=True, slots=True)
class Kept:
    """A record with its accounts, their sessions, and follow-ups on their way."""

    store: str
    tokens: dict[str, str]
    followup: str

    def copied(self, folder: Path) -> Kept:
        shutil.copy(make_url(self.store).database or "", folder / "hub.db")
        return replace(self, store=f"sqlite:///{folder}/hub.db")


def kept(folder: Path) -> Kept:
    store, limits = a_month(folder), session.limits(ConsoleSettings())
    with writing(store) as db:
        tokens = {name: _log_in(db, name, limits) for name in ACCOUNTS}
        _follow_up(db)
        _acts(db)
        return Kept(store, tokens, _waiting(db))


@asynccontextmanager
async def console(
    folder: Path,
    routes: Sequence[web.RouteDef] = (),
    recorder: Recorder | None = None,
    record: Kept | None = None,
) -> AsyncIterator[Console]:
    """`routes`: pages of a test beside its own. `record`: one of which it gets a copy, since making one takes
    some seconds."""
    made, live = record.copied(folder) if record else kept(folder), Live()
    store = made.store
    fill(live.fleet, NOW_S)
    with closing(Desk(store)) as desk:
        app = application.make_app(desk, ConsoleSettings(), live, recorder=recorder, wall=lambda: NOW_S)
        application.add(app, routes)
        async with application.served(app, 0) as address:
            yield Console(address, store, app, made.tokens, made.followup)


def _follow_up(db: Connection) -> None:
    """Most bad ratings are closed by now, some are under way, and the newest wait."""
    verified = Step(Stage.VERIFIED, date(2026, 10, 1), "wang", Finding.CONFIRMED)
    ways = (Stage.RECTIFIED, Stage.FED_BACK, Stage.CLOSED)
    for n, found in enumerate(followups(db)):
        case = found.case
        steps = [verified, *(Step(stage, verified.day, "wang", note="已当面说明") for stage in ways)]
        count = 0 if case.day >= date(2026, 10, 9) else 1 + n % 3 if n % 7 == 0 else len(steps)
        for step in steps[:count]:
            add_step(db, replace(found, case=case), step, NOW_S)
            case = case.after(step)


def _acts(db: Connection) -> None:
    """What people did, and what one of them may not."""
    acts = (
        ("manager", "login", "", trail.OK),
        ("manager", "followup.step", "0f3a9c1e", trail.OK),
        ("technician", "device.restart", "desk/pad-2", "rejected: busy"),
        ("town", "get /accounts", "", "refused: 403"),
        ("", "login", "", "refused: wrong"),
    )
    for n, (name, what, on, result) in enumerate(acts):
        who = ACCOUNTS.get(name)
        role, hall = (who.role, who.hall) if who else ("", "")
        trail.add(db, trail.Act(NOW_S - 600 + n, name, role, hall, what, on, "", result, "10.2.0.17"))


def _waiting(db: Connection) -> str:
    return next(each.id for each in followups(db, "county", open_only=True) if not each.case.steps)


def _log_in(db: Connection, name: str, limits: sessions.Limits) -> str:
    """A new account, and the token of its session."""
    account = ACCOUNTS[name]
    book.add(db, account, "test", NOW_S, password=encoded())
    if account.role is Role.TECHNICIAN:
        codes.turn_on(db, name, SECRET, 0)
    place = Place("127.0.0.1", "a test")
    return sessions.begin(db, name, place, NOW_S, limits, via=Via.PASSWORD, complete=True)
