"""A node told what to do: `send`, `reload` and `restart`."""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import ValidationError

from edge.control import DEFAULT_SOCKET
from edge.diag.commands.common import SEND_TIMEOUT_S, JsonOption, SocketOption, ask, finish, split
from edge.diag.speaking import LangOption, spoken
from edge.ids import new_id
from edge.wire import Request

_WHOLE_NUMBERS = re.compile(r"\[(-?(0|[1-9]\d*)(,-?(0|[1-9]\d*))*)?\]")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")  # as JSON writes it, so "012" is text


def reload(
    *, socket: SocketOption = DEFAULT_SOCKET, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Have the daemon read its configuration file again; only devices that it changes are restarted.

    Exit status: 0 taken up, 1 rejected and nothing changed, or a driver stuck, 2 no daemon, 3 unknown.
    """
    words = spoken(lang)
    finish(ask(socket, Request(id=new_id(), verb="node.reload"), SEND_TIMEOUT_S), words, as_json=as_json)


def restart(
    device: Annotated[str, typer.Argument(help="Its id; on a shared line, that of the line.")],
    *,
    socket: SocketOption = DEFAULT_SOCKET,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Have the daemon close one device and open it afresh; all others work on.

    Exit status: 0 done, 1 rejected or failed, 2 no daemon, 3 unknown.
    """
    words = spoken(lang)
    request = Request(id=new_id(), verb="device.restart", args={"device": device})
    finish(ask(socket, request, SEND_TIMEOUT_S), words, as_json=as_json)


def send(
    verb: Annotated[str, typer.Argument(help="What to do, for example window.call.")],
    pairs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help='Its arguments. Numbers, true and false are read as such, "3" as text.',
        ),
    ] = None,
    *,
    request_id: Annotated[
        str, typer.Option("--id", help="UUID of an earlier request, to get its first answer again.")
    ] = "",
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=0.1, max=3600, help="Seconds to wait for the reply.")
    ] = SEND_TIMEOUT_S,
    socket: SocketOption = DEFAULT_SOCKET,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Send one request to the daemon and print its reply.

    Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.
    """
    words = spoken(lang)
    try:
        request = Request(id=_uid(request_id), verb=verb, args=_arguments(pairs or []))
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    finish(ask(socket, request, timeout_s), words, as_json=as_json)


def _arguments(pairs: list[str]) -> dict[str, Any]:
    return {key: _value(value) for key, value in split(pairs).items()}


def _value(text: str) -> object:
    """A number, true, false, a quoted string or a list of whole numbers, as JSON reads them; anything else is
    text."""
    known = text in {"true", "false"} or _NUMBER.fullmatch(text) or _WHOLE_NUMBERS.fullmatch(text)
    if not (known or text.startswith('"')):
        return text
    try:
        value: object = json.loads(text)
    except ValueError:  # a quote that does not end, or a number too long to read
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value


def _uid(text: str) -> str:
    try:
        return UUID(text).hex if text else new_id()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no UUID", param_hint="--id") from None
