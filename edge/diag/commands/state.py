"""How the node is: `status` and `alerts`."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from edge.control import DEFAULT_SOCKET
from edge.diag.alerts import listed
from edge.diag.commands.common import (
    SEND_TIMEOUT_S,
    STATUS_TIMEOUT_S,
    JsonOption,
    SocketOption,
    ask,
    finish,
)
from edge.diag.speaking import LangOption, spoken
from edge.diag.trouble import Trouble
from edge.diag.view import StatusView, render
from edge.diag.words import both
from edge.ids import new_id
from edge.wire import Reply, Request


def status(
    *, socket: SocketOption = DEFAULT_SOCKET, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Show devices, windows, the queue and the outbox of this node."""
    words = spoken(lang)
    reply = ask(socket, Request(id=new_id(), verb="status"), STATUS_TIMEOUT_S)
    if as_json or reply.result != "done":
        finish(reply, words, as_json=as_json)
    Console().print(render(_view(reply), words, time.time()))


def alerts(
    *,
    ack: Annotated[str, typer.Option(metavar="KEY", help="Say that somebody sees to this alert.")] = "",
    by: Annotated[str, typer.Option(help="Who that is.")] = "",
    note: Annotated[str, typer.Option(help="What is being done.")] = "",
    socket: SocketOption = DEFAULT_SOCKET,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show the alerts that stand, or acknowledge one.

    Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.
    """
    words = spoken(lang)
    if bool(ack) != bool(by) or (note and not ack):
        raise typer.BadParameter("--ack KEY and --by NAME go together, and --note with them")
    if ack:
        args = {"key": ack, "by": by, "note": note}
        request = Request(id=new_id(), verb="alert.acknowledge", args=args)
        finish(ask(socket, request, SEND_TIMEOUT_S), words, as_json=as_json)
    reply = ask(socket, Request(id=new_id(), verb="status"), STATUS_TIMEOUT_S)
    if as_json:
        reply = reply.model_copy(update={"data": {"alerts": reply.data.get("alerts", [])}})
    if as_json or reply.result != "done":
        finish(reply, words, as_json=as_json)
    view, now = _view(reply), time.time()
    Console().print(listed(view.alerts, words, now, view.node.hall_time or now))


def _view(reply: Reply) -> StatusView:
    try:
        return StatusView.model_validate(reply.data)
    except ValidationError as error:
        raise Trouble(both("other_version"), status=1) from error
