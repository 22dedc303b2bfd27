"""A node asked for a page: by whom, and what the trail says of the answer."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from edge.console.live.node import NodeKey
from edge.console.web.keys import LIVE
from edge.console.web.visit import VISIT
from edge.wire import Reply


def by(request: web.Request) -> str:
    """The account for whom it is."""
    account = request[VISIT].account
    return account.name if account else ""


async def ask(
    request: web.Request, node: NodeKey, verb: str, args: Mapping[str, str], timeout_s: float
) -> Reply:
    """Never raises for what a node does; without an answer in time the result is unknown."""
    asker = request.app[LIVE].asker
    return await asker.ask(*node, verb, args, by=by(request), timeout_s=timeout_s)


def outcome(reply: Reply) -> str:
    """For the trail."""
    return reply.result if reply.result == "done" else f"{reply.result}: {reply.code}"
