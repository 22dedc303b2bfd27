"""What every command shares: its options, how it asks the daemon, and how it prints an answer and ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.control import ControlError
from edge.diag.reach import asked_once
from edge.diag.words import Words
from edge.diag.words_reach import unreached
from edge.wire import PERSONAL, Reply, Request
from edge.wire.plain import plain

STATUS_TIMEOUT_S = 5.0  # it only reads memory
SEND_TIMEOUT_S = 45.0  # a print that is tried twice is answered within 30 s
EXIT = {"done": 0, "rejected": 1, "failed": 1, "unknown": 3}

SocketOption = Annotated[Path, typer.Option("--socket", help="The daemon's control socket.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the reply as JSON, for a program.")]


def ask(socket: Path, request: Request, timeout_s: float) -> Reply:
    """What the node answers that the command line means. Raises Trouble where none is reached."""
    try:
        return asyncio.run(asked_once(socket, request.verb, request.args, timeout_s, id=request.id))
    except ControlError as error:
        raise unreached(error) from error


def split(pairs: Iterable[str]) -> dict[str, str]:
    """KEY=VALUE of a command line. Raises typer.BadParameter."""
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise typer.BadParameter(f"{pair!r} is not KEY=VALUE")
        if key in found:
            raise typer.BadParameter(f"{key!r} is given twice")
        found[key] = value
    return found


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


def finish(reply: Reply, words: Words, *, as_json: bool) -> None:
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
