"""An alert of a hall that somebody takes on: told to its node, which keeps it and shows it everywhere."""

from __future__ import annotations

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.live.node import NodeKey
from edge.console.live.views import AlertView
from edge.console.web.acts import audited
from edge.console.web.answers import Answer
from edge.console.web.asking import ask, by, outcome
from edge.console.web.forms import form
from edge.console.web.keys import ANSWERS, LIVE, WALL
from edge.console.web.needs import id_of, needs
from edge.console.web.session import see
from edge.console.web.visit import VISIT
from edge.wire import Reply

WAIT_S = 10.0  # for the node, which keeps it before it answers
MAX_NOTE = 200  # characters, as the node has them


@needs(Act.ACKNOWLEDGE)
async def acknowledge(request: web.Request) -> web.Response:
    """Of one that is raised now and may be taken on; another, be it told again from before, is none."""
    hall, told = request.match_info["hall"], await form(request)
    node, key, note = told.get("node", ""), told.get("key", ""), told.get("note", "").strip()
    reply = await take_on(request, (hall, node), key, note)
    answer = Answer(by(request), "alert_acknowledge", request.app[WALL](), reply)
    return see(f"/halls/{hall}?answer={request.app[ANSWERS].keep(answer)}")


async def take_on(request: web.Request, owner: NodeKey, key: str, note: str) -> Reply:
    """Told to its node, and kept in the trail with what came of it. Raises the HTTP error where no such
    alert is raised."""
    hall, node = owner
    if len(note) > MAX_NOTE or not (note.isprintable() or not note):
        raise web.HTTPBadRequest
    if not any(_is(each, node, key) for each in request.app[LIVE].fleet.hall(hall).alerts):
        raise web.HTTPNotFound
    account = request[VISIT].account
    args = {"key": key, "by": account.shown if account else "", "note": note}
    reply = await ask(request, owner, "alert.acknowledge", args, WAIT_S)
    await audited(request, "alert.acknowledge", f"{node}/{key}", note, outcome(reply))
    return reply


def _is(alert: AlertView, node: str, key: str) -> bool:
    return (alert.node, alert.key) == (node, key) and (alert.takes or alert.acknowledged)


ROUTES = (web.post(f"/halls/{id_of('hall')}/alerts", acknowledge),)
