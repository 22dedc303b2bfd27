"""Reports: those that are published, each version as it was, and others made when somebody asks.

What is published is of all halls, so who is of one hall has reports made of that one. A file has a name from
a fixed set: nothing of an address is ever a path.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts.roles import Act
from edge.console.engine import RecordError
from edge.console.reports.apart import Busy, CannotMake
from edge.console.reports.files import as_csv
from edge.console.reports.kept import Version, kept, versions
from edge.console.reports.period import MONTHS, NoPeriod, Period
from edge.console.reports.sheets import BOTH, Column, Report, Value
from edge.console.reports.volume import HALL
from edge.console.web.acts import audited
from edge.console.web.dates import today
from edge.console.web.forms import form
from edge.console.web.keys import APART, DESK, SETTINGS, WALL
from edge.console.web.names import Names
from edge.console.web.needs import needs
from edge.console.web.pages.overview import halls_of
from edge.console.web.render import page
from edge.console.web.session import see
from edge.console.web.visit import VISIT
from edge.ids import new_id

MOST = 200  # versions in the list: five years of all kinds
ROWS = 150  # of a sheet on the page; all are in its file
KEPT = 8  # made reports that can still be looked at; a year's of a county has 2 MB
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_ACT = "report.made"  # in the trail

File: TypeAlias = tuple[bytes, str]  # what is in it, and its type


class Made:
    """Reports that were made when somebody asked, for that account, until others are."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[str, Report]] = OrderedDict()

    def keep(self, account: str, report: Report) -> str:
        """Its id."""
        if len(self._kept) >= KEPT:
            self._kept.popitem(last=False)
        id_ = new_id()
        self._kept[id_] = (account, report)
        return id_

    def find(self, account: str, id_: str) -> Report | None:
        whose, report = self._kept.get(id_, ("", None))
        return report if whose == account else None


MADE = web.AppKey("made", Made)


@dataclass(frozen=True, slots=True)
class Found:
    """A report, what its files are called, and its version if it is published."""

    report: Report
    stem: str
    version: int = 0


@needs(Act.REPORTS)
async def reports(request: web.Request) -> web.Response:
    return await _listed(request)


@needs(Act.REPORTS)
async def make(request: web.Request) -> web.Response:
    told, visit = await form(request), request[VISIT]
    try:
        kind, period = told.get("kind", ""), told.get("period", "").strip()
        report = await made_now(request, kind, period, told.get("hall", ""))
    except (NoPeriod, CannotMake) as error:
        status = 503 if isinstance(error, Busy) else 409
        return await _listed(request, refused=_in(visit.lang, str(error)), status=status)
    assert visit.account is not None  # the mark of the page says so
    return see(f"/reports/made/{request.app[MADE].keep(visit.account.name, report)}")


async def made_now(request: web.Request, kind: str, text: str, hall: str) -> Report:
    """Of `hall`, or of all that the visitor may see, with a line in the trail. Raises NoPeriod, CannotMake
    and the HTTP error for a hall that is not the visitor's."""
    app, visit = request.app, request[VISIT]
    account, halls = visit.account, {hall.hall for hall in halls_of(app, visit)}
    hall = hall or (account.hall if account else "")
    if account is None or (hall and hall not in halls):
        raise web.HTTPNotFound
    try:
        period = Period.asked(kind, text)
        period.begun(today(app))
        report = await app[APART].report(period.kind, period.text, hall, app[WALL]())
    except (NoPeriod, CannotMake):
        await audited(request, MADE_ACT, text, result="refused", hall=hall)
        raise
    await audited(request, MADE_ACT, f"{period.kind} {period.text}", hall=hall)
    return report


@needs(Act.REPORTS)
async def report(request: web.Request) -> web.Response:
    found = await _found(request)
    return page(
        request,
        "report.html",
        found=found,
        report=found.report,
        names=_names(request),
        told=partial(told_of, request[VISIT].lang),
        most_rows=ROWS,
        HALL=HALL,
    )


@needs(Act.REPORTS)
async def file(request: web.Request) -> web.Response:
    """Of what is shown, by a name that it has."""
    found, name = await _found(request), request.match_info["file"]
    try:
        content, kind = await _file(request, found.report, name)
    except CannotMake as error:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from error
    headers = {"Content-Disposition": f'attachment; filename="{found.stem}-{name}"'}
    return web.Response(body=content, content_type=kind, headers=headers)


async def _file(request: web.Request, found: Report, name: str) -> File:
    if name == "report.xlsx":
        return await request.app[APART].workbook(found), XLSX
    if name == "report.json":
        return found.as_json().encode(), "application/json"
    for sheet in found.sheets:
        if name == f"{sheet.key}.csv":
            return as_csv(sheet), "text/csv"
    raise web.HTTPNotFound


async def _found(request: web.Request) -> Found:
    """What the address names, if the visitor may see it."""
    account, told = request[VISIT].account, request.match_info
    if account is None:
        raise web.HTTPNotFound
    if "id" in told:
        made = request.app[MADE].find(account.name, told["id"])
        if made is None:
            raise web.HTTPNotFound
        return Found(made, f"{made.period}-{made.hall or 'all'}")
    return await published(request)


async def published(request: web.Request) -> Found:
    """The one that the address names. Raises the HTTP error where there is none for the visitor."""
    account, told = request[VISIT].account, request.match_info
    if account is None or account.hall:  # it is of all halls
        raise web.HTTPForbidden
    try:
        period = Period.asked(told["kind"], told["period"])
    except NoPeriod:
        raise web.HTTPNotFound from None
    version = int(told["version"])
    found = await request.app[DESK].read(partial(_kept, period=period, version=version))
    if found is None:
        raise web.HTTPNotFound
    return Found(found, f"{period.text}-v{version}", version)


def _kept(db: Connection, *, period: Period, version: int) -> Report | None:
    try:
        found = kept(db, period, version)
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(f"the report of {period.text}, version {version}, is damaged: {error}") from error
    return found.report if found else None


async def listed(request: web.Request) -> list[Version]:
    """What is published for the visitor: it is of all halls."""
    account = request[VISIT].account
    if account is None or account.hall:
        return []
    return await request.app[DESK].read(partial(versions, most=MOST))


async def _listed(request: web.Request, *, refused: str = "", status: int = 200) -> web.Response:
    app, account = request.app, request[VISIT].account
    of_one = bool(account and account.hall)
    return page(
        request,
        "reports.html",
        status=status,
        published=await listed(request),
        of_one=of_one,
        halls=_names(request),
        kinds=tuple(MONTHS),
        month=Period.holding("month", today(app)).text,
        refused=refused,
    )


def _names(request: web.Request) -> dict[str, Names]:
    app, visit = request.app, request[VISIT]
    return {hall.hall: Names(visit, app[SETTINGS], hall) for hall in halls_of(app, visit)}


def told_of(lang: str, column: Column, value: Value) -> str:
    """A value as it is read on a page; files say it in both languages."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value.split(" ")[lang != "zh"] if value in BOTH else value
    match column.form:
        case "share":
            return f"{100 * value:.1f} %"
        case "minutes" | "hours":
            return f"{value:,.1f}"
        case "yuan" | "score":
            return f"{value:,.2f}"
    return f"{value:,}"


def _in(lang: str, text: str) -> str:
    """Of a text in both languages its half."""
    zh, _, en = text.partition(" · ")
    return zh if lang == "zh" or not en else en


_VERSION = "/reports/{kind:month|quarter|year}/{period}/{version:[1-9][0-9]{0,5}}"
ROUTES = (
    web.get("/reports", reports),
    web.post("/reports", make),
    web.get("/reports/made/{id}", report),
    web.get("/reports/made/{id}/{file}", file),
    web.get(_VERSION, report),
    web.get(_VERSION + "/{file}", file),
)
