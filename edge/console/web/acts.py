"""The trail of what people did: every request that may change something leaves a line, also a refused one."""

from __future__ import annotations

import logging
from dataclasses import replace

from aiohttp import web

from edge.console.accounts import book, trail
from edge.console.accounts.refusals import Refused
from edge.console.accounts.roles import Account
from edge.console.accounts.trail import OK, Act
from edge.console.engine import RecordError
from edge.console.keeping import touch
from edge.console.web.keys import DESK, DOOR, WALL
from edge.console.web.layers import Handler, route_of
from edge.console.web.render import READS
from edge.console.web.visit import VISIT

_TOLD: web.RequestKey[Act | None] = web.RequestKey("told")

log = logging.getLogger(__name__)


def act_of(
    request: web.Request,
    what: str,
    on: str = "",
    detail: str = "",
    result: str = OK,
    *,
    hall: str = "",
    who: Account | None = None,
) -> Act:
    """A line of the trail for who asks, to be written by `trail.add` in the transaction of what is done.
    `who`: where the request itself has made known who it is. A program is named before the detail."""
    visit = request[VISIT]
    by = who or visit.who
    request[_TOLD] = act = Act(
        at=request.app[WALL](),
        account=by.name if by else "",
        role=by.role if by else "",
        hall=hall or request.match_info.get("hall", ""),
        what=what,
        on=on,
        detail=f"[{visit.program}] {detail}".rstrip() if visit.program else detail,
        result=result,
        address=visit.address,
    )
    return act


async def audited(
    request: web.Request, what: str, on: str = "", detail: str = "", result: str = OK, *, hall: str = ""
) -> None:
    """The same for what is not done in the record: a command to a device, a refusal. Raises RecordError."""
    await _write(request, act_of(request, what, on, detail, result, hall=hall))


async def failed(request: web.Request, what: str, name: str) -> None:
    """Of who said to be `name`, which is kept if it is one: some write their password there."""
    act = act_of(request, what, result="refused: wrong")
    if request.app[DOOR].strangers.take():
        await request.app[DESK].write(
            lambda db: trail.add(db, replace(act, on=name if book.find(db, name) else ""))
        )


@web.middleware
async def account_for(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What its page has not told is told here, and what came to nothing."""
    if request.method in READS:
        return await handler(request)
    outcome, untold = "failed", True
    try:
        answer = await handler(request)
        outcome, untold = _outcome(answer.status), _TOLD not in request
    except web.HTTPException as error:
        outcome, untold = _outcome(error.status), _TOLD not in request
        raise
    except Refused as error:
        outcome = f"refused: {error.words.en}"
        raise
    finally:
        if untold:
            await _tell(request, outcome)
    return answer


@web.middleware
async def could_be_kept(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A node may be asked next: nothing is begun whose line could not be kept."""
    if request.method not in READS and request[VISIT].account:
        await request.app[DESK].write(touch)
    return await handler(request)


def leave_out(request: web.Request) -> None:
    """Of a request that was not even looked at: a flood must not fill the trail."""
    request[_TOLD] = None


def _outcome(status: int) -> str:
    return OK if status < 400 else f"refused: {status}"  # noqa: PLR2004 HTTP's errors begin there


async def _tell(request: web.Request, outcome: str) -> None:
    act = request.get(_TOLD) or _of_address(request)
    try:
        await _write(request, replace(act, result=outcome))
    except RecordError as error:
        log.error("%s: %s: not in the trail: %s", act.what, outcome, error)  # noqa: TRY400 the reason is in it


def _of_address(request: web.Request) -> Act:
    on = ", ".join(value for key, value in request.match_info.items() if key != "token")
    return act_of(request, f"{request.method.lower()} {route_of(request)}", on)


async def _write(request: web.Request, act: Act) -> None:
    if act.account or request.app[DOOR].strangers.take():
        await request.app[DESK].write(lambda db: trail.add(db, act))
