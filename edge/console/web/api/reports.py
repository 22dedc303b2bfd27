"""Reports, as JSON: those that are published, and others made when a program asks."""

from __future__ import annotations

from aiohttp import web

from edge.console.api import operations, record
from edge.console.api.base import Misuse, Query, moment
from edge.console.reports.apart import Busy, CannotMake
from edge.console.reports.period import NoPeriod
from edge.console.web.api.answering import BadRequest, answers, body_of
from edge.console.web.pages.reports import listed, made_now, published


@answers(operations.REPORTS)
async def reports(request: web.Request, _query: Query) -> record.Reports:
    items = (
        record.Published.model_validate(
            {
                "kind": each.kind,
                "period": each.period,
                "version": each.version,
                "made_at": moment(each.made_at),
                "digest": each.digest,
            }
        )
        for each in await listed(request)
    )
    return record.Reports(items=tuple(items))


@answers(operations.REPORT)
async def report(request: web.Request, _query: Query) -> record.Report:
    found = await published(request)
    return record.Report.of(found.report, found.version)


@answers(operations.MAKE_REPORT)
async def make(request: web.Request, _query: Query) -> record.Report:
    wanted = await body_of(request, record.Wanted)
    try:
        return record.Report.of(await made_now(request, wanted.kind, wanted.period, wanted.hall))
    except NoPeriod as error:
        raise BadRequest(Misuse(name="period", message=str(error))) from None
    except Busy:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from None
    except CannotMake:
        raise web.HTTPConflict from None


ROUTES = (reports, report, make)
