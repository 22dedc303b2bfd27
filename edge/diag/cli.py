"""hallctl, the technicians' tool: what a node is doing, and a way to tell it something.

Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import ValidationError
from rich.console import Console

from edge.clock import new_id
from edge.control import DEFAULT_SOCKET, ControlClient, ControlError
from edge.diag.alerts import listed
from edge.diag.view import StatusView, render
from edge.diag.words import Lang, Words, system_lang
from edge.wire import PERSONAL, Reply, Request
from edge.wire.chain_words import verdict
from edge.wire.plain import plain

STATUS_TIMEOUT_S = 5.0  # it only reads memory
SEND_TIMEOUT_S = 45.0  # a print that is tried twice is answered within 30 s
EXIT = {"done": 0, "rejected": 1, "failed": 1, "unknown": 3}
EXIT_UNREACHABLE = 2
STORE = Path("/var/lib/hall-edge/hall.db")  # where the unit keeps it
_WHOLE_NUMBERS = re.compile(r"\[(-?(0|[1-9]\d*)(,-?(0|[1-9]\d*))*)?\]")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")  # as JSON writes it, so "012" is text

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at a hall node and tell it what to do. 查看大厅节点并下达命令。",
)

SocketOption = Annotated[Path, typer.Option("--socket", help="The daemon's control socket.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the reply as JSON, for a program.")]
LangOption = Annotated[Lang | None, typer.Option("--lang", help="Language; by default that of the system.")]


@app.command()
def status(
    *, socket: SocketOption = DEFAULT_SOCKET, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Show devices, windows, the queue and the outbox of this node."""
    words = Words(lang or system_lang())
    reply = _ask(socket, Request(id=new_id(), verb="status"), STATUS_TIMEOUT_S, words)
    if as_json or reply.result != "done":
        _finish(reply, words, as_json=as_json)
    Console().print(render(_view(reply, words), words, time.time()))


@app.command()
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
    words = Words(lang or system_lang())
    if bool(ack) != bool(by) or (note and not ack):
        raise typer.BadParameter("--ack KEY and --by NAME go together, and --note with them")
    if ack:
        args = {"key": ack, "by": by, "note": note}
        request = Request(id=new_id(), verb="alert.acknowledge", args=args)
        _finish(_ask(socket, request, SEND_TIMEOUT_S, words), words, as_json=as_json)
    reply = _ask(socket, Request(id=new_id(), verb="status"), STATUS_TIMEOUT_S, words)
    if as_json:
        reply = reply.model_copy(update={"data": {"alerts": reply.data.get("alerts", [])}})
    if as_json or reply.result != "done":
        _finish(reply, words, as_json=as_json)
    view, now = _view(reply, words), time.time()
    Console().print(listed(view.alerts, words, now, view.node.hall_time or now))


@app.command()
def reload(
    *, socket: SocketOption = DEFAULT_SOCKET, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Have the daemon read its configuration file again; only devices that it changes are restarted.

    Exit status: 0 taken up, 1 rejected and nothing changed, or a driver stuck, 2 no daemon, 3 unknown.
    """
    words = Words(lang or system_lang())
    _finish(
        _ask(socket, Request(id=new_id(), verb="node.reload"), SEND_TIMEOUT_S, words), words, as_json=as_json
    )


@app.command()
def verify(
    *,
    store: Annotated[Path, typer.Option(help="The node's database, read beside a running daemon.")] = STORE,
    lang: LangOption = None,
) -> None:
    """Walk the chain of all that this node keeps, and name the first record that does not fit.

    Exit status: 0 all fit, 1 one does not, 2 the database cannot be read.
    """
    from edge.store import StoreRefused  # noqa: PLC0415 the other commands need no database
    from edge.store.audit import audit  # noqa: PLC0415 the other commands need no database

    words = Words(lang or system_lang())
    if not store.exists():
        typer.echo(words("unverified") + words("no_store").format(store), err=True)
        raise typer.Exit(EXIT_UNREACHABLE)
    try:
        walk = audit(store)
    except StoreRefused as error:
        typer.echo(f"{words('unverified')}{error}", err=True)
        raise typer.Exit(EXIT_UNREACHABLE) from error
    for zh, en in verdict(walk):
        typer.echo(plain(words.pick(zh, en)))
    raise typer.Exit(walk.first is not None)


@app.command()
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
    words = Words(lang or system_lang())
    try:
        request = Request(id=_uid(request_id), verb=verb, args=_arguments(pairs or []))
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    _finish(_ask(socket, request, timeout_s, words), words, as_json=as_json)


def _view(reply: Reply, words: Words) -> StatusView:
    try:
        return StatusView.model_validate(reply.data)
    except ValidationError as error:
        typer.echo(words("other_version"), err=True)
        raise typer.Exit(1) from error


def _ask(socket: Path, request: Request, timeout_s: float, words: Words) -> Reply:
    async def ask() -> Reply:
        async with ControlClient(socket) as client:
            return await client.request(request.verb, request.args, timeout_s, id=request.id)

    try:
        return asyncio.run(ask())
    except ControlError as error:
        typer.echo(f"{error}\n{words('remedy')}{words.pick(error.remedy_zh, error.remedy)}", err=True)
        raise typer.Exit(EXIT_UNREACHABLE) from error


def _masked(reply: Reply) -> Reply:
    """An asterisk for each character of what is a person's own, also for programs: a technician needs to see
    that a card is read, never whose it is."""
    personal = reply.data.get(PERSONAL)
    if personal is None:
        return reply
    hidden: object = "***"
    if isinstance(personal, dict):
        hidden = {name: "*" * len(str(value)) for name, value in personal.items()}
    return reply.model_copy(update={"data": {**reply.data, PERSONAL: hidden}})


def _finish(reply: Reply, words: Words, *, as_json: bool) -> None:
    """Print the reply and end with its exit status."""
    reply = _masked(reply)
    if as_json:
        typer.echo(reply.model_dump_json())
    else:
        said = [words(reply.result), reply.code, words.pick(reply.zh, reply.en)]
        typer.echo(plain("  ".join(filter(None, said))))
        for key, value in reply.data.items():
            for line in _told(key, value, words):
                typer.echo(f"  {plain(line)}")
        if reply.result == "unknown":
            typer.echo(words("ask_again").format(reply.id))
    raise typer.Exit(EXIT[reply.result])


def _told(key: str, value: Any, words: Words) -> Iterator[str]:
    """One entry of an answer's data; of things in a list or under names, one a line."""
    match value:
        case str():
            yield f"{key}: {value}"
        case [{}, *_]:
            yield f"{key}:"
            yield from (f"  {_row(each, words)}" for each in value)
        case dict() if value and all(isinstance(each, dict | list) for each in value.values()):
            yield f"{key}:"
            for name, each in value.items():
                lines = (
                    [f"{name}: {_row(each, words)}"] if isinstance(each, dict) else _told(name, each, words)
                )
                yield from (f"  {line}" for line in lines)
        case _:
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"


def _row(entry: dict[str, Any], words: Words) -> str:
    """In a line; what is empty is left out, and of a text in both languages the chosen one shown."""
    said = [words.pick(str(entry["zh"]), str(entry["en"]))] if {"zh", "en"} <= entry.keys() else []
    rest = {name: each for name, each in entry.items() if not said or name not in {"zh", "en"}}
    return "  ".join(
        [*(f"{name}={_shown(each)}" for name, each in rest.items() if each not in ("", None, [])), *said]
    )


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(_shown, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _arguments(pairs: list[str]) -> dict[str, Any]:
    args: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise typer.BadParameter(f"{pair!r} is not KEY=VALUE")
        if key in args:
            raise typer.BadParameter(f"{key!r} is given twice")
        args[key] = _value(value)
    return args


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


def main() -> None:
    app()
