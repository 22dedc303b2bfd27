"""A node listened to as it works: `tail` and `sniff`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from edge.control import DEFAULT_SOCKET, ControlError
from edge.diag.commands.common import (
    JsonOption,
    SocketOption,
    finish,
)
from edge.diag.following import Follower, Fresh, Refused, Telling, follow, line_follower
from edge.diag.happened import at_of, line_of
from edge.diag.speaking import LangOption, spoken
from edge.diag.trouble import Trouble
from edge.diag.way import far
from edge.diag.words import Words, both
from edge.diag.words_reach import unreached
from edge.wire.plain import plain

if TYPE_CHECKING:
    from edge.diag.hearing import Hearing
    from edge.diag.tape import Piece, Writing

NEAR_S = 0.25  # between two questions here: 32 pieces are kept, which a serial line takes longer to fill
AFAR_S = 1.0  # over a network that others need, too
MAX_LISTEN_S = 86_400.0

ForOption = Annotated[
    float | None,
    typer.Option("--for", min=0.0, max=MAX_LISTEN_S, help="Seconds to listen; else until Ctrl+C."),
]

T = TypeVar("T")


class Source(StrEnum):
    ALL = "all"
    EVENTS = "events"
    LOG = "log"


def tail(
    *,
    source: Annotated[
        Source, typer.Option("--source", help="What happens, the daemon's log, or both.")
    ] = Source.ALL,
    kind: Annotated[str, typer.Option(help="Events of this kind only: ticket, or ticket.issued.")] = "",
    device: Annotated[str, typer.Option(help="Only what names this device.")] = "",
    grep: Annotated[str, typer.Option(help="Only lines that have this text in them.")] = "",
    last: Annotated[int, typer.Option(min=0, max=100, help="So many of before.")] = 10,
    seconds: ForOption = None,
    socket: SocketOption = DEFAULT_SOCKET,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show what happens at the node as it happens: events, and lines of the daemon's log.

    Exit status: 0 ended, 1 refused, 2 no daemon.
    """
    words = spoken(lang)
    chosen = {
        Source.EVENTS: [("node.events", "events")],
        Source.LOG: [("node.log", "lines")],
        Source.ALL: [("node.events", "events"), ("node.log", "lines")],
    }[source]
    followers = [Follower(verb, name, {"count": last}) for verb, name in chosen]

    def wanted(item: Mapping[str, Any]) -> bool:
        named = str(item.get("kind", ""))
        of_kind = not kind or named == kind or named.startswith(f"{kind}.")
        text = line_of(item)
        return of_kind and device in (text if device else "") and grep in text

    def show(fresh: Sequence[Fresh]) -> None:
        if missed := sum(each.missed for each in fresh):
            typer.echo(words("missed_lines").format(missed), err=True)
        items = [item for each in fresh for item in each.items if wanted(item)]
        for item in sorted(items, key=at_of):
            typer.echo(json.dumps(item, ensure_ascii=False) if as_json else line_of(item))

    _listen(socket, followers, show, words, seconds, as_json=as_json)


def sniff(
    device: Annotated[str, typer.Argument(help="Its id; a shared line is heard whole.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new file, which `hallctl replay` feeds to the codec.")
    ] = None,
    seconds: ForOption = None,
    socket: SocketOption = DEFAULT_SOCKET,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show what passes on a device's line, bytes and what they mean; what is no frame is marked ✗.

    Of a line on which cards or codes are read, and of what goes on paper, there are lengths only.
    Exit status: 0 ended, 1 refused, or the file is full, 2 wrong usage or no daemon.
    """
    words = spoken(lang)
    if out is not None and out.exists():
        raise Trouble(both("tape_exists", out), both("choose_another"))
    with contextlib.ExitStack() as stack:
        sniffing = _Sniffing(out, words, stack, as_json=as_json)
        followers = [line_follower(device)]
        try:
            _listen(socket, followers, sniffing.fresh, words, seconds, as_json=as_json)
        finally:
            sniffing.ended()


class _Sniffing:
    """What is shown of a line, and written down."""

    def __init__(self, out: Path | None, words: Words, stack: contextlib.ExitStack, *, as_json: bool) -> None:
        from rich.console import Console  # noqa: PLC0415 `hallctl tail` draws nothing

        self._out = out
        self._words = words
        self._stack = stack
        self._as_json = as_json
        self._console = Console(highlight=False)
        self._tape: Writing | None = None
        self._hearing: Hearing | None = None
        self._begun = False

    def fresh(self, fresh: Sequence[Fresh]) -> None:
        from edge.diag.tape import Piece  # noqa: PLC0415 as above

        for each in fresh:
            if not self._begun:
                self._begin(each.data)
            missed = each.missed
            for item in each.items:
                self._piece(Piece.model_validate({**item, "missed": missed}))
                missed = 0

    def _begin(self, data: Mapping[str, Any]) -> None:
        from edge.diag.hearing import hearing_of  # noqa: PLC0415 as above
        from edge.diag.tape import FORMAT, VERSION, Head  # noqa: PLC0415 as above

        self._begun = True
        self._hearing = hearing_of(str(data.get("family", "")))
        names = {name: str(data.get(name, "")) for name in ("device", "line", "family")}
        if not self._as_json:
            of = self._words("tape_of").format(**{name: plain(text) for name, text in names.items()})
            key = "lengths_only" if data.get("lengths_only") else "listening"
            typer.echo(self._words(key).format(of), err=True)
        if self._out is not None:
            private = bool(data.get("lengths_only"))
            head = Head(format=FORMAT, version=VERSION, lengths_only=private, at=time.time(), **names)
            self._tape = self._written(lambda path: self._new(path, head))

    def _new(self, path: Path, head: Any) -> Writing:
        from edge.diag.tape import Writing  # noqa: PLC0415 as above

        return self._stack.enter_context(Writing(path, head))

    def _piece(self, piece: Piece) -> None:
        from edge.diag.pieces import shown  # noqa: PLC0415 as above
        from edge.diag.tape import TapeFull  # noqa: PLC0415 as above

        said = "; ".join(self._hearing.hear(piece)) if self._hearing else piece.said
        if self._as_json:
            typer.echo(json.dumps({**piece.model_dump(), "said": said}, ensure_ascii=False))
        else:
            if piece.missed:
                self._console.print(self._words("missed").format(piece.missed), style="yellow")
            self._console.print(shown(piece, said, self._words, self._console.width), soft_wrap=True)
        if self._tape is not None:
            tape = self._tape
            try:
                self._written(lambda _path: tape.write(piece))
            except TapeFull:
                mb = tape.size // 2**20
                full = both("tape_full", file=tape.path, mb=mb)
                raise Trouble(full, both("choose_another"), status=1) from None

    def _written(self, write: Callable[[Path], T]) -> T:
        assert self._out is not None
        try:
            return write(self._out)
        except OSError as error:
            why = both("tape_unwritable", file=self._out, why=error.strerror or error)
            raise Trouble(why, both("another_place"), status=1) from error

    def ended(self) -> None:
        if (tape := self._tape) is not None:
            told = self._words("written").format(file=tape.path, pieces=tape.pieces, size=tape.size)
            typer.echo(told, err=True)


def _listen(
    socket: Path,
    followers: Sequence[Follower],
    fresh: Callable[[Sequence[Fresh]], None],
    words: Words,
    seconds: float | None,
    *,
    as_json: bool,
) -> None:
    telling = Telling(
        fresh,
        lambda error: typer.echo(words("lost_node").format(_away(error, words)), err=True),
        lambda: typer.echo(words("back"), err=True),
    )
    try:
        asyncio.run(_until(socket, followers, telling, seconds))
    except ControlError as error:
        raise unreached(error) from error
    except Refused as refused:
        finish(refused.reply, words, as_json=as_json)


def _away(error: ControlError, words: Words) -> str:
    why = unreached(error)
    said, remedy = (words.pick(each.zh, each.en) for each in (why.said, why.remedy))
    return plain(f"{said}{words.pick('；', '; ')}{remedy}")


async def _until(
    socket: Path, followers: Sequence[Follower], telling: Telling, seconds: float | None
) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if seconds is not None:
        loop.call_later(seconds, ended.set)
    every_s = NEAR_S if far.get() is None else AFAR_S
    await follow(socket, followers, every_s, telling, ended)
